// Whether what the page shows is still live, and that nothing jumps under the pointer when it is brought up to date.
//
// The stream of changes tells that the server is there every few seconds. Where it is silent, the server is asked; where
// it does not answer either, the page says so, greyed, until it is in contact again.
const note = document.getElementById("contact");
const [words, door] = note.children;
const TICK = 1000; // milliseconds
const QUIET = 4000; // of silence before the server is asked
const PATIENCE = 3500; // with its answer
const SHOWN = 8000; // for which is told that it is in contact again
let heard = Date.now();
let since = heard; // when the contact was lost
let state = ""; // lost, out or gone; empty: in contact
let head = 0; // of the ledger, as far as the page knows
let asking = false;
let asked = 0;
let hiding = 0;

const clock = (moment) => new Date(moment).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const refresh = () => document.body.dispatchEvent(new CustomEvent("changed", { detail: { own: true } }));

function tell(kind) {
  clearTimeout(hiding);
  note.className = kind;
  words.textContent = note.dataset[kind].replace("{time}", clock(since));
  door.hidden = kind !== "out";
  door.href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
  note.hidden = false;
}

function become(next) {
  if (next === state) return;
  if (!state) since = heard;
  const before = state;
  state = next;
  document.body.classList.toggle("stale", Boolean(state));
  if (state) tell(state);
  else {
    tell("back");
    hiding = setTimeout(() => { note.hidden = true; }, SHOWN);
    if (before) refresh();
  }
}

function hear() {
  heard = Date.now();
  if (state === "lost" || state === "out") become("");
}

async function ask() {
  if (asking) return;
  asking = true;
  asked = Date.now();
  try {
    const answer = await fetch("/live/now", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status === 401) become("out");
    else if (!answer.ok) become("lost");
    else {
      const now = Number(await answer.text());
      hear();
      if (now !== head && head) refresh(); // the stream did not tell
      head = now;
    }
  } catch {
    become("lost");
  } finally {
    asking = false;
  }
}

document.addEventListener("beat", hear);
document.addEventListener("changed", ({ detail }) => {
  if (detail?.own) return;
  head = Number(detail?.data) || head;
  hear();
});
document.addEventListener("htmx:sse:error", ask);
document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
setInterval(() => {
  if (!document.hidden && Date.now() - heard > QUIET && Date.now() - asked > TICK * 2) ask();
}, TICK);

// What is shown is never replaced by the page of a refusal, nor by that of the door.
document.addEventListener("htmx:before:response", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  if (sourceElement?.id !== "live") return;
  if (response.raw.redirected && new URL(response.raw.url).pathname !== location.pathname) {
    event.preventDefault();
    ask();
  } else if (response.status >= 400) {
    event.preventDefault();
    if (response.status >= 500) become("lost");
    else become("gone");
  } else if (state === "gone") become("");
});

// Updates wait while somebody presses, types, selects or has a menu open, and for a moment while the pointer moves over
// what can be clicked. Then what is under the pointer, or has the focus, stays where it is.
const STILL = 1200; // milliseconds without a movement of the pointer
const LONGEST = 3000; // for which the pointer alone holds an update back
const ACTS = "a, button, summary, label, tr, .tile, .box";
let over = null; // what can be clicked and is under the pointer
let moved = 0;
let pressed = false;
let waiting = 0; // since when an update waits; 0: none does
let kept = null;

const live = () => document.getElementById("live");
const inside = (node) => Boolean(node && live()?.contains(node));

document.addEventListener("pointermove", ({ target, pointerType }) => {
  if (pointerType !== "mouse") return;
  over = inside(target) ? target.closest(ACTS) : null;
  moved = Date.now();
});
document.addEventListener("pointerdown", ({ target }) => { pressed = inside(target); });
for (const end of ["pointerup", "pointercancel", "dragend"]) document.addEventListener(end, () => { pressed = false; });

function held() {
  const focus = document.activeElement;
  if (pressed) return true;
  if (inside(focus) && focus.matches("input, select, textarea")) return true;
  if (live()?.querySelector("details[open]:focus-within, details[open]:hover")) return true;
  const selection = getSelection();
  if (selection && !selection.isCollapsed && inside(selection.anchorNode)) return true;
  return Boolean(over?.isConnected) && Date.now() - moved < STILL && (!waiting || Date.now() - waiting < LONGEST);
}

document.addEventListener("htmx:before:request", (event) => {
  if (event.detail.ctx.sourceElement?.id !== "live" || document.body.classList.contains("kiosk")) return;
  if (!held()) { waiting = 0; return; }
  event.preventDefault();
  waiting ||= Date.now();
});
setInterval(() => { if (waiting && !held()) refresh(); }, 200);

function mark(node) { // by which it is found again: an element may stand for something else once it was drawn anew
  const own = node.closest("[id]");
  if (own && own.id !== "live") return `#${CSS.escape(own.id)}`;
  const link = node.closest("a[href]") ?? node.querySelector("a[href]");
  return link ? `a[href="${CSS.escape(link.getAttribute("href"))}"]` : "";
}
function keep(node, top) {
  const by = node.getBoundingClientRect().top - top;
  const root = document.documentElement;
  const lacks = scrollY + by + innerHeight - root.scrollHeight;
  if (by > 0 && lacks > 0) root.style.paddingBottom = `${(Number.parseFloat(root.style.paddingBottom) || 0) + lacks}px`;
  scrollBy({ top: by, behavior: "instant" });
}
document.addEventListener("htmx:before:swap", () => {
  const focus = document.activeElement;
  const node = over?.isConnected && over.matches(":hover") ? over : inside(focus) && focus.matches(":focus-visible") ? focus : null;
  const by = node && mark(node);
  kept = by && { by, top: live().querySelector(by).getBoundingClientRect().top };
});
document.addEventListener("htmx:after:swap", () => {
  const node = kept && live()?.querySelector(kept.by);
  if (node) keep(node, kept.top);
  kept = null;
});
