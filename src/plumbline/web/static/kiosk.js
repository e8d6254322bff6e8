// The wall on a screen that nobody scrolls: tiles as large as lets all of them be seen at once, down to a size that can
// still be read. What does not fit then stands on further pages, which turn by themselves.
const DENSE = { largest: 26, smallest: 12 }; // pixels of the letters of a name
const LARGE = { largest: 20, smallest: 11 };
const LEAST = { width: 700, height: 240 }; // pixels that are worth a page; a screen with less is scrolled
const TURN = 12_000; // milliseconds
const body = document.body;
const turning = document.getElementById("turning");
const still = matchMedia("(prefers-reduced-motion: reduce)");
let page = 0;
let paused = false;
let fitted = "";

const walls = () => document.querySelector(".walls");
const step = () => walls().clientWidth + Number.parseFloat(getComputedStyle(walls()).columnGap);
const pages = () => 1 + Math.max(0, Math.ceil((walls().scrollWidth - walls().clientWidth - 2) / step())); // 2: rounding

function fit() {
  if (!walls()) return;
  const tiles = (part) => document.querySelectorAll(`${part} .tile`).length;
  const now = [innerWidth, innerHeight, tiles(".walls"), tiles(".alarms"), document.querySelectorAll(".estate").length].join();
  if (now !== fitted) {
    fitted = now;
    layOut(walls().classList.contains("dense") ? DENSE : LARGE);
  }
  turnTo(page);
}

function layOut({ largest, smallest }) {
  const pagesAt = (size) => {
    body.style.setProperty("--fit", `${size}px`);
    return pages();
  };
  body.classList.remove("paged", "many");
  body.style.removeProperty("--fit");
  const height = innerHeight - walls().getBoundingClientRect().top - scrollY;
  if (innerWidth < LEAST.width || height < LEAST.height) return;
  body.classList.add("paged");
  if (pagesAt(smallest) > 1) body.classList.add("many"); // groups need not be kept together
  const fewest = pagesAt(smallest);
  let size = largest;
  while (size > smallest && pagesAt(size) > fewest) size -= 1;
  pagesAt(size);
}

function turnTo(wanted) {
  const count = body.classList.contains("paged") ? pages() : 1;
  page = (wanted + count) % count;
  walls().scrollTo({ left: page * step(), behavior: still.matches ? "instant" : "smooth" });
  turning.hidden = count === 1;
  turning.querySelector("output").textContent = turning.dataset.pages.replace("{page}", page + 1).replace("{count}", count);
}

turning.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.turn) turnTo(page + Number(button.dataset.turn));
  else {
    paused = !paused;
    button.setAttribute("aria-pressed", String(paused));
  }
});
setInterval(() => {
  if (!paused && walls() && !walls().contains(document.activeElement)) turnTo(page + 1);
}, TURN);
document.addEventListener("focusin", ({ target }) => { // a tile of another page was reached with the keyboard
  if (!walls()?.contains(target)) return;
  const left = target.getBoundingClientRect().left - walls().getBoundingClientRect().left + walls().scrollLeft;
  turnTo(Math.floor((left + 1) / step()));
});
addEventListener("resize", fit);
document.addEventListener("htmx:after:swap", fit);
document.fonts.ready.then(fit);
