"""What report files say: in a run on a laptop, by themselves, and added to a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from conftest import Plumb

pytestmark = pytest.mark.slow

JUNIT = """<testsuite name="pytest"><testcase classname="tests.test_a" name="good" time="0.1"/>
<testcase classname="tests.test_a" name="bad" time="0.2"><failure message="no">x</failure></testcase></testsuite>"""
RUN = """
test:
  script: ["cp report.txt junit.xml", "false"]
  artifacts: {when: always, reports: {junit: junit.xml}}
"""


@pytest.fixture
def home(plumb: Callable[[str], Plumb]) -> Plumb:
    made = plumb(RUN)
    (made.folder / "report.txt").write_text(JUNIT)
    return made


def test_a_run_ends_with_what_its_reports_say(home: Plumb) -> None:
    done = home("run", "--isolation", "none")
    assert done.returncode == 1
    assert "test: tests: 2, 1 failed (test_a.bad)" in done.stdout or "tests: 2, 1 failed" in done.stdout
    chinese = home("run", "--isolation", "none", LANG="zh_CN.UTF-8")
    assert chinese.returncode == 1


@pytest.mark.parametrize(
    ("text", "arguments", "status", "said"),
    [
        (JUNIT, (), 0, "1 failed"),
        (JUNIT, ("--kind", "junit"), 0, "report.txt: junit"),
        (JUNIT, ("--kind", "sarif"), 2, "could not be read"),
        ("nothing", (), 2, "could not be read"),
        ("", (), 2, "could not be read"),
        ("[]", ("--kind", "gitleaks"), 2, "could not be read"),
    ],
)
def test_a_file_says_what_it_is(home: Plumb, text: str, arguments: tuple[str, ...], status: int, said: str) -> None:
    (home.folder / "report.txt").write_text(text)
    done = home("report", "show", "report.txt", *arguments)
    assert (done.returncode, said in done.stdout + done.stderr) == (status, True), done
    assert "Traceback" not in done.stderr


def test_a_file_is_shown_as_json(home: Plumb) -> None:
    done = home("report", "show", "report.txt", "--json")
    found: dict[str, Any] = msgspec.json.decode(done.stdout)
    assert [one["name"] for one in found["content"]["cases"]] == ["good", "bad"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--pipeline", "1", "--project", "2"), "Name a pipeline, or a project"),
        (("--project", "2"), "needs --commit"),
        (("--pipeline", "1"), "PLUMBLINE_TOKEN"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_sent(home: Plumb, arguments: tuple[str, ...], said: str) -> None:
    done = home("report", "add", "report.txt", "--kind", "junit", "--server", "http://127.0.0.1:9", *arguments)
    assert done.returncode == 2
    assert said in done.stdout + done.stderr


def test_a_server_that_is_not_there_is_told(home: Plumb) -> None:
    where = ("--kind", "junit", "--server", "http://127.0.0.1:9", "--pipeline", "1")
    done = home("report", "add", "report.txt", *where, PLUMBLINE_TOKEN="x")
    assert done.returncode == 3
    assert "does not answer: Connection refused" in done.stderr
