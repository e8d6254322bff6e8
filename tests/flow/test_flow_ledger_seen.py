"""What of the ledger those see, take along and verify who may read it at a node."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json

import msgspec
import pytest
from door_tools import House

from plumbline.adapters.ledger_key import make_ledger_key
from plumbline.evidence import verify_bundle
from plumbline.evidence.selection import is_selection, verify_selection
from plumbline.flow.ledger.export_entries import export_entries
from plumbline.flow.ledger.find_entries import list_entries, list_entry_types, search_entries
from plumbline.flow.ledger.prove_entry import view_entry
from plumbline.flow.ledger.verify_now import begin_verification, verify_now, view_verification
from plumbline.flow.ledger.view_ledger import view_outside, view_state
from plumbline.flow.people.people import list_people, view_people, view_person
from plumbline.flow.people.roles import grant_role
from plumbline.flow.search.search import search
from plumbline.flow.tree.manage_tree import change_node
from plumbline.flow.tree.variables import put_variable
from plumbline.kernel import PlumblineError
from plumbline.model.event import EntryFilter
from plumbline.model.person import Role
from plumbline.model.tree import NodeKind, StoredVariable


class Bank(House):
    """Two systems beside each other, with something told about each, and about the installation."""

    def __init__(self, folder):
        super().__init__(folder)
        self.folder = folder
        self.bank = self.node("bank")
        self.pay, self.cards = (self.node(name, NodeKind.SYSTEM, self.bank) for name in ("pay", "cards"))
        self.ada = self.standing(self.person("ada", Role.ADMIN))
        self.ledger = dataclasses.replace(self.tools.ledger, units=self.tools.units)
        put_variable(
            self.ada, self.tools.tree, StoredVariable(node=self.pay.id, name="KEY", sealed=b""), "a long value"
        )
        change_node(self.ada, self.tools.tree, self.cards.id, title="Cards")
        self.mei = self.person("mei", Role.DEVELOPER, node=self.pay.id)
        grant_role(self.ada, self.people, self.mei.id, Role.VIEWER, self.cards.id)
        self.sign_in()

    def at(self, node, role=Role.ASSESSOR, name="wang"):
        return self.standing(self.person(name, role, node=node.id))

    def types(self, actor, wanted=None):
        found = list_entries(actor, self.ledger, wanted or EntryFilter(), 50).found
        return [one.type.split("-")[1].split(".0.")[0] for one in found.entries]


@pytest.fixture
def bank(tmp_path):
    made = Bank(tmp_path / "data")
    with made.server:
        yield made


def code(call, *arguments, **more):
    with pytest.raises(PlumblineError) as refused:
        call(*arguments, **more)
    return refused.value.code


def test_each_node_shows_what_is_about_it_and_below(bank):
    every = ["variable.written", "node.changed", "role.granted", "person.signedIn"]
    assert bank.types(bank.ada) == every
    assert bank.types(bank.at(bank.pay, name="a")) == ["variable.written"]
    assert bank.types(bank.at(bank.cards, name="b")) == ["node.changed", "role.granted"]
    assert bank.types(bank.at(bank.bank, name="c")) == every[:3]
    viewer = bank.at(bank.bank, Role.VIEWER, name="d")
    assert code(list_entries, viewer, bank.ledger, EntryFilter(), 5) == "not-allowed"


def test_several_nodes_are_shown_together_page_by_page(bank):
    both = bank.person("both", Role.SECURITY, node=bank.pay.id)
    grant_role(bank.ada, bank.people, both.id, Role.SECURITY, bank.cards.id)
    seen, start = [], 0
    while True:
        page = list_entries(bank.standing(both), bank.ledger, EntryFilter(), 1, start=start, newest=True).found
        seen += [one.seq for one in page.entries]
        if not page.next:
            break
        start = page.next
    assert seen == [5, 3, 2, 1]
    forward = list_entries(bank.standing(both), bank.ledger, EntryFilter(), 3).found
    assert ([one.seq for one in forward.entries], forward.next) == ([1, 2, 3], 3)


def test_a_node_that_is_asked_for_is_shown_as_far_as_it_is_seen(bank):
    at_pay, at_bank = bank.at(bank.pay, name="a"), bank.at(bank.bank, name="b")
    for path, actor, types in (
        ("bank", at_pay, ["variable.written"]),
        ("bank/pay", at_bank, ["variable.written"]),
        ("bank/cards", at_pay, []),
        ("bank/payments", at_pay, []),
    ):
        assert bank.types(actor, EntryFilter(scope=path)) == types


def test_an_entry_that_one_may_not_see_is_not_there(bank):
    at_pay, viewer = bank.at(bank.pay, name="a"), bank.at(bank.pay, Role.VIEWER, name="b")
    found = view_entry(at_pay, bank.ledger, 1)
    assert (found.entry.seq, found.earlier, found.later) == (1, 0, 0)
    assert found.inclusion is not None
    assert [code(view_entry, at_pay, bank.ledger, seq) for seq in (2, 3, 4, 99)] == ["not-found"] * 4
    assert code(view_entry, viewer, bank.ledger, 1) == "not-allowed"
    assert code(view_entry, viewer, bank.ledger, 2) == "not-found"
    whole = bank.standing(bank.person("c", Role.AUDITOR))
    assert [view_entry(whole, bank.ledger, seq).entry.seq for seq in (1, 4)] == [1, 4]


def found(bank, actor, text):
    """Addresses of what a search finds."""
    tools = dataclasses.replace(bank.tools.search, ledger=bank.ledger)
    return [one.path for group in search(actor, tools, text, 5) for one in group.found]


def test_a_search_shows_no_entry_and_no_person_of_others(bank):
    at_pay, mei = bank.at(bank.pay, name="a"), f"/people/{bank.mei.id}"
    assert "/ledger/1" in found(bank, at_pay, "1")
    assert "/ledger/2" not in found(bank, at_pay, "2")
    assert "/ledger/2" in found(bank, bank.ada, "2")
    assert search_entries(at_pay, bank.ledger, EntryFilter(), "bank/cards", 5).found.entries == ()
    assert mei in found(bank, at_pay, "mei")
    assert mei not in found(bank, bank.at(bank.cards, Role.DEVELOPER, name="x"), "mei")


def test_who_did_it_is_found_and_whom_it_was_done_to_is_not(bank):
    assert bank.types(bank.ada, EntryFilter(who="ada")) == ["variable.written", "node.changed", "role.granted"]
    assert bank.types(bank.ada, EntryFilter(who="mei")) == ["person.signedIn"]
    assert bank.types(bank.at(bank.pay), EntryFilter(who="ada")) == ["variable.written"]


def test_whoever_sees_a_part_learns_nothing_of_the_rest(bank):
    at_pay = bank.at(bank.pay)
    assert view_state(at_pay, bank.ledger).size == bank.ledger.ledger.size()
    assert view_outside(at_pay, bank.ledger, 5).places is None
    assert view_outside(bank.ada, bank.ledger, 5).places == []
    assert "dev.cdevents.build.started.0.3.0" in list_entry_types(at_pay, bank.ledger)  # known, not told here


def test_people_are_seen_around_ones_nodes(bank):
    stranger = bank.person("stranger", Role.DEVELOPER, node=bank.cards.id)
    nobody = bank.person("nobody")
    at_pay = bank.at(bank.pay)
    assert [one.name for one in list_people(at_pay, bank.people)] == ["ada", "mei", "wang"]
    shown = {one.person.name: [held.path for held in one.roles] for one in view_people(at_pay, bank.people).people}
    assert shown == {"ada": ["/"], "mei": ["bank/pay"], "wang": ["bank/pay"]}
    assert [held.path for held in view_person(at_pay, bank.people, bank.mei.id).roles] == ["bank/pay"]
    for person in (stranger, nobody):
        assert code(view_person, at_pay, bank.people, person.id) == "not-found"
        assert view_person(bank.ada, bank.people, person.id).person == person


def exported(actor, bank, wanted=None, **more):
    made = export_entries(actor, bank.ledger, wanted or EntryFilter(), **more)
    return b"".join(made.lines)


def key_of(bank):
    return [make_ledger_key(str(bank.folder)).verifier]


def test_a_part_that_is_exported_is_verified_by_itself(bank):
    data = exported(bank.at(bank.cards), bank)
    assert is_selection(io.BytesIO(data))
    report = verify_selection(io.BytesIO(data), key_of(bank))
    assert (report.intact, report.chosen, report.first, report.last) == (True, 2, 2, 3)
    lines = [json.loads(line) for line in data.splitlines()]
    assert lines[0]["chosen"]["nodes"] == ["bank/cards"]
    assert b"variable.written" not in data
    assert b"signedIn" not in data
    [told] = bank.events("ledger.exported")
    assert (told["subject"]["content"]["person"], told["customData"]["project"]) == ("wang", "bank/cards")


def test_the_whole_ledger_is_exported_as_one_unbroken_piece(bank):
    data = exported(bank.standing(bank.person("aud", Role.AUDITOR)), bank)
    report = verify_bundle(io.BytesIO(data), key_of(bank))
    assert (report.intact, report.first, report.last) == (True, 1, 4)
    [told] = bank.events("ledger.exported")
    assert "customData" not in told


def test_what_is_wanted_is_exported_alone(bank):
    whole = bank.standing(bank.person("aud", Role.AUDITOR))
    report = verify_selection(io.BytesIO(exported(whole, bank, EntryFilter(who="mei"))), key_of(bank))
    assert (report.chosen, report.first) == (1, 4)
    empty = verify_selection(io.BytesIO(exported(whole, bank, EntryFilter(who="nobody"))), key_of(bank))
    assert not empty.intact


def test_what_may_not_be_exported_is_not(bank):
    assert code(export_entries, bank.at(bank.pay, Role.SECURITY, "a"), bank.ledger, EntryFilter()) == "not-allowed"
    at_pay = bank.at(bank.pay, name="b")
    assert code(export_entries, at_pay, bank.ledger, EntryFilter(scope="bank/cards")) == "nothing-to-export"
    assert bank.events("ledger.exported") == []


def sealed_anew(data):
    """As whoever changes it on purpose would."""
    lines = data.splitlines(keepends=True)[:-1]
    seal = {"entries": len(lines) - 1, "sha256": hashlib.sha256(b"".join(lines)).hexdigest()}
    return b"".join([*lines, json.dumps(seal, separators=(",", ":")).encode(), b"\n"])


CHANGES = {
    "a body": lambda data: sealed_anew(data.replace(b"title", b"titel", 1)),
    "a time": lambda data: sealed_anew(data.replace(b'"received":1', b'"received":2', 1)),
    "a sender": lambda data: sealed_anew(data.replace(b'"path":[', b'"sender":"x","path":[', 1)),
    "an entry left out": lambda data: b"\n".join([*data.split(b"\n")[:1], *data.split(b"\n")[2:]]),
    "entries in another order": lambda data: sealed_anew(
        b"\n".join([data.split(b"\n")[0], *data.split(b"\n")[2:0:-1], *data.split(b"\n")[3:]])
    ),
    "the end cut off": lambda data: data[: data.rindex(b'{"entries"')],
    "something behind the end": lambda data: data + b"x",
    "what was asked for": lambda data: data.replace(b'"nodes":["bank/cards"]', b'"nodes":["bank"]'),
    "the note": lambda data: data.replace(b"plumbline-", b"plumbline_", 1),
    "nothing but the head": lambda data: data.split(b"\n")[0] + b"\n",
    "nothing": lambda data: b"",  # noqa: ARG005
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_export_that_was_changed_is_found_out(bank, change):
    data = exported(bank.at(bank.cards), bank)
    changed = CHANGES[change](data)
    assert changed != data
    assert not verify_selection(io.BytesIO(changed), key_of(bank)).intact


def test_an_export_is_not_believed_by_another_key(bank):
    from tests.evidence.ledgers import OTHER

    assert not verify_selection(io.BytesIO(exported(bank.at(bank.cards), bank)), [OTHER.verifier]).intact


def test_a_verification_says_who_asked_and_how_far_it_is(bank, monkeypatch):
    from plumbline.flow.ledger import verify_now as module
    from plumbline.flow.ledger import verify_onwards

    monkeypatch.setattr(verify_onwards, "_TOLD", 1)
    monkeypatch.setattr(module, "_SPOKEN", 0)
    seen = []
    told = module._tell
    wang = bank.at(bank.pay)

    def watched(*arguments):
        told(*arguments)
        seen.append(view_verification(wang, bank.ledger).running)

    monkeypatch.setattr(module, "_tell", watched)
    found = verify_now(wang, bank.ledger, whole=True)
    assert (found.verification.by, found.verification.size) == ("wang", 4)
    assert [one.done for one in seen] == [1, 2, 3, 4]
    after = view_verification(wang, bank.ledger)
    assert (after.running, after.asked.by) == (None, "wang")
    bank.ledger.verify()  # by the clock, which asks nobody
    after = view_verification(wang, bank.ledger)
    assert (after.verification.by, after.asked.by) == ("", "wang")


def test_one_verification_at_a_time_also_where_another_server_does_it(bank):
    from plumbline.flow.ledger.verify_now import _KEY, Running

    running = Running(by="li", began=bank.now, told=bank.now, done=1, size=4)
    with bank.change() as tx:
        tx.settings.put(_KEY, msgspec.json.encode(running))
    for begin in (verify_now, begin_verification):
        assert code(begin, bank.ada, bank.ledger, whole=True) == "verification-running"
    bank.later(61)  # nothing was heard of it since
    assert verify_now(bank.ada, bank.ledger, whole=True).verification.size == 4
