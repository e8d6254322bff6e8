"""Records which operations of a service its tests call. One file, no dependencies, Python 3.8 or newer: copy it.

    service:    app = plumbline_recorder.asgi(app)        or  .wsgi(app), or call .note("GET", "/accounts/42", 200)
    pytest:     pytest -p plumbline_recorder              with  enable_assertion_pass_hook = true  in its settings
    unittest:   TextTestRunner(resultclass=plumbline_recorder.Result)
    variable:   PLUMBLINE_CALLS=plumbline-calls.jsonl     the file that lines are added to; without it nothing happens

Each call is a line with verb, path (never its query), status and test; each test that ended is a line with its outcome
and how many assertions were evaluated in it. That an assertion was about the answer of a call is nothing that anybody
can tell from outside; that there was none is. Where they cannot be counted, null is written, and it counts as not told.

Tests in the process of the service are known by themselves. Those in another send the header X-Plumbline-Test, which
`headers()` gives.
"""

from __future__ import annotations

import json
import os
import threading
import unittest
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

VERSION = "1"
VARIABLE = "PLUMBLINE_CALLS"
HEADER = "X-Plumbline-Test"
LONGEST = 1000  # characters of a test's name


class _State:
    """Of this process: the test that runs, its assertions (None: nobody counts them), and the file."""

    test = ""
    assertions: int | None = None
    handle = -1
    path = ""
    lock = threading.Lock()


def note(verb: str, name: str, status: int = 0, test: str = "") -> None:
    """One call of an operation: ``GET`` and a path, ``query`` and a field, ``send`` and a channel, or no verb and
    ``package.Service/Method``."""
    _write({"plumbline": "call", "verb": verb, "name": name, "status": status, "test": _clean(test) or _State.test})


def headers() -> dict[str, str]:
    """What a test sends with its requests, so that a service in another process knows whose they are."""
    return {HEADER: _State.test} if _State.test else {}


def asserted(count: int = 1) -> None:
    """For libraries of assertions that nobody counts otherwise: they held something."""
    _State.assertions = (_State.assertions or 0) + count


def begin(test: str, *, counted: bool) -> None:
    """A test begins. ``counted``: whoever calls this counts assertions."""
    _State.test, _State.assertions = _clean(test), 0 if counted else None


def end(outcome: str) -> None:
    """It ended: passed, failed (an assertion did not hold), error or skipped."""
    if _State.test:
        found = {"test": _State.test, "outcome": outcome, "assertions": _State.assertions}
        _write(dict({"plumbline": "test"}, **found))
    _State.test, _State.assertions = "", None


# Services


def asgi(app: Any) -> Any:
    """An ASGI application that also records its HTTP requests."""

    async def recorded(scope: Any, receive: Any, send: Any) -> None:
        if scope.get("type") != "http":
            await app(scope, receive, send)
            return

        async def sending(message: Any) -> None:
            if message.get("type") == "http.response.start":
                path = scope.get("raw_path") or quote(scope.get("path", "")).encode()
                given = dict(scope.get("headers") or ()).get(HEADER.lower().encode(), b"")
                note(scope.get("method", ""), path.decode("latin-1"), message.get("status", 0), given.decode("latin-1"))
            await send(message)

        await app(scope, receive, sending)

    return recorded


def wsgi(app: Any) -> Any:
    """A WSGI application that also records its requests."""

    def recorded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def starting(status: str, fields: Any, *more: Any) -> Any:
            path = quote((environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1", "replace"))
            number = int(status[:3]) if status[:3].isdigit() else 0
            given = environ.get("HTTP_" + HEADER.upper().replace("-", "_"), "")
            note(environ.get("REQUEST_METHOD", ""), path, number, given)
            return start_response(status, fields, *more)

        found: Iterable[bytes] = app(environ, starting)
        return found

    return recorded


# pytest: every function below is one of its hooks, and none imports it


class _Plugin:
    counted = False
    outcome = "error"


def pytest_configure(config: Any) -> None:
    _Plugin.counted = bool(config.getini("enable_assertion_pass_hook"))
    if _Plugin.counted:
        config.pluginmanager.register(_Counter(), "plumbline-recorder-counter")


def pytest_report_header() -> str:
    if not os.environ.get(VARIABLE):
        return f"plumbline recorder: {VARIABLE} is not set, nothing is recorded"
    if not _Plugin.counted:
        return "plumbline recorder: set enable_assertion_pass_hook = true, or nobody knows which tests assert"
    return f"plumbline recorder: calls go to {os.environ[VARIABLE]}"


class _Counter:
    def pytest_assertion_pass(self) -> None:
        asserted()


def pytest_runtest_logstart(nodeid: str) -> None:
    _count_unittest()
    _Plugin.outcome = "error"
    begin(nodeid, counted=_Plugin.counted)


def pytest_runtest_makereport(item: Any, call: Any) -> None:
    """What a phase came to. Answers None, so that pytest makes its report."""
    del item
    wrong = call.excinfo
    if wrong is None:
        _Plugin.outcome = "passed" if call.when == "call" else _Plugin.outcome
    elif _is_skip(wrong.type):
        _Plugin.outcome = "skipped"
    else:
        _Plugin.outcome = "failed" if call.when == "call" and issubclass(wrong.type, AssertionError) else "error"


def pytest_runtest_logfinish() -> None:
    end(_Plugin.outcome)


def _is_skip(kind: type) -> bool:
    return kind.__name__ in ("Skipped", "SkipTest")


# unittest


class Result(unittest.TextTestResult):
    """For ``TextTestRunner(resultclass=Result)``: it also records. The assert methods of TestCase are counted."""

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        _count_unittest()
        self._outcome = "passed"
        begin(test.id(), counted=True)
        super().startTest(test)

    def stopTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        end(self._outcome)
        super().stopTest(test)

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        self._outcome = "error"
        super().addError(test, err)

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self._outcome = "failed"
        super().addFailure(test, err)

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802
        self._outcome = "skipped"
        super().addSkip(test, reason)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        if err is not None:
            self._outcome = "failed" if issubclass(err[0], AssertionError) else "error"
        super().addSubTest(test, subtest, err)


def _count_unittest() -> None:
    """Let the assert methods of TestCase count themselves; once a process."""
    if getattr(unittest.TestCase, "_plumbline_counted", False):
        return
    for name in dir(unittest.TestCase):
        method = getattr(unittest.TestCase, name)
        if name.startswith("assert") and callable(method):
            setattr(unittest.TestCase, name, _counting(method))
    unittest.TestCase._plumbline_counted = True  # type: ignore[attr-defined]


def _counting(method: Callable[..., Any]) -> Callable[..., Any]:
    from functools import wraps

    @wraps(method)
    def counted(*arguments: Any, **named: Any) -> Any:
        asserted()
        return method(*arguments, **named)

    return counted


# The file


def _clean(test: str) -> str:
    return "".join(letter for letter in test[:LONGEST] if letter.isprintable())


def _write(line: dict[str, Any]) -> None:
    """One line in one write, so that processes may share the file. A service never fails because of this."""
    path = os.environ.get(VARIABLE, "")
    if not path:
        return
    try:
        with _State.lock:
            if _State.path != path:
                _State.handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
                _State.path = path
                os.write(_State.handle, _line({"plumbline": "recorder", "version": VERSION}))
            os.write(_State.handle, _line(line))
    except OSError:
        pass


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
