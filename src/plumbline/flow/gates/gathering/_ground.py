"""What facts are gathered from: one project, one thing that is judged, at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plumbline.flow.pipelines.events import subject_of
from plumbline.model.fact import Lack
from plumbline.model.gate import FactValue
from plumbline.model.reported import Origin

if TYPE_CHECKING:
    from plumbline.flow.gates.gathering.written import Written
    from plumbline.model.contract import Collection, Slot, Subjects
    from plumbline.model.gate import Scalar
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.reported import StoredReport
    from plumbline.model.server import StoredPipeline
    from plumbline.model.tree import Node

MOST_NAMES = 1000  # of a fact that is a list; a longer one has no answer
NOTHING = FactValue(lack=Lack.NO_SOURCE.value)
UNDECIDED = FactValue(lack=Lack.UNDECIDED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """``written``: what git and the forge tell of the change; None: nobody looked. ``slots``: of the collection, as
    they are now."""

    tx: Transaction
    ledger: Ledger
    ancestors: Sequence[Node]  # the project first
    subjects: Subjects
    pipeline: StoredPipeline | None
    reports: Sequence[StoredReport]  # that jobs of ours left, of the newest attempts, readable and believed
    now: int
    written: Written | None = None
    collection: Collection | None = None
    slots: Sequence[Slot] = field(default=())

    @property
    def project(self) -> Node:
        return self.ancestors[0]

    def holding(self, tag: str) -> list[StoredReport]:
        return [one for one in self.reports if one.holds == tag]

    def event_of(self, report: StoredReport, what: str) -> str:
        """Id of the event that tells of a report; ``what`` as events name it: ``tests/{}:finished``."""
        assert self.pipeline is not None  # noqa: S101 - reports are of it
        job = f"/{report.job}" if report.job else ""
        return f"{subject_of(self.pipeline)}{job}/{what.format(report.id)}"


def believed(reports: Sequence[StoredReport]) -> list[StoredReport]:
    """What nobody but a job of ours brought, that could be read and is about this commit."""
    return [one for one in reports if one.origin is Origin.JOB and not one.flagged and not one.problem]


def known(value: Scalar | None, events: Sequence[str] = ()) -> FactValue:
    return FactValue(value=value, events=tuple(dict.fromkeys(events))) if value is not None else NOTHING


def names(values: Sequence[str], events: Sequence[str] = ()) -> FactValue:
    """Each once, sorted. Too many are undecided: a part of a list would pass for the whole."""
    found = sorted(set(values))
    if len(found) > MOST_NAMES:
        return UNDECIDED
    return FactValue(value=tuple(found), events=tuple(dict.fromkeys(events)))
