// What was typed into a form outlives the session that ended meanwhile: it stays in this tab, is offered again on the
// form's page to the same person, and is forgotten when the form came through. What is secret is never kept.
const SENT = "plumbline-sent", KEPT = "plumbline-typed";
const SECRET = /^(csrf|password|old|new|secret|signing_token|variables|value(\..*)?|(var|input)\..*|seen.*)$/;
const here = location.pathname + location.search;
const door = document.body.classList.contains("door");
const who = document.body.dataset.who;

function read(key) {
  try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; }
}

function write(key, value) {
  try { value ? sessionStorage.setItem(key, JSON.stringify(value)) : sessionStorage.removeItem(key); } catch { /* full, or forbidden: nothing is kept */ }
}

function fieldsOf(form) {
  return [...form.elements].filter((one) => one.name && !SECRET.test(one.name) && !["password", "hidden", "file", "submit", "button"].includes(one.type) && one.tagName !== "BUTTON");
}

function formOf(kept) {
  return [...document.forms].filter((form) => form.getAttribute("action") === kept.action)[kept.place];
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || door || form.method !== "post") return;
  const action = form.getAttribute("action");
  const fields = fieldsOf(form).map((one) => [one.name, one.type === "checkbox" || one.type === "radio" ? one.checked : one.value]);
  if (!fields.length) return;
  const place = [...document.forms].filter((one) => one.getAttribute("action") === action).indexOf(form);
  write(SENT, { at: document.body.dataset.page ?? here, hash: location.hash, action, place, who, fields });
});

const sent = read(SENT);
if ("ended" in document.body.dataset) {
  if (sent) write(KEPT, sent);
  write(SENT, null);
} else if (!door) write(SENT, null);

const next = document.querySelector(".doorway input[name=next]");
if (next && "ended" in document.body.dataset && sent) next.value = sent.at + sent.hash;
else if (next && !next.value.includes("#")) next.value += location.hash; // the server is never told of it

const kept = read(KEPT);
if (kept && !door && kept.who !== who) write(KEPT, null); // somebody else sits here by now
else if (kept && !door && kept.at.split("?")[0] === location.pathname && formOf(kept)) offer(kept);

function offer(typed) {
  const note = document.getElementById("typed-before").content.firstElementChild.cloneNode(true);
  document.getElementById("content").prepend(note);
  note.addEventListener("click", (event) => {
    if ("putBack" in event.target.dataset) putBack(typed);
    else if (!("letGo" in event.target.dataset)) return;
    write(KEPT, null);
    note.remove();
  });
}

function putBack(typed) {
  const form = formOf(typed);
  const fields = fieldsOf(form);
  typed.fields.forEach(([name, value], at) => {
    const field = fields[at]?.name === name ? fields[at] : fields.find((one) => one.name === name);
    if (!field) return;
    if (typeof value === "boolean") field.checked = value;
    else field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  form.closest("details")?.setAttribute("open", "");
  fields.find((one) => one.offsetParent)?.focus();
}
