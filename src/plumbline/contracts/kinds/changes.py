"""What people said of a change at their forge, each about one revision of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.contracts.kinds._kind import EvidenceKind
from plumbline.contracts.kinds._pieces import about, commit, custom, piece, text
from plumbline.contracts.standing import TAKEN_BACK
from plumbline.kernel import t
from plumbline.model.contract import SubjectKind

if TYPE_CHECKING:
    from plumbline.contracts.kinds._kind import Told
    from plumbline.model.contract import Evidence

_LOOKED = ("approved", "requestChanges", "rejected", "commented")
_AGAINST = ("requestChanges", "rejected", "withdrawn")  # whoever says so approves no longer


def _subjects(told: Told) -> tuple[tuple[str, str], ...]:
    return about(change=told.view.subject, commit=commit(custom(told), "revision"))


def _problem(told: Told) -> str:
    """Of a review of nobody, or of no revision: a verdict belongs to a revision."""
    facts = custom(told)
    if text(facts, "reviewer") in ("", "unknown"):
        return "no-reviewer"
    return "" if commit(facts, "revision") else "no-revision"


def _read_reviewed(told: Told) -> tuple[Evidence, ...]:
    facts = custom(told)
    if text(facts, "decision") not in _LOOKED:
        return ()
    return (piece(told, "change.reviewed", _subjects(told), tool=text(facts, "reviewer"), problem=_problem(told)),)


def _read_approved(told: Told) -> tuple[Evidence, ...]:
    facts = custom(told)
    decision = text(facts, "decision")
    if decision not in ("approved", *_AGAINST):
        return ()
    problem = TAKEN_BACK if decision in _AGAINST else _problem(told)
    return (piece(told, "change.approved", _subjects(told), tool=text(facts, "reviewer"), problem=problem),)


PART = (
    EvidenceKind(
        name="change.reviewed",
        title=t("A review of the change"),
        of=(SubjectKind.CHANGE, SubjectKind.COMMIT),
        told_by=("change.reviewed",),
        read=_read_reviewed,
    ),
    EvidenceKind(
        name="change.approved",
        title=t("An approval of the change"),
        of=(SubjectKind.CHANGE, SubjectKind.COMMIT),
        told_by=("change.reviewed",),
        read=_read_approved,
    ),
)
