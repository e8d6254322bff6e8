"""Each check of pages can fail: a page with one fault, and what is said of it."""

from __future__ import annotations

import pytest
from page_checks import faults

pytestmark = pytest.mark.slow

GOOD = """<!DOCTYPE html><html lang="{lang}" data-theme="light"><head><title>Wall</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root {{ color: #111; background: #fff; }} :focus-visible {{ outline: 2px solid #1a73c7; }}
a, button {{ display: inline-block; min-height: 24px; min-width: 24px; }}
.tiny {{ min-height: 0; min-width: 0; padding: 0; height: 12px; width: 12px; font-size: 6px; }}
.cut {{ width: 90px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }} {style}</style></head>
<body><main><h1>{title}</h1>{body}</main></body></html>"""
FAULTS = {  # what is on the page -> what is said
    "contrast": ('<p style="color: #ccc">a word</p>', "color-contrast"),
    "contrast in the dark": ('<p class="only-dark">a word</p>', "dark: color-contrast"),
    "no name": ("<button></button>", "button-name"),
    "no label": ('<input name="x">', "light: label:"),
    "heading left out": ("<h3>a word</h3>", "heading-order"),
    "small target": ('<button class="tiny">a</button><button class="tiny">b</button>', "target-size"),
    "wide page": ('<div style="width: 1300px; height: 1px"></div>', "the page is too wide"),
    "wide on a telephone": ('<div style="width: 500px; height: 1px"></div>', "phone light: the page is too wide"),
    "hidden scroller": ('<div style="width: 90px; overflow-x: auto"><p style="width: 300px">word</p></div>',
                        "scrolls sideways unseen"),
    "cut off": ('<p style="width: 30px; overflow: hidden; white-space: nowrap">a word and another</p>', "is cut off"),
    "two names alike": ('<p class="cut">settlement service one</p><p class="cut">settlement service two</p>',
                        "two are cut to the same"),
    "two names alike in a drawing": (
        '<svg role="group" aria-label="graph"><a href="#a"><title>tests of one</title><text y="20">tests…</text></a>'
        '<a href="#b"><title>tests of two</title><text y="60">tests…</text></a></svg>', "two are cut to the same"),
    "time without a moment": ("<time>today</time>", "a time without its moment"),
    "moment that is no time": ("<p>since 2026-01-31 08:00</p>", "a moment that is no time element"),
    "dead number": ('<dl class="figures"><div><dt>jobs</dt><dd>12</dd></div></dl>', "a number that opens to nothing"),
    "dead count": ('<p><span class="count">12</span></p>', "a number that opens to nothing"),
    "focus not seen": ('<button style="outline: none">word</button>', "shows no focus"),
    "focus before its turn": ('<a href="#a">one</a><a href="#b" tabindex="1">two</a>',
                              "takes the focus before its turn"),
    "focus out of sight": ('<button style="position: absolute; left: -999px">word</button>',
                           "the focus is out of sight"),
    "focus goes back": ('<button>one</button><button tabindex="2">two</button>', "the Tab key goes back"),
    "focus covered": ('<button>word</button><p style="position: fixed; inset: 0; background: #fff"></p>',
                      "the focus is covered"),
    "id twice": ('<p id="a">one</p><p id="a">two</p>', "twice: id a"),
    "han left": ("<p>流水线</p>", "is in the other language"),
    "han left in a title": ('<p title="流水线">a word</p>', "is in the other language"),
}  # fmt: skip


@pytest.fixture
def looked(chromium):
    """``looked(body)``: what is wrong with a page that has it."""
    page = chromium.new_page()

    def at(body, lang="en", title="Wall", style='[data-theme="dark"] .only-dark { color: #ddd; }', **more):
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto("about:blank")
        page.set_content(GOOD.format(body=body, lang=lang, title=title, style=style))
        return faults(page, lang, **more)

    yield at
    page.close()


def test_a_page_without_a_fault_has_none(looked):
    assert looked('<p>a word</p><p><a href="#a">one</a> <a href="#b">two</a></p>') == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(looked, fault):
    body, said = FAULTS[fault]
    found = looked(body)
    assert any(said in one for one in found), found


def test_english_that_is_left_in_a_chinese_page_is_found_and_names_and_code_are_not(looked):
    assert any("other language: <p>" in one for one in looked("<p>Nothing here</p>", "zh-CN", "首页"))
    fine = looked("<p>Harbour Bank 的流水线 CI <code>make all</code> https://git.bank.example/x</p>", "zh-CN", "首页")
    assert [one for one in fine if "other language: <p>" in one] == []


def test_the_language_that_a_page_names_is_its_own(looked, chromium):
    page = chromium.new_page()
    page.set_content(GOOD.format(body="<p>word</p>", lang="fr", title="Wall", style=""))
    assert any("says it is in fr" in one for one in faults(page, "en"))
    page.close()


def test_what_a_page_loads_at_first_is_weighed(visit):
    page = visit()
    assert any("bytes at first" in one for one in faults(page, "en", most=1024))
