"""The test cases of all files of one job as one run: each identity once, its last result counts."""

from __future__ import annotations

import hashlib
from array import array
from typing import TYPE_CHECKING, NamedTuple

from plumbline.model.report import CaseOutcome
from plumbline.model.reported import LAYER_LETTERS, NO_TIME, OUTCOME_LETTERS, CaseName

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plumbline.model.report import TestCase, TestRun

LONGEST_NAME = 1000  # characters of each part of an identity; of what is longer the end goes, and a digest comes


class Merged(NamedTuple):
    """``retries``: letters of the results before the last one, by position."""

    cases: Sequence[TestCase]
    retries: dict[int, str]
    outcomes: bytes
    times: bytes
    layers: bytes
    digest: bytes  # of the identities with their layers, in this order

    def count(self, outcome: CaseOutcome) -> int:
        return self.outcomes.count(OUTCOME_LETTERS[outcome].encode())

    @property
    def milliseconds(self) -> int:
        return sum(one for one in array("I", self.times) if one != NO_TIME)

    def names(self) -> list[CaseName]:
        return [name_of(one) for one in self.cases]


def merge(runs: Iterable[TestRun]) -> Merged:
    """A case that stands in two files was run again: the later file has its last result."""
    cases: dict[str, TestCase] = {}
    earlier: dict[str, str] = {}
    for run in runs:
        for one in run.cases:
            key = one.key
            letters = "".join(OUTCOME_LETTERS[each] for each in one.retries)
            if (before := cases.get(key)) is not None:
                earlier[key] = earlier.get(key, "") + OUTCOME_LETTERS[before.outcome] + letters
            elif letters:
                earlier[key] = letters
            cases[key] = one
    kept = list(cases.values())
    outcomes = "".join([OUTCOME_LETTERS[one.outcome] for one in kept]).encode()
    layers = "".join([LAYER_LETTERS[one.layer] for one in kept]).encode()
    digest = hashlib.sha256("\x1e".join(cases).encode("utf-8", "replace") + b"\x1e" + layers).digest()
    times = array("I", [_milliseconds(one.seconds) for one in kept]).tobytes()
    retries = {at: earlier[key] for at, key in enumerate(cases) if key in earlier} if earlier else {}
    return Merged(kept, retries, outcomes, times, layers, digest)


def name_of(case: TestCase) -> CaseName:
    parts = (_short(part) for part in (case.file, case.class_name, case.name, case.parameters))
    file, class_name, name, parameters = parts
    return CaseName(file=file, class_name=class_name, name=name, parameters=parameters)


def _short(part: str) -> str:
    if len(part) <= LONGEST_NAME:
        return part
    mark = hashlib.sha256(part.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{part[: LONGEST_NAME - 20]}...{mark}"


def _milliseconds(seconds: float | None) -> int:
    if seconds is None or seconds < 0:
        return NO_TIME
    return min(NO_TIME - 1, round(seconds * 1000))


def had_both(letters: str) -> bool:
    """Whether results are of both kinds: one that passed, and one that did not."""
    return "p" in letters and ("f" in letters or "e" in letters)
