"""Collections begin with their occasion, end once, and say what came; on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from collection_world import DEADLINE, GRACE, SAST, UNIT, Due, finish, sast_of, unit_of
from report_world import BAD
from tests.postgres_server import PostgresServer, postgres_server

from plumbline.flow.contracts.closing import close_collection
from plumbline.flow.contracts.status import list_collections, missing_of_commit, silent_sources
from plumbline.kernel import PlumblineError
from plumbline.model.change import Event
from plumbline.model.forge_news import ChangeAct
from plumbline.model.person import Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def due(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Due]:
    address = request.getfixturevalue("postgres").database() if request.param == "postgresql" else ""
    made = Due(tmp_path, address)
    yield made
    made.close()


def test_it_is_opened_with_the_pipeline_and_closed_after_its_grace(due: Due) -> None:
    due.save(UNIT, SAST)
    pipeline = due.ran(unit_of(a="p", b="p"))
    [opened], [queued] = due.events("collection.opened"), due.events("pipelinerun.queued")
    seen = due.seen(pipeline)
    assert opened.seq < queued.seq
    assert (seen.collection.first, seen.collection.uid) == (opened.seq - 1, opened.subject)
    assert due.slots(pipeline) == {"unit": "filled", "sast": "open"}
    assert seen.collection.closes - seen.collection.ended == 30 * 60_000_000
    assert due.turn() == 0
    assert due.turn(GRACE) == 1
    seen = due.seen(pipeline)
    assert due.slots(pipeline) == {"unit": "filled", "sast": "missing"}
    assert (seen.collection.ending, seen.complete, seen.collection.closed_by) == ("finished", False, "")
    [closed] = due.closed()
    assert (closed.subject, closed.id) == (seen.collection.uid, seen.collection.event)
    assert seen.collection.last == closed.seq - 1
    told = msgspec.json.decode(closed.body)["subject"]["content"]["slots"]
    assert {one["id"].partition(":")[0]: one["state"] for one in told} == {"unit": "filled", "sast": "missing"}
    assert due.turn(GRACE) == 0
    assert len(due.closed()) == 1


def test_where_no_contract_holds_nothing_is_opened(due: Due) -> None:
    due.save(UNIT, occasion="{occasion: pipeline, branches: [release/*]}")
    pipeline = due.ran(unit_of(a="p"))
    assert due.events("collection.") == []
    with due.store.view() as tx:
        assert tx.collections.of_pipeline(pipeline) == []


def test_what_failed_or_was_canceled_or_never_came_to_an_end_closes_with_what_came(due: Due) -> None:
    due.save(UNIT)
    failed, canceled = due.ran(unit_of(a="f"), result=BAD), due.start(due.project).id
    due.cancel(canceled)
    stuck = due.start(due.project).id
    assert due.turn(GRACE) == 2
    assert due.seen(failed).collection.ending == "failed"
    assert due.slots(failed) == {"unit": "filled"}  # whether they passed is judged by gates
    assert due.seen(canceled).collection.ending == "cancelled"
    assert due.seen(stuck).collection.closed == 0
    assert due.turn(DEADLINE) == 1
    assert due.seen(stuck).collection.ending == "expired"


def test_a_pipeline_with_errors_has_a_collection_as_well(tmp_path: Path) -> None:
    due = Due(tmp_path, files={".gitlab-ci.yml": "test: {script: 7, needs: [nobody]}\n"})
    due.save(UNIT)
    pipeline = due.start(due.project).id
    assert due.pipeline(pipeline).finished
    due.turn(GRACE)
    assert due.seen(pipeline).collection.ending == "failed"
    assert due.slots(pipeline) == {"unit": "missing"}
    due.close()


def test_contracts_saved_later_hold_for_the_next_one(due: Due) -> None:
    due.save(UNIT)
    first = due.ran(unit_of(a="p"))
    due.save(UNIT, SAST)
    assert set(due.slots(first)) == {"unit"}
    second = due.ran(unit_of(a="p"))
    assert set(due.slots(second)) == {"unit", "sast"}
    assert due.seen(first).collection.due.digest != due.seen(second).collection.due.digest


def test_a_pipeline_that_goes_on_before_it_is_closed_is_waited_for_again(due: Due) -> None:
    due.save(UNIT)
    pipeline = due.ran(result=BAD)
    due.retry(pipeline)
    assert due.turn(GRACE) == 0
    assert due.seen(pipeline).collection.ended == 0
    finish(due, unit_of(a="p"))
    assert due.seen(pipeline).collection.ending == "finished"
    assert due.slots(pipeline) == {"unit": "filled"}
    due.turn(GRACE)
    assert [one.complete for one in list_collections(due.ada, due.contracts, due.project)] == [True]


def test_what_comes_after_it_was_closed_is_marked_once_and_rewrites_nothing(due: Due) -> None:
    due.save(UNIT)
    pipeline = due.ran(result=BAD)
    due.turn(GRACE)
    before = due.seen(pipeline).collection
    due.retry(pipeline)
    finish(due, unit_of(a="p"))
    due.turn()
    due.turn()
    [late] = due.events("evidence.late")
    told = msgspec.json.decode(late.body)["subject"]["content"]
    assert (told["collection"], told["slot"].partition(":")[0]) == (before.uid, "unit")
    assert due.of_uid(before.uid).collection == before
    assert [one.kind for one in due.of_uid(before.uid).late] == ["test-report"]
    again = due.seen(pipeline).collection  # what was gone on with is waited for anew
    assert (again.uid != before.uid, again.first) == (True, before.first)
    assert due.slots(pipeline) == {"unit": "filled"}


def test_a_person_closes_it_with_a_reason(due: Due) -> None:
    due.save(UNIT)
    pipeline = due.start(due.project).id
    uid = due.seen(pipeline).collection.uid
    viewer = due.actor("vera", Role.VIEWER, due.project)
    for actor, reason, code in ((viewer, "why not", "not-allowed"), (due.ada, "  ", "reason-missing")):
        with pytest.raises(PlumblineError) as error:
            close_collection(actor, due.contracts, uid, reason)
        assert error.value.code == code
    closed = close_collection(due.ada, due.contracts, uid, "nothing more will come")
    assert (closed.ending, closed.closed_by, closed.reason) == ("by_person", "ada", "nothing more will come")
    with pytest.raises(PlumblineError) as error:
        close_collection(due.ada, due.contracts, uid, "again")
    assert error.value.code == "collection-closed"
    assert due.turn(DEADLINE) == 0
    assert len(due.closed()) == 1


def test_a_merge_is_waited_for_by_revision(due: Due) -> None:
    due.save(UNIT, occasion="{occasion: merge, branches: [main]}")
    one, two = "a" * 40, "b" * 40
    due.tell_change(ChangeAct.CREATED, one)
    due.tell_change(ChangeAct.UPDATED, one)
    [first] = list_collections(due.ada, due.contracts, due.project)
    due.tell_change(ChangeAct.UPDATED, two)
    second, first = list_collections(due.ada, due.contracts, due.project)
    assert (first.collection.ending, first.collection.subjects.commit) == ("cancelled", one)
    assert (second.collection.ended, second.collection.subjects.commit) == (0, two)
    due.tell_change(ChangeAct.MERGED, two)
    due.turn(GRACE)
    endings = [seen.collection.ending for seen in list_collections(due.ada, due.contracts, due.project)]
    assert endings == ["finished", "cancelled"]
    assert [slot.need for slot in missing_of_commit(due.ada, due.contracts, due.project, two)] == ["unit"]


def test_what_a_pipeline_told_of_the_commit_before_counts_for_its_merge(due: Due) -> None:
    due.save(UNIT, occasion="{occasion: merge}")
    pipeline = due.pipeline(due.ran(unit_of(a="p")))
    due.tell_change(ChangeAct.CREATED, pipeline.sha)
    [seen] = list_collections(due.ada, due.contracts, due.project)
    assert {one.need: one.state.value for one in seen.slots} == {"unit": "filled"}


def test_a_schedules_pipeline_is_also_the_nightly_one(due: Due) -> None:
    due.save(UNIT, occasion="{occasion: nightly}")
    due.ran(unit_of(a="p"))
    assert list_collections(due.ada, due.contracts, due.project) == []
    due.ran(unit_of(a="p"), event=Event.SCHEDULE)
    [seen] = list_collections(due.ada, due.contracts, due.project)
    assert (seen.collection.occasion, seen.complete) == ("nightly", True)


def test_after_a_deployment_it_is_waited_for_until_the_next_one(tmp_path: Path) -> None:
    jobs = "test: {script: [make], environment: {name: prod, deployment_tier: production}}\n"
    due = Due(tmp_path, files={".gitlab-ci.yml": jobs})
    due.save(
        "{id: health, title: {en: Health, zh: 健康}, kind: health, of: environment}",
        occasion="{occasion: deployed, tiers: [production]}",
    )
    due.ran()
    due.ran(result=BAD)
    [seen] = list_collections(due.ada, due.contracts, due.project)
    assert (seen.collection.subjects.environment, seen.collection.subjects.tier) == ("prod", "production")
    assert [one.subject for one in seen.slots] == ["prod"]
    due.ran()
    second, first = list_collections(due.ada, due.contracts, due.project)
    assert (first.collection.ending, second.collection.ending) == ("finished", None)
    due.close()


def test_who_is_silent_is_named(due: Due) -> None:
    due.save("{id: sast, title: {en: A, zh: 甲}, kind: scan.sast, of: commit, made_by: ['source:sonar']}")
    for _ in range(2):
        due.ran(sast_of())
    due.turn(GRACE)
    [silent] = silent_sources(due.ada, due.contracts, due.project)
    assert (silent.source, silent.in_a_row, silent.due) == ("sonar", 2, 2)


def test_nobody_sees_the_collections_of_what_they_do_not_see(due: Due) -> None:
    due.save(UNIT)
    pipeline = due.ran(unit_of(a="p"))
    stranger = due.actor("sam", Role.VIEWER, due.add_project(due.home / "other", "other"))
    uid = due.seen(pipeline).collection.uid
    with pytest.raises(PlumblineError) as error:
        close_collection(stranger, due.contracts, uid, "why not")
    assert error.value.code == "not-found"
    assert list_collections(stranger, due.contracts, 0) == []
