"""Interface coverage: operations with at least one test that ran and asserted, of all that the contract declares.

1. Declared is what the contract says; nothing that was called adds to it. No operations declared: no data.
2. An operation is covered by a test that called it, was not skipped, and is known to have held something against an
   answer. A test of which that is not told covers nothing, and is listed as such.
3. A call that no operation of the contract answers is drift, unless the service itself said that there is nothing
   (404, 405, 501), or it is outside the contract's base paths.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from plumbline.model.report import Call, Calls, Operation
from plumbline.reports.interface.routes import Routes, path_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.model.report import Contract

MOST_TESTS = 200  # named of one operation; all are counted
MOST_DRIFT = 1000  # operations
_NOTHING_THERE = (404, 405, 501)


class Standing(StrEnum):
    """Of one operation, the best that any test gives it."""

    COVERED = "covered"
    UNTOLD = "untold"  # called by tests, and nobody told whether they asserted, or which tests they were
    NOT_ASSERTED = "not_asserted"  # called by tests that ended without having held anything against an answer
    SKIPPED = "skipped"  # by tests alone that were skipped
    NEVER = "never"


class OperationCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """One declared operation. ``tests`` cover it; ``others`` called it and do not, each with its standing."""

    operation: Operation
    standing: Standing
    tests: tuple[str, ...] = ()
    others: tuple[tuple[str, Standing], ...] = ()
    calls: int = 0
    statuses: tuple[int, ...] = ()
    more: int = 0  # tests that are not named here


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """An operation that was called, answered, and is not declared."""

    operation: Operation
    calls: int
    statuses: tuple[int, ...] = ()
    tests: tuple[str, ...] = ()


class InterfaceCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """``digest``: of the contract's bytes. ``share`` is None where nothing is declared: no data."""

    digest: str
    title: str = ""
    version: str = ""
    style: str = ""
    operations: tuple[OperationCoverage, ...] = ()
    drift: tuple[Drift, ...] = ()
    more_drift: int = 0
    not_there: int = 0  # calls of what is neither declared nor there
    outside: int = 0  # calls outside the base paths
    calls: int = 0

    @property
    def declared(self) -> int:
        return len(self.operations)

    @property
    def covered(self) -> int:
        return sum(one.standing is Standing.COVERED for one in self.operations)

    @property
    def share(self) -> float | None:
        return self.covered / self.declared if self.operations else None


class _Seen:
    """What was called of one operation."""

    def __init__(self) -> None:
        self.calls = 0
        self.statuses: set[int] = set()
        self.tests: dict[str, Standing] = {}

    def add(self, call: Call) -> None:
        self.calls += 1
        if call.status:
            self.statuses.add(call.status)
        standing, before = _standing(call), self.tests.get(call.test)
        if before is None or _RANK[standing] < _RANK[before]:
            self.tests[call.test] = standing


_RANK = {standing: rank for rank, standing in enumerate(Standing)}


def cover(contract: Contract, digest: str, observed: Iterable[Calls]) -> InterfaceCoverage:
    """Hold what the tests of one run called against one contract; ``observed``: of all files that tell of calls."""
    routes = Routes(contract)
    seen = {operation: _Seen() for operation in sorted(set(contract.operations))}
    strange: dict[Operation, _Seen] = {}
    known: dict[tuple[str, str], Operation | None] = {}
    not_there = outside = total = more_drift = 0
    for call in joined(observed):
        total += 1
        asked = (call.verb, path_of(call.name))
        if asked not in known:
            known[asked] = routes.find(call.verb, call.name)
        operation = known[asked]
        if operation is not None:
            seen[operation].add(call)
        elif not routes.within(call.name):
            outside += 1
        elif call.status in _NOTHING_THERE or _implied(routes, call):
            not_there += 1
        else:
            operation = Operation(*asked)
            if operation not in strange and len(strange) >= MOST_DRIFT:
                more_drift += 1
                continue
            strange.setdefault(operation, _Seen()).add(call)
    return InterfaceCoverage(
        digest=digest,
        title=contract.title,
        version=contract.version,
        style=contract.style,
        operations=tuple(_covered(operation, one) for operation, one in seen.items()),
        drift=tuple(_drift(operation, strange[operation]) for operation in sorted(strange)),
        more_drift=more_drift,
        not_there=not_there,
        outside=outside,
        calls=total,
    )


def joined(observed: Iterable[Calls]) -> list[Call]:
    """All calls, with what is told of their tests wherever it is told. What is said twice and differs: the less."""
    files = list(observed)
    tests: dict[str, tuple[bool | None, bool]] = {}
    for one in (one for file in files for one in file.tests):
        asserted, skipped = tests.get(one.test, (one.asserted, one.skipped))
        tests[one.test] = (_less(asserted, one.asserted), skipped or one.skipped)
    return [_told(call, tests) for file in files for call in file.calls]


def _told(call: Call, tests: dict[str, tuple[bool | None, bool]]) -> Call:
    if not call.test or call.test not in tests:
        return call
    asserted, skipped = tests[call.test]
    if call.asserted is not None:
        asserted = _less(call.asserted, asserted)
    return msgspec.structs.replace(call, asserted=asserted, skipped=call.skipped or skipped)


def _less(one: bool | None, other: bool | None) -> bool | None:
    """False before nothing told before True, but what is told before what is not."""
    if one is None or other is None:
        return other if one is None else one
    return one and other


def _standing(call: Call) -> Standing:
    if call.skipped:
        return Standing.SKIPPED
    if not call.test or call.asserted is None:
        return Standing.UNTOLD
    return Standing.COVERED if call.asserted else Standing.NOT_ASSERTED


def _implied(routes: Routes, call: Call) -> bool:
    """HEAD and OPTIONS of a declared path: servers answer them by themselves."""
    return routes.style in ("", "openapi") and call.verb.upper() in ("HEAD", "OPTIONS") and routes.declares(call.name)


def _covered(operation: Operation, seen: _Seen) -> OperationCoverage:
    tests = sorted(test for test, standing in seen.tests.items() if standing is Standing.COVERED)
    others = sorted((test, standing) for test, standing in seen.tests.items() if standing is not Standing.COVERED)
    return OperationCoverage(
        operation=operation,
        standing=min(seen.tests.values(), key=_RANK.__getitem__, default=Standing.NEVER),
        tests=tuple(tests[:MOST_TESTS]),
        others=tuple(others[:MOST_TESTS]),
        calls=seen.calls,
        statuses=tuple(sorted(seen.statuses)),
        more=max(0, len(tests) - MOST_TESTS) + max(0, len(others) - MOST_TESTS),
    )


def _drift(operation: Operation, seen: _Seen) -> Drift:
    tests = tuple(sorted(filter(None, seen.tests)))[:MOST_TESTS]
    return Drift(operation=operation, calls=seen.calls, statuses=tuple(sorted(seen.statuses)), tests=tests)
