"""Test cases gathered into one run: each identity once, its retries kept, the same test in two suites told apart."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import t
from plumbline.model.report import CaseOutcome, Layer, TestCase
from plumbline.reports import limits
from plumbline.reports.xml import RefusedError

if TYPE_CHECKING:
    from plumbline.reports.defects import Defects

_Key = tuple[str, str, str, str]  # file, class, name, parameters
_LAYERS = {layer.value: layer for layer in Layer if layer}


class Cases:
    """Takes cases in the order of the file.

    A case that failed and comes again in a suite of the same label is a retry: its last result counts. One that passed
    and comes again is another row of data, and is numbered. One that comes again in a suite of another label is
    another case, such as the same test in another browser; then each of them gets the label of its suite as a
    parameter. So none hides another.
    """

    def __init__(self) -> None:
        self._all: list[TestCase] = []
        self._labels: list[tuple[int, str]] = []  # from which case on there is which label
        self._label: str | None = None

    def add(self, case: TestCase, label: str = "") -> None:
        """Take one more; raises RefusedError where they are too many."""
        if label is not self._label and label != self._label:
            self._label = label
            self._labels.append((len(self._all), label))
        if len(self._all) >= limits.CASES:
            raise RefusedError("too-many", t("The file has more than {most} test cases.", most=limits.CASES))
        self._all.append(case)

    @property
    def seen(self) -> int:
        """How many were taken, retries included."""
        return len(self._all)

    def all(self) -> tuple[TestCase, ...]:
        keys: list[_Key] = [(case.file, case.class_name, case.name, case.parameters) for case in self._all]
        return tuple(self._all) if len(set(keys)) == len(keys) else tuple(self._once(keys))

    def _once(self, keys: list[_Key]) -> list[TestCase]:
        groups: dict[_Key, dict[str, list[TestCase]]] = {}
        labels = iter([*self._labels, (len(keys), "")])
        (_, label), (until, following) = next(labels), next(labels)
        for at, (key, case) in enumerate(zip(keys, self._all, strict=True)):
            while at == until:
                label, (until, following) = following, next(labels)
            groups.setdefault(key, {}).setdefault(label, []).append(case)
        found: list[TestCase] = []
        for by_label in groups.values():
            for label, same in by_label.items():
                found += (_labelled(case, label if len(by_label) > 1 else "") for case in _told_apart(same))
        return found


def _told_apart(same: list[TestCase]) -> list[TestCase]:
    """Retries of one case, or several cases of one name: nobody tries again what passed, and what has no name at all
    is nothing that could come again."""
    if len(same) > 1 and (not same[0].name or any(case.outcome is CaseOutcome.PASSED for case in same[:-1])):
        return [same[0], *(_numbered(case, number) for number, case in enumerate(same[1:], 2))]
    return [reduce(_again, same)]


def _numbered(case: TestCase, number: int) -> TestCase:
    return msgspec.structs.replace(case, parameters=limits.name(f"{case.parameters} #{number}".lstrip()))


def _again(before: TestCase, last: TestCase) -> TestCase:
    """The last result counts; a skip at the end takes no failure back."""
    if last.outcome is CaseOutcome.SKIPPED and before.outcome is not CaseOutcome.SKIPPED:
        retries, last = (*before.retries, last.outcome), before
    else:
        retries = (*before.retries, before.outcome, *last.retries)
    message, details = (last.message, last.details) if last.message else (before.message, before.details)
    return msgspec.structs.replace(
        last, retries=retries[-100:], message=message, details=details, properties=before.properties | last.properties
    )


def _labelled(case: TestCase, label: str) -> TestCase:
    if not label:
        return case
    return msgspec.structs.replace(case, parameters=limits.name(f"{case.parameters} @ {label}".lstrip()))


def layer_of(said: str, defects: Defects, where: str) -> Layer:
    """The layer of this name; anything else is a defect and no layer."""
    layer = _LAYERS.get(said.strip().lower(), Layer.UNKNOWN)
    if not layer and said.strip():
        defects.add(
            "unknown-layer",
            t("'{layer}' is no layer of tests; there are unit, component, interface and user.", layer=said[:80]),
            where,
        )
    return layer


def worse(one: CaseOutcome, other: CaseOutcome) -> CaseOutcome:
    """The outcome that counts where one case says two: a failure is a verdict, an error is none, a skip is nothing."""
    order = (CaseOutcome.FAILED, CaseOutcome.ERROR, CaseOutcome.SKIPPED, CaseOutcome.PASSED)
    return min(one, other, key=order.index)
