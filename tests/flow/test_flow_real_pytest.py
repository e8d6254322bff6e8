"""A job that runs a real pytest and measures what it reaches: read by the server, on both databases, and by a run."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import commit, make_repository
from tests.crash.world import World

from plumbline.adapters.store import StoreSettings, open_store
from postgres_server import postgres_server

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

PAY = """\
def fee(amount):
    if amount < 0:
        raise ValueError(amount)
    if amount > 1000:
        return 10
    return 1
"""
TESTS = """\
import pytest
from pay import fee

@pytest.mark.parametrize("amount", [1, 1000])
def test_small(amount):
    assert fee(amount) == 1

def test_large():
    assert fee(2000) == 10

@pytest.mark.skip(reason="nobody pays less than nothing")
def test_negative():
    fee(-1)
"""
# Six lines can be reached; of them one is not: the refusal.
CONFTEST = """\
import sys
import pytest

REACHED = set()

def trace(frame, event, _):
    if not frame.f_code.co_filename.endswith("pay.py"):
        return None
    REACHED.add(frame.f_lineno)
    return trace

sys.settrace(trace)

@pytest.fixture(autouse=True, scope="session")
def layer(record_testsuite_property):
    record_testsuite_property("layer", "unit")

def pytest_sessionfinish():
    lines = "".join(f'<line number="{one}" hits="{int(one in REACHED)}"/>' for one in range(1, 7))
    with open("coverage.xml", "w") as file:
        file.write('<coverage version="1"><sources><source>.</source></sources><packages><package name="pay"><classes>'
                   f'<class name="pay.py" filename="pay.py"><lines>{lines}</lines></class>'
                   "</classes></package></packages></coverage>")
"""
CONFIGURATION = f"""
test:
  script: ["{sys.executable} -m pytest -q -p no:cacheprovider -p no:hypothesispytest --junitxml=report.xml"]
  artifacts:
    when: always
    reports:
      junit: report.xml
      coverage_report: {{coverage_format: cobertura, path: coverage.xml}}
"""
FILES = {".gitlab-ci.yml": CONFIGURATION, "pay.py": PAY, "test_pay.py": TESTS, "conftest.py": CONFTEST}


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        address = stack.enter_context(postgres_server()).database() if request.param == "postgresql" else ""
        (tmp_path / "data").mkdir()
        open_store(StoreSettings(data=str(tmp_path / "data"), address=address, upgrade=True)).close()
        made = World(tmp_path / "data", address)
        stack.callback(made.close)
        yield made


def finish(world: World, project: int) -> int:
    pipeline = world.start(project).id
    runner = world.runner()
    thread = threading.Thread(target=runner.run)
    thread.start()
    until = time.monotonic() + 120
    while not world.pipeline(pipeline).finished and time.monotonic() < until:
        time.sleep(0.05)
    runner.stop()
    thread.join(60)
    assert world.pipeline(pipeline).finished, world.complaints
    return pipeline


def seen(world: World, pipeline: int) -> tuple[Any, dict[str, str], dict[str, Any]]:
    """The run, the messages of what did not pass, and the measures by name."""
    with world.store.view() as tx:
        reports = {one.holds: one for one in tx.reports.of_pipelines([pipeline])}
        (run,) = tx.tests.runs([reports["tests"].id])
        words = tx.tests.results(reports["tests"].id)
        names = tx.tests.names([one.case for one in words.values()])
    measured = {
        body["subject"]["content"]["measure"]: body["subject"]["content"]
        for entry in world.store.ledger.read()
        if "-measurement.recorded." in entry.type
        for body in [msgspec.json.decode(entry.body)]
    }
    return run, {names[one.case].title: one.message for one in words.values()}, measured


def test_what_pytest_found_is_on_record_and_what_mends_it(world: World, tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "repository", {**FILES, "pay.py": PAY.replace("return 10", "return 9")})
    project = world.add_project(folder)
    run, words, measured = seen(world, finish(world, project))
    assert (run.total, run.passed, run.failed, run.skipped, run.errors) == (4, 2, 1, 1, 0)
    assert [message for name, message in words.items() if "test_large" in name] == [
        "assert 9 == 10\n +  where 9 = fee(2000)"
    ]
    coverage = measured["line-coverage"]
    assert (coverage["numerator"], coverage["denominator"]) == (5, 6)
    commit(folder, {"pay.py": PAY}, "Take ten of those who pay much")
    run, words, _ = seen(world, finish(world, project))
    assert (run.total, run.passed, run.failed, run.skipped) == (4, 3, 0, 1)
    types = [
        msgspec.json.decode(entry.body)["customData"]["types"]
        for entry in world.store.ledger.read()
        if ".testsuiterun.finished." in entry.type
    ]
    assert types == [{"unit": 3}, {"unit": 3}]


def test_a_run_on_a_laptop_says_what_pytest_found(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "repository", FILES)
    done = subprocess.run(
        [sys.executable, "-m", "plumbline", "--language", "en", "run", "--isolation", "none"],
        cwd=folder, env={**os.environ}, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "tests: 4, 1 skipped" in said
    assert "83.3" in said
