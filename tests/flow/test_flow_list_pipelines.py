"""Lists of pipelines: what is chosen, who sees which, and what stands in a row."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from door_tools import House

from plumbline.flow.pipelines import list_pipelines as listing
from plumbline.flow.pipelines.list_pipelines import PipelineChoice, list_pipelines, pipeline_rows
from plumbline.kernel import PlumblineError
from plumbline.model.change import Change, Event, Project
from plumbline.model.job import State
from plumbline.model.person import Role
from plumbline.model.server import StoredJob, StoredPipeline
from plumbline.model.tree import NodeKind


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path / "data")
    with made.server:
        made.jobs = made.tools.pipelines
        made.bank = made.node("bank")
        made.system = made.node("system", NodeKind.SYSTEM, made.bank)
        made.core = made.node("core", NodeKind.PROJECT, made.system)
        made.cards = made.node("cards", NodeKind.PROJECT, made.bank)
        made.ada = made.standing(made.person("ada", Role.ADMIN))
        made.omar = made.standing(made.person("omar", Role.VIEWER, node=made.system.id))
        yield made


def add(house, project, state=State.SUCCESS, *, upstream=0, jobs=(), by=0, **change):
    with house.change() as tx:
        said = Change(project=Project(path=project.path), sha=secrets.token_hex(20), **{"branch": "main"} | change)
        new = StoredPipeline(project=project.id, uid=secrets.token_hex(8), change=said, state=state, upstream=upstream,
                             by=by, created=house.now)  # fmt: skip
        made = tx.pipelines.add(new, b"", b"")
        added = [StoredJob(pipeline=made.id, name=name, stage=stage, state=how) for name, stage, how in jobs]
        return made.id, [job.id for job in tx.jobs.add(added)]


def numbers(rows):
    return [(row.pipeline.id, numbers(row.children)) if row.children else row.pipeline.id for row in rows]


def test_of_a_node_are_those_of_the_projects_below_it(house):
    (core, _), (cards, _) = add(house, house.core), add(house, house.cards)

    def found(who, **chosen):
        return [one.id for one in list_pipelines(who, house.jobs, 9, PipelineChoice(**chosen))]

    assert found(house.ada) == found(house.ada, node=house.bank.id) == [cards, core]
    assert found(house.ada, node=house.system.id) == found(house.ada, node=house.core.id) == [core]
    assert found(house.omar) == found(house.omar, node=house.system.id) == [core]
    assert found(house.omar, node=house.bank.id) == [core]  # the way to what omar sees
    assert found(house.ada, project="CARDS") == [cards]
    for node in (house.cards.id, 999):
        with pytest.raises(PlumblineError) as caught:
            found(house.omar, node=node)
        assert caught.value.code == "not-found"


def test_children_stand_below_their_parents_and_by_themselves_where_something_is_chosen(house):
    first, [trigger] = add(house, house.core, jobs=[("go", "build", State.SUCCESS)])
    child, [deeper] = add(house, house.core, State.FAILED, upstream=trigger, event=Event.PARENT,
                          jobs=[("go", "build", State.SUCCESS)])  # fmt: skip
    grandchild, _ = add(house, house.core, State.FAILED, upstream=deeper, event=Event.PARENT)
    elsewhere, _ = add(house, house.cards, State.FAILED, upstream=trigger, event=Event.PIPELINE)
    last, _ = add(house, house.core)

    all_of_it = pipeline_rows(house.ada, house.jobs, 9)
    assert numbers(all_of_it.rows) == [last, elsewhere, (first, [(child, [grandchild])])]
    assert (all_of_it.total, all_of_it.more) == (3, 0)
    assert [row.whence.parent and row.whence.parent.id for row in all_of_it.rows] == [None, first, None]

    failed = pipeline_rows(house.ada, house.jobs, 9, PipelineChoice(state=State.FAILED))
    assert numbers(failed.rows) == [elsewhere, grandchild, child]
    assert [row.whence.parent.id for row in failed.rows] == [first, child, first]

    part = pipeline_rows(house.ada, house.jobs, 2)
    assert (numbers(part.rows), part.more, part.total) == ([last, elsewhere], elsewhere, 3)
    rest = pipeline_rows(house.ada, house.jobs, 2, before=part.more, counted=False)
    assert (numbers(rest.rows), rest.more, rest.total) == ([(first, [(child, [grandchild])])], 0, 0)


def test_a_row_says_who_asked_for_it_how_its_stages_stand_and_what_may_be_done(house):
    mei = house.person("mei", Role.DEVELOPER, node=house.core.id)
    add(house, house.core, State.RUNNING, by=mei.id, event=Event.WEB, author="Li <li@bank.example>",
        jobs=[("a", "build", State.FAILED), ("b", "build", State.SUCCESS), ("c", "test", State.RUNNING)])  # fmt: skip
    add(house, house.core, user_name="Wang Fang", user_login="wang", author="Li <li@bank.example>")

    by_hand = pipeline_rows(house.standing(mei), house.jobs, 9, PipelineChoice(event=Event.WEB))
    [row] = by_hand.rows
    assert (row.whence.starter, row.cancels, row.retries, row.project.name) == ("mei", True, True, "core")
    assert [stage.name for stage in row.stages] == ["build", "test"]
    assert sorted(row.stages[0].states) == [(State.FAILED, False, 1), (State.SUCCESS, False, 1)]
    [row] = pipeline_rows(house.omar, house.jobs, 9, PipelineChoice(who="MEI")).rows
    assert (row.cancels, row.retries) == (False, False)
    [row] = pipeline_rows(house.omar, house.jobs, 9, PipelineChoice(who="wang")).rows
    assert (row.whence.starter, row.cancels, row.retries) == ("Wang Fang", False, False)
    assert pipeline_rows(house.omar, house.jobs, 9, PipelineChoice(who="li@bank")).total == 2


def test_many_are_not_counted_to_the_end(house, monkeypatch):
    monkeypatch.setattr(listing, "COUNTED", 2)
    for _ in range(4):
        add(house, house.core)
    assert pipeline_rows(house.ada, house.jobs, 1).total == 3
