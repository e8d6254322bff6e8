"""What the server keeps of pipelines: conditional writes happen once, on both databases."""

from __future__ import annotations

import secrets
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
import pytest

from plumbline.kernel import PlumblineError, t
from plumbline.model.change import Change, Event, Project
from plumbline.model.job import FailureReason, JobResult, State
from plumbline.model.server import (
    LONGEST_REF,
    Binding,
    Delivery,
    KnownRequest,
    Look,
    Outcome,
    PipelineFilter,
    ProcessMode,
    QueueSeen,
    Schedule,
    StoredJob,
    StoredPipeline,
)
from plumbline.model.tree import Node, NodeKind

if TYPE_CHECKING:
    from plumbline.adapters.store import Store

CHANGE = Change(project=Project(path="bank/core"), sha="ab" * 20, branch="main", message="密")


def add_project(store: Store, name: str = "core") -> int:
    with store.change() as tx:
        top = tx.tree.at("bank")
        top = top or tx.tree.add(Node(id=0, kind=NodeKind.ORGANISATION, name="bank", path="bank"))
        node = Node(id=0, kind=NodeKind.PROJECT, name=name, path=f"bank/{name}", parent=top.id)
        return tx.tree.add(node).id


def add_pipeline(store: Store, project: int, **fields: object) -> StoredPipeline:
    with store.change() as tx:
        made = StoredPipeline(**{"project": project, "uid": secrets.token_hex(8), "change": CHANGE, **fields})  # type: ignore[arg-type]
        return tx.pipelines.add(made, b"plan", b"sealed")


def add_job(store: Store, pipeline: int, **fields: object) -> StoredJob:
    with store.change() as tx:
        made = StoredJob(**{"pipeline": pipeline, "name": "a", "state": State.PENDING, **fields})  # type: ignore[arg-type]
        return tx.jobs.add([made])[0]


def test_sealed_variables_are_replaced_only_while_they_are_the_same(store: Store) -> None:
    project = add_project(store)
    first, second = add_pipeline(store, project), add_pipeline(store, project)
    with store.change() as tx:
        bare = StoredPipeline(project=project, uid="bare", change=CHANGE)
        tx.pipelines.add(bare, b"plan", b"")
        assert tx.pipelines.sealed(0, 9) == [(first.id, first.uid, b"sealed"), (second.id, second.uid, b"sealed")]
        assert tx.pipelines.sealed(0, 1) == [(first.id, first.uid, b"sealed")]
        assert tx.pipelines.sealed(second.id, 9) == []
        assert tx.pipelines.reseal(first.id, b"sealed", b"anew")
        assert not tx.pipelines.reseal(first.id, b"sealed", b"lost")
        assert tx.pipelines.plan(first.id) == (b"plan", b"anew")
        assert tx.pipelines.plan(second.id) == (b"plan", b"sealed")
        assert tx.pipelines.get(first.id) == first  # the version of its state is not touched


def test_a_pipeline_that_passed_knows_of_a_job_that_was_allowed_to_fail(store: Store) -> None:
    project = add_project(store)
    failed = {"state": State.FAILED, "allow_failure": True}
    passed, running, again, other, plain = (
        add_pipeline(store, project, state=state)
        for state in (State.SUCCESS, State.RUNNING, State.SUCCESS, State.SUCCESS, State.SUCCESS)
    )
    for pipeline in (passed, running, again):
        add_job(store, pipeline.id, **failed)
    add_job(store, passed.id, name="b", state=State.SUCCESS)
    add_job(store, again.id, attempt=2, state=State.SUCCESS)
    add_job(store, other.id, state=State.FAILED)
    add_job(store, other.id, name="b", state=State.SUCCESS, allow_failure=True)
    with store.view() as tx:
        warned = {one.id for one in tx.pipelines.newest(9) if one.warned}
        assert warned == {passed.id}
        assert tx.pipelines.get(passed.id) == msgspec.structs.replace(passed, forgiven=True)
        assert [one.id for one in tx.pipelines.latest([project])] == [plain.id]
    with store.change() as tx:
        before = tx.pipelines.get(passed.id)
        assert before is not None
        after = msgspec.structs.replace(before, state=State.RUNNING)
        assert tx.pipelines.change(before, after)
        assert not after.warned
        assert tx.pipelines.get(passed.id) == msgspec.structs.replace(after, version=1, forgiven=False)


