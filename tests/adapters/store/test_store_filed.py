"""What is kept beside the entries is held against them: nobody hides an event from grades, or spoils a proof."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from sqlalchemy import event
from tests.evidence.ledgers import KEY
from tests.tampering import tamper

from plumbline.adapters.store import ledger, open_store
from plumbline.adapters.store.appending import BEHIND
from plumbline.evidence import Outcome, receive, write_event
from plumbline.evidence.vocabulary import cdevents_core
from plumbline.flow.ledger.checkpoints import make_checkpoint, verify_ledger
from plumbline.flow.ledger.verify_onwards import sign_onwards, verify_onwards
from plumbline.kernel import PlumblineError
from plumbline.model.event import EntryFilter

pytestmark = pytest.mark.slow

OURS = "urn:plumbline:one"
TIME = 1_760_000_000_000_000


def draft(number, scope="bank/pay"):
    content = cdevents_core.TaskRunFinished(task_name=f"job {number}", outcome="failure")
    facts = {"project": scope, "person": "mei"} if scope else None
    return write_event(content, id=f"id-{number}", source=OURS, subject="run", time=TIME + number, facts=facts)


@pytest.fixture
def times():
    return [TIME, TIME + BEHIND, TIME + BEHIND, TIME - 1]


@pytest.fixture
def filled(settings, times):
    """600 entries; before entry 451 the clock was set back."""
    store = open_store(settings, lambda: times.pop(0) if len(times) > 1 else times[0])
    for first in range(1, 601, 150):
        store.ledger.append([draft(number, "bank/pay" if number % 2 else "") for number in range(first, first + 150)])
    yield store
    store.close()


def zeros(store):
    return "zeroblob(32)" if store.engines.sqlite else "decode(repeat('00', 32), 'hex')"


def test_an_untouched_ledger_holds(filled):
    assert verify_ledger(filled.ledger, []).outcome is Outcome.INTACT


def test_a_ledger_that_grows_while_it_is_verified_holds(filled, monkeypatch):
    """Each of the tables that are read beside the entries is read when the others have no less."""
    monkeypatch.setattr(ledger, "_READ", 100)
    more = iter([[draft(601)], [draft(602)], [draft(603)]])

    @event.listens_for(filled.engines.reader, "after_cursor_execute")
    def grow(_connection, _cursor, statement, *_):
        if "ledger_scope" in statement or "ledger_setback" in statement or "leaf" in statement:
            filled.ledger.append(next(more, []))

    assert verify_ledger(filled.ledger, []).outcome is Outcome.INTACT
    assert filled.ledger.size() == 603


def test_verifying_onwards_looks_at_a_clock_that_was_set_back_just_then(filled, times):
    verify_onwards(filled, filled.ledger, [KEY.verifier], TIME)
    times[:] = [5]
    filled.ledger.append([draft(601)])
    tamper(filled, "delete from ledger_setback where seq = 601")
    found = verify_onwards(filled, filled.ledger, [KEY.verifier], TIME)
    assert (found.outcome, found.fault) == (Outcome.BROKEN, 601)


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("delete from ledger_scope where seq = 77", 77),
        ("update ledger_scope set scope = 'bank/other' where seq = 77", 77),
        ("insert into ledger_scope (scope, seq) values ('bank/other', 78)", 78),
        ("delete from ledger_who where seq = 77", 77),
        ("update ledger_who set who = 'li' where seq = 77", 77),
        ("insert into ledger_who (who, seq) values ('li', 78)", 78),
        ("update ledger_entry set leaf = {zeros} where seq = 599", 599),
        ('update ledger_node set hash = {zeros} where "index" = 1', 257),
        ('delete from ledger_node where "index" = 0', 1),
        ("delete from ledger_setback where seq = 451", 451),
        ("insert into ledger_setback (seq, ended, began) values (78, 9, 8)", 78),
        ("update ledger_setback set began = 0 where seq = 451", 451),
        ("update ledger_setback set ended = began where seq = 451", 451),
    ],
)
def test_what_was_changed_beside_an_entry_is_named(filled, statement, seq):
    tamper(filled, statement.format(zeros=zeros(filled)))
    report = verify_ledger(filled.ledger, [])
    assert (report.outcome, report.fault.seq, report.fault.code) == (Outcome.BROKEN, seq, "filed")


def test_servers_whose_clocks_differ_write_a_ledger_that_holds(settings):
    """With events that both have, some of them with other bytes, and with changes that are undone."""
    clocks = (TIME, TIME + BEHIND // 2, TIME - 2 * BEHIND)
    stores = [open_store(settings, lambda at=at: at) for at in clocks]

    def write(writer):
        for turn in range(20):
            store = stores[writer % 3]
            with contextlib.suppress(PlumblineError, ZeroDivisionError), store.change() as tx:
                tx.record(draft(1000 * writer + turn))
                tx.record(draft(turn, "bank/pay" if writer else "bank"))
                if turn % 5 == writer % 5:
                    raise ZeroDivisionError

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(write, range(6)))
    entries = list(stores[0].ledger.read())
    assert len(entries) > 20
    assert verify_ledger(stores[0].ledger, []).outcome is Outcome.INTACT
    for moment in clocks:
        found = stores[0].ledger.look(EntryFilter(since=moment, until=moment + 1), 1000, newest=False)
        assert list(found.entries) == [entry for entry in entries if entry.received == moment]
    for store in stores:
        store.close()


def test_an_earlier_fault_of_an_entry_itself_comes_first(filled):
    tamper(filled, "delete from ledger_scope where seq = 77")
    tamper(filled, f"update ledger_entry set chain = {zeros(filled)} where seq = 40")
    assert verify_ledger(filled.ledger, []).fault.seq == 40


def test_verifying_onwards_looks_at_what_is_new(filled):
    assert verify_onwards(filled, filled.ledger, [KEY.verifier], TIME).outcome is Outcome.INTACT
    filled.ledger.append([draft(number) for number in range(601, 700)])
    tamper(filled, "delete from ledger_scope where seq = 650")
    found = verify_onwards(filled, filled.ledger, [KEY.verifier], TIME)
    assert (found.outcome, found.fault) == (Outcome.BROKEN, 650)


@pytest.mark.parametrize("name", ["x" * 100_000, "bank/\0pay", "bank/\u202epay", "bank\npay"])
def test_a_name_that_no_node_has_is_kept_in_the_event_alone(store, name):
    body = write_event(
        cdevents_core.TaskRunFinished(task_name="job", outcome="success"),
        id="1", source="/other", subject="run", time=TIME, facts={"project": name},
    ).body  # fmt: skip
    store.ledger.append([receive(body, TIME)[0]])
    assert [kept[2] for kept in store.ledger.filed(0)] == [()]
    assert verify_ledger(store.ledger, []).outcome is Outcome.INTACT


def test_a_body_that_is_nested_deeply_is_about_what_it_says_all_the_same(store):
    """Such a body is not taken in any more; ledgers may have some."""
    given = draft(1)
    deep = given.body.replace(b'"customData":{', b'"customData":{"x":' + b"[" * 20_000 + b"]" * 20_000 + b",")
    store.ledger.append([msgspec.structs.replace(given, body=deep)])
    assert verify_ledger(store.ledger, []).outcome is Outcome.INTACT


def test_what_came_since_the_last_look_is_looked_at_before_it_is_signed(filled):
    assert sign_onwards(filled, filled.ledger, KEY, TIME).size == 600
    assert sign_onwards(filled, filled.ledger, KEY, TIME + 1).made == TIME  # nothing is new
    filled.ledger.append([draft(number) for number in range(601, 611)])
    tamper(filled, f"update ledger_entry set leaf = {zeros(filled)} where seq = 607")
    with pytest.raises(PlumblineError) as refused:
        sign_onwards(filled, filled.ledger, KEY, TIME)
    assert refused.value.code == "ledger-broken"
    assert "entry 607" in str(refused.value.message)
    assert [one.size for one in filled.ledger.checkpoints()] == [600]


def test_a_root_that_was_signed_unseen_is_found(filled):
    """An assessment signs without looking at every entry: what it was made to sign does not hold."""
    sign_onwards(filled, filled.ledger, KEY, TIME)
    filled.ledger.append([draft(601)])
    tamper(filled, f"update ledger_entry set leaf = {zeros(filled)} where seq = 601")
    make_checkpoint(filled.ledger, KEY, TIME)
    with pytest.raises(PlumblineError) as refused:
        sign_onwards(filled, filled.ledger, KEY, TIME)
    assert refused.value.code == "ledger-broken"
