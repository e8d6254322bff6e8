"""The first steps of an installation: which are done is read from what there is, and stored nowhere."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.assessments.assess_ledger import any_record
from plumbline.flow.assessments.tools import nodes_where
from plumbline.flow.tree.read_tree import visible_nodes
from plumbline.model.job import State
from plumbline.model.tree import INSTANCE, NodeKind, in_use

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.service import Service
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.tree import Node


class Step(StrEnum):
    """In their order."""

    PROJECT = "project"  # there is an organisation, and a project below it
    REPOSITORY = "repository"  # a project has one
    GREEN = "green"  # a pipeline passed
    PEOPLE = "people"  # somebody else has a role
    ASSESSMENT = "assessment"  # a node was assessed


class Tour(NamedTuple):
    """``done``: as far as the actor sees it. ``project``: the one to go on with; 0: there is none. ``left``: the actor
    does not want to see it on their first page."""

    done: frozenset[Step]
    project: int
    left: bool

    @property
    def over(self) -> bool:
        return len(self.done) == len(Step)


def view_tour(actor: Actor, tools: Service) -> Tour:
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_NODES)
        nodes = visible_nodes(unit.tx, actor)
        projects = [node for node in in_use(nodes, nodes) if node.kind is NodeKind.PROJECT]
        bound = {look.project for look in unit.tx.bindings.looks()}
        ours = [node.id for node in projects if node.id in bound]
        seen = unit.projects_or_all(use_cases.LIST_PIPELINES)
        green = unit.tx.pipelines.newest(1, projects=seen, states=(State.SUCCESS,))
        done = {
            Step.PROJECT: bool(projects),
            Step.REPOSITORY: bool(ours),
            Step.GREEN: bool(green),
            Step.PEOPLE: _others(unit, nodes),
        }
        graded = {node.path for node in nodes_where(unit, use_cases.VIEW_ASSESSMENT)}
        left = unit.tx.settings.get(_key(actor)) is not None
    done[Step.ASSESSMENT] = any_record(tools.assessments, graded)
    waits = [node.id for node in projects if node.id not in bound]
    project = (ours if done[Step.REPOSITORY] else waits or [0])[0]
    return Tour(frozenset(step for step, is_done in done.items() if is_done), project, left)


def has_left_tour(actor: Actor, tools: Service) -> bool:
    with tools.units.view(actor) as unit:
        unit.require(use_cases.VIEW_ACCOUNT)
        return unit.tx.settings.get(_key(actor)) is not None


def leave_tour(actor: Actor, tools: Service, *, left: bool) -> None:
    """Hide it from one's first page, or have it there again. How somebody wants to see their own page is no event."""
    with tools.units.change(actor) as unit:
        unit.require(use_cases.CHANGE_ACCOUNT)
        if left:
            unit.tx.settings.put(_key(actor), b"left")
        else:
            unit.tx.settings.remove(_key(actor), b"left")


def _key(actor: Actor) -> str:
    return f"tour:{actor.person.id}"


def _others(unit: UnitOfWork, nodes: Sequence[Node]) -> bool:
    """Whether somebody else has a role somewhere here."""
    given = unit.tx.grants.at([INSTANCE, *(node.id for node in nodes)])
    return any(grant.person != unit.actor.person.id for grant in given)