def test_a_pipeline_comes_back_as_it_was(store: Store) -> None:
    project, other = add_project(store), add_project(store, "other")
    child = msgspec.structs.replace(CHANGE, event=Event.PARENT)
    first = add_pipeline(store, project)
    second = add_pipeline(store, project, upstream=9, depth=1, message="m", change=child)
    there = msgspec.structs.replace(CHANGE, project=Project(path="bank/other"))
    third = add_pipeline(store, other, state=State.SUCCESS, change=there)
    assert [p.iid for p in (first, second, third)] == [1, 2, 1]
    with store.view() as tx:
        assert tx.pipelines.get(second.id) == second
        assert tx.pipelines.plan(first.id) == (b"plan", b"sealed")
        assert tx.pipelines.numbered(project, 2) == second
        assert tx.pipelines.downstream(9) == second
        assert tx.pipelines.downstream(0) is None
        assert tx.pipelines.newest(2) == [third, second]
        assert tx.pipelines.newest(5, projects=[project], before=second.id) == [first]
        assert tx.pipelines.newest(5, states=[State.SUCCESS], ref="main") == [third]
        assert {one.id for one in tx.pipelines.latest([project, other])} == {third.id, first.id}
        assert tx.pipelines.of_commit("abab") == [third, second, first]
        assert not tx.pipelines.of_commit("ac")
        assert tx.pipelines.unfinished(project) == [first, second]
        assert tx.pipelines.get(99) is None
        with pytest.raises(KeyError):
            tx.pipelines.plan(99)


def test_a_pipeline_changes_only_from_what_was_seen(store: Store) -> None:
    made = add_pipeline(store, add_project(store))
    running = msgspec.structs.replace(made, state=State.RUNNING, started=5)
    with store.change() as tx:
        assert tx.pipelines.change(made, running)
        assert not tx.pipelines.change(made, running)
        assert tx.pipelines.get(made.id) == msgspec.structs.replace(running, version=1)


def test_a_job_comes_back_as_it_was(store: Store) -> None:
    pipeline = add_pipeline(store, add_project(store))
    message = t("exit status {code}", code=3)
    result = JobResult(state=State.FAILED, exit_code=3, message=message, timings={"script": 0.5})
    values = {"tags": ("gpu", "密"), "due": 7, "reason": FailureReason.SCRIPT, "result": result, "allow_failure": True}
    made = add_job(store, pipeline.id, state=State.FAILED, **values)
    with store.view() as tx:
        assert tx.jobs.get(made.id) == made
        assert tx.jobs.of(pipeline.id) == [made]
        assert tx.jobs.count([State.FAILED, State.RUNNING]) == {State.FAILED: 1, State.RUNNING: 0}


