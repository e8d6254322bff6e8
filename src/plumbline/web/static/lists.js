// In lists: j and k go to the next and the one before, o opens it. What is gone to is the first link of a row, so that
// the keyboard and readers of screens are where the eye is.
const field = (element) => element?.closest("input, select, textarea, [contenteditable], dialog, .log");

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || localStorage.getItem("plumbline.single-keys-off") !== null) return; // as in shortcuts.js
  if (event.ctrlKey || event.metaKey || event.altKey || field(event.target) || !["j", "k", "o"].includes(event.key)) return;
  const links = [...document.querySelectorAll("[data-list] tbody tr")].map((row) => row.querySelector("a.strong") ?? row.querySelector("a")).filter(Boolean);
  if (!links.length) return;
  const row = document.activeElement?.closest("[data-list] tbody tr");
  const at = row ? links.findIndex((link) => row.contains(link)) : -1;
  if (event.key === "o") links[at]?.click();
  else links[Math.max(0, Math.min(links.length - 1, event.key === "j" ? at + 1 : at - 1))].focus();
  event.preventDefault();
});
