// A form that the server would refuse for its size is not sent: what is too long is said beside the button. Nothing is
// cut off while somebody types or pastes.
const said = document.body.dataset;

function bytesOf(form, button) {
  const data = new FormData(form, button);
  if (form.enctype === "multipart/form-data") {
    const head = 200; // of each part: its boundary and what it is called
    return [...data].reduce((sum, [, value]) => sum + head + (typeof value === "string" ? new Blob([value]).size : value.size), 0);
  }
  return String(new URLSearchParams(data)).replace(/(%0D)?%0A/g, "%0D%0A").length; // the browser sends lines so
}

function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function wrongWith(form, button) {
  for (const field of form.querySelectorAll("[data-longest]")) {
    const length = [...field.value.replaceAll("\r\n", "\n")].length; // letters as the server counts them
    if (length > Number(field.dataset.longest)) {
      const title = field.labels[0]?.firstChild.textContent.trim() ?? field.name;
      return { field, text: fill(said.tooLong, { field: title, count: length, most: field.dataset.longest }) };
    }
  }
  const most = Number(form.dataset.largest ?? said.largest);
  const size = bytesOf(form, button);
  if (size <= most) return null;
  const kib = (bytes) => Math.ceil(bytes / 1024);
  return { field: button, text: fill(said.tooLarge, { size: kib(size), most: Math.floor(most / 1024) }) };
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  form.querySelector(".too-much")?.remove();
  if (event.defaultPrevented) return;
  const wrong = wrongWith(form, event.submitter);
  if (!wrong) return;
  event.preventDefault();
  const note = document.createElement("p");
  note.className = "notice bad too-much";
  note.role = "alert";
  note.textContent = wrong.text;
  (event.submitter ?? form.lastElementChild).before(note);
  wrong.field?.focus();
});
