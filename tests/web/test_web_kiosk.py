"""The wall on a screen that nobody scrolls: every project is seen, at once or on a page that turns by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from web_server import add_entries

from plumbline.model.job import State
from plumbline.model.tree import NodeKind

pytestmark = pytest.mark.slow

SCREEN = {"width": 1920, "height": 1080}
SEEN = """() => [...document.querySelectorAll('.walls .tile')].filter((tile) => {
    const { left, right, top, bottom } = tile.getBoundingClientRect();
    return left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight;
}).map((tile) => tile.title)"""
SWAPPED = """() => {
    const swapped = { count: 0 };
    document.addEventListener('htmx:after:swap', () => { swapped.count += 1; });
    return swapped;
}"""
SIZE = "() => Number.parseFloat(getComputedStyle(document.querySelector('.walls .tile strong')).fontSize)"


@pytest.fixture
def grow(bank):
    """``grow(count)``: so many projects in all, some thirty below a product line; some have failed."""

    def grown(count):
        wanted = []
        for number in range(count - 1):
            line = f"bank/line{number // 30}"
            if number % 30 == 0:
                wanted.append(("product_line", line, f"Product line {number // 30}"))
            wanted.append(("project", f"{line}/service{number}", f"Service {number}"))
        projects = [node for node in bank.nodes(*wanted) if node.kind is NodeKind.PROJECT]
        for project in projects[7::40]:
            bank.end(bank.add_pipeline(project.id, {"build": "build"}).id, "build", State.FAILED, exit_code=1)

    return grown


@pytest.fixture
def kiosk(visit):
    """``kiosk(size)`` is the wall on a screen whose clock stands still: time passes in steps of the test."""

    def opened(size=SCREEN):
        page = visit(at="")
        page.emulate_media(reduced_motion="reduce")
        page.set_viewport_size(size)
        page.clock.install()
        page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
        page.goto("/estate?kiosk=1")
        page.wait_for_function("() => document.body.style.length || innerWidth < 700")
        return page

    return opened


@pytest.mark.parametrize(("count", "letters"), [(30, 20), (60, 20), (250, 12)])
def test_all_are_seen_at_once_as_large_as_can_be(kiosk, grow, count, letters):
    grow(count)
    page = kiosk()
    assert len(page.evaluate(SEEN)) == count
    assert page.evaluate(SIZE) >= letters
    assert not page.locator("#turning").is_visible()
    assert page.evaluate("document.documentElement.scrollHeight") == SCREEN["height"]


def test_what_does_not_fit_is_on_further_pages_that_turn_by_themselves(kiosk, grow, bank):
    grow(500)
    page = kiosk()
    page.locator("#turning").wait_for()
    assert page.evaluate(SIZE) >= 12
    shown = page.locator("#turning output")
    pages = int(shown.inner_text().removeprefix("page 1 of "))
    assert 2 <= pages <= 4
    seen = set(page.evaluate(SEEN))
    for number in range(2, pages + 1):
        page.clock.run_for(12_000)
        assert shown.inner_text() == f"page {number} of {pages}"
        last = page.evaluate(SEEN)
        seen |= set(last)
    assert len(seen) == 500
    page.get_by_role("button", name="Hold").click()
    swapped = page.evaluate_handle(SWAPPED)
    add_entries(bank.server, 1)  # the wall is looked at once more, and stays where it was
    with page.expect_response("**/estate?kiosk=1"):
        page.clock.run_for(70_000)
    page.wait_for_function("swapped => swapped.count", arg=swapped)
    assert shown.inner_text() == f"page {pages} of {pages}"
    assert page.evaluate(SEEN) == last
    page.get_by_role("button", name="Hold").click()
    page.clock.run_for(12_000)
    assert shown.inner_text() == f"page 1 of {pages}"
    page.get_by_role("button", name="Page before").click()
    assert page.evaluate(SEEN) == last


def test_a_tile_that_is_reached_with_the_keyboard_is_seen_and_stays(kiosk, grow):
    grow(500)
    page = kiosk()
    page.locator("#turning").wait_for()
    last = page.locator(".walls .tile").last
    last.focus()
    assert last.get_attribute("title") in page.evaluate(SEEN)
    page.clock.run_for(30_000)
    assert last.get_attribute("title") in page.evaluate(SEEN)


def test_a_small_screen_is_scrolled(kiosk, grow):
    grow(120)
    page = kiosk({"width": 390, "height": 844})
    assert not page.locator("#turning").is_visible()
    page.locator(".walls .tile").last.scroll_into_view_if_needed()
    assert page.locator(".walls .tile").last.get_attribute("title") in page.evaluate(SEEN)
