"""What is kept in files for a time, on both databases: what is over, what somebody keeps, what is to be removed."""

from __future__ import annotations

import math
import secrets
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import text
from test_store_books import CHANGE, add_job, add_pipeline, add_project

from plumbline.adapters.store import Store, StoreSettings, open_store
from plumbline.adapters.store.opening import reach
from plumbline.adapters.store.upgrading import upgrade
from plumbline.flow.pipelines.plan_cache import encode_plan
from plumbline.model.change import Change, Event, MergeRequest
from plumbline.model.coding import plain
from plumbline.model.job import JobResult, KeptFile, State
from plumbline.model.keeping import FOR_EVER, KeptArtifacts, KeptKind, PendingDeletion
from plumbline.model.pipeline import Artifacts, Job, Plan
from plumbline.model.problem import Mark

if TYPE_CHECKING:
    from collections.abc import Callable


def left(store: Store, project: int, pipeline: int, **fields: int) -> int:
    job = add_job(store, pipeline, name=secrets.token_hex(4)).id
    with store.change() as tx:
        given = {"job": job, "project": project, "pipeline": pipeline, "ended": 100, **fields}
        tx.keeping.add(KeptArtifacts(**given))
    return job


def over(store: Store, project: int, now: int, ended_before: int = -1, limit: int = 9, after: int = 0) -> list[int]:
    with store.view() as tx:
        return [kept.job for kept in tx.keeping.over(project, now, ended_before, limit, after=after)]


def test_each_is_over_by_its_own_time_or_by_when_it_ended(store: Store) -> None:
    project, other = add_project(store), add_project(store, "other")
    pipeline, elsewhere = add_pipeline(store, project), add_pipeline(store, other)
    own = left(store, project, pipeline.id, expires=500)
    never = left(store, project, pipeline.id, expires=FOR_EVER)
    default = left(store, project, pipeline.id)
    later = left(store, project, pipeline.id, ended=200)
    foreign = left(store, other, elsewhere.id, expires=1)
    assert over(store, project, 499) == []
    assert over(store, project, 500) == [own]
    assert over(store, project, 10**17, 99) == [own]
    assert over(store, project, 10**17, 100) == [own, default]
    assert over(store, project, 10**17, 200) == [own, default, later]
    assert over(store, project, 10**17, 200, limit=2) == [own, default]
    assert over(store, project, 10**17, 200, after=default) == [later]
    assert over(store, other, 10**17, 10**17) == [foreign]
    with store.view() as tx:
        assert [kept.job for kept in tx.keeping.of(pipeline.id)] == [own, never, default, later]
        assert tx.keeping.get(later) == KeptArtifacts(job=later, project=project, pipeline=pipeline.id, ended=200)
        assert tx.keeping.get(999) is None


def test_they_are_let_go_once_and_not_while_somebody_keeps_them(store: Store) -> None:
    project = add_project(store)
    pipeline = add_pipeline(store, project)
    first, second = left(store, project, pipeline.id, expires=1), left(store, project, pipeline.id, expires=1)
    with store.change() as tx:
        assert tx.keeping.keep(first, 7)
        assert tx.keeping.let_go([first, second], 900) == [second]
        assert tx.keeping.let_go([first, second], 901) == []
        assert not tx.keeping.keep(second, 7)
        found = tx.keeping.get(second)
        assert found is not None
        assert found.gone == 900
    assert over(store, project, 5) == []
    with store.change() as tx:
        assert tx.keeping.keep(first, 0)
    assert over(store, project, 5) == [first]


def test_the_newest_of_a_ref(store: Store) -> None:
    project = add_project(store)

    def add(state: State, change: Change) -> int:
        return add_pipeline(store, project, state=state, change=change).id

    main, feature, tag = (
        msgspec.structs.replace(CHANGE, **named) for named in ({"branch": "main"}, {"branch": "x"}, {"tag": "main"})
    )
    first, second = (_request(number) for number in (1, 2))
    good, bad = add(State.SUCCESS, main), add(State.FAILED, main)
    ours, theirs, tagged = add(State.SUCCESS, first), add(State.FAILED, second), add(State.SUCCESS, tag)
    add(State.SUCCESS, msgspec.structs.replace(main, event=Event.PARENT))
    elsewhere = add(State.RUNNING, feature)
    with store.view() as tx:
        found = [tx.keeping.newest(project, change) for change in (main, first, second, tag, feature, _request(3))]
    assert found == [(bad, good), (ours, ours), (theirs, 0), (tagged, tagged), (elsewhere, 0), (0, 0)]


def _request(number: int) -> Change:
    request = MergeRequest(iid=number, source_branch="main", fork="" if number == 1 else "eve/core")
    return msgspec.structs.replace(CHANGE, event=Event.MERGE_REQUEST, branch="", merge_request=request)


def test_pipelines_in_which_nothing_happened(store: Store) -> None:
    project = add_project(store)
    first, second = add_pipeline(store, project), add_pipeline(store, project)
    with store.change() as tx:
        assert tx.pipelines.change(second, msgspec.structs.replace(second, state=State.RUNNING))
        assert tx.keeping.unchanged({first.id: 0, second.id: 0, 99: 0}) == {first.id}


def test_logs_go_until_something_happens_again(store: Store) -> None:
    project = add_project(store)
    old, new, running = (add_pipeline(store, project, finished=time) for time in (50, 90, 0))
    with store.change() as tx:
        assert tx.keeping.with_logs(project, 49, 9) == []
        assert tx.keeping.with_logs(project, 100, 9) == [old.id, new.id]
        assert tx.keeping.with_logs(project, 100, 1) == [old.id]
        assert tx.keeping.let_logs_go([old.id, new.id, running.id], 60, 200) == [old.id]
        assert tx.keeping.let_logs_go([old.id], 60, 200) == []
        assert tx.keeping.with_logs(project, 100, 9) == [new.id]
        again = msgspec.structs.replace(old, finished=95)
        assert tx.pipelines.change(old, again)
        assert tx.keeping.with_logs(project, 100, 9) == [new.id, old.id]


