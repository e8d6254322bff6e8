"""The style sheet and what uses it say the same: every class is drawn, nothing is drawn that no page has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plumbline.web.tokens import blocks, colours, contrast, measures

WEB = Path(__file__).parents[2] / "src" / "plumbline" / "web"
SHEETS = sorted((WEB / "static").glob("*.css"))
WRITERS = [
    *sorted((WEB / "templates").glob("*.html")),
    *sorted(WEB.rglob("*.py")),
    *sorted((WEB / "static").glob("*.js")),
]
MADE = re.compile(
    r"[sj]-[a-z_]+|heat-\d|(?:depth|below)-\d|kind-[a-z_]+|at-[a-z]+|[abf]\d"
)  # of a state, a level, a depth, an escape
# Classes that scripts or tests look for, and that are not drawn; each with its reason.
UNDRAWN = {
    "ref": "names of branches, which tests look for",
    "log-count": "where the script of the log says how many lines there are",
    "log-found": "where the script of the log says how many matches there are",
    "title": "of the console, which has a sheet of its own",
    "ring": "of the shapes of states, beside those that are drawn otherwise",
}


def _drawn():
    return {name for sheet in SHEETS for name in re.findall(r"\.([a-zA-Z][\w-]*)", _without_values(sheet.read_text()))}


def _without_values(sheet):
    """Selectors alone."""
    plain = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    return " ".join(re.findall(r"([^{}]*)\{", plain))


def _used():
    found = set()
    for path in (WEB / "templates").glob("*.html"):
        for value in re.findall(r'\bclass="([^"]*(?:"[^"]*"[^"]*)*?)"(?=[\s>/])', path.read_text()):
            plain = re.sub(r"\{[{%].*?[%}]\}", " ", value)
            if "{" not in plain:
                found.update(word for word in plain.split() if re.fullmatch(r"[a-z][\w-]*[\w]", word))
    return found


def test_every_class_of_a_template_is_drawn():
    drawn = _drawn()
    assert sorted(one for one in _used() - drawn if not MADE.fullmatch(one) and one not in UNDRAWN) == []


def test_nothing_is_drawn_that_no_page_has():
    written = "\n".join(path.read_text() for path in WRITERS)
    texts = [text for quote in "\"'`" for text in re.findall(f"{quote}([^{quote}\n]*){quote}", written)]
    texts += re.findall(r"%\}([\w -]+)\{[{%]", written)
    words = {word for text in texts for word in re.findall(r"[\w-]+", text)}
    assert sorted(one for one in _drawn() if one not in words and not MADE.fullmatch(one)) == []


def test_the_dark_theme_is_the_same_by_choice_and_by_the_readers_system():
    assert blocks()['[data-theme="dark"]'] == blocks()['[data-theme="auto"]']
    assert blocks()[':root, [data-theme="light"]'].keys() == blocks()['[data-theme="dark"]'].keys()


def test_every_token_that_is_used_is_defined_and_every_one_defined_is_used():
    sheets = "\n".join(path.read_text() for path in SHEETS)
    defined = {name for block in blocks().values() for name in block}
    own = set(re.findall(r"(--[\w-]+):", sheets))  # of a state: --tone, --tint
    own |= set(re.findall(r'setProperty\("(--[\w-]+)"', "".join(path.read_text() for path in WRITERS)))
    used = set(re.findall(r"var\((--[\w-]+)", sheets))
    assert sorted(used - own) == []
    assert sorted(f"--{name}" for name in defined if f"--{name}" not in used) == []


def test_text_can_be_read_in_both_themes():
    told = {(one.name, theme): ratio for one in colours() for theme, ratio in one.contrast.items()}
    assert len(told) > 20
    assert {key: ratio for key, ratio in told.items() if ratio < 4.5} == {}
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777", "#777777") == pytest.approx(1)
    assert measures()


@pytest.mark.slow
def test_a_page_prints_what_is_read_in_the_light(visit):
    page = visit(at="/nodes/1")
    page.evaluate("() => { document.documentElement.dataset.theme = 'dark'; }")
    page.emulate_media(media="print")
    shown = "(selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility()).length"
    assert [name for name in (".bar", ".rail", ".rail-open", "form", "button") if page.evaluate(shown, name)] == []
    assert page.evaluate(shown, "h1") == 1
    assert page.evaluate(shown, ".crumbs") == 1  # paper says where it comes from
    ink = page.evaluate("() => getComputedStyle(document.querySelector('h1')).color")
    assert max(map(int, re.findall(r"\d+", ink))) < 90, ink  # dark letters, whatever the theme


def test_lines_of_the_style_sheet_can_be_read():
    long = [
        (sheet.name, number)
        for sheet in SHEETS
        for number, line in enumerate(sheet.read_text().splitlines(), 1)
        if len(line) > 120
    ]
    assert long == []
