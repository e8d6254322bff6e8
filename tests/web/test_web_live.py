"""A page says when it is no longer live, comes back by itself, and does not jump under the pointer."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress
from importlib.resources import files

import pytest
from web_server import add_entries, serving

from plumbline.model.job import State
from plumbline.web import live
from plumbline.web.shortcuts import SHORTCUTS

pytestmark = pytest.mark.slow


class Line:
    """Between a browser and the server: it can be cut, so that nothing is heard any more, or end as with the server."""

    def __init__(self, port):
        self._port = port
        self._open = []
        self._cut = False
        self._own = socket.create_server(("127.0.0.1", 0))
        self.port = self._own.getsockname()[1]
        self._accept()

    def _accept(self):
        threading.Thread(target=self._wait, args=(self._own,), daemon=True).start()

    def _wait(self, own):
        with suppress(OSError):
            while True:
                near = own.accept()[0]
                far = socket.create_connection(("127.0.0.1", self._port))
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one, other):
        with suppress(OSError):
            while data := one.recv(65536):
                if not self._cut:
                    other.sendall(data)
            other.shutdown(socket.SHUT_WR)

    def cut(self):
        self._cut = True

    def end(self):
        with suppress(OSError):  # it ended before
            self._own.shutdown(socket.SHUT_RDWR)
        self._own.close()
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open = []

    def again(self):
        self.end()
        self._cut = False
        self._own = socket.create_server(("127.0.0.1", self.port))
        self._accept()


@pytest.fixture
def line(bank):
    with serving(bank.server) as url:
        made = Line(int(url.rpartition(":")[2]))
        yield made
        with suppress(OSError):
            made.end()


@pytest.fixture
def look(chromium, bank, line):
    """``look(path)`` is a page of mei's browser behind the line, in contact."""
    contexts = []

    def opened(path):
        url = f"http://127.0.0.1:{line.port}"
        context = chromium.new_context(base_url=url, locale="en-GB", viewport={"width": 1280, "height": 800})
        contexts.append(context)
        cookies = bank.browser("mei").cookies
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(path)
        page.wait_for_function("() => htmx.find('body')._htmx?.sse !== undefined || document.body._htmx")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def running(bank):
    pipeline = bank.add_pipeline(3, {"build": "build", "test": "test"}).id
    return pipeline, bank.begin(pipeline, "build")


PAGES = ["/", "/?kiosk=1", "/pipelines/{pipeline}", "/jobs/{job}", "/projects/3", "/pipelines"]


@pytest.mark.parametrize(("path", "how"), [*((path, "end") for path in PAGES), ("/", "cut"), ("/jobs/{job}", "cut")])
def test_without_contact_a_page_is_grey_and_says_since_when_until_it_is_back(look, line, running, path, how):
    page = look(path.format(pipeline=running[0], job=running[1]))
    note = page.locator("#contact")
    assert not note.is_visible()
    getattr(line, how)()
    page.locator("#contact.lost").wait_for()
    assert re.match(r"No contact with the server since \d\d:\d\d\.", note.inner_text())
    assert "grayscale" in page.locator("#live").evaluate("one => getComputedStyle(one).filter")
    line.again()
    page.locator("#contact.back").wait_for()
    assert note.inner_text().startswith("In contact again")
    assert page.locator("#live").evaluate("one => getComputedStyle(one).filter") == "none"


def test_what_happened_meanwhile_is_there_when_it_is_back(look, line, bank, running):
    page = look(f"/pipelines/{running[0]}")
    page.locator(".box.s-running").wait_for()
    line.end()
    page.locator("#contact.lost").wait_for()
    bank.end(running[0], "build", State.FAILED, exit_code=1)
    line.again()
    page.locator("#contact.back").wait_for()
    page.locator(".box.s-failed").wait_for()


def test_no_contact_is_said_within_ten_seconds():
    """Whatever the machine does: by the times that script and server go by."""
    script = (files("plumbline.web") / "static" / "live.js").read_text()
    times = {name: int(value) for name, value in re.findall(r"const ([A-Z]+) = (\d+);", script)}
    assert live.BEAT * 1000 + times["TICK"] < times["QUIET"]  # a server that is there is not asked for nothing
    assert live.BEAT <= 3
    assert times["QUIET"] + 2 * times["TICK"] + times["PATIENCE"] <= 10_000


