"""Results of test cases held against earlier ones: what is new, fixed, still failing, flaky, slow.

Cases go by any key that tells them apart; see :attr:`plumbline.model.report.TestCase.key`.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from plumbline.model.report import CaseOutcome, TestCase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Key = TypeVar("Key")
BAD = frozenset({CaseOutcome.FAILED, CaseOutcome.ERROR})


class Compared(msgspec.Struct, Generic[Key], frozen=True, kw_only=True):
    """Each tuple in the order of the run (``gone``: of the base). Without a base everything that fails is ``failing``
    and nothing is new."""

    has_base: bool
    failing: tuple[Key, ...] = ()  # all that fail now
    new: tuple[Key, ...] = ()  # fail now and did not before, or were not there
    still: tuple[Key, ...] = ()  # fail now and did before
    fixed: tuple[Key, ...] = ()  # failed before and passed now: a skip fixes nothing
    newly_skipped: tuple[Key, ...] = ()  # skipped now, and had a verdict before
    added: tuple[Key, ...] = ()  # were not in the base
    gone: tuple[Key, ...] = ()  # failed in the base and are not here any more: that fixes nothing either


def compare(now: Mapping[Key, CaseOutcome], base: Mapping[Key, CaseOutcome] | None) -> Compared[Key]:
    """``base``: the outcomes of the run to compare with; None where there is none."""
    failing = tuple(key for key, outcome in now.items() if outcome in BAD)
    if base is None:
        return Compared(has_base=False, failing=failing)
    bad_before = {key for key, outcome in base.items() if outcome in BAD}
    return Compared(
        has_base=True,
        failing=failing,
        new=tuple(key for key in failing if key not in bad_before),
        still=tuple(key for key in failing if key in bad_before),
        fixed=tuple(key for key, outcome in now.items() if outcome is CaseOutcome.PASSED and key in bad_before),
        newly_skipped=tuple(
            key
            for key, outcome in now.items()
            if outcome is CaseOutcome.SKIPPED and base.get(key, CaseOutcome.SKIPPED) is not CaseOutcome.SKIPPED
        ),
        added=tuple(key for key in now if key not in base),
        gone=tuple(key for key, outcome in base.items() if outcome in BAD and key not in now),
    )


def outcomes(cases: Iterable[TestCase]) -> dict[str, CaseOutcome]:
    """Outcome by key; of a case that several files of one pipeline have, the one that asks for most attention."""
    found: dict[str, CaseOutcome] = {}
    for case in cases:
        before = found.get(case.key)
        found[case.key] = case.outcome if before is None else min(before, case.outcome, key=_ORDER.index)
    return found


_ORDER = (CaseOutcome.FAILED, CaseOutcome.ERROR, CaseOutcome.PASSED, CaseOutcome.SKIPPED)


def is_flaky(results: Iterable[CaseOutcome]) -> bool:
    """Whether one revision had both results, retries included: then one of them says nothing of the revision."""
    seen = set(results)
    return CaseOutcome.PASSED in seen and bool(seen & BAD)


def results_of(case: TestCase) -> tuple[CaseOutcome, ...]:
    """All results of a case in one run, the first one first."""
    return (*case.retries, case.outcome)


class Tally(msgspec.Struct, frozen=True):
    """``failed`` of the last ``of`` runs that came to a verdict."""

    failed: int
    of: int


def failed_of_last(newest_first: Iterable[CaseOutcome], most: int = 30) -> Tally:
    """How often a case failed lately. Skips are no verdict and are passed over."""
    verdicts = list(islice((outcome for outcome in newest_first if outcome is not CaseOutcome.SKIPPED), most))
    return Tally(sum(outcome in BAD for outcome in verdicts), len(verdicts))


def slowest(cases: Iterable[TestCase], most: int = 10) -> list[TestCase]:
    """The cases that took longest; one without a duration is not among them."""
    timed = [case for case in cases if case.seconds is not None]
    return sorted(timed, key=lambda case: (-(case.seconds or 0), case.key))[:most]
