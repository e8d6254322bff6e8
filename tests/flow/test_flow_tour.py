"""The first steps are read from what there is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from door_tools import House

from plumbline.flow.assessments.assess_node import assess_node
from plumbline.flow.tour import Step, leave_tour, view_tour
from plumbline.flow.tree.bind_repository import RepositoryWrite, bind_repository
from plumbline.model.change import Change, Project
from plumbline.model.job import State
from plumbline.model.person import Role
from plumbline.model.server import StoredPipeline
from plumbline.model.tree import NodeKind


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path / "data")
    with made.server:
        made.ada = made.standing(made.person("ada", Role.ADMIN))
        yield made


def add_pipeline(house, project, state):
    with house.change() as tx:
        change = Change(project=Project(path="bank/core"), sha="a" * 40, branch="main")
        return tx.pipelines.add(StoredPipeline(project=project.id, uid=state, change=change, state=state), b"", b"")


def test_each_step_is_done_when_it_is_so(house):
    def done(who=house.ada):
        return view_tour(who, house.tools).done

    assert done() == frozenset()
    bank = house.node("bank")
    assert done() == frozenset()  # a project is meant
    core = house.node("core", NodeKind.PROJECT, bank)
    assert done() == {Step.PROJECT}
    assert view_tour(house.ada, house.tools).project == core.id
    bind_repository(house.ada, house.tools.tree, core.id, RepositoryWrite(kind="git", url="https://git.bank/core.git"))
    assert done() == {Step.PROJECT, Step.REPOSITORY}
    add_pipeline(house, core, State.FAILED)
    assert Step.GREEN not in done()
    add_pipeline(house, core, State.SUCCESS)
    assert done() == {Step.PROJECT, Step.REPOSITORY, Step.GREEN}
    house.person("nobody")  # without a role they may do nothing
    assert Step.PEOPLE not in done()
    mei = house.standing(house.person("mei", Role.MAINTAINER, node=core.id))
    assert done() == {Step.PROJECT, Step.REPOSITORY, Step.GREEN, Step.PEOPLE}
    assess_node(house.ada, house.tools.assessments, bank.id, "collaboration", refresh=False)
    assert view_tour(house.ada, house.tools).over
    cards = house.standing(house.person("li", Role.MAINTAINER, node=house.node("cards", NodeKind.PROJECT, bank).id))
    assert done(cards) == {Step.PROJECT, Step.PEOPLE}  # as far as they see
    assert done(mei) == {Step.PROJECT, Step.REPOSITORY, Step.GREEN, Step.PEOPLE}


def test_who_does_not_want_it_has_it_away_alone_and_back(house):
    mei = house.standing(house.person("mei", Role.ADMIN))
    leave_tour(house.ada, house.tools, left=True)
    assert view_tour(house.ada, house.tools).left
    assert not view_tour(mei, house.tools).left
    leave_tour(house.ada, house.tools, left=True)
    leave_tour(house.ada, house.tools, left=False)
    leave_tour(house.ada, house.tools, left=False)
    assert not view_tour(house.ada, house.tools).left
