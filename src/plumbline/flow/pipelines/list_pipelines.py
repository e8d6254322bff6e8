"""Lists of pipelines: of a project, of what is below a node, or of all that somebody may see.

All raise PlumblineError ``not-found`` or ``not-allowed`` where they are about one node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import allowed, use_cases
from plumbline.flow.pipelines.look_up import project_for
from plumbline.flow.pipelines.whence import NOWHERE, Whence, whence_within
from plumbline.model.change import Event
from plumbline.model.job import FINISHED, RETRIED_WITH_PIPELINE, State
from plumbline.model.person import fold
from plumbline.model.server import PipelineFilter
from plumbline.model.tree import INSTANCE, NodeKind, is_within

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from plumbline.access import Actor, UseCase
    from plumbline.flow.pipelines.tools import Server
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StageSeen, StoredPipeline
    from plumbline.model.tree import Node

COUNTED = 10_000  # of more there are it is only said that there are more
_DEEPEST = 3  # child pipelines of child pipelines of child pipelines are listed below the first


class PipelineChoice(NamedTuple):
    """What is left out chooses all."""

    node: int = INSTANCE  # a project, or any other node: the projects below it; INSTANCE: all that may be seen
    project: str = ""  # a part of the path or the title of the project
    ref: str = ""
    state: State | None = None
    event: Event | None = None
    who: str = ""  # a part of the name or the address of whoever started it, or wrote its commit

    @property
    def nested(self) -> bool:
        """Child pipelines stand below those that started them: nothing is chosen that might leave one out."""
        return self.state is None and self.event is None and not self.who


ALL = PipelineChoice()


class PipelineRow(NamedTuple):
    """``children``: child pipelines, where they stand below it."""

    pipeline: StoredPipeline
    project: Node
    stages: Sequence[StageSeen]
    whence: Whence
    cancels: bool
    retries: bool
    children: Sequence[PipelineRow]


class PipelineRows(NamedTuple):
    """``total``: how many there are in all; COUNTED + 1: more than COUNTED. ``more``: the ``before`` of the next part;
    0: this was the last one."""

    rows: Sequence[PipelineRow]
    total: int
    more: int


def list_pipelines(
    actor: Actor, server: Server, limit: int, choice: PipelineChoice = ALL, *, before: int = 0
) -> Sequence[StoredPipeline]:
    """Newest first, with smaller ids than ``before`` (0: all), child pipelines among the others."""
    with server.units.view(actor) as unit:
        chosen, _ = _chosen(unit, choice, children=True)
        return unit.tx.pipelines.listed(chosen, limit, before=before)


def pipeline_rows(
    actor: Actor, server: Server, limit: int, choice: PipelineChoice = ALL, *, before: int = 0, counted: bool = True
) -> PipelineRows:
    """The same as rows of a page. ``counted``: else ``total`` is 0."""
    with server.units.view(actor) as unit:
        chosen, nodes = _chosen(unit, choice, children=not choice.nested)
        found = unit.tx.pipelines.listed(chosen, limit + 1, before=before)
        shown = found[:limit]
        made = _Rows(unit, nodes, _origins(unit, shown, below=choice.nested), below=choice.nested)
        total = unit.tx.pipelines.how_many(chosen, COUNTED + 1) if counted else 0
        return PipelineRows([made.row(one) for one in shown], total, shown[-1].id if len(found) > limit else 0)


def _chosen(unit: UnitOfWork, choice: PipelineChoice, *, children: bool) -> tuple[PipelineFilter, Mapping[int, Node]]:
    """What the store is asked for, and all nodes of the tree."""
    nodes = {node.id: node for node in unit.tx.tree.all()}
    asked = nodes.get(choice.node)
    if choice.node == INSTANCE:
        unit.require(use_cases.LIST_PIPELINES)
    elif asked is None or asked.kind is NodeKind.PROJECT:
        project_for(unit, use_cases.LIST_PROJECT_PIPELINES, choice.node)
    else:
        unit.require(use_cases.LIST_NODE_PIPELINES, choice.node)
    may = _may(unit, use_cases.LIST_PIPELINES, nodes)
    words = fold(choice.project)
    projects = tuple(
        node.id
        for node in nodes.values()
        if node.kind is NodeKind.PROJECT
        and node.id in may
        and (asked is None or is_within(node.path, asked.path))
        and (not words or words in fold(node.path) or words in fold(node.title))
    )
    return PipelineFilter(
        projects=projects,
        states=() if choice.state is None else (choice.state,),
        ref=choice.ref,
        event=choice.event,
        people=_people(unit.tx, choice.who),
        words=fold(choice.who),
        children=children,
    ), nodes


def _may(unit: UnitOfWork, use_case: UseCase, nodes: Mapping[int, Node]) -> Collection[int]:
    """Where the actor may do it."""
    assert use_case.permission is not None
    return allowed(unit.actor, use_case.permission, nodes.values())


def _people(tx: Transaction, who: str) -> tuple[int, ...]:
    """Those with this in their name, title or address."""
    words = fold(who)
    if not words:
        return ()
    known = ((one.id, fold(f"{one.name} {one.title} {one.email}")) for one in tx.people.all())
    return tuple(number for number, names in known if words in names)


def _origins(unit: UnitOfWork, pipelines: Sequence[StoredPipeline], *, below: bool) -> dict[int, Whence]:
    """Of these and, where they stand ``below``, of their child pipelines."""
    found = whence_within(unit, pipelines)
    level = found if below else {}
    for _ in range(_DEEPEST):
        level = whence_within(unit, [child for one in level.values() for child in _children(one)])
        found |= level
    return found


def _children(whence: Whence) -> list[StoredPipeline]:
    return [one for one in whence.children if one.event is Event.PARENT]


class _Rows:
    """Makes rows of pipelines; what they have in common is read once."""

    def __init__(
        self, unit: UnitOfWork, nodes: Mapping[int, Node], origins: Mapping[int, Whence], *, below: bool
    ) -> None:
        self._nodes, self._origins, self._below = nodes, origins, below
        self._stages = unit.tx.jobs.stages(origins)
        self._cancels = _may(unit, use_cases.CANCEL_PIPELINE, nodes)
        self._retries = _may(unit, use_cases.RETRY_PIPELINE, nodes)

    def row(self, pipeline: StoredPipeline) -> PipelineRow:
        stages, whence = self._stages.get(pipeline.id, ()), self._origins.get(pipeline.id, NOWHERE)
        children = _children(whence) if self._below else ()
        again = any(state in RETRIED_WITH_PIPELINE for stage in stages for state, _, _ in stage.states)
        return PipelineRow(
            pipeline=pipeline,
            project=self._nodes[pipeline.project],
            stages=stages,
            whence=whence,
            cancels=pipeline.project in self._cancels and pipeline.state not in FINISHED,
            retries=pipeline.project in self._retries and again,
            children=[self.row(child) for child in children if child.id in self._origins],
        )
