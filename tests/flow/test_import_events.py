"""Events out of a file: as the word of a registered source, or as nobody's."""

from __future__ import annotations

import msgspec
import pytest
from tests.evidence.ledgers import TIME, draft
from tests.maturity.events import measured

from plumbline.adapters.store import StoreSettings, open_store
from plumbline.evidence import read_sender
from plumbline.flow.assessments.assess import seen_of
from plumbline.flow.ledger.import_events import import_as_nobody, import_as_source
from plumbline.flow.sources.tools import SourceTools
from plumbline.flow.unit_of_work import Units
from plumbline.kernel import PlumblineError
from plumbline.model.source import Source
from plumbline.model.tree import Node, NodeKind


@pytest.fixture
def tools(tmp_path):
    store = open_store(StoreSettings(data=str(tmp_path / "data")))
    store.ledger.append([foreign(1), foreign(2)])
    with store.change() as tx:
        top = tx.tree.add(Node(id=0, kind=NodeKind.ORGANISATION, name="acme", path="acme"))
        tx.tree.add(Node(id=0, kind=NodeKind.PROJECT, name="shop", path="acme/shop", parent=top.id))
        tx.sources.add(
            Source(name="quality", node=top.id, speaks_as=("https://quality.example",), token="1", created=1)
        )
        tx.sources.add(Source(name="gone", node=top.id, speaks_as=("/gone",), token="2", created=1, revoked=2))
    yield SourceTools(Units(store, "urn:plumbline:here", lambda: TIME, lambda: "new"), store.ledger)
    store.close()


def foreign(number, word="success"):
    """A task run of another tool."""
    made = draft(number, word)
    return msgspec.structs.replace(
        made, source="/tool", body=made.body.replace(b"/plumbline/test", b"/tool"), sender=b""
    )


def codes(found):
    return {one.line: one.error.code for one in found if one.error}


def test_as_nobodys_word_it_is_kept_and_counts_for_nothing(tools):
    good = foreign(7).body.replace(b'{"context"', b'{  "context"')
    changed = foreign(1).body.replace(b"success", b"failure")
    own = foreign(8).body.replace(b"dev.cdevents.taskrun.finished", b"dev.cdeventsx.plumbline-gate.evaluated")
    taken = measured("builds", 1.0).body.replace(b"quality.example/", b"quality.example")
    lines = [good + b"\r\n", b"\n", b"nonsense\n", foreign(1).body, changed, good, own, taken]
    found = list(import_as_nobody(tools, lines))
    assert codes(found) == {3: "event-not-json", 5: "event-id-reused", 7: "event-reserved", 8: "event-reserved"}
    assert {one.line: (one.seq, one.known) for one in found if not one.error} == {
        1: (3, False),
        4: (1, True),
        6: (3, True),
    }
    entry = list(tools.ledger.read())[2]
    assert (entry.body, read_sender(entry.sender).door, read_sender(entry.sender).source) == (good, "import", "")
    assert (seen_of(entry.body, entry.sender).word, seen_of(entry.body, entry.sender).ignored) == (
        "",
        "taskrun.finished",
    )
    assert tools.ledger.size() == 3


def test_one_line_that_is_refused_stops_no_other_however_many_there_are(tools):
    taken = [foreign(number).body for number in range(10, 60)]
    reused = foreign(1).body.replace(b"success", b"failure")
    too_long = foreign(5).body.replace(b"id-5", "字".encode() * 300)
    lines = [*taken[:20], reused, *taken[20:40], too_long, reused, *taken[40:]]
    found = list(import_as_nobody(tools, lines))
    assert codes(found) == {21: "event-id-reused", 42: "not-an-event", 43: "event-id-reused"}
    assert [entry.body for entry in list(tools.ledger.read())[2:]] == taken
    assert sorted(one.line for one in found) == list(range(1, 54))


def test_what_is_remarkable_comes_along(tools):
    late = msgspec.json.decode(foreign(5).body)
    late["context"]["type"] = "com.example.done"
    [found] = import_as_nobody(tools, [msgspec.json.encode(late)])
    assert "com.example.done" in str(found.notes[0])


def test_as_the_word_of_a_source(tools):
    good, other = (measured("builds", 1.0, one, time=TIME).body for one in ("m1", "m2"))
    good, other = (one.replace(b"quality.example/", b"quality.example") for one in (good, other))
    elsewhere = other.replace(b"acme/shop", b"acme/none")
    found = list(import_as_source(tools, "quality", [good, foreign(9).body, elsewhere, b"", good, b"{"]))
    assert codes(found) == {2: "source-foreign-name", 3: "source-foreign-project", 6: "event-not-json"}
    assert [(one.line, one.seq, one.known) for one in found if not one.error] == [(1, 3, False), (5, 3, True)]
    entry = list(tools.ledger.read())[-1]
    said = read_sender(entry.sender)
    assert (said.source, said.door, said.scope) == ("quality", "import", "acme/shop")
    assert seen_of(entry.body, entry.sender).word == "source:quality"
    with tools.units.store.view() as tx:
        [told] = tx.sources.tallies(1)
        assert (told.kind, told.events) == ("measurement.recorded", 1)
        assert {one.reason for one in tx.sources.refusals(1)} == set(codes(found).values())


@pytest.mark.parametrize("name", ["nobody", "gone"])
def test_as_a_source_that_is_none(tools, name):
    with pytest.raises(PlumblineError) as caught:
        list(import_as_source(tools, name, [foreign(9).body]))
    assert caught.value.code == "no-such-source"
    assert "quality" in str(caught.value.hint)
    assert tools.ledger.size() == 2
