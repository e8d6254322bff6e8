"""What every page owes its readers, looked at in a real browser: what is wrong comes back as sentences.

axe-core (``axe/``, unchanged) tells what people with a screen reader or poor sight would stumble over;
``page_faults.js`` tells the rest. ``test_web_page_checks.py`` shows that each check can fail.
"""

from __future__ import annotations

from pathlib import Path

from page_examples import NAMES

HERE = Path(__file__).parent
AXE = HERE / "axe" / "axe.min.js"
FAULTS = (HERE / "page_faults.js").read_text()
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
THEMES = ("light", "dark")
FIRST_LOAD = 200 * 1024  # bytes of a page with its style and its scripts
MOST_STEPS = 30  # of the Tab key

# Words that stand in a Chinese page as they are.
LATIN = (HERE / "latin.txt").read_text().partition("\n")[2].split()


def faults(page, language, *, most=FIRST_LOAD):
    """Of a page that was just opened, in both themes and at both sizes. ``most``: bytes of its first load."""
    found = [*_tabbed(page), *_weight(page, most)]
    page.evaluate("() => { for (const one of document.querySelectorAll('main details')) one.open = true; }")
    page.evaluate(AXE.read_text())
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        for theme in THEMES:
            page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
            told = _axe(page, contrast_alone=theme == "dark", phone=size == "phone")
            if theme == "light":
                told += _told(page, language, phone=size == "phone")
            found += [f"{size} {theme}: {one}" for one in told]
    return found


def _told(page, language, *, phone):
    given = {"names": NAMES, "words": LATIN, "language": language, "phone": phone}
    return page.evaluate(FAULTS, given)


# Of long tables and lists the first rows: what comes later is of the same kind.
_WHAT = {"exclude": [["tbody tr:nth-child(n + 40)"], ["main li:nth-child(n + 40)"]]}


def _axe(page, *, contrast_alone, phone):
    """What axe-core says: every rule that is on, and on a telephone that targets are large enough."""
    options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": phone}}}
    if contrast_alone:
        options = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}
    told = page.evaluate("([where, options]) => axe.run(where, options)", [_WHAT, options])["violations"]
    return [
        f"{rule['id']}: {node['target']} {_last(node['failureSummary'])}" for rule in told for node in rule["nodes"]
    ]


def _last(text):
    return text.splitlines()[-1].strip()


_WHERE = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const box = one.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return { place: [...document.querySelectorAll("*")].indexOf(one), name: one.outerHTML.slice(0, 90),
        there: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        covered: !!top && box.height < innerHeight && !one.contains(top) && !top.contains(one) };
}"""


def _tabbed(page):
    """Step through with the Tab key, as somebody does who has no mouse: in the order of the page, and always seen."""
    before, found = -1, []
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        now = page.evaluate(_WHERE)
        if now is None or now["place"] == before:
            break
        if now["place"] < before:
            found.append(f"the Tab key goes back: {now['name']}")
        if not now["there"]:
            found.append(f"the focus is out of sight: {now['name']}")
        elif now["covered"]:
            found.append(f"the focus is covered: {now['name']}")
        before = now["place"]
    page.evaluate("() => document.activeElement?.blur()")
    return found


_LOADED = """() => {
    const parts = performance.getEntriesByType("resource").filter(({ name }) => /[.](css|js)([?]|$)/.test(name));
    return [performance.getEntriesByType("navigation")[0], ...parts].map((one) => [one.name, one.encodedBodySize]);
}"""


def _weight(page, most):
    loaded = page.evaluate(_LOADED)
    weight = sum(size for _, size in loaded)
    return [f"{weight:,} bytes at first: {loaded}"] if weight > most else []
