"""What a job left: how much, until when, and who may keep it."""

from __future__ import annotations

import msgspec
import pytest
from web_simulators import Browser

from plumbline.flow.pipelines.artifacts import ArtifactsNow
from plumbline.model.job import JobResult, KeptFile, State
from plumbline.model.keeping import Hold, KeptArtifacts

HOUR = 3600 * 1_000_000
FILES = (
    KeptFile(kind="archive", name="artifacts.zip", files=3, size=2048),
    KeptFile(kind="junit", name="reports/junit/a.xml", files=1, size=1024),
)


@pytest.fixture
def page(desk):
    """``page(expires in, gone, kept_by, hold)``: what the page of a job says then; ``who`` looks."""
    pipeline = desk.add_pipeline(3, {"build": "build"})
    job = next(one for one in desk.all_jobs.values() if one.pipeline == pipeline.id)
    desk.all_jobs[job.id] = msgspec.structs.replace(
        job, state=State.SUCCESS, result=JobResult(state=State.SUCCESS, kept=FILES)
    )

    def shown(expires=0, *, gone=0, kept_by=0, hold=Hold.NONE, who="mei"):
        now = desk.clock()
        kept = KeptArtifacts(
            job=job.id,
            project=3,
            pipeline=pipeline.id,
            size=3072,
            ended=now,
            expires=now + int(expires * HOUR),
            gone=now + gone * HOUR if gone else 0,
            kept_by=kept_by,
        )
        desk.left[job.id] = ArtifactsNow(kept, kept.expires if expires else 0, hold)
        browser = Browser(desk)
        browser.sign_in(who)
        return browser, f"/jobs/{job.id}"

    return shown


@pytest.mark.parametrize(
    ("state", "says", "button"),
    [
        ({"expires": 73}, "expire in 3 d", "Keep"),
        ({"expires": 5.5}, "expire in 5 h", "Keep"),
        ({"expires": 0.5}, "expire in 29 min", "Keep"),
        ({"expires": 0.01}, "expire in less than a minute", "Keep"),
        ({"expires": -2}, "expired 2 h ago; removed soon", "Keep"),
        ({"expires": 73, "hold": Hold.LATEST}, "kept for longer while they are the latest of main", "Keep"),
        ({"expires": -2, "hold": Hold.LATEST}, "expired 2 h ago; kept as the latest of main", "Keep"),
        ({"expires": -2, "hold": Hold.UNFINISHED}, "expired 2 h ago; kept until the pipeline has ended", "Keep"),
        ({"kept_by": 1}, "kept for ever", "Let them expire"),
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


def test_a_job_that_left_nothing_says_nothing_of_it(desk, page):
    browser, place = page(73)
    desk.left.clear()
    assert "Artifacts" not in browser.ask("GET", place).text


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
