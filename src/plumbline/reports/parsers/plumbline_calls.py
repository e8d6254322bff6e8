"""What Plumbline's recorders write while tests run: JSON lines, of calls and of how tests ended, in any order.

``{"plumbline": "call", "verb": "GET", "name": "/accounts/42", "status": 200, "test": "tests/test_a.py::test_x"}`` and
``{"plumbline": "test", "test": "tests/test_a.py::test_x", "outcome": "passed", "assertions": 2}``; ``assertions`` is
null where nobody counted them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.model.report import Call, Calls, Report, Tested
from plumbline.reports.interface.observed import (
    LONGEST_TEST,
    MOST_CALLS,
    first_line,
    is_call,
    lines,
    status_of,
    text_at,
    too_many,
    unread,
)
from plumbline.reports.parser import Parser

if TYPE_CHECKING:
    from plumbline.reports.parser import Marks, Source

_KINDS = ("call", "test", "recorder")


def _marks(marks: Marks) -> bool:
    return text_at(first_line(marks), "plumbline") in _KINDS


def _read(source: Source, marks: Marks) -> Report:
    del marks
    calls: list[Call] = []
    tests: list[Tested] = []
    wrong, cut, version = 0, False, ""
    for _, line in lines(source.data):
        kind = text_at(line, "plumbline")
        test = text_at(line, "test")[:LONGEST_TEST]
        if kind == "call" and is_call(text_at(line, "verb") or "-", text_at(line, "name")):
            cut = cut or len(calls) >= MOST_CALLS
            if not cut:
                verb, name = text_at(line, "verb"), text_at(line, "name")
                calls.append(Call(verb=verb, name=name, status=status_of((line or {}).get("status")), test=test))
        elif kind == "test" and test:
            outcome = text_at(line, "outcome")
            tests.append(Tested(test=test, asserted=_asserted(line or {}, outcome), skipped=outcome == "skipped"))
        elif kind == "recorder":
            version = version or text_at(line, "version")
        else:
            wrong += 1
    return Report(
        format="plumbline_calls",
        content=Calls(calls=tuple(calls), tests=tuple(tests[:MOST_CALLS])),
        tool="plumbline-recorder",
        tool_version=version,
        strict=not wrong,
        defects=(*unread(wrong, ""), *((too_many(),) if cut else ())),
    )


def _asserted(line: dict[str, Any], outcome: str) -> bool | None:
    """A failed assertion is one too; a test that broke down or was skipped held nothing that is known of."""
    counted = line.get("assertions")
    if isinstance(counted, int) and not isinstance(counted, bool) and counted > 0:
        return True
    if outcome == "failed":
        return True
    return False if counted == 0 and outcome == "passed" else None


PART = Parser(
    name="plumbline_calls",
    title=t("Calls that Plumbline's recorder wrote"),
    marks=_marks,
    read=_read,
    paths=("**/plumbline-calls*.jsonl",),
)
