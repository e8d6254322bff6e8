"""Which stages an artifact earned, from what is recorded of it; nothing is earned by being somewhere.

1. Built: a job of this server made it, and an entry of the ledger says so.
2. Tested: the pipeline of that job is over, and its own jobs told of tests that passed, and of none that failed.
3. Scanned: a scan by a job of that pipeline came to its end, and proved what it looked at.
4. Accepted, released: entries of the ledger say so of this digest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import Text, t
from plumbline.model.artifact import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence


class TestTotals(msgspec.Struct, frozen=True, kw_only=True):
    """What one report of tests says. ``report``: its id."""

    __test__ = False

    report: int
    passed: int = 0
    failed: int = 0  # and those that came to no verdict


class ScanTotals(msgspec.Struct, frozen=True, kw_only=True):
    """``scope``: things that it proves to have looked at; ``ended``: it did not fail, and was not cut short."""

    report: int
    scope: int = 0
    ended: bool = True


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What is recorded of an artifact. Entries are numbers of the ledger; reports of own jobs of its pipeline, without
    those that are not believed to be about its commit."""

    job: int = 0  # of this server; 0: none made it
    built: tuple[int, ...] = ()  # entries that say that the job made it
    over: bool = False  # whether the pipeline of that job is
    tests: tuple[TestTotals, ...] = ()
    scans: tuple[ScanTotals, ...] = ()
    accepted: tuple[int, ...] = ()
    released: tuple[int, ...] = ()


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A stage that was earned, with what that rests on, or what is missing yet. ``entries``: of the ledger;
    ``reports``: ids."""

    stage: Stage
    missing: Text | None = None  # None: it is earned
    entries: tuple[int, ...] = ()
    reports: tuple[int, ...] = ()

    @property
    def earned(self) -> bool:
        return self.missing is None


def standings(record: Record) -> tuple[Standing, ...]:
    """Every stage, in order."""
    return (
        Standing(stage=Stage.BUILT, missing=_not_built(record), entries=record.built if record.job else ()),
        Standing(stage=Stage.TESTED, missing=_not_tested(record), reports=tuple(one.report for one in record.tests)),
        Standing(
            stage=Stage.SCANNED, missing=_not_scanned(record), reports=tuple(one.report for one in _proving(record))
        ),
        _told(Stage.ACCEPTED, record.accepted, t("Nobody has accepted it yet.")),
        _told(Stage.RELEASED, record.released, t("No release has it yet.")),
    )


def earned(record: Record) -> tuple[Stage, ...]:
    return tuple(one.stage for one in standings(record) if one.earned)


def _not_built(record: Record) -> Text | None:
    if not record.job:
        return t("No job of this server made it.")
    return None if record.built else t("No entry of the ledger says that its job made it.")


def _not_tested(record: Record) -> Text | None:
    if not record.job:
        return t("No job of this server made it, so no tests here are about it.")
    if not record.tests:
        return t("No job of its pipeline left a report of tests.")
    if failed := sum(one.failed for one in record.tests):
        return t("Tests of its pipeline failed: {count}.", count=failed)
    if not sum(one.passed for one in record.tests):
        return t("No test of its pipeline was carried out.")
    return None if record.over else t("Its pipeline is not over yet.")


def _not_scanned(record: Record) -> Text | None:
    if not record.job:
        return t("No job of this server made it, so no scan here is about it.")
    if not record.scans:
        return t("No job of its pipeline left a report of a scan.")
    if not _proving(record):
        return t("No scan of its pipeline came to its end and proved what it looked at.")
    return None


def _proving(record: Record) -> Sequence[ScanTotals]:
    return [one for one in record.scans if one.ended and one.scope]


def _told(stage: Stage, entries: tuple[int, ...], missing: Text) -> Standing:
    return Standing(stage=stage, missing=None if entries else missing, entries=entries)
