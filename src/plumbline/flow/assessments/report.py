"""What a report says beside an assessment: its sources, what changed, and how people call persons and systems."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.evidence import timestamp
from plumbline.evidence.vocabulary import own_operations as own
from plumbline.flow.assessments import assess_ledger
from plumbline.flow.assessments.records import view_assessment
from plumbline.flow.assessments.tools import record_about
from plumbline.flow.tree.former_names import read_moves
from plumbline.kernel import PlumblineError, t
from plumbline.maturity import Beside, Graded, Since, told_by
from plumbline.model.tree import paths_above
from plumbline.trace import read_seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.access import Actor
    from plumbline.flow.assessments.assess_ledger import Record
    from plumbline.flow.assessments.replay import Replayed
    from plumbline.flow.assessments.tools import AssessmentTools
    from plumbline.maturity import Pack, Told
    from plumbline.model.assessment import Assessment, Scope
    from plumbline.model.moves import Moves
    from plumbline.model.ports.transaction import Transaction

_DAY = 86_400_000_000  # microseconds
_KEPT = 64  # answers that are kept in memory: each is a function of records


class Reported(NamedTuple):
    """``node``: that it is about."""

    assessment: Assessment
    beside: Beside
    record: Record
    node: int


def view_report(actor: Actor, tools: AssessmentTools, seq: int) -> Reported:
    """An assessment with all that a report on it says. Raises as :func:`view_assessment` does."""
    opened = view_assessment(actor, tools, seq)
    with tools.units.view(actor) as unit:
        unit.require(use_cases.VIEW_ASSESSMENT, opened.node)
        titles = _titles(unit.tx, opened.assessment, opened.record.person, read_moves(tools.ledger))
    beside = _recorded(tools, opened.assessment, opened.record, titles)
    return Reported(opened.assessment, beside, opened.record, opened.node)


def hand_out_report(actor: Actor, tools: AssessmentTools, seq: int, form: str) -> Reported:
    """The same, for somebody who takes it with them: the ledger is told, once for each person, form and day (UTC)."""
    found = view_report(actor, tools, seq)
    with tools.units.change(actor) as unit:
        path = unit.require(use_cases.VIEW_ASSESSMENT, found.node)[0].path
        writer, record = unit.writer, found.record
        same = f"{seq} {form} {actor.name} {writer.now // _DAY}"
        id_ = f"report:{sha256(same.encode()).hexdigest()[:32]}"
        if tools.ledger.find(writer.source, id_) is None:
            content = own.ReportMade(
                template=f"plumbline assessment {form}",
                data_as_of=timestamp(record.end),
                person=actor.name,
                assessment=seq,
            )
            record_about(unit.tx, writer, path, path, content, id_)
    return found


def report_for_operator(tools: AssessmentTools, made: Assessment, record: Record | None, pack: Pack) -> Beside:
    """For whoever works on the store itself. Without a record, nothing is compared."""
    with tools.units.store.view() as tx:
        titles = _titles(tx, made, "", read_moves(tools.ledger))
    if record is not None:
        return _recorded(tools, made, record, titles)
    earlier = _of(tools, made.scope.subject, made.pack)
    problem = t("Nothing is compared: this assessment is not recorded.")
    return Beside(
        pack=pack,
        told=_told(tools, made.scope),
        titles=titles,
        earlier=tuple(_graded(one) for one in reversed(earlier)),
        since=Since(before=_graded(earlier[0]), problem=problem) if earlier else None,
    )


def report_from_file(found: Replayed) -> Beside:
    """What a file tells by itself: nobody's titles, and no earlier assessment."""
    told = (seen for one in found.events if (seen := read_seen(one.body, one.sender)) is not None)
    return Beside(pack=found.pack, told=told_by((one.cited.source, one.time, one.word) for one in told))


def _recorded(tools: AssessmentTools, made: Assessment, record: Record, titles: dict[str, str]) -> Beside:
    """Whoever may see an assessment may see all others of the same subject."""
    earlier = [one for one in _of(tools, record.path, record.standard) if one.seq < record.seq]
    pack = tools.kept_pack(record.pack)
    return Beside(
        pack=pack.pack if pack is not None else None,
        told=_told(tools, made.scope),
        titles=titles,
        assessor=record.person,
        earlier=tuple(_graded(one) for one in reversed(earlier)),
        since=_since(tools, earlier[0], record) if earlier else None,
    )


def _of(tools: AssessmentTools, path: str, standard: str) -> list[Record]:
    """The newest first."""
    return [one for one in assess_ledger.records(tools, path) if (one.path, one.standard) == (path, standard)]


@lru_cache(_KEPT)
def _told(tools: AssessmentTools, scope: Scope) -> tuple[Told, ...]:
    return assess_ledger.told(tools, scope)


@lru_cache(_KEPT)
def _since(tools: AssessmentTools, before: Record, after: Record) -> Since:
    try:
        items, rules = assess_ledger.compare(tools, before, after)
    except PlumblineError as error:  # a pack or entries of then are gone
        return Since(before=_graded(before), problem=error.message)
    return Since(before=_graded(before), items=items, rules=rules)


def _graded(record: Record) -> Graded:
    return Graded(end=record.end, level=record.grade, ceiling=record.ceiling)


def _titles(tx: Transaction, made: Assessment, assessor: str, moves: Moves) -> dict[str, str]:
    """How those are called whom the assessment names, and what it is about with what that belongs to now."""
    path = moves.now(made.scope.subject, made.scope.as_of)
    people = [tx.people.named(name) for name in sorted({*_named(made), assessor}) if name]
    nodes = [node for one in (*paths_above(path), path) if (node := tx.tree.at(one)) is not None]
    found = {one.name: one.title for one in people if one is not None and one.title}
    if nodes and nodes[-1].path == path:
        found[made.scope.subject] = " · ".join(node.title or node.name for node in nodes)
    return found


def _named(made: Assessment) -> Iterator[str]:
    for one in made.exempted:
        yield from (one.person, one.second)
    yield from (one.by for one in made.overlays)
    yield from (one.owner for one in made.roadmap)
