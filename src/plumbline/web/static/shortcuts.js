// Keys that do something on every page, by the table that the dialog of shortcuts shows. Never while somebody types.
import { openPalette } from "/static/palette.js";

const dialog = document.getElementById("shortcuts");
const single = dialog.querySelector("[data-single]");
const OFF = "plumbline.single-keys-off";
const SOON = 1500; // milliseconds in which the second key follows the first
let first = "";
let until = 0;

const leads = new Map([...dialog.querySelectorAll("[data-keys]")].map(({ dataset }) => [dataset.keys, dataset.path]));
const typing = (target) => { // never in a field of a dialog that was closed this moment
  const field = target.closest("input, textarea, select, [contenteditable]");
  return field !== null && field.getClientRects().length > 0;
};

single.checked = localStorage.getItem(OFF) === null;
single.addEventListener("change", () => {
  if (single.checked) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
});

function act(key) {
  const before = Date.now() < until ? first : "";
  [first, until] = [key, Date.now() + SOON];
  if (key === "/") openPalette();
  else if (key === "?") dialog.showModal();
  else if (before && leads.has(`${before} ${key}`)) location.assign(leads.get(`${before} ${key}`));
  else return false;
  first = "";
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !single.checked) return;
  if (!(event.target instanceof Element) || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (act(event.key)) event.preventDefault();
});
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