def test_of_many_who_claim_a_job_one_gets_it(store: Store) -> None:
    job = add_job(store, add_pipeline(store, add_project(store)).id)
    got: list[str] = []

    def claim(owner: str) -> None:
        taken = msgspec.structs.replace(job, state=State.RUNNING, lease_owner=owner, fence=1, lease_until=10)
        with store.change() as tx:
            if tx.jobs.change(job, taken):
                got.append(owner)

    threads = [threading.Thread(target=claim, args=(f"r/{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
    with store.change() as tx:
        assert tx.jobs.renew("other/1", [job.id], 99) == 0
        assert tx.jobs.renew(got[0], [job.id], 99) == 1
        [leased] = tx.jobs.leased()
        assert (leased.lease_owner, leased.lease_until) == (got[0], 99)
        assert tx.jobs.renew(got[0], [job.id], 40) == 1
        assert [one.lease_until for one in tx.jobs.leased()] == [100]  # it moves, though the clock went back
        assert not tx.jobs.waiting(5)


def test_what_an_undone_change_wrote_is_not_there(store: Store) -> None:
    job = add_job(store, add_pipeline(store, add_project(store)).id)
    with suppress(InterruptedError), store.change() as tx:
        assert tx.jobs.change(job, msgspec.structs.replace(job, state=State.CANCELED))
        raise InterruptedError
    with store.view() as tx:
        assert tx.jobs.get(job.id) == job


def test_waiting_and_due_jobs_in_their_order(store: Store) -> None:
    pipeline = add_pipeline(store, add_project(store)).id
    late = add_job(store, pipeline, name="late", queued=2)
    early = add_job(store, pipeline, name="early", queued=1, state=State.WAITING_FOR_RESOURCE)
    due = add_job(store, pipeline, name="due", state=State.SCHEDULED, due=5)
    with store.view() as tx:
        assert tx.jobs.waiting(5) == [early, late]
        assert tx.jobs.waiting(1) == [early]
        assert not tx.jobs.due(4)
        assert tx.jobs.due(5) == [due]


def test_a_resource_is_held_by_one(store: Store) -> None:
    project = add_project(store)
    job = add_job(store, add_pipeline(store, project).id, resource_group="production")
    with store.change() as tx:
        assert tx.resources.take(project, "production", job.id)
        assert tx.resources.take(project, "production", job.id)
        assert not tx.resources.take(project, "production", 99)
        tx.resources.set_mode(project, "production", ProcessMode.OLDEST_FIRST)
        tx.resources.set_mode(project, "staging", ProcessMode.NEWEST_FIRST)
        assert [(r.name, r.job) for r in tx.resources.of(project)] == [("production", job.id), ("staging", 0)]
        assert tx.jobs.in_group(project, "production") == [job]
        tx.resources.release(job.id)
        assert tx.resources.take(project, "production", 99)


def test_deliveries_schedules_and_bindings(store: Store) -> None:
    project, other = add_project(store), add_project(store, "other")
    delivery = Delivery(forge="git", name="x", body="b", project=project, received=3, ref="密", told=b"t")
    binding = Binding(project=project, kind="git", url="/r", secret=b"s", heads={"refs/heads/密": "1"})
    with store.change() as tx:
        kept = tx.deliveries.add(delivery)
        assert kept == msgspec.structs.replace(delivery, id=kept.id)
        assert [tx.deliveries.told("git", project, "x", body) for body in ("b", "c")] == [kept, None]
        assert (tx.deliveries.get(kept.id), tx.deliveries.newest(project, 5), tx.deliveries.last()) == (
            kept, [kept], kept.id,
        )  # fmt: skip
        held = msgspec.structs.replace(kept, lease_owner="a_b/1", lease_until=9, fence=1)
        assert tx.deliveries.claimable(5, 99, (), (), 5) == [kept]
        assert tx.deliveries.change(kept, msgspec.structs.replace(kept, due=100))
        assert tx.deliveries.claimable(5, 100, (), (), 5) == []
        assert [one.id for one in tx.deliveries.claimable(5, 99, (), (), 5)] == [kept.id]  # a clock that was ahead
        assert tx.deliveries.change(kept, kept)
        assert (tx.deliveries.claimable(5, 99, ("",), (), 5), tx.deliveries.claimable(5, 99, (), (project,), 5)) == (
            [],
            [],
        )
        assert tx.deliveries.change(kept, held)
        assert not tx.deliveries.change(kept, held)
        assert (tx.deliveries.claimable(5, 99, (), (), 5), tx.deliveries.leased()) == ([], [held])
        assert tx.deliveries.queue(5) == QueueSeen(at_work=1, oldest=3)
        assert (tx.deliveries.give_back("aXb/", "-"), tx.deliveries.give_back("a_b/", "a_b/1")) == (0, 0)
        assert (tx.deliveries.renew("other", [kept.id], 20), tx.deliveries.renew("a_b/1", [kept.id], 20)) == (0, 1)
        assert tx.deliveries.give_back("a_b/", "a_b/2") == 1
        later = tx.deliveries.add(msgspec.structs.replace(delivery, name="y"))
        assert [one.id for one in tx.deliveries.claimable(5, 99, (), (), 5)] == [kept.id]  # the first of its ref
        tag = tx.deliveries.add(msgspec.structs.replace(delivery, name="z", event="tag"))
        claimable = tx.deliveries.claimable(5, 99, (), (), 5)
        assert [one.id for one in claimable] == [kept.id, tag.id]  # another ref of that name
        assert tx.deliveries.change(tag, msgspec.structs.replace(tag, settled=6))
        done = msgspec.structs.replace(held, outcome=Outcome.PIPELINE, settled=7, told=b"")
        assert tx.deliveries.change(held, done)
        assert tx.deliveries.claimable(5, 99, (), (), 5) == [later]
        assert tx.deliveries.queue(5) == QueueSeen(waiting=1, oldest=3)
        schedule = tx.schedules.add(Schedule(project=project, cron="* * * * *", next=5, variables=b"v"))
        assert tx.schedules.due(5) == [schedule]
        assert tx.schedules.fired(schedule, 6, 9)
        assert not tx.schedules.fired(schedule, 6, 9)
        assert tx.schedules.of(project) == [msgspec.structs.replace(schedule, last=6, next=9)]
        tx.bindings.put(binding)
        tx.bindings.put(binding)
        with pytest.raises(PlumblineError) as caught:
            tx.bindings.put(msgspec.structs.replace(binding, project=other))
        assert caught.value.code == "repository-bound"
        assert tx.bindings.all() == [binding]
        [look] = tx.bindings.looks()
        assert look == Look(project=project, url="/r", poll=0, polled=0, faults=0)
        assert tx.bindings.begin_look(look, 8)
        assert not tx.bindings.begin_look(look, 9)
        tx.bindings.end_look(project, heads=None)
        assert tx.bindings.get(project) == msgspec.structs.replace(binding, polled=8, heard=-1, faults=1)
        odd = {"refs/heads/caf\udce9": "2"}
        tx.bindings.end_look(project, heads=odd, heard=4)
        assert tx.bindings.get(project) == msgspec.structs.replace(binding, polled=8, heads=odd, heard=4)
        assert tx.bindings.remove(project)


def test_the_longest_name_of_a_branch_that_is_taken_is_kept(store: Store) -> None:
    """Indexes of PostgreSQL hold so many bytes of a value that nothing makes shorter."""
    project = add_project(store)
    name = "".join(chr(0x4E00 + secrets.randbelow(20_000)) for _ in range(LONGEST_REF // 3))
    add_pipeline(store, project, change=msgspec.structs.replace(CHANGE, branch=name))
    with store.change() as tx:
        kept = tx.deliveries.add(Delivery(project=project, forge="git", name="n", received=1, event="push", ref=name))
        request = KnownRequest(project=project, number=1, branch=name, own=True, is_open=True)
        tx.merge_requests.put(request)
        tx.merge_requests.put(request)
        assert tx.merge_requests.open(project, name, 4) == [1]
        assert tx.deliveries.get(kept.id) == kept


def test_the_event_of_a_pipeline_is_its_changes(store: Store) -> None:
    change = msgspec.structs.replace(CHANGE, event=Event.SCHEDULE)
    assert add_pipeline(store, add_project(store), change=change).event is Event.SCHEDULE


def test_pipelines_are_listed_and_counted_by_what_is_chosen(store: Store) -> None:
    project, other = add_project(store), add_project(store, "other")
    wang = msgspec.structs.replace(CHANGE, author="王芳 <Wang.Fang@bank.example>", event=Event.WEB)
    li = msgspec.structs.replace(CHANGE, author="x_y <li@bank.example>", user_name="Li 100%", event=Event.PUSH)
    child = msgspec.structs.replace(CHANGE, author="nobody", event=Event.PARENT)
    first = add_pipeline(store, project, change=wang, by=7, state=State.FAILED)
    second = add_pipeline(store, project, change=li)
    third = add_pipeline(store, other, change=li, by=7)
    inner = add_pipeline(store, project, change=child, upstream=add_job(store, first.id).id, depth=1)
    with store.view() as tx:

        def found(limit: int = 9, before: int = 0, **chosen: object) -> list[int]:
            wanted = PipelineFilter(**chosen)  # type: ignore[arg-type]
            listed = [one.id for one in tx.pipelines.listed(wanted, limit, before=before)]
            assert before or tx.pipelines.how_many(wanted, limit) == len(listed)
            return listed

        assert found() == [inner.id, third.id, second.id, first.id]
        assert found(2) == [inner.id, third.id]
        assert found(before=third.id) == [second.id, first.id]
        assert found(children=False) == [third.id, second.id, first.id]
        assert found(projects=(project,), children=False) == [second.id, first.id]
        assert found(projects=()) == []
        assert found(states=(State.FAILED,)) == [first.id]
        assert found(event=Event.WEB) == [first.id]
        assert found(words="wang.fang@") == found(words="王芳") == [first.id]
        assert found(words="100%") == found(words="x_y") == [third.id, second.id]
        assert found(words="%") == [third.id, second.id]
        assert found(words="x-y") == []
        assert found(people=(7,)) == [third.id, first.id]
        assert found(people=(7,), words="x_y") == [third.id, second.id, first.id]
        assert found(people=(7,), words="x_y", projects=(project,)) == [second.id, first.id]
        assert [one.id for one in tx.pipelines.begun_by([first.id, second.id])] == [inner.id]
        assert tx.pipelines.begun_by([]) == []


def test_stages_are_seen_in_their_order_by_the_newest_attempt_at_each_job(store: Store) -> None:
    project = add_project(store)
    one, two, bare = (add_pipeline(store, project) for _ in range(3))
    add_job(store, one.id, name="z", stage="build", state=State.FAILED)
    add_job(store, one.id, name="a", stage="test", state=State.FAILED, allow_failure=True)
    add_job(store, one.id, name="b", stage="test", state=State.SUCCESS)
    add_job(store, one.id, name="c", stage="test", state=State.SUCCESS)
    add_job(store, one.id, name="z", stage="build", attempt=2, state=State.RUNNING)
    add_job(store, two.id, name="z", stage="all", state=State.MANUAL)
    with store.view() as tx:
        seen = tx.jobs.stages([one.id, two.id, bare.id])
    assert {number: [stage.name for stage in stages] for number, stages in seen.items()} == {
        one.id: ["build", "test"],
        two.id: ["all"],
    }
    build, test = seen[one.id]
    assert build.states == ((State.RUNNING, False, 1),)
    assert sorted(test.states) == [(State.FAILED, True, 1), (State.SUCCESS, False, 2)]
