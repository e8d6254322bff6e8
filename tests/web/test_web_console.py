"""The API console: from this host alone, under a strict policy, and it really calls."""

from __future__ import annotations

import re

import pytest
from web_server import PASSWORD, serving

from plumbline.flow.people.invitations import set_up_link


@pytest.fixture
def url(new_server):
    with serving(new_server) as address:
        yield f"{address}/setup?key={set_up_link(new_server.tools.people)}"


def entered(context, url):
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(url)
    for name, value in (("name", "ada"), ("title", "Ada"), ("password", PASSWORD)):
        page.fill(f"[name={name}]", value)
    page.click("main button")
    page.wait_for_url(re.match(r"http://[^/]+", url).group() + "/")
    return page


def shown_operation(page):
    """Of a document this long the console draws what is in view alone: ask for a group by its name."""
    page.fill(".operation-filter-input", "tree")
    page.wait_for_selector("#operations-tree-create_node")


@pytest.mark.slow
def test_the_console_is_dark_where_the_browser_or_its_user_asks_for_it(chromium, url):
    home = re.match(r"http://[^/]+", url).group()
    context = chromium.new_context(color_scheme="dark")
    page = entered(context, url)

    def brightness():
        shown_operation(page)
        shown = page.evaluate("getComputedStyle(document.querySelector('.swagger-ui')).backgroundColor")
        text = page.evaluate("getComputedStyle(document.querySelector('.opblock-summary-path')).color")
        of_page = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return [sum(map(int, re.findall(r"\d+", one)[:3])) // 3 for one in (of_page, shown, text)]

    page.goto(f"{home}/api/console")
    ground, panel, text = brightness()
    assert max(ground, panel) < 60 < 200 < text
    page.emulate_media(color_scheme="light")  # while it is open
    assert brightness()[0] > 240
    page.emulate_media(color_scheme="dark")
    context.add_cookies([{"name": "plumbline_theme", "value": "light", "url": home}])
    page.reload()
    ground, _, text = brightness()
    assert text < 90 < 240 < ground
    context.add_cookies([{"name": "plumbline_theme", "value": "dark", "url": home}])
    page.emulate_media(color_scheme="light")
    page.reload()
    assert brightness()[0] < 60
    context.close()


@pytest.mark.slow
def test_the_console_calls_as_whoever_is_signed_in(chromium, url):
    home = re.match(r"http://[^/]+", url).group()
    wrong = []
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("request", lambda asked: asked.url.startswith((home, "data:")) or wrong.append(asked.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: "Security Policy" in said.text and wrong.append(said.text))
    page.goto(url)
    for name, value in (("name", "ada"), ("title", "Ada"), ("password", PASSWORD)):
        page.fill(f"[name={name}]", value)
    page.click("main button")
    page.wait_for_url(f"{home}/")
    page.goto(f"{home}/roles")
    page.click("nav.rail a[href='/api/console']")
    shown_operation(page)
    page.click("#operations-tree-create_node .opblock-summary-control")
    page.click("#operations-tree-create_node .try-out__btn")
    page.fill("#operations-tree-create_node textarea", '{"kind": "organisation", "name": "bank"}')
    page.click("#operations-tree-create_node .execute")
    page.wait_for_selector("#operations-tree-create_node .live-responses-table .response-col_status:has-text('201')")
    assert "bank" in page.request.get(f"{home}/api/v1/nodes").text()
    context.close()
    assert wrong == []
