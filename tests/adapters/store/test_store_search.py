"""Looking for entries: whichever way it is found, what is wanted is found in the whole ledger, in order, once."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import text

from plumbline.adapters.store import Store, StoreSettings, open_store, reach, search
from plumbline.adapters.store.appending import BEHIND
from plumbline.adapters.store.upgrading import upgrade
from plumbline.model.event import EntryFilter, EventDraft
from plumbline.model.moves import Stretch
from plumbline.model.tree import is_within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.model.event import Entry

    Filled = tuple[Store, list[tuple[Entry, EventDraft]]]

pytestmark = pytest.mark.slow

SCOPES = ("", "bank", "bank-x", "bank/pay", "bank/pay/core", "bank/payments", "bank0", "银行/支付")
TYPES = ("dev.cdevents.build.started.0.3.0", "dev.cdevents.build.finished.0.3.0", "theirs.Built", "100%_\\")
HOUR = 3_600_000_000
TIMES = [10 * HOUR, 11 * HOUR, 12 * HOUR, 5 * HOUR, 6 * HOUR, 13 * HOUR, 13 * HOUR - BEHIND, 12 * HOUR, 14 * HOUR]

FILTERS: list[dict[str, Any]] = [
    {},
    {"kind": "build"},
    {"kind": "%_"},
    {"kind": "Build"},
    {"kind_begins": "dev.cdevents."},
    {"kind_begins": "build"},
    {"subject": "s3"},
    {"subject": "s"},
    {"id": "e17"},
    {"id": "twice"},
    {"source": "/b"},
    {"scope": "bank"},
    {"scope": "bank/pay"},
    {"scope": "银行"},
    {"scope": "nowhere"},
    {"text": "e1"},
    {"text": "%"},
    {"text": "/b"},
    {"since": 6 * HOUR},
    {"until": 6 * HOUR},
    {"since": 11 * HOUR, "until": 13 * HOUR},
    {"since": 15 * HOUR},
    {"until": 1},
    {"kind": "build", "since": 11 * HOUR, "until": 13 * HOUR},
    {"kind": "started", "scope": "bank", "text": "e"},
    {"subject": "s3", "source": "/b", "scope": "bank/pay"},
    {"scope": "bank", "until": 12 * HOUR},
    {"within": (Stretch("bank/pay", 90), Stretch("银行", 90)), "who": "mei"},
    {"within": (Stretch("bank", 90, without=("bank/pay",)), Stretch("bank0", 60, 20)), "subject": "s3"},
    {"within": (Stretch("nowhere", 90),), "kind": "build"},
    {"who": "mei"},
    {"who": "me"},
    {"who": "gitlab:mei", "kind": "build"},
    {"who": "王芳", "scope": "bank", "since": 6 * HOUR},
]


def inside(entry: Entry, scope: str, part: Stretch) -> bool:
    left_out = any(is_within(scope, one) for one in part.without)
    return part.after < entry.seq <= part.upto and is_within(scope, part.path) and not left_out


def fits(entry: Entry, draft: EventDraft, wanted: EntryFilter) -> bool:
    """What the words of the filter mean."""
    return (
        wanted.kind in entry.type
        and entry.type.startswith(wanted.kind_begins)
        and wanted.source in ("", entry.source)
        and wanted.id in ("", entry.id)
        and wanted.subject in ("", entry.subject)
        and (not wanted.within or any(inside(entry, draft.scope, one) for one in wanted.within))
        and wanted.who in ("", draft.who)
        and f"{draft.scope}/".startswith(f"{wanted.scope}/" if wanted.scope else "")
        and any(wanted.text in name for name in (entry.subject, entry.id, entry.source))
        and wanted.since <= entry.received
        and (not wanted.until or entry.received < wanted.until)
    )


@pytest.fixture
def filled(settings: StoreSettings) -> Iterator[Filled]:
    """90 entries in nine steps of a clock that is set back twice, and once is behind by less than that counts."""
    chosen, times = random.Random(7), iter(TIMES)
    drafts = [
        EventDraft(
            source=chosen.choice(["/a", "/b"]),
            id=f"e{number}",
            type=chosen.choice(TYPES),
            subject=f"s{chosen.randrange(5)}",
            body=b"{}",
            scope=chosen.choice(SCOPES),
            who=chosen.choice(("", "mei", "gitlab:mei", "王芳")),
        )
        for number in range(88)
    ]
    drafts += [EventDraft(source=source, id="twice", type="theirs", subject="s", body=b"{}") for source in ("/a", "/b")]
    store = open_store(settings, lambda: next(times))
    for at in range(0, 90, 10):
        store.ledger.append(drafts[at : at + 10])
    yield store, list(zip(store.ledger.read(), drafts, strict=True))
    store.close()


@pytest.mark.parametrize("newest", [True, False])
@pytest.mark.parametrize("ways", ["index", "few", "piece by piece"])
def test_everything_that_is_wanted_is_found_once_and_in_order(
    filled: Filled, monkeypatch: pytest.MonkeyPatch, ways: str, newest: bool
) -> None:
    store, given = filled
    if ways == "few":
        monkeypatch.setattr(search, "LISTED", 7)
    if ways == "piece by piece":
        for name, value in (("RARE", 2), ("WINDOW", 8), ("LOOKED_AT", 16)):
            monkeypatch.setattr(search, name, value)
    for asked in FILTERS:
        wanted = EntryFilter(**asked)
        expected = [entry for entry, draft in given if fits(entry, draft, wanted)]
        found, start = [], 0
        while True:
            page = store.ledger.look(wanted, 4, start=start, newest=newest)
            found += page.entries
            if not page.next:
                break
            assert ways == "piece by piece" or len(page.entries) == 4
            start = page.next
        assert found == (expected[::-1] if newest else expected), asked


def test_what_no_entry_can_have_is_not_found(store: Store) -> None:
    store.ledger.append([EventDraft(source="/a", id="1", type="t", subject="s", body=b"{}")])
    for field in ("kind", "kind_begins", "subject", "source", "id", "scope", "who", "text"):
        for value in ("\0", "s\0", "\ud800", "x" * 100_000):
            assert store.ledger.look(EntryFilter(**{field: value}), 5).entries == ()


def test_a_page_begins_anywhere(filled: Filled) -> None:
    store, _ = filled
    for start in (1, 50, 90, 91, 10**18):
        older, newer = (store.ledger.look(EntryFilter(), 3, start=start, newest=newest) for newest in (True, False))
        assert [entry.seq for entry in older.entries] == [seq for seq in range(90, 0, -1) if seq < start][:3]
        assert [entry.seq for entry in newer.entries] == [seq for seq in range(1, 91) if seq > start][:3]


def test_every_type_that_there_is(filled: Filled) -> None:
    store, _ = filled
    assert sorted(store.ledger.types()) == sorted([*TYPES, "theirs"])


def test_an_empty_ledger_has_nothing(store: Store) -> None:
    assert store.ledger.types() == []
    for asked in FILTERS:
        page = store.ledger.look(EntryFilter(**asked), 5)
        assert (page.entries, page.next) == ((), 0)


def setbacks(store: Store) -> list[tuple[int, ...]]:
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(text("select * from ledger_setback order by seq"))]


def test_times_grow_with_numbers_but_where_the_clock_was_set_back(filled: Filled) -> None:
    """By little more than clocks differ from each other; what differs less is put right."""
    store, given = filled
    received = [entry.received for entry, _ in given]
    assert received[60] == received[59] == 13 * HOUR  # a little behind
    told = setbacks(store)
    assert told == [(31, 12 * HOUR, 5 * HOUR), (71, 13 * HOUR, 12 * HOUR)]
    assert [seq for seq, (one, other) in enumerate(pairwise(received), 2) if other < one] == [31, 71]


def test_a_ledger_of_before_learns_where_the_clock_was_set_back(without_tables: StoreSettings) -> None:
    engines = reach(without_tables)
    upgrade(engines, without_tables.data, to="0005")
    row = "insert into ledger_entry (seq, received, source, id, type, subject, leaf, chain, body) values "
    with engines.writer.begin() as connection:
        for seq, received in enumerate([5, 7, 7, 6, 8, 1], 1):
            connection.execute(text(f"{row} ({seq}, {received}, 's', '{seq}', 't', 'x', 'l', 'c', 'b')"))
    engines.close()
    store = open_store(msgspec.structs.replace(without_tables, upgrade=True))
    assert setbacks(store) == [(4, 7, 6), (6, 8, 1)]
    assert [entry.seq for entry in store.ledger.look(EntryFilter(since=7), 9).entries] == [5, 3, 2]
    store.close()
