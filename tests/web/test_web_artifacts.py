"""What a job left: how much, until when, and who may keep it."""

from __future__ import annotations

import math

import pytest

from plumbline.model.job import KeptFile
from plumbline.model.keeping import Hold
from plumbline.model.pipeline import Artifacts

pytestmark = pytest.mark.slow

HOUR = 3600 * 1_000_000
FILES = (
    KeptFile(kind="archive", name="artifacts.zip", files=3, size=2048),
    KeptFile(kind="junit", name="reports/junit/a.xml", files=1, size=1024),
)


class Clock:
    """Stands still between two turns."""

    now = 500_000 * HOUR

    def __call__(self):
        return self.now

    def turn(self, hours):
        self.now += int(hours * HOUR)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def page(clock, bank):
    """``page(expires in, gone, kept, hold)``: what the page of a job says then; ``who`` looks. In hours from now on;
    without ``expires`` never."""

    def shown(expires=math.inf, *, gone=0, kept=False, hold=Hold.NONE, who="mei", files=FILES):
        lasts = max(expires, 1)
        build = ("build", None, {"artifacts": Artifacts(paths=("*",), expire_in=lasts * 3600)})
        more = {"deploy": "deploy"} if hold is Hold.UNFINISHED else {}
        pipeline = bank.add_pipeline(3, {"build": build, **more})
        bank.end(pipeline.id, "build", kept=files)
        job = bank.current(pipeline.id)["build"].id
        for file in files:
            bank.keep_file(job, file.name, file.name.encode())
        if hold is Hold.NONE:
            bank.end(bank.add_pipeline(3, {"build": "build"}).id, "build")
        clock.turn(lasts - expires + gone if expires < math.inf else 0)
        if gone:
            assert list(bank.server.make_room())
        clock.turn(-gone)
        if kept:
            bank.browser("mei").post(f"/jobs/{job}/artifacts/keep")
        return bank.browser(who), f"/jobs/{job}"

    return shown


@pytest.mark.parametrize(
    ("state", "says", "button"),
    [
        ({"expires": 73}, "expire in 3 d", "Keep"),
        ({"expires": 5.5}, "expire in 5 h", "Keep"),
        ({"expires": 0.49}, "expire in 29 min", "Keep"),
        ({"expires": 0.01}, "expire in less than a minute", "Keep"),
        ({"expires": -2}, "expired 2 h ago; removed soon", "Keep"),
        ({"expires": 73, "hold": Hold.LATEST}, "kept for longer while they are the latest of main", "Keep"),
        ({"expires": -2, "hold": Hold.LATEST}, "expired 2 h ago; kept as the latest of main", "Keep"),
        ({"expires": -2, "hold": Hold.UNFINISHED}, "expired 2 h ago; kept until the pipeline has ended", "Keep"),
        ({"expires": 73, "kept": True}, "kept for ever", "Let them expire"),
        ({}, "kept for ever", ""),
        ({"expires": -100, "gone": -72}, "expired and removed 3 d ago", ""),
    ],
)
def test_a_job_says_what_becomes_of_what_it_left(page, state, says, button):
    browser, place = page(**state)
    text = browser.ask("GET", place).text
    assert says in text
    assert "4 files, 3.0 KiB" in text
    buttons = [title for title in ("Keep", "Let them expire") if f">{title}</button>" in text]
    assert buttons == ([button] if button else [])


def test_keeping_them_and_letting_them_go(page):
    browser, place = page(73)
    assert browser.post(f"{place}/artifacts/keep").status_code == 303
    assert "kept for ever" in browser.ask("GET", place).text
    assert browser.post(f"{place}/artifacts/let-go").status_code == 303
    assert "expire in 3 d" in browser.ask("GET", place).text


def test_who_may_not_run_jobs_again_has_no_button(page):
    browser, place = page(73, who="omar")
    text = browser.ask("GET", place).text
    assert "expire in 3 d" in text
    assert ">Keep</button>" not in text
    assert browser.post(f"{place}/artifacts/keep").status_code == 403


def test_a_job_that_left_nothing_says_nothing_of_it(page):
    browser, place = page(73, files=())
    assert "facts kept" not in browser.ask("GET", place).text


def test_files_are_fetched_from_the_page_by_who_may(page):
    browser, path = page(expires=5)
    text = browser.ask("GET", path).text
    for name in ("artifacts.zip", "reports/junit/a.xml"):
        assert f'href="{path}/artifacts/file?name={name}"' in text
        answer = browser.ask("GET", f"{path}/artifacts/file?name={name}")
        assert (answer.status_code, answer.text) == (200, name)
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''job-")
        assert answer.headers["content-type"] == "application/octet-stream"
    browser, path = page(expires=-2, gone=-1)
    assert "/artifacts/file" not in browser.ask("GET", path).text
    browser, path = page(expires=5, who="omar")
    assert "/artifacts/file" not in browser.ask("GET", path).text
    assert browser.ask("GET", f"{path}/artifacts/file?name=artifacts.zip").status_code == 403
