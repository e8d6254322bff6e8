"""What is found by a part of its name, or by a digest that it names: in the projects asked for, the likeliest first."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import text

from plumbline.adapters.store import StoreSettings, open_store, reach, search
from plumbline.adapters.store.digests_named import digests_in
from plumbline.adapters.store.upgrading import upgrade
from plumbline.model.change import Change, Event, Project
from plumbline.model.event import EventDraft
from plumbline.model.person import Person
from plumbline.model.server import StoredJob, StoredPipeline
from plumbline.model.tree import Node, NodeKind

if TYPE_CHECKING:
    from plumbline.adapters.store import Store

DIGEST = sha256(b"an image").hexdigest()
OTHER = sha256(b"another").hexdigest()


def add(store: Store, project: int, ref: str, message: str, *jobs: str) -> tuple[StoredPipeline, list[StoredJob]]:
    with store.change() as tx:
        change = Change(project=Project(path="p"), event=Event.PUSH, sha="a" * 40, branch=ref, message=message)
        uid = f"{project}-{ref}-{message}-{len(tx.pipelines.newest(999))}"
        pipeline = tx.pipelines.add(StoredPipeline(project=project, uid=uid, change=change), b"", b"")
        return pipeline, tx.jobs.add([StoredJob(pipeline=pipeline.id, name=name) for name in jobs])


@pytest.fixture
def two(store: Store) -> Store:
    """A store with two projects, 1 and 2."""
    with store.change() as tx:
        for name in ("pay", "card"):
            tx.tree.add(Node(id=0, kind=NodeKind.PROJECT, name=name, path=name))
    return store


def test_jobs_are_found_by_a_part_of_their_name_once_for_each_project(two: Store) -> None:
    add(two, 1, "main", "One", "unit", "unit-slow", "build: [linux, Über]")
    pipeline, again = add(two, 1, "main", "Two", "unit", "lint")
    _, [other] = add(two, 2, "main", "Three", "e2e-UNIT")
    with two.view() as tx:
        found = tx.jobs.named("unit", 9)
        assert [(one.project, one.name) for one in found] == [(1, "unit"), (1, "unit-slow"), (2, "e2e-UNIT")]
        assert (found[0].job, found[0].pipeline) == (again[0].id, pipeline.id)
        assert [one.job for one in tx.jobs.named("unit", 9, [2])] == [other.id]
        assert tx.jobs.named("unit", 9, []) == []
        assert len(tx.jobs.named("unit", 2)) == 2
        for odd in ("Über", "[linux", "%", "_", "\\"):
            assert [one.name for one in tx.jobs.named(odd, 9)] == (["build: [linux, Über]"] if odd[0] in "Ü[" else [])


def test_pipelines_are_found_by_ref_by_title_and_by_their_number_in_a_project(two: Store) -> None:
    add(two, 1, "feature/PAY-12", "Old\n\nPAY-9 in its body")
    newer, _ = add(two, 1, "feature/PAY-12", "Add 支付 limits")
    theirs, _ = add(two, 2, "main", "pay-12: mend")
    with two.view() as tx:
        assert [one.id for one in tx.pipelines.like("pay-12", 9)] == [newer.id, theirs.id]
        assert [one.id for one in tx.pipelines.like("支付", 9)] == [newer.id]
        assert [one.id for one in tx.pipelines.like("pay-12", 9, [2])] == [theirs.id]
        assert tx.pipelines.like("PAY-9", 9) == []
        assert [one.id for one in tx.pipelines.numbered_in(1, 9, [1, 2])] == [theirs.id, 1]
        assert [one.id for one in tx.pipelines.numbered_in(2, 9, [1, 2])] == [newer.id]


def test_people_are_found_by_name_title_and_address(store: Store) -> None:
    with store.change() as tx:
        for name, title, email in (("amei", "", "a@bank.example"), ("mei", "林梅", "mei.lin@bank.example")):
            tx.people.add(Person(id=0, name=name, title=title, email=email))
    with store.view() as tx:
        assert [one.name for one in tx.people.like("MEI", 9)] == ["mei", "amei"]
        assert [one.name for one in tx.people.like("林", 9)] == ["mei"]
        assert [one.name for one in tx.people.like("lin@", 9)] == ["mei"]
        assert len(tx.people.like("e", 1)) == 1


def body(*digests: str) -> bytes:
    return b'{"x":"%s"}' % " ".join(digests).encode()


def test_entries_are_found_by_the_digests_they_name_and_by_their_own(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies = [body(f"sha256:{DIGEST}"), body(f"pkg:oci/core@sha256%3A{DIGEST}"), body(f"sha256:{OTHER}"), body("")]
    store.ledger.append(
        [EventDraft(source="/a", id=str(at), type="t", subject="s", body=one) for at, one in enumerate(bodies)]
    )

    def found(digest: str) -> list[int]:
        return [entry.seq for entry in store.ledger.of_digest(bytes.fromhex(digest), 5)]

    assert found(DIGEST) == [2, 1]
    assert found(OTHER) == [3]
    assert found(sha256(bodies[3]).hexdigest()) == [4]
    assert found(sha256(bodies[0]).hexdigest()) == [1]
    assert found("0" * 64) == []
    monkeypatch.setattr(search, "OWN", 1)
    assert found(sha256(bodies[0]).hexdigest()) == []
    assert found(DIGEST) == [2, 1]


def test_a_digest_is_64_digits_after_its_kind() -> None:
    assert digests_in(body(f"sha256:{DIGEST}", f"sha256:{DIGEST}", f"sha256:{OTHER}")) == {
        bytes.fromhex(DIGEST),
        bytes.fromhex(OTHER),
    }
    for odd in (f"sha512:{DIGEST}", f"sha256:{DIGEST[1:]}", f"sha256:{DIGEST}0", DIGEST, "sha256:"):
        assert digests_in(body(odd)) == set()
    many = [f"sha256:{number:064x}" for number in range(300)]
    assert digests_in(body(*many)) == {bytes.fromhex(one[7:]) for one in many[:200]}


@pytest.mark.slow
def test_a_store_of_before_learns_what_it_is_searched_by(without_tables: StoreSettings) -> None:
    engines = reach(without_tables)
    upgrade(engines, without_tables.data, to="0015")
    change = b'{"project":{"path":"p"},"event":"push","sha":"aa","branch":"main","message":"Add limits\\nmore"}'
    job = "insert into job (pipeline, name, stage, attempt, state, record) values"
    with engines.writer.begin() as connection:
        given = {"change": change, "plan": b"", "body": body(f"sha256:{DIGEST}")}
        for statement in (
            "insert into tree_node (id, kind, name, path) values (1, 'project', 'pay', 'pay')",
            "insert into pipeline (project, iid, event, state, uid, ref, change, plan, variables) "
            "values (1, 1, 'push', 'success', 'u', 'main', :change, :plan, :plan)",
            f"{job} (1, 'unit', 's', 1, 'failed', :plan)",
            f"{job} (1, 'unit', 's', 2, 'failed', :plan)",
            "insert into ledger_entry (seq, received, source, id, type, subject, leaf, chain, body) "
            "values (1, 1, 's', '1', 't', 'x', :plan, :plan, :body)",
        ):
            connection.execute(text(statement), {key: value for key, value in given.items() if f":{key}" in statement})
    engines.close()
    store = open_store(msgspec.structs.replace(without_tables, upgrade=True))
    with store.view() as tx:
        assert [one.job for one in tx.jobs.named("unit", 9)] == [2]
        assert [one.id for one in tx.pipelines.like("limits", 9)] == [1]
    assert [entry.seq for entry in store.ledger.of_digest(bytes.fromhex(DIGEST), 5)] == [1]
    store.close()
