"""Rehearsals of what has to work when something broke: who carried one out records how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import UNSET

from plumbline.access import use_cases
from plumbline.evidence.vocabulary import Outcome, Reference
from plumbline.evidence.vocabulary import own_operations as own
from plumbline.flow.assessments.assess import seen_of
from plumbline.flow.assessments.tools import record_about, refused
from plumbline.flow.tree.former_names import read_moves
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.assessments.tools import AssessmentTools
    from plumbline.trace import Seen

DrillKind = Literal["rollback", "restore", "failover", "disasterRecovery", "other"]


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """``run``: subject of the pipeline run that carried it out, whose outcome and time then count; without one,
    ``outcome`` and ``seconds`` (until the service was back) are the word of who records it."""

    kind: DrillKind
    outcome: Outcome | None = None
    seconds: float | None = None
    environment: str = ""
    reason: str = ""
    run: str = ""


def record_drill(actor: Actor, tools: AssessmentTools, node: int, drill: Drill) -> None:
    """Tell the ledger of a rehearsal. Raises PlumblineError ``not-found``, ``not-allowed``, ``no-such-run``,
    ``drill-wrong``."""
    with tools.units.change(actor) as unit:
        path = unit.require(use_cases.RECORD_DRILL, node)[0].path
        if drill.run:
            drill = _as_it_ran(drill, _run(tools, path, drill.run))
        if drill.outcome is None or (drill.seconds is not None and drill.seconds < 0):
            raise refused(
                "drill-wrong",
                t("A rehearsal has an outcome, and took a time that is not below zero."),
                t("Write success or failure, or name the run that carried it out."),
            )
        content = own.DrillFinished(
            kind=drill.kind,
            outcome=drill.outcome,
            environment=Reference(id=drill.environment) if drill.environment else UNSET,
            seconds=UNSET if drill.seconds is None else drill.seconds,
            rests_on=(drill.run,) if drill.run else UNSET,
            reason=drill.reason or UNSET,
            person=actor.name,
        )
        record_about(unit.tx, unit.writer, path, f"drill:{unit.writer.new_id()}", content)


def _run(tools: AssessmentTools, path: str, run: str) -> list[Seen]:
    """The events of a run of this node that has ended."""
    moves = read_moves(tools.ledger)
    told = tools.ledger.of_subject(run)
    found = [(seen, entry.seq) for entry in told if (seen := seen_of(entry.body, entry.sender))]
    own_ = [one for one, at in found if one.own and moves.now(str(one.custom.get("project", "")), at) == path]
    if not any(one.what == "pipelinerun.finished" for one in own_):
        raise refused(
            "no-such-run",
            t("No run '{run}' of {path} has ended.", run=run, path=path),
            t("Give the id that the events of the run have as their subject."),
        )
    return own_


def _as_it_ran(drill: Drill, events: list[Seen]) -> Drill:
    end = next(one for one in events if one.what == "pipelinerun.finished")
    begin = min(one.time for one in events)
    outcome = end.content.get("outcome")
    return msgspec.structs.replace(drill, outcome=outcome, seconds=(end.time - begin) / 1_000_000)
