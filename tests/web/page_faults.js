// What is wrong with the page that is open, as sentences; run in the browser. Each part looks for one kind of fault.
(({ words, names, language, phone }) => {
  const wrong = [];
  const say = (kind, element, more = "") => wrong.push(`${kind}: ${named(element)}${more && ` ${more}`}`);

  function named(element) {
    const text = (element.getAttribute("aria-label") ?? element.textContent).trim().replace(/\s+/g, " ").slice(0, 60);
    const classes = element.getAttribute("class") ?? "";
    return `<${element.tagName.toLowerCase()}${classes && ` class="${classes}"`}> "${text}"`;
  }

  function shown(element) {
    return element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0 && !element.closest(".hidden, .skip-link");
  }

  const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);
  const scrolls = (element) => /auto|scroll/.test(getComputedStyle(element).overflowX);

  function overflow() {
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) {
      const widest = all("body *").filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1 && !inScroller(one));
      say("the page is too wide", widest.at(-1) ?? document.body, `${root.scrollWidth} > ${root.clientWidth}`);
    }
    for (const one of all("body *")) { // what scrolls sideways says so: it has a name and takes the focus
      if (one.scrollWidth <= one.clientWidth + 1 || !scrolls(one) || /^(TEXTAREA|INPUT|SELECT|PRE)$/.test(one.tagName)) continue;
      if (one.tabIndex < 0) say("scrolls sideways unseen", one, `${one.scrollWidth} > ${one.clientWidth}`);
    }
    for (const one of all("main *")) { // text that is cut without a sign that there is more
      const style = getComputedStyle(one);
      const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
      if (own && /hidden|clip/.test(style.overflowX) && style.textOverflow !== "ellipsis" && one.scrollWidth > one.clientWidth + 1) say("is cut off", one);
    }
  }

  function inScroller(element) {
    for (let one = element.parentElement; one && one !== document.body; one = one.parentElement) if (getComputedStyle(one).overflowX !== "visible") return true;
    return false;
  }

  // What of a text that is cut with an ellipsis is seen.
  function seen(element) {
    const edge = element.getBoundingClientRect().right;
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    let text = "";
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (let at = 0; at < node.length; at += 1) {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        if (range.getBoundingClientRect().right > edge - 8) return text.trim();
        text += node.data[at];
      }
    }
    return text.trim();
  }

  function cutAlike() {
    const groups = new Map();
    const add = (what, full, short) => {
      const key = `${what} ${short}`;
      const before = groups.get(key);
      if (before !== undefined && before !== full) wrong.push(`two are cut to the same: "${short}" of "${before}" and "${full}"`);
      groups.set(key, full);
    };
    for (const one of all("body *")) {
      if (getComputedStyle(one).textOverflow === "ellipsis" && one.scrollWidth > one.clientWidth + 1) add(one.className, one.textContent.trim(), seen(one));
    }
    for (const one of all("svg a")) {
      const label = one.querySelector("text")?.textContent.trim();
      if (label?.includes("…")) add("svg", one.querySelector("title")?.textContent ?? "", label);
    }
  }

  function times() {
    for (const one of document.querySelectorAll("time")) {
      if (Number.isNaN(Date.parse(one.getAttribute("datetime") ?? ""))) say("a time without its moment", one);
    }
    for (const { node, element } of texts()) {
      if (/\b20\d\d-\d\d-\d\d[ T]\d\d:\d\d/.test(node) && !element.closest("time, svg, code, pre, kbd, option, .log, [data-why], .words, bdi")) say("a moment that is no time element", element);
    }
  }

  function deadNumbers() {
    for (const one of document.querySelectorAll(".figures dd, .figure, .count")) {
      if (!shown(one) || !/\d/.test(one.textContent)) continue;
      if (!one.closest("a[href], [data-why]") && !one.querySelector("a[href], [data-why], .unknown")) say("a number that opens to nothing", one);
    }
  }

  function focus() {
    const able = all("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]");
    const before = document.activeElement;
    for (const one of able) {
      if (one.tabIndex > 0) say("takes the focus before its turn", one);
      if (one.tabIndex < 0 || one.disabled || one.closest("dialog:not([open])")) continue;
      one.focus({ focusVisible: true, preventScroll: true });
      if (document.activeElement !== one) { say("does not take the focus", one); continue; }
      const target = one.closest("svg") && one.tagName === "a" ? (one.querySelector("rect, circle") ?? one) : one;
      const style = getComputedStyle(target);
      const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
      const stroke = target !== one && parseFloat(style.strokeWidth) >= 2;
      const border = one.matches("[role=combobox]");
      if (!outline && !stroke && !border && style.boxShadow === "none") say("shows no focus", one);
    }
    before?.focus?.({ preventScroll: true });
    scrollTo(0, 0);
  }

  function* texts() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (node.data.trim() && !element.closest("script, style, noscript")) yield { node: node.data, element };
    }
  }

  // Words of the other language: in texts, titles and what is read aloud.
  function* sentences() {
    const asTheyAre = "code, pre, kbd, samp, bdi, textarea, [lang]:not(html), .log, .name, .graph";
    for (const { node, element } of texts()) if (!element.closest(asTheyAre)) yield [element, node];
    for (const element of document.querySelectorAll("[title], [aria-label], [alt]")) {
      if (element.closest(asTheyAre)) continue;
      for (const name of ["title", "aria-label", "alt"]) {
        const text = element.getAttribute(name);
        if (text && !("copyCommand" in element.dataset)) yield [element, text];
      }
    }
    yield [document.head.querySelector("title"), document.title];
  }

  function otherLanguage() {
    const known = new Set(words);
    const given = new RegExp(names.map((name) => (/^\w/.test(name) ? `\\b${name}(?!\\w)` : name)).join("|"), "gu");
    const pattern = language === "zh-CN" ? /[A-Za-z]{2,}/g : /\p{Script=Han}+/gu;
    for (const [element, text] of sentences()) {
      const plain = text.replace(/\s+/g, " ").replace(/(?:https?:\/)?\/[\w./?=&%#:-]+|\b[\w-]+[._@/:][\w.@/:-]+\b|[\w-]*[-_][\w-]+|\w*\d\w*/g, " ").replace(given, " "); // without addresses, ids and paths
      const found = (plain.match(pattern) ?? []).filter((word) => !known.has(word));
      if (found.length) say("is in the other language", element, `(${found.slice(0, 6).join(" ")})`);
    }
    if (document.documentElement.lang !== language) wrong.push(`the page says it is in ${document.documentElement.lang}`);
  }

  function ids() {
    const known = new Set();
    for (const { id } of document.querySelectorAll("[id]")) { if (known.has(id)) wrong.push(`twice: id ${id}`); known.add(id); }
  }

  overflow();
  cutAlike();
  if (!phone) { times(); ids(); otherLanguage(); }
  deadNumbers();
  focus();
  return [...new Set(wrong)];
})
