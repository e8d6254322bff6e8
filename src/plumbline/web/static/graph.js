// Says beside the graph of a pipeline how many boxes stand outside of what is seen, and leads there.
const SIDES = { right: [1, 0], left: [-1, 0], down: [0, 1], up: [0, -1] };

function boxesOutside(view) {
  const found = { right: 0, left: 0, down: 0, up: 0 };
  for (const box of view.querySelectorAll("svg > [transform]")) {
    const { e: x, f: y } = box.transform.baseVal[0].matrix;
    const wide = Number(box.querySelector("rect:not([x])").getAttribute("width"));
    if (x + wide / 2 > view.scrollLeft + view.clientWidth) found.right += 1;
    else if (x + wide / 2 < view.scrollLeft) found.left += 1;
    if (y + 17 > view.scrollTop + view.clientHeight) found.down += 1;
    else if (y + 17 < view.scrollTop) found.up += 1;
  }
  return found;
}

function tell() {
  for (const frame of document.querySelectorAll(".graph-frame")) {
    const found = boxesOutside(frame.querySelector(".graph"));
    for (const [side, count] of Object.entries(found)) {
      const more = frame.querySelector(`.more.${side}`);
      more.hidden = !count;
      more.textContent = more.dataset.said.replace("{count}", count);
    }
  }
}

let waits = false;
function soon() {
  if (waits) return;
  waits = true;
  requestAnimationFrame(() => { waits = false; tell(); });
}

document.addEventListener("click", (event) => {
  const more = event.target.closest(".graph-frame > .more");
  if (!more) return;
  const view = more.parentElement.querySelector(".graph");
  const [x, y] = SIDES[more.classList[1]];
  view.scrollBy({ left: x * view.clientWidth * 0.8, top: y * view.clientHeight * 0.8, behavior: "smooth" });
});
tell();
document.addEventListener("scroll", soon, { capture: true, passive: true });
addEventListener("resize", soon);
document.addEventListener("htmx:after:swap", tell);
