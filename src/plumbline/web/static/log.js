// The log of a job: a window over lines that stay on the server. Only what is seen is fetched and drawn.
import { drawLine } from "/static/ansi.js";

const ROW = 20; // pixels
const PAGE = 400; // lines fetched at once
const TALLEST = 8_000_000; // pixels; browsers draw nothing reliable beyond
const KEPT = 60; // pages in memory

const box = document.getElementById("log");
const view = box.querySelector(".log-view");
const space = box.querySelector(".log-space");
const drawn = box.querySelector(".log-lines");
const count = box.querySelector(".log-count");
const found = box.querySelector(".log-found");
const search = box.querySelector(".log-search input");
const follow = box.querySelector("[data-log=follow]");
const home = `/jobs/${box.dataset.job}`;

let total = 0; // lines
let live = false;
let sections = []; // {title, first, last, seconds, collapsed}
let folds = []; // [first hidden line, last hidden line], ascending, apart
let heads = new Map(); // line -> section that begins there
let shut = new Set();
let top_ = 0; // pixels from the beginning of all visible lines
let lastScroll = 0;
let chosenLine = 0;
let errorLine = 0;
let matches = [];
let match = -1;
let following = false;
let touched = false; // somebody chose what to fold
const pages = new Map(); // number of page -> lines
const coming = new Set(); // pages asked for
const number = new Intl.NumberFormat(document.documentElement.lang);

const visible = () => folds.reduce((rest, [first, last]) => rest - (last - first + 1), total);
const wholeHeight = () => visible() * ROW;
const height = () => Math.min(wholeHeight(), TALLEST);

function lineAt(row) { // rows from 0, lines from 1
  let line = row + 1;
  for (const [first, last] of folds) {
    if (line < first) break;
    line += last - first + 1;
  }
  return line;
}

function rowOf(line) {
  let row = line - 1;
  for (const [first, last] of folds) {
    if (line > last) row -= last - first + 1;
    else if (line >= first) row -= line - first + 1;
  }
  return Math.max(0, row);
}

function fold() {
  const wanted = sections.filter((one) => shut.has(one.first) && one.last > one.first).map((one) => [one.first + 1, one.last]);
  folds = [];
  for (const [first, last] of wanted.sort((one, other) => one[0] - other[0])) {
    const before = folds.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else folds.push([first, last]);
  }
}

