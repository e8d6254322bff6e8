"""What a test report itself says of called operations: properties of its cases, and the cases of a contract tester.

A property ``operation`` is ``GET /accounts/{id}``, several in one divided by commas or lines. That a test asserted is
known where an assertion failed, or where a property ``assertions`` counts them; a test that merely passed does not
tell.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.model.report import Call, Calls, CaseOutcome

if TYPE_CHECKING:
    from plumbline.model.report import TestCase, TestRun

PROPERTY, ASSERTIONS = "operation", "assertions"
CONTRACT_TESTER = "schemathesis"  # each of its cases is an operation, held against checks
MOST = 100  # operations of one case
_OPERATION = re.compile(r"([A-Za-z]{3,12}) (\S.*)")
_VERBS = frozenset(("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "QUERY"))
_OTHER_VERBS = frozenset(("query", "mutation", "subscription", "send", "receive", "publish", "subscribe"))


def calls_of(run: TestRun) -> Calls:
    """The operations that the cases of a report say they are about."""
    return Calls(calls=tuple(call for case in run.cases for call in _of(case, contract=_is_contract_test(run))))


def operation_of(text: str) -> tuple[str, str] | None:
    """Verb and name of ``GET /accounts/{id}``, ``query account``, ``bank.Ledger/Post``; None where it is none."""
    text = text.strip()
    found = _OPERATION.fullmatch(text)
    if found and (found[1].upper() in _VERBS or found[1].lower() in _OTHER_VERBS):
        return found[1], found[2].strip()
    return ("", text) if re.fullmatch(r"[\w.]+/\w+", text) else None


def _is_contract_test(run: TestRun) -> bool:
    return CONTRACT_TESTER in (run.suite, run.dialect)


def _of(case: TestCase, *, contract: bool) -> list[Call]:
    said = [each for key, value in case.properties.items() if key.lower() == PROPERTY for each in _parts(value)]
    asserted = _asserted(case)
    if contract and not said:
        said = [case.name]
        if case.outcome is CaseOutcome.PASSED:
            asserted = True
    operations = [found for each in said[:MOST] if (found := operation_of(each))]
    skipped = case.outcome is CaseOutcome.SKIPPED
    return [
        Call(verb=verb, name=name, test=case.key, asserted=None if skipped else asserted, skipped=skipped)
        for verb, name in operations
    ]


def _parts(value: str) -> list[str]:
    return [part for part in re.split(r"[,\n;]", value) if part.strip()]


def _asserted(case: TestCase) -> bool | None:
    counted = next((value for key, value in case.properties.items() if key.lower() == ASSERTIONS), "")
    if case.outcome is CaseOutcome.FAILED:
        return True
    return int(counted) > 0 if counted.isascii() and counted.isdigit() and len(counted) < 10 else None
