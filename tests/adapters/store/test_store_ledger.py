"""The ledger in a database: the chain, idempotence, shared commits, and the tree over it."""

from __future__ import annotations

import hashlib
import struct
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy.exc import DBAPIError
from tests.store_kinds import of_files

from plumbline.adapters.store.appending import FIND_MANY
from plumbline.adapters.store.plain import ask
from plumbline.kernel import PlumblineError
from plumbline.model.event import NO_CHAIN, Checkpoint, Entry, EventDraft

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.adapters.store import Store


def draft(name: str, body: bytes = b"", source: str = "/test") -> EventDraft:
    return EventDraft(source=source, id=name, type="dev.test.0.1.0", subject="thing", body=body or name.encode())


def drafts(count: int, prefix: str = "e") -> list[EventDraft]:
    return [draft(f"{prefix}{number}") for number in range(count)]


def leaf_input(entry: Entry) -> bytes:
    return struct.pack(">QQ", entry.seq, entry.received) + hashlib.sha256(entry.body).digest()


def tree_hash(leaves: list[bytes]) -> bytes:
    """RFC 6962, as it is written there."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree_hash(leaves[:half]) + tree_hash(leaves[half:])).digest()


def check_whole(store: Store) -> list[Entry]:
    """Every number once, every link of the chain."""
    entries, chain = list(store.ledger.read()), NO_CHAIN
    for number, entry in enumerate(entries, 1):
        assert entry.seq == number
        chain = hashlib.sha256(chain + leaf_input(entry)).digest()
        assert entry.chain == chain
    assert store.ledger.head() == (len(entries), chain)
    return entries


def test_an_empty_ledger(store: Store) -> None:
    assert store.ledger.head() == (0, NO_CHAIN)
    assert list(store.ledger.read()) == []
    assert store.ledger.append([]) == []
    assert store.ledger.find("/test", "e0") is None


def test_entries_come_back_as_they_were_given(store: Store) -> None:
    given = [draft("1", b"\x00\xff" * 9), draft("2", "中文".encode()), draft("三", b"{}", source="来源")]
    appended = store.ledger.append(given)
    assert [(e.source, e.id, e.type, e.subject, e.body) for e in appended] == [
        (d.source, d.id, d.type, d.subject, d.body) for d in given
    ]
    assert check_whole(store) == appended
    assert store.ledger.find("来源", "三") == appended[2]
    assert store.ledger.entry(2) == appended[1]
    assert list(store.ledger.read(2, 1)) == [appended[1]]


def test_the_same_event_twice_is_one_entry(store: Store) -> None:
    first = store.ledger.append(drafts(3))
    assert store.ledger.append(drafts(3)) == first
    mixed = store.ledger.append([draft("new"), draft("e1"), draft("new"), draft("newer")])
    assert [entry.seq for entry in mixed] == [4, 2, 4, 5]
    assert len(check_whole(store)) == 5


def test_other_bytes_under_the_same_id_are_refused(store: Store) -> None:
    store.ledger.append(drafts(3))
    with pytest.raises(PlumblineError) as refused:
        store.ledger.append([draft("new"), draft("e1", b"other")])
    assert refused.value.code == "event-id-reused"
    with pytest.raises(PlumblineError):
        store.ledger.append([draft("x", b"1"), draft("x", b"2")])
    assert len(check_whole(store)) == 3
    assert store.ledger.append([draft("after")])[0].seq == 4


@pytest.mark.parametrize("name", ["a\0b", "x" * 601, "字" * 201])
def test_a_name_that_no_index_takes_is_refused(store: Store, name: str) -> None:
    with pytest.raises(PlumblineError) as refused:
        store.ledger.append([draft(name, b"body")])
    assert refused.value.code == "event-name-unusable"
    assert store.ledger.size() == 0


def test_the_longest_names_are_kept(store: Store) -> None:
    longest = EventDraft(source="字" * 200, id="題" * 200, type="型" * 200, subject="主" * 200, body=b"x")
    store.ledger.append([longest])
    assert store.ledger.find(longest.source, longest.id) is not None


def test_many_threads_and_two_openings_of_one_store(store: Store, reopened: Callable[[], Store]) -> None:
    stores = [store, reopened()]

    def write(writer: int) -> None:
        for part in range(10):
            batch = [draft(f"{writer}.{part}.{number}") for number in range(writer + 1)]
            entries = stores[writer % 2].ledger.append(batch)
            assert [entry.seq for entry in entries] == list(range(entries[0].seq, entries[0].seq + len(batch)))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(8)))
    entries = check_whole(store)
    assert len(entries) == 10 * sum(range(1, 9))
    assert {entry.id for entry in entries} == {
        f"{w}.{p}.{n}" for w in range(8) for p in range(10) for n in range(w + 1)
    }


def test_subtrees_whatever_the_sizes_of_appends(store: Store, reopened: Callable[[], Store]) -> None:
    other = reopened()
    for number, count in enumerate([1, 254, 2, 300, 1, 511, 3, 512]):
        (store, other)[number % 2].ledger.append(drafts(count, f"{number}."))
    leaves = [leaf_input(entry) for entry in check_whole(store)]
    for level in range(11):
        for index in range(len(leaves) >> level):
            part = leaves[index << level : (index + 1) << level]
            if index in (0, 1, (len(leaves) >> level) - 1):
                assert store.ledger.node(level, index) == tree_hash(part), (level, index)
        with pytest.raises(PlumblineError, match="proofs"):
            store.ledger.node(level, len(leaves) >> level)


@pytest.mark.slow
def test_subtrees_over_65536_entries(store: Store) -> None:
    for start in range(0, 65_540, 5_000):
        store.ledger.append(drafts(min(5_000, 65_540 - start), f"{start}."))
    leaves = [leaf_input(entry) for entry in store.ledger.read()]
    assert store.ledger.node(16, 0) == tree_hash(leaves[:65_536])
    with pytest.raises(PlumblineError, match="proofs"):
        store.ledger.node(16, 1)


def test_reading_by_subject_by_type_and_backwards(store: Store) -> None:
    given = [msgspec.structs.replace(draft(str(n)), subject=f"s{n % 3}", type=f"t{n % 2}") for n in range(12)]
    store.ledger.append(given)
    assert [entry.seq for entry in store.ledger.of_subject("s1")] == [2, 5, 8, 11]
    assert [entry.seq for entry in store.ledger.of_subject("s1", 6, 1)] == [8]
    assert [entry.seq for entry in store.ledger.of_types(["t1", "t9"], 4)] == [4, 6, 8, 10, 12]
    assert [entry.seq for entry in store.ledger.newest(3)] == [12, 11, 10]
    assert [entry.seq for entry in store.ledger.newest(3, before=3)] == [2, 1]


def test_reading_what_is_about_a_node_what_is_below_it_and_the_nodes_above(store: Store) -> None:
    scopes = ("bank", "bank/pay", "bank/pay/core", "bank/payments", "bank/loans", "", "bank/pay/core/api", "bank.pay")
    store.ledger.append([msgspec.structs.replace(draft(f"e{n}"), scope=one) for n, one in enumerate(scopes)])
    assert [entry.seq for entry in store.ledger.of_scope("bank/pay", 8)] == [1, 2, 3, 7]
    assert [entry.seq for entry in store.ledger.of_scope("bank/pay", 3)] == [1, 2, 3]
    assert [entry.seq for entry in store.ledger.of_scope("bank", 8)] == [1, 2, 3, 4, 5, 7]


def test_checkpoints_by_size_each_once(store: Store) -> None:
    made = [
        Checkpoint(origin="o", size=size, root=b"r" * 32, chain=b"c" * 32, note=f"{size}".encode(), made=size)
        for size in (5, 2)
    ]
    for checkpoint in (*made, *made):
        store.ledger.add_checkpoint(checkpoint)
    assert store.ledger.checkpoints() == made[::-1]


def test_a_change_and_its_events_go_together(store: Store, reopened: Callable[[], Store]) -> None:
    with store.change() as change:
        change.settings.put("a", b"1")
        change.record(draft("1"))
        change.record(draft("2"))
        assert store.ledger.size() == 0  # nobody else sees it yet
    with pytest.raises(ZeroDivisionError), store.change() as change:  # noqa: PT012
        change.settings.put("a", b"2")
        change.record(draft("3"))
        raise ZeroDivisionError
    with pytest.raises(PlumblineError), store.change() as change:  # noqa: PT012
        change.settings.put("a", b"3")
        change.record(draft("1", b"other"))
    with reopened().view() as view:
        assert view.settings.get("a") == b"1"
    assert [entry.id for entry in check_whole(store)] == ["1", "2"]


def test_an_undone_change_takes_nobody_with_it(store: Store) -> None:
    def write(number: int) -> None:
        try:
            with store.change() as change:
                change.settings.put(f"key{number}", b"x")
                change.record(draft(f"{number}"))
                if number % 3 == 0:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            pass

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(60)))
    kept = {number for number in range(60) if number % 3}
    assert {int(entry.id) for entry in check_whole(store)} == kept
    with store.view() as view:
        assert {number for number in range(60) if view.settings.get(f"key{number}")} == kept


def test_a_change_inside_a_change_is_a_bug_that_says_so(store: Store) -> None:
    with pytest.raises(RuntimeError, match="inside"), store.change(), store.change():
        pass
    with pytest.raises(RuntimeError, match="inside"), store.change():
        store.ledger.append(drafts(1))
    assert store.ledger.append(drafts(1))[0].seq == 1


def test_an_event_in_a_view_is_a_bug_that_says_so(store: Store) -> None:
    with pytest.raises(RuntimeError), store.view() as view:
        view.record(draft("1"))


def test_writing_in_a_view_is_refused_by_the_database(store: Store) -> None:
    with pytest.raises(Exception, match=r"read-?only"), store.view() as view:  # noqa: PT012
        view.settings.put("a", b"1")
    with store.view() as view:
        assert view.settings.get("a") is None


def keep_more(store: Store) -> None:
    """A checkpoint, and a clock that was set back."""
    store.ledger.add_checkpoint(Checkpoint(origin="o", size=1, root=b"r", chain=b"c", note=b"n"))
    with store.engines.writer.begin() as connection:
        connection.exec_driver_sql("insert into ledger_setback (seq, ended, began) values (2, 5, 4)")


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger_entry set body = '' where seq = 1",
        "update ledger_entry set type = 'other'",
        "delete from ledger_entry where seq = 2",
        "delete from ledger_entry",
        "delete from ledger_checkpoint",
        "update ledger_node set hash = ''",
        "update ledger_scope set scope = 'other'",
        "delete from ledger_scope where seq = 1",
        "update ledger_setback set began = 3",
        "delete from ledger_setback",
    ],
)
def test_the_database_refuses_to_change_an_entry(store: Store, statement: str) -> None:
    before = store.ledger.append([msgspec.structs.replace(one, scope="bank") for one in drafts(300)])
    keep_more(store)
    with pytest.raises(DBAPIError, match="only appended to"), store.engines.writer.begin() as connection:
        connection.exec_driver_sql(statement)
    assert check_whole(store) == before


_COPY = (
    "replace into ledger_entry select {}, received, source, id, {}, subject, leaf, chain, body, sender "
    "from ledger_entry"
)


@of_files
@pytest.mark.parametrize(
    "statement",
    [
        _COPY.format("seq", "'other'") + " where seq = 1",
        _COPY.format("301", "type") + " where seq = 1",
        "insert or " + _COPY.format("seq", "type"),
        "replace into ledger_node select level, \"index\", x'00' from ledger_node",
        "replace into ledger_checkpoint select id, origin, 2, root, chain, note, made from ledger_checkpoint",
        "replace into ledger_setback select seq, ended, 3 from ledger_setback",
    ],
)
def test_the_database_refuses_to_replace_an_entry(store: Store, statement: str) -> None:
    """SQLite alone has such statements; PostgreSQL would have to update, which it refuses."""
    before = store.ledger.append(drafts(300))
    keep_more(store)
    with pytest.raises(DBAPIError, match="only appended to"), store.engines.writer.begin() as connection:
        connection.exec_driver_sql(statement)
    assert check_whole(store) == before
    assert [one.size for one in store.ledger.checkpoints()] == [1]


def test_a_change_is_handed_the_entries_it_appends(store: Store) -> None:
    store.ledger.append([draft("there")])
    with store.change() as change:
        change.record(draft("1"))
        assert [entry.seq for entry in change.append([draft("2"), draft("there"), draft("2")])] == [3, 1, 3]
        assert [entry.seq for entry in change.append([])] == []
        change.record(draft("3"))
        known = change.known([("/test", name) for name in ("there", "2", "3", "nowhere", "2")])
        assert {name: entry.seq for (_, name), entry in known.items()} == {"there": 1, "2": 3, "3": 4}
    assert [entry.id for entry in check_whole(store)] == ["there", "1", "2", "3"]
    with store.view() as view:
        [entry] = view.known([("/test", "2"), ("/other", "2")]).values()
        assert entry == store.ledger.entry(3)
        assert view.known([]) == {}
        with pytest.raises(RuntimeError):
            view.append([draft("4")])


def test_what_a_change_appended_is_undone_with_it(store: Store) -> None:
    store.ledger.append(drafts(255))
    with pytest.raises(ZeroDivisionError), store.change() as change:  # noqa: PT012
        assert [entry.seq for entry in change.append(drafts(3, "gone"))] == [256, 257, 258]
        raise ZeroDivisionError
    assert store.ledger.append(drafts(257, "kept"))[0].seq == 256
    leaves = [leaf_input(entry) for entry in check_whole(store)]
    assert [store.ledger.node(8, index) for index in (0, 1)] == [
        tree_hash(leaves[at : at + 256]) for at in (0, 256)
    ]  # fmt: skip


def test_more_than_one_statement_takes(store: Store) -> None:
    """Appended, found again, and about a node."""
    given = [msgspec.structs.replace(one, scope="bank") for one in drafts(1203)]
    first = store.ledger.append(given)
    assert [entry.seq for entry in first] == list(range(1, 1204))
    assert store.ledger.append(given) == first
    assert [entry.seq for entry in store.ledger.of_scope("bank", 1203)] == list(range(1, 1204))
    check_whole(store)


@of_files
def test_entries_are_looked_up_by_an_index(store: Store) -> None:
    store.ledger.append(drafts(3))
    query = f"explain query plan {FIND_MANY.format('(?, ?), (?, ?)')}"
    with store.reading() as connection:
        plan = [str(row) for row in ask(connection, query, ("/test", "e1", "/test", "e2"))]
    assert any("SEARCH ledger_entry" in line for line in plan), plan
    assert not any("SCAN ledger_entry" in line for line in plan), plan
