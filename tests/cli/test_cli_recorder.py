"""The recorder of calls, as `plumb recorder` prints it, in a suite of pytest, of unittest, and around services."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from plumbline.cli.commands.recorder import KINDS, PART, source_of
from plumbline.model.report import Calls, Contract, Operation
from plumbline.reports.interface.coverage import Standing, cover
from plumbline.reports.parser import Marks, Source
from plumbline.reports.parsers import plumbline_calls

SERVICE = """
def app(environ, start_response):
    start_response("200 OK", [])
    return [b""]

def call(app, path, **more):
    list(app({"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "secret=1", **more}, lambda *_: None))
"""

PYTEST = """
import pytest, unittest
import plumbline_recorder
from service import app, call

app = plumbline_recorder.wsgi(app)

def test_asserts():
    call(app, "/a")
    assert 1 + 1 == 2

def test_asserts_nothing():
    call(app, "/b")

def test_fails():
    call(app, "/c")
    assert 1 + 1 == 3

def test_breaks():
    call(app, "/d")
    raise ValueError

@pytest.mark.skip
def test_is_skipped():
    call(app, "/e")

@pytest.mark.parametrize("x", [1])
def test_with_parameters(x):
    call(app, "/f")
    assert x

class Old(unittest.TestCase):
    def test_old(self):
        call(app, "/g")
        self.assertEqual(1, 1)
"""

UNITTEST = """
import sys, unittest
import plumbline_recorder
from service import app, call

app = plumbline_recorder.wsgi(app)

class Suite(unittest.TestCase):
    def test_asserts(self):
        call(app, "/a")
        self.assertTrue(True)
    def test_asserts_nothing(self):
        call(app, "/b")
    def test_fails(self):
        call(app, "/c")
        self.fail("so")
    def test_skipped(self):
        self.skipTest("later")
    def test_parts(self):
        with self.subTest(1):
            call(app, "/d")
            self.assertEqual(1, 2)

unittest.TextTestRunner(resultclass=plumbline_recorder.Result).run(unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"]))
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "plumbline_recorder.py").write_text(source_of("python"))
    (tmp_path / "service.py").write_text(SERVICE)
    return tmp_path


@pytest.fixture
def recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A copy of its own, that writes to ``calls.jsonl``."""
    monkeypatch.setenv("PLUMBLINE_CALLS", str(tmp_path / "calls.jsonl"))
    (tmp_path / "plumbline_recorder.py").write_text(source_of("python"))
    found = importlib.util.spec_from_file_location("a_recorder", tmp_path / "plumbline_recorder.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def run(suite: Path, *words: str, calls: str = "calls.jsonl") -> str:
    environment = {**os.environ, "PLUMBLINE_CALLS": calls, "PYTHONPATH": str(suite)}
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=suite, env=environment, capture_output=True, text=True, check=False).stdout


def lines(suite: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (suite / "calls.jsonl").read_text().splitlines()]


def endings(suite: Path) -> dict[str, tuple[str, int | None]]:
    found = [line for line in lines(suite) if line["plumbline"] == "test"]
    return {line["test"].rpartition(":")[2].rpartition(".")[2]: (line["outcome"], line["assertions"]) for line in found}


def standings(suite: Path) -> dict[str, Standing]:
    """Through the parser and the coverage, as a server would see it."""
    data = (suite / "calls.jsonl").read_bytes()
    marks = Marks(shape="jsonl", document=[line for line in data.split(b"\n") if line])
    assert plumbline_calls.PART.marks(marks)
    report = plumbline_calls.PART.read(Source(name="x", data=data), marks)
    assert report.defects == ()  # type: ignore[union-attr]
    calls = report.content  # type: ignore[union-attr]
    assert isinstance(calls, Calls)
    declared = Contract(operations=tuple(Operation("GET", f"/{letter}") for letter in "abcdefg"), style="openapi")
    return {one.operation.name: one.standing for one in cover(declared, "sha256:0", [calls]).operations}


@pytest.mark.slow
def test_a_suite_of_pytest_that_counts_assertions(suite: Path) -> None:
    (suite / "pytest.ini").write_text("[pytest]\nenable_assertion_pass_hook = true\n")
    (suite / "test_it.py").write_text(PYTEST)
    said = run(suite, "-m", "pytest", "-p", "plumbline_recorder", "-p", "no:cacheprovider")
    assert "calls go to calls.jsonl" in said
    assert endings(suite) == {
        "test_asserts": ("passed", 1),
        "test_asserts_nothing": ("passed", 0),
        "test_fails": ("failed", 0),
        "test_breaks": ("error", 0),
        "test_is_skipped": ("skipped", 0),
        "test_with_parameters[1]": ("passed", 1),
        "test_old": ("passed", 1),
    }
    assert standings(suite) == {
        "/a": Standing.COVERED,
        "/b": Standing.NOT_ASSERTED,
        "/c": Standing.COVERED,
        "/d": Standing.UNTOLD,
        "/e": Standing.NEVER,
        "/f": Standing.COVERED,
        "/g": Standing.COVERED,
    }
    assert "secret" not in (suite / "calls.jsonl").read_text()


@pytest.mark.slow
def test_a_suite_of_pytest_whose_assertions_nobody_counts(suite: Path) -> None:
    (suite / "test_it.py").write_text(PYTEST)
    said = run(suite, "-m", "pytest", "-p", "plumbline_recorder", "-p", "no:cacheprovider")
    assert "enable_assertion_pass_hook" in said
    assert endings(suite)["test_asserts"] == ("passed", None)
    assert endings(suite)["test_old"] == ("passed", 1)
    assert standings(suite)["/a"] is Standing.UNTOLD


@pytest.mark.slow
def test_nothing_is_written_where_no_file_is_named(suite: Path) -> None:
    (suite / "test_it.py").write_text(PYTEST)
    assert "nothing is recorded" in run(suite, "-m", "pytest", "-p", "plumbline_recorder", calls="")
    assert not (suite / "calls.jsonl").exists()


@pytest.mark.slow
def test_a_suite_of_unittest(suite: Path) -> None:
    (suite / "suite.py").write_text(UNITTEST)
    run(suite, "suite.py")
    assert endings(suite) == {
        "test_asserts": ("passed", 1),
        "test_asserts_nothing": ("passed", 0),
        "test_fails": ("failed", 0),
        "test_skipped": ("skipped", 0),
        "test_parts": ("failed", 1),
    }
    assert standings(suite)["/d"] is Standing.COVERED


def test_an_asgi_service_in_another_process_is_told_by_a_header(tmp_path: Path, recorder: ModuleType) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 201})
        await send({"type": "http.response.body"})

    async def send(message: Any) -> None:
        pass

    scope = {"type": "http", "method": "POST", "path": "/a b", "headers": [(b"x-plumbline-test", b"t::x\n\x01")]}
    asyncio.run(recorder.asgi(app)(scope, None, send))
    asyncio.run(recorder.asgi(app)({**scope, "raw_path": b"/a%2Fb", "headers": []}, None, send))
    asyncio.run(recorder.asgi(app)({"type": "lifespan"}, None, send))
    assert lines(tmp_path)[1:] == [
        {"plumbline": "call", "verb": "POST", "name": "/a%20b", "status": 201, "test": "t::x"},
        {"plumbline": "call", "verb": "POST", "name": "/a%2Fb", "status": 201, "test": ""},
    ]


def test_a_test_says_with_its_requests_who_it_is(recorder: ModuleType) -> None:
    assert recorder.headers() == {}
    recorder.begin("t", counted=True)
    assert recorder.headers() == {"X-Plumbline-Test": "t"}
    recorder.end("passed")
    assert recorder.headers() == {}


def test_a_file_that_cannot_be_written_stops_no_service(
    tmp_path: Path, recorder: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLUMBLINE_CALLS", str(tmp_path / "no" / "folder"))
    recorder.note("GET", "/a")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_printed_as_it_is_shipped(kind: str) -> None:
    done = CliRunner().invoke(PART, [kind])
    assert (done.exit_code, done.output) == (0, source_of(kind))


def test_an_older_servlet_interface_has_another_name() -> None:
    assert "import javax.servlet.Filter;" in source_of("javax")
    assert "jakarta" not in source_of("javax")


def test_older_pythons_read_it() -> None:
    import ast

    ast.parse(source_of("python"), feature_version=(3, 8))
