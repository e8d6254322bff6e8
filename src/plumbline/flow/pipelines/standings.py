"""How projects stand: what their default branch came to, what runs where, and what waits for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.model.job import State
from plumbline.model.tree import NodeKind, in_use, is_within
from plumbline.pipeline import environment_tier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.access import Actor
    from plumbline.flow.pipelines.tools import Server
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.deployment import EnvironmentDeployment, EnvironmentState
    from plumbline.model.server import Binding, PipelineBrief, StoredJob, StoredPipeline
    from plumbline.model.tree import Node

TIERS = ("development", "testing", "other", "staging", "production")  # as a change goes through them


class Standing(NamedTuple):
    """``trunk``: the newest pipeline of the default branch. ``other``: of anything else, where that is newer."""

    trunk: PipelineBrief | None = None
    other: PipelineBrief | None = None


NOTHING = Standing()  # no pipeline was made yet


class EnvironmentNow(NamedTuple):
    project: int
    name: str
    tier: str  # by its name: a word of TIERS
    state: EnvironmentState

    @property
    def failed(self) -> EnvironmentDeployment | None:
        """What was tried after that which serves, and did not succeed."""
        last = self.state.last
        return last if last is not None and last.outcome != "success" else None


class Chain(NamedTuple):
    """One project from its newest change to its environments."""

    project: Node
    repository: Binding | None
    standing: Standing
    trunk: StoredPipeline | None  # the pipeline of its default branch with all that is known of it
    waiting: Sequence[StoredJob]  # jobs of its newest pipeline of the default branch that wait for a person
    environments: Sequence[EnvironmentNow]  # in the order in which a change goes through them


def project_standings(actor: Actor, server: Server) -> Mapping[int, Standing]:
    """Of every project that has a pipeline, by project; those that the actor may see."""
    with server.units.view(actor) as unit:
        unit.require(use_cases.LIST_PIPELINES)
        return _standings(unit, unit.projects(use_cases.LIST_PIPELINES))


def list_projects(actor: Actor, server: Server, node: int | None = None) -> Sequence[tuple[Node, Standing]]:
    """Every project that is not archived and how it stands, by path; below a node, or everywhere.

    Raises PlumblineError ``not-found``, ``not-allowed``.
    """
    with server.units.view(actor) as unit:
        projects = _projects(unit, node)
        standings = _standings(unit, [one.id for one in projects])
        return [(one, standings.get(one.id, NOTHING)) for one in projects]


def list_environments(actor: Actor, server: Server, node: int | None = None) -> Sequence[EnvironmentNow]:
    """What runs where, by project and in the order in which a change goes; below a node, or everywhere.

    Raises PlumblineError ``not-found``, ``not-allowed``.
    """
    with server.units.view(actor) as unit:
        projects = [one.id for one in _projects(unit, node)]
        return _environments(unit, projects)


def view_chains(actor: Actor, server: Server, node: int, few: int) -> Sequence[Chain]:
    """Of a project, or of all below a node, by path. Pipelines and the jobs that wait are looked up where
    there are no more than ``few``.

    Raises PlumblineError ``not-found``, ``not-allowed``.
    """
    with server.units.view(actor) as unit:
        projects = _projects(unit, node)
        ids = [one.id for one in projects]
        standings = _standings(unit, ids)
        there: dict[int, list[EnvironmentNow]] = {}
        for one in _environments(unit, ids):
            there.setdefault(one.project, []).append(one)
        found, closely = [], len(projects) <= few
        for project in projects:
            standing = standings.get(project.id, NOTHING)
            trunk = unit.tx.pipelines.get(standing.trunk.id) if closely and standing.trunk is not None else None
            waiting, environments = _waiting(unit, trunk), there.get(project.id, ())
            repository = unit.tx.bindings.get(project.id) if closely else None
            found.append(Chain(project, repository, standing, trunk, waiting, environments))
        return found


def _projects(unit: UnitOfWork, node: int | None) -> Sequence[Node]:
    """Those whose pipelines the actor may see and that are not archived."""
    if node is None:
        unit.require(use_cases.LIST_PIPELINES)
        inside = ""
    else:
        inside = unit.require(use_cases.VIEW_NODE, node)[0].path
    return [
        one
        for one in in_use(unit.nodes(use_cases.LIST_PIPELINES), unit.tx.tree.all())
        if one.kind is NodeKind.PROJECT and (not inside or is_within(one.path, inside))
    ]


def _standings(unit: UnitOfWork, projects: Sequence[int]) -> Mapping[int, Standing]:
    trunk = {one.project: one for one in unit.tx.pipelines.latest(projects, trunk=True)}
    newest = {one.project: one for one in unit.tx.pipelines.latest(projects)}
    return {
        project: Standing(own := trunk.get(project), one if own is None or one.id != own.id else None)
        for project, one in newest.items()
    }


def _environments(unit: UnitOfWork, projects: Sequence[int]) -> list[EnvironmentNow]:
    order = {project: place for place, project in enumerate(projects)}
    found = [
        EnvironmentNow(project, name, environment_tier(name), state)
        for (project, name), state in unit.tx.deployments.states(projects).items()
    ]
    return sorted(found, key=lambda one: (order[one.project], TIERS.index(one.tier), one.name))


def _waiting(unit: UnitOfWork, pipeline: StoredPipeline | None) -> Sequence[StoredJob]:
    if pipeline is None:
        return ()
    newest = {one.name: one for one in unit.tx.jobs.of(pipeline.id)}  # the last attempt of each
    return [one for one in newest.values() if one.state is State.MANUAL]
