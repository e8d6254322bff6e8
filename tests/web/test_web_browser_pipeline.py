"""The graph of a pipeline and the question before production, in a real browser."""

from __future__ import annotations

import re

import pytest
from web_server import serving

from plumbline.model.job import State
from plumbline.model.pipeline import Environment, When

pytestmark = pytest.mark.slow

LONG = [f"integration-tests-of-the-posting-engine-with-{name}-and-everything-else" for name in ("oracle", "postgres")]
NAMES = [
    "验证" * 60 + "一",
    "验证" * 60 + "二",
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWW",
    "lllllllllllllllllllllllllllllllllllll",
    *LONG,
]
WIDE = {f"step {stage}": f"stage {stage}" for stage in range(12)}


def matrix(count=6):
    return {f"build {n}/{count}": ("build", None, {"group": "build"}) for n in range(1, count + 1)}


def test_what_stands_outside_is_counted_and_one_press_leads_there(bank, visit):
    made = bank.add_pipeline(3, WIDE)
    page = visit(at=f"/pipelines/{made.id}")
    right, left = page.locator(".more.right"), page.locator(".more.left")
    right.wait_for()
    outside = page.evaluate(
        "() => { const edge = document.querySelector('.graph').getBoundingClientRect().right;"
        " const middle = (at) => at.left + at.width / 2;"
        " const boxes = [...document.querySelectorAll('.graph .box')];"
        " return boxes.filter((box) => middle(box.getBoundingClientRect()) > edge).length; }"
    )
    assert outside > 3
    assert right.inner_text() == f"{outside} more to the right"
    assert not left.is_visible()
    right.click()
    left.wait_for()
    page.locator(".graph").evaluate("view => view.scrollTo(view.scrollWidth, 0)")
    right.wait_for(state="hidden")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_small_pipeline_fits_and_nothing_is_said_of_more(bank, visit):
    made = bank.add_pipeline(3, dict.fromkeys(("a", "b", "c"), "one") | {"d": "two", "e": "three", "f": "four"})
    page = visit(at=f"/pipelines/{made.id}")
    page.locator(".more").first.wait_for(state="attached")
    assert page.locator(".more:visible").count() == 0


def test_names_stay_inside_their_boxes_and_the_whole_name_is_told(bank, visit):
    made = bank.add_pipeline(3, dict.fromkeys(NAMES, "one"))
    page = visit(at=f"/pipelines/{made.id}")
    boxes = page.evaluate(
        "() => [...document.querySelectorAll('.graph .box')].map((box) => ({ over: ['text', 'rect']"
        " .map((part) => box.querySelector(part).getBoundingClientRect().right).reduce((one, other) => one - other),"
        " label: box.querySelector('text').textContent, told: box.querySelector('title').textContent }))"
    )
    assert [box["label"] for box in boxes if box["over"] > -2] == []
    assert len({box["label"] for box in boxes}) == len(NAMES)
    assert all(any(box["told"].startswith(name) for box in boxes) for name in NAMES)
    assert page.get_by_role("link", name=re.compile(re.escape(LONG[0]))).count() == 2  # in the graph and in the list


def test_a_group_opens_by_keyboard_and_stays_open_when_something_changes(bank, visit):
    made = bank.add_pipeline(3, matrix() | {"test": "test"})
    page = visit(at=f"/pipelines/{made.id}")
    assert page.locator(".graph .box").count() == 2
    group = page.get_by_role("link", name=re.compile("build, 6 jobs"))
    group.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/pipelines/*?open=g0")
    assert page.locator(".graph .box").count() == 8
    bank.end(made.id, "build 3/6", State.FAILED)
    page.locator(".graph .box.s-failed", has_text="build 3/6").wait_for()
    assert page.locator(".graph .box").count() == 8
    page.get_by_role("link", name=re.compile("build, 6 jobs")).press("Enter")
    page.wait_for_url(f"**/pipelines/{made.id}")
    assert page.locator(".graph .box").count() == 2


def test_it_is_read_and_unfolded_without_a_script(bank, chromium):
    made = bank.add_pipeline(3, matrix() | {"test": ("test", ("build 1/6",))})
    with serving(bank.server) as url:
        context = chromium.new_context(base_url=url, locale="en-GB", java_script_enabled=False)
        cookies = bank.browser("mei").cookies
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
        page = context.new_page()
        page.goto(f"/pipelines/{made.id}")
        page.get_by_role("link", name="Dependencies").click()
        page.get_by_role("link", name=re.compile("build, 6 jobs")).click()
        assert page.url.endswith(f"/pipelines/{made.id}?view=needs&open=g0")
        assert page.locator(".graph .box").count() == 8
        assert page.locator(".graph .edge").count() == 1
        context.close()


def test_dependencies_keep_the_order_of_stages(bank, visit):
    jobs = {"build": ("build", ()), "lint": ("test", ()), "unit": ("test", ("build",)), "ship": ("deploy", ())}
    made = bank.add_pipeline(3, jobs)
    page = visit(at=f"/pipelines/{made.id}?view=needs")
    at = {
        name: page.locator(".graph").get_by_role("link", name=re.compile(f"^{name}:")).bounding_box()["x"]
        for name in jobs
    }
    assert at["build"] < at["lint"] == at["unit"] < at["ship"]
    assert page.locator(".graph .stage").all_text_contents() == ["build", "test", "deploy"]


def test_production_is_asked_about_and_the_answer_plays(bank, visit):
    given = {"environment": Environment(name="production", tier="production"), "when": When.MANUAL}
    made = bank.add_pipeline(3, {"deploy": ("deploy", None, given)})
    page = visit(at=f"/pipelines/{made.id}")
    page.get_by_role("button", name="Play").click()
    page.get_by_role("heading", name="This reaches production").wait_for()
    assert bank.current(made.id)["deploy"].state is State.MANUAL
    page.get_by_role("link", name="Do nothing").click()
    page.wait_for_url("**/jobs/*")
    page.get_by_role("button", name="Play").click()
    page.get_by_role("heading", name="This reaches production").wait_for()
    page.get_by_role("button", name="Play").click()
    page.wait_for_url("**/jobs/*")
    page.get_by_text("Played by 林梅").wait_for()
    assert bank.current(made.id)["deploy"].state is State.PENDING


def test_five_hundred_jobs_are_drawn_when_they_are_asked_for(bank, visit):
    made = bank.add_pipeline(3, {f"job {n}": f"stage {n % 5}" for n in range(500)})
    page = visit(at=f"/pipelines/{made.id}")
    assert page.locator(".graph .box").count() == 125
    page.get_by_role("link", name="76 more").first.press("Enter")
    page.wait_for_url("**?open=s*")
    assert page.locator(".graph .box").count() == 125 + 75
    page.goto(f"/pipelines/{made.id}?open=all")
    assert page.locator(".graph .box").count() == 500
