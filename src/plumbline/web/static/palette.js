// The palette: find anything without leaving the page. What was opened last stands in it until something is typed.
const palette = document.getElementById("palette");
const field = palette.querySelector("input");
const list = document.getElementById("palette-list");
const all = palette.querySelector(".keys a");
const RECENT = `plumbline.recent.${palette.dataset.who}`;
const KEPT = 8; // things opened last
const PAUSE = 90; // milliseconds after a key
let chosen = 0;
let asked = 0;
let pause = 0;
let shown = null; // for which text the list was made

export function openPalette() {
  if (document.querySelector("dialog[open]")) return;
  palette.showModal();
  field.select();
  look();
}

function recent() {
  try {
    return JSON.parse(localStorage.getItem(RECENT)) ?? [];
  } catch { // kept by another version, or nothing may be kept
    return [];
  }
}

function remember(one) {
  try {
    localStorage.setItem(RECENT, JSON.stringify([one, ...recent().filter(({ path }) => path !== one.path)].slice(0, KEPT)));
  } catch { /* nothing may be kept here */ }
}

async function look() {
  const turn = ++asked;
  const text = field.value.trim();
  all.href = `/search?q=${encodeURIComponent(text)}`;
  let found = [];
  try {
    const answer = await fetch(`/resolve?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
    if (turn !== asked) return;
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    found = await answer.json();
  } catch {
    if (turn === asked) say(list.dataset.failed);
    return;
  }
  if (turn !== asked) return;
  shown = text;
  if (!text) found.unshift(...recent().map((one) => ({ ...one, kind: list.dataset.recent })));
  if (found.length) show(found);
  else say(list.dataset.nothing);
}

function say(sentence) {
  const none = document.createElement("p");
  none.className = "soft";
  none.textContent = sentence;
  list.replaceChildren(none);
  field.removeAttribute("aria-activedescendant");
}

function show(found) {
  const groups = Map.groupBy ? Map.groupBy(found, ({ kind }) => kind) : by(found);
  let place = 0;
  list.replaceChildren(...[...groups].map(([kind, own]) => {
    const group = document.createElement("div");
    group.role = "group";
    group.ariaLabel = kind;
    const heading = document.createElement("p");
    heading.className = "kind";
    heading.ariaHidden = "true";
    heading.textContent = kind;
    group.append(heading, ...own.map((one) => option(one, place++)));
    return group;
  }));
  choose(0);
}

function by(found) {
  const groups = new Map();
  for (const one of found) groups.set(one.kind, [...(groups.get(one.kind) ?? []), one]);
  return groups;
}

function option(one, place) {
  const item = document.createElement("a");
  item.role = "option";
  item.id = `found-${place}`;
  item.href = one.path;
  item.tabIndex = -1;
  item.append(...[["strong clip", one.title], ["soft clip", one.detail]].map(([look, text]) => {
    const part = document.createElement("span");
    part.className = look;
    part.textContent = text;
    return part;
  }));
  item.addEventListener("click", () => { remember(one); palette.close(); });
  item.addEventListener("pointermove", () => choose(place));
  return item;
}

const options = () => [...list.querySelectorAll("[role=option]")];

function choose(place) {
  const items = options();
  chosen = Math.max(0, Math.min(place, items.length - 1));
  items.forEach((item, at) => { item.ariaSelected = String(at === chosen); });
  if (items.length) field.setAttribute("aria-activedescendant", `found-${chosen}`);
  items[chosen]?.scrollIntoView({ block: "nearest" });
}

async function open() { // never what was found for something else
  if (shown !== field.value.trim()) {
    clearTimeout(pause);
    await look();
  }
  if (shown === field.value.trim()) options()[chosen]?.click();
}

field.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(look, PAUSE); });
field.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "ArrowDown") choose(chosen + 1);
  else if (event.key === "ArrowUp") choose(chosen - 1);
  else if (event.key === "Enter") open();
  else if (event.key === "Escape") palette.close(); // a field for searching would only be emptied
  else return;
  event.preventDefault();
});
palette.addEventListener("click", (event) => { if (event.target === palette) palette.close(); });
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-palette]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openPalette();
});
document.addEventListener("submit", ({ target }) => { // whoever signs in next here need not know what was opened
  if (target.getAttribute("action") === "/sign-out") localStorage.removeItem(RECENT);
});
