"""A report of 20,000 test cases: how long a job's end waits for it, and how soon its page is there."""

from __future__ import annotations

import statistics
import time
import urllib.request
from typing import TYPE_CHECKING

from bench.measure import CommandError, Figure, within
from bench.repositories import repository
from bench.server import Caller, up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CASES, REPORTS, ROUNDS, MOST = 20_000, 3, 9, 300  # ms
_JOBS = """with: {script: ['true'], artifacts: {reports: {junit: junit.xml}, when: always}}
without: {script: ['true'], artifacts: {paths: [junit.xml]}}
"""


def stored_and_shown(scratch: Path) -> Iterator[Figure]:
    """The same files are kept by a second job as what they are, so that the difference is the reading and storing."""
    folder = repository(scratch / "tested", {".gitlab-ci.yml": _JOBS, "junit.xml": _junit()})
    with up(scratch, "--isolation", "none", "--runners", "1") as (url, link):
        caller = Caller(url)
        caller.ask("POST", "/setup", {"link": link, "name": "ada", "password": "quiet harbour morning"})
        caller.csrf = str(caller.ask("GET", "/me")["csrf"])
        bank = caller.ask("POST", "/nodes", {"kind": "organisation", "name": "bank"})
        project = caller.ask("POST", "/nodes", {"kind": "project", "name": "core", "parent": bank["id"]})["id"]
        caller.ask("PUT", f"/projects/{project}/repository", {"kind": "git", "url": str(folder)})
        waited = []
        for _ in range(REPORTS):
            pipeline = int(caller.ask("POST", f"/projects/{project}/pipelines", {})["id"])
            took = _ended(caller, pipeline)
            waited.append((took["with"] - took["without"]) / 1e6)
        note = f"{CASES:,} cases; of {REPORTS} pipelines: {', '.join(f'{one:.2f}' for one in waited)} s"
        yield Figure("report stored", "s", statistics.median(waited), note=note)
        times = [_asked(f"{url}/pipelines/{pipeline}/tests", caller.cookie) for _ in range(ROUNDS + 1)][1:]
        note = f"{CASES:,} cases, median of {ROUNDS}, slowest {max(times):.0f} ms"
        yield within("page of its tests", "ms", statistics.median(times), MOST, note)


def _junit() -> str:
    cases = []
    for number in range(CASES):
        case = f'<testcase classname="tests.unit.test_module_{number // 50}.TestIt" name="test_{number}" time="0.01"'
        failed = f'><failure message="{"boom " * 20}">{"at line 1 " * 40}</failure></testcase>'
        cases.append(case + ("/>" if number % 200 else failed))
    return f'<testsuite name="pytest" tests="{CASES}">{"".join(cases)}</testsuite>'


def _ended(caller: Caller, pipeline: int) -> dict[str, int]:
    """Microseconds that each job took from its start to its end."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        detail = caller.detail(pipeline)
        if detail["pipeline"]["state"] in ("success", "failed"):
            return {job["name"]: job["finished"] - job["started"] for job in detail["jobs"]}
        time.sleep(0.1)
    raise CommandError("the pipeline does not end")


def _asked(address: str, cookie: str) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Cookie": cookie}), timeout=60) as answer:
        answer.read()
    return (time.perf_counter() - began) * 1e3