async function fetchPage(page) {
  coming.add(page);
  try {
    const answer = await fetch(`${home}/lines?first=${page * PAGE + 1}&count=${PAGE}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const data = await answer.json();
    told(data);
    pages.delete(page);
    pages.set(page, data.lines);
    while (pages.size > KEPT) pages.delete(pages.keys().next().value);
  } finally {
    coming.delete(page);
  }
  draw();
}

function linesOf(page) { // what is there; what is not is fetched
  const held = pages.get(page);
  const whole = held && (held.length === PAGE || page * PAGE + held.length >= total);
  if (!whole && !coming.has(page)) fetchPage(page);
  return held;
}

function told(data) {
  live = data.live;
  if (data.sections) {
    sections = data.sections;
    heads = new Map(sections.map((one) => [one.first, one]));
    if (!touched) shut = new Set(sections.filter((one) => one.collapsed && one.last).map((one) => one.first));
    fold();
  }
  if (data.total !== total || !count.textContent) {
    total = data.total;
    count.textContent = box.dataset.lines.replace("{count}", number.format(total));
  }
}

function draw() {
  const wanted = `${height()}px`;
  if (space.style.height !== wanted) space.style.height = wanted;
  const rows = Math.ceil(view.clientHeight / ROW) + 2;
  const most = Math.max(0, wholeHeight() - view.clientHeight);
  top_ = Math.max(0, Math.min(top_, most));
  const firstRow = Math.floor(top_ / ROW);
  const elements = [];
  for (let row = firstRow; row < Math.min(firstRow + rows, visible()); row += 1) elements.push(oneLine(lineAt(row)));
  if (!total) {
    const none = document.createElement("div");
    none.className = "log-none";
    none.textContent = live || !box.dataset.state.match(/success|failed|canceled|skipped/) ? box.dataset.none : box.dataset.endedNone;
    elements.push(none);
  }
  const held = drawn.contains(document.activeElement) ? document.activeElement : null;
  const same = held?.dataset.fold ? `[data-fold="${held.dataset.fold}"]` : held?.hash ? `a[href="${held.hash}"]` : "";
  drawn.replaceChildren(...elements);
  if (held) ((same && drawn.querySelector(same)) || view).focus({ preventScroll: true });
  drawn.style.transform = `translateY(${view.scrollTop - (top_ - firstRow * ROW)}px)`;
}

function oneLine(line) {
  const element = document.createElement("div");
  element.className = "log-line";
  if (line === chosenLine) element.classList.add("here");
  if (line === errorLine) element.classList.add("error");
  if (matches.includes(line)) element.classList.add("match");
  const link = document.createElement("a");
  link.href = `#L${line}`;
  link.textContent = String(line);
  link.tabIndex = -1; // a search, the first error or a click make a line's address
  element.append(link);
  const lines = linesOf(Math.floor((line - 1) / PAGE));
  const text = lines?.[(line - 1) % PAGE];
  const section = heads.get(line);
  if (section) {
    const button = document.createElement("button");
    button.className = "fold";
    button.type = "button";
    button.ariaExpanded = String(!shut.has(line));
    button.dataset.fold = String(line);
    button.textContent = shut.has(line) ? "▸ " : "▾ ";
    drawLine(text || section.title, button);
    element.append(button);
    if (section.last) {
      const took = document.createElement("span");
      took.className = "took";
      took.textContent = `${section.seconds} s`;
      element.append(took);
    }
  } else {
    const content = document.createElement("span");
    content.className = "text";
    drawLine(text ?? "", content);
    element.append(content);
  }
  return element;
}

function place() { // bring the scroll bar to where the text is
  const most = wholeHeight() - view.clientHeight;
  const range = height() - view.clientHeight;
  lastScroll = most > 0 && range > 0 ? Math.round((top_ / most) * range) : 0;
  space.style.height = `${height()}px`;
  view.scrollTop = lastScroll;
  lastScroll = view.scrollTop;
}

function scrolled() {
  const moved = view.scrollTop - lastScroll;
  if (!moved) { draw(); return; }
  const most = wholeHeight() - view.clientHeight;
  const range = height() - view.clientHeight;
  const small = Math.abs(moved) < view.clientHeight * 3;
  lastScroll = view.scrollTop;
  if (most <= range) top_ = view.scrollTop;
  else if (view.scrollTop <= 0) top_ = 0;
  else if (view.scrollTop >= range - 1) top_ = most;
  else if (small) top_ += moved;
  else top_ = (view.scrollTop / range) * most;
  if (moved < 0) setFollowing(false);
  draw();
}

function goTo(line, { choose = true } = {}) {
  for (const one of sections) if (shut.has(one.first) && line > one.first && line <= one.last) { shut.delete(one.first); touched = true; }
  fold();
  if (choose) {
    chosenLine = line;
    history.replaceState(null, "", `#L${line}`); // what was found can be handed on
  }
  top_ = Math.max(0, rowOf(line) * ROW - view.clientHeight / 3);
  place();
  draw();
}

function toEnd() {
  top_ = Math.max(0, wholeHeight() - view.clientHeight);
  place();
  draw();
}

function setFollowing(on) {
  following = on;
  follow.setAttribute("aria-pressed", String(on));
  if (on) toEnd();
}

async function look(after = 0) {
  const text = search.value;
  matches = [];
  match = -1;
  found.textContent = "";
  if (!text) { draw(); return; }
  const answer = await fetch(`${home}/search?q=${encodeURIComponent(text)}&after=${after}`, { headers: { Accept: "application/json" } });
  if (!answer.ok || text !== search.value) return;
  const data = await answer.json();
  matches = data.lines;
  const words = data.more ? box.dataset.many : matches.length ? box.dataset.found : box.dataset.nothing;
  found.textContent = words.replace("{count}", number.format(matches.length));
  step(1);
}

function step(by) {
  if (!matches.length) { draw(); return; }
  match = (match + by + matches.length) % matches.length;
  goTo(matches[match]);
}

async function firstError() {
  const answer = await fetch(`${home}/error`, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const { line } = await answer.json();
  if (!line) { found.textContent = box.dataset.noerror; return; }
  errorLine = line;
  setFollowing(false);
  goTo(line);
}

function fromAddress() {
  const wanted = /^#L(\d+)$/.exec(location.hash);
  if (wanted) goTo(Math.min(Number(wanted[1]), Math.max(1, total)));
  return Boolean(wanted);
}

async function refresh() {
  const answer = await fetch(`${home}/lines?first=0&count=0`, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  told(await answer.json());
  if (following) toEnd();
  else draw();
}

function listen() { // a page nobody sees keeps no line open
  if (document.hidden) {
    document.addEventListener("visibilitychange", listen, { once: true });
    return;
  }
  const stream = new EventSource(`${home}/live`);
  const pause = () => { stream.close(); listen(); };
  document.addEventListener("visibilitychange", pause, { once: true });
  let busy = false;
  let again = false;
  const grown = async () => {
    if (busy) { again = true; return; }
    busy = true;
    await refresh();
    busy = false;
    if (again) { again = false; grown(); }
  };
  stream.addEventListener("grown", grown);
  stream.addEventListener("ended", async () => {
    stream.close();
    document.removeEventListener("visibilitychange", pause);
    await grown();
  });
}

async function begin() {
  const wanted = /^#L(\d+)$/.test(location.hash);
  const answer = await fetch(`${home}/lines?first=-1&count=${PAGE}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) { draw(); return; }
  const data = await answer.json();
  told(data);
  const page = Math.floor((data.first - 1) / PAGE);
  if (data.lines.length) pages.set(page, data.lines);
  if (!fromAddress()) { if (live) setFollowing(true); else toEnd(); }
  box.dataset.ready = "true";
  performance.mark("log-shown");
  if (live || !box.dataset.state.match(/success|failed|canceled|skipped/)) listen();
  if (wanted) view.focus();
}

view.addEventListener("scroll", scrolled, { passive: true });
view.addEventListener("scrollend", place);
new ResizeObserver(() => { if (following) toEnd(); else draw(); }).observe(view);
addEventListener("hashchange", fromAddress);
let pause = 0;
search.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(look, 250); });
box.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); if (matches.length) step(1); else look(); });
box.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.fold) {
    const line = Number(button.dataset.fold);
    touched = true;
    if (!shut.delete(line)) shut.add(line);
    fold();
    place();
    draw();
  }
  if (button.dataset.log === "next") step(1);
  if (button.dataset.log === "previous") step(-1);
  if (button.dataset.log === "error") firstError();
  if (button.dataset.log === "top") { setFollowing(false); top_ = 0; place(); draw(); }
  if (button.dataset.log === "end") toEnd();
  if (button.dataset.log === "follow") setFollowing(!following);
});
search.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.shiftKey || !matches.length) return;
  event.preventDefault();
  step(-1);
});
view.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Home") { setFollowing(false); top_ = 0; place(); draw(); }
  else if (event.key === "End") toEnd();
  else if (event.key === "/") search.focus();
  else if (event.key === "n") step(1);
  else if (event.key === "N") step(-1);
  else if (event.key === "e") firstError();
  else return;
  event.preventDefault();
});
begin();
