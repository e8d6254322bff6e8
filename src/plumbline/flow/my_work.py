"""What waits for somebody: their failed pipelines, what only a second person may decide, and what they took on.

1. A pipeline is theirs if they asked for it, or are the author of its commit, and nothing newer ran on its ref. A child
   pipeline that failed is told where the one that started it did not fail with it.
2. A decision waits for them where they may take it and did not do the first of its two acts.
3. Steps of a roadmap are theirs under the name they sign in with, or the name they are called by.
4. Nothing waits in a project that is archived.
5. Looked at are the newest pipelines of each kind, as many as :data:`NEWEST`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.assessments.exemptions import ending_exemptions
from plumbline.flow.assessments.plans import steps_of
from plumbline.flow.assessments.statements import waiting_statements
from plumbline.flow.gates.waivers import ending_waivers, waiting_waivers
from plumbline.flow.pipelines.chains import above
from plumbline.flow.tree.former_names import read_moves
from plumbline.model.change import Event
from plumbline.model.job import State
from plumbline.model.person import fold
from plumbline.model.server import PipelineFilter
from plumbline.model.tree import in_use

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.access import Actor
    from plumbline.flow.assessments.tools import AssessmentTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.gate import Waiver
    from plumbline.model.server import StoredPipeline

NEWEST = 200  # pipelines in one state
_SOON = 14 * 86_400_000_000  # microseconds before something ends


class Kind(StrEnum):
    """Why something waits, the most urgent first."""

    FAILED = "failed"  # a pipeline of theirs
    BLOCKED = "blocked"  # a pipeline that goes on when they press a button
    WAIVER = "waiver"  # that somebody else asked for, to be agreed with or refused
    STATEMENT = "statement"  # of somebody else, to be accepted or rejected
    WAIVER_ENDS = "waiver_ends"  # that they asked for or agreed with, and that ends soon
    EXEMPTION = "exemption"  # that they granted and that ends soon
    STEP = "step"  # of a roadmap, that they took
    TOKEN = "token"  # noqa: S105  # an API token of theirs that ends soon


class WorkItem(NamedTuple):
    kind: Kind
    title: str
    where: str  # path of the node
    path: str  # of the page where it is done
    since: int  # 0: not known
    due: str = ""  # a day, YYYY-MM-DD
    place: str = ""  # what the node is called


def my_work(actor: Actor, tools: AssessmentTools) -> Sequence[WorkItem]:
    """The most urgent first, of one kind the oldest first."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_PIPELINES)
        nodes, moves = unit.tx.tree.all(), read_moves(tools.ledger)
        paths, titles = {node.id: node.path for node in in_use(nodes, nodes)}, {node.path: node.title for node in nodes}
        found = [*_pipelines(unit, paths), *_tokens(unit), *_waivers(unit)]
        for node, said in waiting_statements(unit, tools, moves):
            found.append(WorkItem(Kind.STATEMENT, said.topic, said.path, f"/nodes/{node}/statements", said.made))
        for node, one in ending_exemptions(unit, tools, moves, _SOON):
            page = f"/nodes/{node}/exemptions"
            found.append(WorkItem(Kind.EXEMPTION, one.rule, one.path, page, one.made, _day(one.ends)))
        for node, path, item, step in steps_of(unit, tools, moves, {actor.name, actor.person.title} - {""}):
            found.append(WorkItem(Kind.STEP, item, path, f"/assessments?node={node}", 0, step.due))
    order = list(Kind)
    found = [one._replace(place=titles.get(one.where, "")) for one in found]
    return sorted(found, key=lambda one: (order.index(one.kind), one.due or "9", one.since))


def _pipelines(unit: UnitOfWork, paths: dict[int, str]) -> Iterator[WorkItem]:
    projects = unit.projects_or_all(use_cases.LIST_PIPELINES)
    mails = {alias.name for alias in unit.tx.aliases.of(unit.actor.person.id) if not alias.forge}
    mails |= {fold(unit.actor.person.email)} - {""}
    seen: set[tuple[int, str]] = set()
    failed = unit.tx.pipelines.newest(NEWEST, projects=projects, states=(State.FAILED,))
    for one in failed:
        if one.project not in paths or not _of(one, unit.actor, mails):
            continue
        root = _root(unit, one)
        ref = (root.project, root.change.full_ref)
        if (one is root and ref in seen) or (one is not root and root.state is State.FAILED):
            continue
        if one is root:
            seen.add(ref)
        if _newest_of_ref(unit, root):
            yield _told(Kind.FAILED, one, paths)
    plays = unit.projects_or_all(use_cases.PLAY_JOB)
    blocked = unit.tx.pipelines.newest(NEWEST, projects=plays, states=(State.MANUAL,))
    for one in blocked:
        if one.project in paths and _newest_of_ref(unit, _root(unit, one)):
            yield _told(Kind.BLOCKED, one, paths)


def _root(unit: UnitOfWork, pipeline: StoredPipeline) -> StoredPipeline:
    """Itself; of a child pipeline, the one that began it all in its project."""
    while pipeline.event is Event.PARENT and (parent := above(unit.tx, pipeline)[0]) is not None:
        pipeline = parent
    return pipeline


def _of(pipeline: StoredPipeline, actor: Actor, mails: set[str]) -> bool:
    author = fold(pipeline.change.author.rpartition("<")[2].rstrip(">"))
    return pipeline.by == actor.person.id or author in mails


def _newest_of_ref(unit: UnitOfWork, pipeline: StoredPipeline) -> bool:
    there = PipelineFilter(projects=(pipeline.project,), ref=pipeline.ref, children=False)
    newer = unit.tx.pipelines.listed(there, 20)
    same = (one.id for one in newer if one.change.full_ref == pipeline.change.full_ref)
    return next(same, pipeline.id) == pipeline.id


def _told(kind: Kind, one: StoredPipeline, paths: dict[int, str]) -> WorkItem:
    since = one.finished or one.created
    return WorkItem(kind, f"#{one.iid} {one.ref}", paths[one.project], f"/pipelines/{one.id}", since)


def _waivers(unit: UnitOfWork) -> Iterator[WorkItem]:
    for one in waiting_waivers(unit):
        yield _of_waiver(Kind.WAIVER, one, one.asked)
    for one in ending_waivers(unit, _SOON):
        yield _of_waiver(Kind.WAIVER_ENDS, one, one.agreed)


def _of_waiver(kind: Kind, one: Waiver, since: int) -> WorkItem:
    return WorkItem(kind, f"{one.rule_set}: {one.line}", one.path, f"/waivers/{one.id}", since, _day(one.ends))


def _tokens(unit: UnitOfWork) -> Iterator[WorkItem]:
    for one in unit.tx.tokens.of(unit.actor.person.id):
        if not one.revoked and unit.now < one.expires < unit.now + _SOON:
            yield WorkItem(Kind.TOKEN, one.name, "", "/me", 0, _day(one.expires))


def _day(micros: int) -> str:
    return datetime.fromtimestamp(micros / 1e6, UTC).date().isoformat()
