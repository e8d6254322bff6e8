// The form that starts a pipeline: branches are looked for while somebody types, and what another one asks for is shown
// when it is chosen. Without this the buttons of the form do the same.
const form = document.querySelector(".run-form");
const ref = form?.elements.namedItem("ref");
const known = document.getElementById("refs");
const shown = ref?.value;
let pause = 0;
let turn = 0;

async function suggest() {
  const asked = ++turn;
  const answer = await fetch(`${form.dataset.refs}?q=${encodeURIComponent(ref.value)}`, { headers: { Accept: "application/json" } });
  if (!answer.ok || asked !== turn) return;
  const names = await answer.json();
  if (asked !== turn) return;
  known.replaceChildren(...names.map((name) => Object.assign(document.createElement("option"), { value: name })));
}

ref?.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(suggest, 120);
});
ref?.addEventListener("change", () => {
  if (ref.value === shown || ![...known.options].some((option) => option.value === ref.value)) return;
  form.requestSubmit(form.querySelector("button[name=look]"));
});

form?.querySelector("[data-add-row]")?.addEventListener("click", (event) => {
  const rows = form.querySelectorAll(".variable-row");
  if (rows.length >= Number(event.currentTarget.dataset.most)) return;
  event.preventDefault();
  const row = rows[rows.length - 1].cloneNode(true);
  for (const field of row.querySelectorAll("input")) {
    field.name = field.name.replace(/\d+$/, rows.length);
    field.setAttribute("aria-label", field.getAttribute("aria-label").replace(/\d+/, rows.length + 1));
    field.value = "";
  }
  rows[rows.length - 1].after(row);
  row.querySelector("input").focus();
});