def test_whoever_is_signed_out_is_told_so_and_comes_back_here(look, bank):
    page = look("/pipelines")
    with bank.store.change() as tx:
        tx.sessions.remove_all(tx.people.named("mei").id)
    page.locator("#contact.out").wait_for()
    assert page.locator("#contact a").get_attribute("href") == "/sign-in?next=%2Fpipelines"
    add_entries(bank.server, 1)
    assert page.locator("#live").count() == 1  # the page of the door does not take its place


def test_nothing_jumps_under_the_pointer(look, bank):
    made = [bank.add_pipeline(3, {"build": "build"}, message=f"Change {number}").id for number in range(6)]
    page = look("/projects/3")
    row = page.locator(f'tr:has(a[href="/pipelines/{made[2]}"])')
    row.hover()
    at = row.bounding_box()
    newest = bank.add_pipeline(3, {"build": "build"}, message="Newest").id
    page.locator(f'a[href="/pipelines/{newest}"]').first.wait_for(state="attached")
    assert row.bounding_box()["y"] == pytest.approx(at["y"], abs=1)


def test_updates_wait_while_somebody_types_or_selects_and_come_then(look, bank, running):
    page = look(f"/pipelines/{running[0]}")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('#live h1'))")
    bank.end(running[0], "build")
    page.evaluate(
        """() => new Promise((done) => document.addEventListener('htmx:before:request', done, { once: true }))"""
    )
    assert page.locator(".box.s-running").count() == 1
    page.evaluate("getSelection().removeAllRanges()")
    page.locator(".box.s-success").wait_for()


def test_shortcuts_lead_where_their_dialog_says_but_not_while_somebody_types(look):
    page = look("/search")
    page.keyboard.press("?")
    page.locator("#shortcuts[open]").wait_for()
    assert "Go to" in page.locator("#shortcuts").inner_text()
    page.keyboard.press("Escape")
    page.fill("main input[type=search]", "")
    page.focus("main input[type=search]")
    page.keyboard.type("gp?/")
    assert page.locator("main input[type=search]").input_value() == "gp?/"
    assert page.locator("dialog[open]").count() == 0
    page.locator("main input[type=search]").blur()
    page.keyboard.type("gp")
    page.wait_for_url("**/pipelines")
    page.keyboard.press("/")
    page.locator("#palette[open]").wait_for()


def test_single_keys_can_be_switched_off(look):
    page = look("/")
    page.keyboard.press("?")
    page.uncheck("#shortcuts [data-single]")
    page.keyboard.press("Escape")
    page.keyboard.type("gp/")
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("Control+k")
    page.locator("#palette[open]").wait_for()
    assert page.url.endswith("/")


def test_the_palette_opens_what_was_typed_and_closes_at_once(look):
    page = look("/")
    page.keyboard.press("/")
    page.locator("#palette [role=option]").first.wait_for()
    page.keyboard.type("posting")
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("/")
    page.keyboard.type("posting")
    page.keyboard.press("Enter")  # before anything was found
    page.wait_for_url("**/projects/3")


def test_what_was_opened_last_stands_in_the_palette_until_its_reader_signs_out(look):
    page = look("/")
    page.keyboard.press("/")
    page.keyboard.type("posting")
    page.locator("#palette [aria-selected=true]:has-text('Posting engine')").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/3")
    page.keyboard.press("/")
    first = page.locator("#palette [role=group]").first
    first.locator("[role=option]:has-text('Posting engine')").wait_for()
    assert "Opened last" in first.inner_text()
    page.keyboard.press("Escape")
    page.evaluate("document.querySelector('form[action=\"/sign-out\"]').requestSubmit()")
    page.wait_for_url("**/sign-in**")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.includes('recent'))") == []


def test_every_shortcut_that_leads_somewhere_leads_to_a_page(bank):
    mei = bank.browser("mei")
    paths = [one.path for part in SHORTCUTS for one in part.shortcuts if one.path]
    page = mei.ask("GET", "/").text
    shown = re.findall(r'data-keys="[^"]*" data-path="([^"]*)"', page)
    assert set(shown) <= set(paths)
    assert len(shown) >= 8
    for path in shown:
        assert mei.ask("GET", path).status_code in (200, 303), path
