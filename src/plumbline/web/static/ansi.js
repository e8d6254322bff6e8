// One line of terminal output as elements: colours and weights by class, never by style; text is only ever text.
const ESCAPE = /\x1b\[([0-9;:]*)([A-Za-z])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]|\x1b./g;

export function plain(text) {
  const last = text.replace(/\r+$/, "").lastIndexOf("\r");
  return last < 0 ? text.replace(/\r+$/, "") : text.slice(last + 1).replace(/\r+$/, "");
}

export function drawLine(text, into) {
  let shape = { weight: "", front: "", back: "" };
  let from = 0;
  const shown = plain(text);
  const put = (piece) => {
    if (!piece) return;
    const names = [shape.weight, shape.front, shape.back].filter(Boolean).join(" ");
    if (!names) { into.append(piece); return; }
    const span = document.createElement("span");
    span.className = names;
    span.textContent = piece;
    into.append(span);
  };
  for (const found of shown.matchAll(ESCAPE)) {
    put(shown.slice(from, found.index));
    from = found.index + found[0].length;
    if (found[2] === "m") shape = changed(shape, found[1]);
  }
  put(shown.slice(from));
}

function changed(shape, codes) {
  const made = { ...shape };
  const numbers = codes.split(/[;:]/).map(Number);
  for (let place = 0; place < numbers.length; place += 1) {
    const code = numbers[place];
    if (code === 0) Object.assign(made, { weight: "", front: "", back: "" });
    else if (code >= 1 && code <= 4) made.weight = `a${code}`;
    else if (code >= 22 && code <= 24) made.weight = "";
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) made.front = `f${code % 10}`;
    else if (code === 39) made.front = "";
    else if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) made.back = `b${code % 10}`;
    else if (code === 49) made.back = "";
    else if (code === 38 || code === 48) {
      const wide = numbers[place + 1] === 5;
      const colour = numbers[place + 2];
      if (wide && colour < 16) made[code === 38 ? "front" : "back"] = `${code === 38 ? "f" : "b"}${colour % 8}`;
      place += wide ? 2 : 4;
    }
  }
  return made;
}
