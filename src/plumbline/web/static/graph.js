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

function tell(frame) {
  const view = frame.querySelector(".graph");
  const found = boxesOutside(view);
  for (const [side, [x, y]] of Object.entries(SIDES)) {
    let more = frame.querySelector(`.more.${side}`);
    if (!more) {
      more = document.createElement("button");
      more.type = "button";
      more.className = `more ${side}`;
      more.addEventListener("click", () => view.scrollBy({ left: x * view.clientWidth * 0.8, top: y * view.clientHeight * 0.8, behavior: "smooth" }));
      frame.append(more);
    }
    more.hidden = !found[side];
    const said = frame.dataset[side].replace("{count}", found[side]);
    if (more.textContent !== said) more.textContent = said;
  }
}

let waits = false;
function soon() {
  if (waits) return;
  waits = true;
  requestAnimationFrame(() => {
    waits = false;
    document.querySelectorAll(".graph-frame").forEach(tell);
  });
}

soon();
document.addEventListener("scroll", soon, { capture: true, passive: true });
addEventListener("resize", soon);
document.addEventListener("htmx:after:swap", soon);
