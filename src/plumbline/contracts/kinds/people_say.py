"""What people decided or said: approvals of what they looked at, and statements that a second person accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.contracts.kinds._kind import EvidenceKind
from plumbline.contracts.kinds._pieces import about, commit, custom, digest, is_commit, is_digest, piece, text, texts
from plumbline.contracts.standing import TAKEN_BACK
from plumbline.kernel import t
from plumbline.model.contract import SubjectKind

if TYPE_CHECKING:
    from plumbline.contracts.kinds._kind import Told
    from plumbline.model.contract import Evidence

_EVERY = (SubjectKind.COMMIT, SubjectKind.ARTIFACT, SubjectKind.CHANGE, SubjectKind.ENVIRONMENT)
_AGAINST = ("rejected", "requestChanges", "withdrawn")


def _read_approval(told: Told) -> tuple[Evidence, ...]:
    """``revision`` is exactly what was looked at; ``about`` what that is a revision of."""
    said = told.view.content
    decision, revision, of = text(said, "decision"), text(said, "revision"), text(said, "about")
    if decision not in ("approved", *_AGAINST):
        return ()
    subjects = about(
        commit=revision if is_commit(revision) else "",
        artifact=[one for one in (revision, of) if is_digest(one)],
        change=of if of.isdigit() else "",
        environment=text(custom(told), "environment"),
    )
    person = text(said, "person")
    problem = TAKEN_BACK if decision in _AGAINST else "" if person and revision else "no-person"
    return (piece(told, "approval", subjects, tool=person, problem=problem),)


def _read_statement(told: Told) -> tuple[Evidence, ...]:
    """Of the acceptance: before a second person accepted it, a statement is none."""
    said = told.view.content
    author, second, decision = text(said, "author"), text(said, "person"), text(said, "decision")
    if decision not in ("accepted", "rejected", "withdrawn"):
        return ()
    files, topic = texts(said, "files"), text(said, "topic")
    subjects = about(
        commit=commit(said, "commit"),
        artifact=digest(said, "digest"),
        change=text(said, "change"),
        environment=text(said, "environment"),
    )
    problem = TAKEN_BACK if decision != "accepted" else "" if author and second != author else "one-person"
    return (
        piece(
            told,
            "statement",
            subjects,
            counts={"files": len(files)},
            word=f"person:{author}",
            tool=told.view.subject,
            covers=(topic,) if topic else (),
            problem=problem,
        ),
    )


PART = (
    EvidenceKind(
        name="approval",
        title=t("An approval"),
        of=_EVERY,
        told_by=("approval.decided",),
        read=_read_approval,
    ),
    EvidenceKind(
        name="statement",
        title=t("A statement that a second person accepted"),
        of=_EVERY,
        told_by=("statement.reviewed",),
        read=_read_statement,
        counts=("files",),
    ),
)
