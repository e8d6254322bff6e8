"""Rehearsals of what has to work when something broke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import last
from plumbline.facts.definition import Definition, count, lacking, value
from plumbline.kernel import t
from plumbline.model.fact import Lack
from plumbline.trace import SECOND

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Fact
    from plumbline.trace import Seen


def _tried(question: Question, kind: str) -> list[Seen]:
    return [
        one for one in question.evidence.within("drill.finished", question.inside) if one.content.get("kind") == kind
    ]


def _passed(question: Question, kind: str) -> list[Seen]:
    return [one for one in _tried(question, kind) if one.content.get("outcome") == "success"]


def restores(question: Question) -> Fact:
    """Only where one was tried is none that passed a zero."""
    tried = [one.cited for one in _tried(question, "restore")]
    if not tried:
        return lacking(question, Lack.TOO_FEW)
    return count(question, [one.cited for one in _passed(question, "restore")], tried)


def restore_time(question: Question) -> Fact:
    """Of the newest, also where it failed: then there is no such time."""
    tried = _tried(question, "restore")
    if not tried or tried[-1].content.get("outcome") != "success" or "seconds" not in tried[-1].content:
        return lacking(question, Lack.TOO_FEW)
    return value(question, float(tried[-1].content["seconds"]), [tried[-1].cited])


def rollbacks(question: Question) -> Fact:
    """Where nothing had to be rolled back and nobody rehearsed it, nobody knows whether it works: that is no zero."""
    made = [one for one in question.evidence.deployments if one.intent == "rollback" and question.inside(one.finished)]
    tried = [one.cited for one in _tried(question, "rollback")] + [last(one.cited) for one in made if one.outcome]
    if not tried:
        return lacking(question, Lack.TOO_FEW)
    found = [one.cited for one in _passed(question, "rollback")]
    found += [last(one.cited) for one in made if one.outcome == "success"]
    return count(question, found, tried)


def backup_age(question: Question) -> Fact:
    """Where each that was tried failed there is no such age."""
    good = [one for one in question.evidence.of("backup.finished") if one.content.get("outcome") == "success"]
    if not good:
        return lacking(question, Lack.TOO_FEW)
    return value(question, (question.evidence.as_of - good[-1].time) / SECOND, [good[-1].cited])


_DRILLS = ("drill.finished",)
PART = (
    Definition(
        name="restore-rehearsal-passed",
        how=t("Rehearsals of a restore that succeeded; where none was tried, nobody knows."),
        needs=_DRILLS,
        answer=restores,
    ),
    Definition(
        name="last-restore-rehearsal-time-until-service-is-back",
        how=t("How long the newest rehearsal of a restore took, if it succeeded."),
        needs=_DRILLS,
        answer=restore_time,
    ),
    Definition(
        name="age-of-the-last-successful-backup",
        how=t(
            "Time since the newest backup that succeeded, as told about the place that is asked about; a backup of "
            "this server's own records is none of its repositories."
        ),
        needs=("backup.finished",),
        answer=backup_age,
    ),
    Definition(
        name="successful-rollbacks-or-rollback-rehearsals",
        how=t(
            "Rollbacks and rehearsals of a rollback that succeeded, in any environment; where none was needed and none "
            "rehearsed, nobody knows."
        ),
        needs=("drill.finished", "deployment.finished"),
        answer=rollbacks,
    ),
)
