// Small helps on every page: theme, copying, times in the reader's zone. Pages work without them.
const root = document.documentElement;

function chooseTheme() {
  const dark = root.dataset.theme === "dark" || (root.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "light" : "dark";
  document.cookie = `plumbline_theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
}

async function copy(button, text) {
  await navigator.clipboard.writeText(text);
  const label = button.querySelector("span") ?? button;
  const before = label.textContent;
  label.textContent = button.dataset.done;
  setTimeout(() => { label.textContent = before; }, 1500);
}

function localTimes(within) {
  for (const time of within.querySelectorAll("time[datetime]")) {
    const when = new Date(time.dateTime);
    const local = when.toLocaleString(root.lang, { dateStyle: "medium", timeStyle: "long" });
    const both = `${local} · ${when.toISOString().slice(0, 19).replace("T", " ")} UTC`;
    if (time.title !== both) time.title = both;
  }
}

function tellZone() { // what the server writes into pages and reports is in the reader's zone then
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.split("; ").includes(`plumbline_zone=${zone}`)) document.cookie = `plumbline_zone=${zone}; path=/; max-age=31536000; samesite=lax`;
}
tellZone();

function foldRail(button) {
  const folded = document.getElementById("rail").classList.toggle("folded");
  button.ariaPressed = String(folded);
  document.cookie = `plumbline_rail=${folded ? "folded" : ""}; path=/; max-age=31536000; samesite=lax`;
}

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.who[open]")) if (!open.contains(event.target)) open.open = false;
  const button = event.target.closest("button");
  if (!button) return;
  if ("themeSwitch" in button.dataset) chooseTheme();
  if ("copyCommand" in button.dataset) copy(button, button.dataset.copyCommand.replaceAll("$PLUMBLINE_URL", location.origin));
  if ("copy" in button.dataset) copy(button, button.dataset.copy);
  if ("railFold" in button.dataset) foldRail(button);
});
document.addEventListener("submit", (event) => { // what cannot be taken back is asked once more
  if (event.target.dataset.sure && !confirm(event.target.dataset.sure)) event.preventDefault();
});

function narrowTree() { // show what has the text in its name or path, and what stands above it
  const filter = document.querySelector("[data-filter]");
  if (!filter) return;
  const wanted = filter.value.trim().toLowerCase();
  const rows = [...document.querySelectorAll(`#${filter.dataset.filter} li`)];
  const found = rows.filter((row) => row.textContent.toLowerCase().includes(wanted) || row.dataset.path.toLowerCase().includes(wanted));
  const kept = new Set();
  for (const { dataset } of found) for (let path = dataset.path; path && !kept.has(path); path = path.slice(0, Math.max(0, path.lastIndexOf("/")))) kept.add(path);
  for (const row of rows) row.hidden = Boolean(wanted) && !kept.has(row.dataset.path);
  document.getElementById(filter.getAttribute("aria-describedby")).textContent = wanted ? filter.dataset.found.replace("{count}", found.length) : "";
}
document.addEventListener("input", (event) => { if ("filter" in event.target.dataset) narrowTree(); });

function settle() {
  localTimes(document);
  narrowTree();
}
settle();
document.addEventListener("htmx:after:swap", settle);
