"""The look through what a job left: near the top and where tools write, fresh files alone, no links, and briefly."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from plumbline.adapters.jobs import left_files
from plumbline.adapters.jobs.left_files import find_reports, now_at
from plumbline.model.pipeline import Artifacts, Report

JUNIT = b'<testsuite tests="1"><testcase name="x" classname="C"/></testsuite>'


def write(root: Path, *paths: str, age: float = 0) -> None:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(JUNIT)
        os.utime(file, (time.time() - age,) * 2)


def found(root: Path, **asked: object) -> list[str]:
    artifacts = Artifacts(**asked) if asked else None  # type: ignore[arg-type]
    return sorted(one.path for one in find_reports(str(root), artifacts, time.time() - 60))


def test_modules_of_a_build_and_the_folders_that_tools_write_into(tmp_path: Path) -> None:
    there = [
        "junit.xml",
        "target/surefire-reports/TEST-a.xml",
        "ledger/target/surefire-reports/TEST-b.xml",
        "services/quotes/target/surefire-reports/TEST-c.xml",
        "web/build/test-results/test/TEST-d.xml",
    ]
    write(tmp_path, *there, "node_modules/x/junit.xml", "a/b/c/d/junit.xml", ".git/junit.xml", "target/x/notes.xml")
    assert found(tmp_path) == sorted(there)


def test_what_was_there_before_the_job_is_not_its_work(tmp_path: Path) -> None:
    write(tmp_path, "tests/junit.xml", age=3600)
    assert found(tmp_path) == []
    assert found(tmp_path, paths=("tests/",)) == ["tests/junit.xml"]


def test_artifacts_are_looked_through_wherever_they_are(tmp_path: Path) -> None:
    write(tmp_path, "a/b/c/d/e/result.xml", "a/b/c/other.xml")
    assert found(tmp_path, paths=("a/b/c/d/",)) == ["a/b/c/d/e/result.xml"]


def test_what_is_asked_for_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, "junit.xml", "junit-2.xml")
    assert found(tmp_path, reports=(Report("junit", ("junit.xml",)),)) == ["junit-2.xml"]


@pytest.mark.parametrize("paths", [("../",), ("/etc",), ("{",), ("a/../../x",), ("",)])
def test_paths_that_lead_out_lead_nowhere(tmp_path: Path, paths: tuple[str, ...]) -> None:
    root = tmp_path / "root"
    write(tmp_path, "outside/junit.xml", "root/junit.xml")
    assert found(root, paths=paths) == ["junit.xml"]


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "outside/junit.xml", "root/readme.xml")
    root = tmp_path / "root"
    (root / "junit.xml").symlink_to(tmp_path / "outside" / "junit.xml")
    (root / "target").symlink_to(tmp_path / "outside")
    os.mkfifo(root / "junit-1.xml")
    assert found(root) == []


def test_a_look_ends_where_there_is_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_files, "MOST_ENTRIES", 10)
    write(tmp_path, *(f"x{number}.txt" for number in range(50)))
    assert found(tmp_path) == []


def test_what_the_repository_a_cache_or_another_job_brought_is_old_whatever_its_time_says(tmp_path: Path) -> None:
    """A scan that somebody checked in, with a time to come, is no scan of this job."""
    write(tmp_path, "clean/junit.xml", "junit.xml", age=-3600)
    since = now_at(str(tmp_path))
    assert find_reports(str(tmp_path), None, since) == []
    (kept,) = find_reports(str(tmp_path), Artifacts(paths=("clean/",)), since)
    assert kept.old
    time.sleep(0.02)
    (tmp_path / "junit.xml").write_bytes(JUNIT)
    (made,) = find_reports(str(tmp_path), None, since)
    assert not made.old