def test_what_is_to_be_removed_is_written_down_once(store: Store, reopened: Callable[[], Store]) -> None:
    things = [
        PendingDeletion(kind=KeptKind.ARTIFACTS, name="1", size=5),
        PendingDeletion(kind=KeptKind.CACHES, name="1/a.cache", stamp=1_700_000_000_123_456_789),
        PendingDeletion(kind=KeptKind.LOGS, name="1/1", due=500),
    ]
    with store.change() as tx:
        assert tx.keeping.put(things) == things
        assert tx.keeping.put([*things, PendingDeletion(kind=KeptKind.LOGS, name="1")]) == [
            PendingDeletion(kind=KeptKind.LOGS, name="1")
        ]
        assert tx.keeping.put([]) == []
    with reopened().view() as tx:
        due = tx.keeping.due(499, 9)
        assert [(one.kind, one.name, one.size, one.stamp) for one in due] == [
            (KeptKind.ARTIFACTS, "1", 5, 0),
            (KeptKind.CACHES, "1/a.cache", 0, 1_700_000_000_123_456_789),
            (KeptKind.LOGS, "1", 0, 0),
        ]
        assert tx.keeping.due(499, 2) == due[:2]
        assert len(tx.keeping.due(500, 9)) == 4
    with store.change() as tx:
        tx.keeping.done([due[0].id])
        tx.keeping.put_off([due[1].id], 700)
        tx.keeping.done([])
        assert [one.name for one in tx.keeping.due(600, 9)] == ["1", "1/1"]
        assert len(tx.keeping.due(700, 9)) == 3


def before(settings: StoreSettings) -> StoreSettings:
    """A store whose tables are those of the revision before, with a pipeline of four jobs."""
    engines = reach(settings)
    upgrade(engines, settings.data, to="0006")
    times = {"hour": 3600.0, "never": math.inf, "default": None}
    jobs = tuple(
        Job(name=name, group=name, where=Mark("f", 1), artifacts=Artifacts(paths=("x",), expire_in=time))
        for name, time in times.items()
    )
    plan = encode_plan(Plan(change=CHANGE, jobs=(*jobs, Job(name="bare", group="bare", where=Mark("f", 1)))))
    kept = (KeptFile(kind="archive", name="a", files=1, size=7), KeptFile(kind="junit", name="b", files=1, size=3))
    result = msgspec.json.encode(JobResult(state=State.SUCCESS, kept=kept), enc_hook=plain)
    nothing = msgspec.json.encode(JobResult(state=State.SUCCESS), enc_hook=plain)
    with engines.writer.begin() as connection:
        connection.execute(text("insert into tree_node (id, kind, name, path) values (4, 'project', 'p', 'p')"))
        pipeline = "insert into pipeline (id, project, iid, event, state, uid, change, plan, variables, ref)"
        values = "values (9, 4, 1, 'push', 'success', 'u', :change, :plan, :empty, 'main')"
        change = msgspec.json.encode(CHANGE)
        connection.execute(text(f"{pipeline} {values}"), {"change": change, "plan": plan, "empty": b""})
        row = "insert into job (id, pipeline, name, stage, attempt, state, finished, record)"
        for number, (name, finished, record) in enumerate(
            [
                ("hour", 10**15, result),
                ("never", 10**15, result),
                ("default", 10**15, result),
                ("bare", 10**15, nothing),
                ("running", 0, b""),
            ],
            1,
        ):
            connection.execute(
                text(f"{row} values (:id, 9, :name, 's', 1, 'success', :finished, :record)"),
                {"id": number, "name": name, "finished": finished, "record": record},
            )
    engines.close()
    return settings


def test_a_store_of_before_learns_which_refs_its_pipelines_are_of(without_tables: StoreSettings) -> None:
    settings = before(without_tables)
    tag = msgspec.structs.replace(CHANGE, branch="", tag="main")
    engines = reach(settings)
    with engines.writer.begin() as connection:
        for number, change in enumerate((_request(1), _request(2), tag), 10):
            connection.execute(
                text(
                    "insert into pipeline (id, project, iid, event, state, uid, change, plan, variables, ref) "
                    "values (:id, 4, :id, :event, 'success', :uid, :change, :empty, :empty, 'main')"
                ),
                {"id": number, "uid": f"u{number}", "event": change.event.value, "empty": b"",
                 "change": msgspec.json.encode(change)},
            )  # fmt: skip
    engines.close()
    store = open_store(msgspec.structs.replace(settings, upgrade=True))
    with store.view() as tx:
        found = [tx.keeping.newest(4, change)[0] for change in (CHANGE, _request(1), _request(2), tag)]
    assert found == [9, 10, 11, 12]
    store.close()


def test_a_store_of_before_learns_what_its_jobs_left(without_tables: StoreSettings) -> None:
    settings = before(without_tables)
    store = open_store(msgspec.structs.replace(settings, upgrade=True))
    with store.view() as tx:
        found = tx.keeping.of(9)
    given = {"project": 4, "pipeline": 9, "size": 10, "ended": 10**15}
    assert found == [
        KeptArtifacts(job=1, expires=10**15 + 3_600_000_000, **given),
        KeptArtifacts(job=2, expires=FOR_EVER, **given),
        KeptArtifacts(job=3, expires=0, **given),
    ]
    store.close()
