"""Test cases gathered into one run: each identity once, its retries kept, the same test in two suites told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import t
from plumbline.model.report import CaseOutcome, Layer, TestCase
from plumbline.reports import limits
from plumbline.reports.xml import RefusedError

if TYPE_CHECKING:
    from plumbline.reports.defects import Defects

_LAYERS = {layer.value: layer for layer in Layer if layer}


class Cases:
    """Takes cases in the order of the file.

    A case that comes again in a suite of the same label is a retry: its last result counts. One that comes again in a
    suite of another label is another case, such as the same test in another browser; then each of them gets the label
    of its suite as a parameter, so that neither hides the other.
    """

    def __init__(self) -> None:
        self._all: list[TestCase] = []
        self._labels: list[tuple[int, str]] = []  # from which case on there is which label
        self._label: str | None = None

    def add(self, case: TestCase, label: str = "") -> None:
        """Take one more; raises RefusedError where they are too many."""
        if label != self._label:
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
        keys = [(case.file, case.class_name, case.name, case.parameters) for case in self._all]
        return tuple(self._all) if len(set(keys)) == len(keys) else tuple(self._once(keys))

    def _once(self, keys: list[tuple[str, str, str, str]]) -> list[TestCase]:
        found: dict[tuple[str, ...], tuple[str, TestCase]] = {}
        shared: set[tuple[str, ...]] = set()
        labels = iter([*self._labels, (len(keys), "")])
        (_, label), (until, following) = next(labels), next(labels)
        for place, (key, case) in enumerate(zip(keys, self._all, strict=True)):
            while place == until:
                label, (until, following) = following, next(labels)
            whole: tuple[str, ...] = key
            before = found.get(key)
            if before is not None and before[0] != label:
                shared.add(key)
                whole = (*key, label)
                before = found.get(whole)
            found[whole] = (label, case if before is None else _again(before[1], case))
        return [_labelled(case, label) if key[:4] in shared else case for key, (label, case) in found.items()]


def _again(before: TestCase, last: TestCase) -> TestCase:
    retries = (*before.retries, before.outcome, *last.retries)[-100:]
    message, details = (last.message, last.details) if last.message else (before.message, before.details)
    return msgspec.structs.replace(
        last, retries=retries, message=message, details=details, properties=before.properties | last.properties
    )


def _labelled(case: TestCase, label: str) -> TestCase:
    parameters = f"{case.parameters} @ {label}".lstrip() if label else case.parameters
    return msgspec.structs.replace(case, parameters=limits.name(parameters))


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
