"""What people do with the ledger: asked again in the change that acts, and refused in one way."""

from __future__ import annotations

import json

import pytest
from tests.evidence.ledgers import KEY

from plumbline.access import SIGNED_OUT, use_cases
from plumbline.adapters.store import StoreSettings, open_store
from plumbline.flow.artifacts.tools import ArtifactTools
from plumbline.flow.assessments.tools import AssessmentTools
from plumbline.flow.ledger.find_entries import list_entries, list_entry_types, search_entries
from plumbline.flow.ledger.prove_entry import view_entry
from plumbline.flow.ledger.send_event import send_event
from plumbline.flow.ledger.tools import LedgerTools
from plumbline.flow.ledger.verify_now import verify_now, view_verification
from plumbline.flow.ledger.verify_onwards import last_verification
from plumbline.flow.ledger.view_ledger import view_checkpoint, view_head, view_state
from plumbline.flow.search.search import SearchTools, search
from plumbline.flow.sources.pace import Pace
from plumbline.flow.sources.tools import SourceTools
from plumbline.flow.tree.tools import TreeTools
from plumbline.flow.unit_of_work import Units, actor_of
from plumbline.kernel import PlumblineError
from plumbline.model.event import EntryFilter
from plumbline.model.person import Grant, Person, Role
from plumbline.model.tree import INSTANCE

CONTEXT = {"specversion": "0.5.1", "id": "e", "source": "/tool", "type": "dev.cdevents.build.started.0.3.0",
           "timestamp": "2026-01-02T03:04:05Z"}  # fmt: skip
BODY = json.dumps({"context": CONTEXT, "subject": {"id": "b", "content": {}}}).encode()


_NOT_ASKED = ("signing_key", "load_pack", "keep_pack", "kept_pack", "keep_file", "file")


class World:
    """A store, and what the flows about its ledger may touch; ``meanwhile`` happens between check and act."""

    def __init__(self, folder):
        self.store = open_store(StoreSettings(data=str(folder)))
        self.meanwhile = lambda: None
        units = Units(self.store, "urn:plumbline:here", lambda: 7, lambda: "new")
        self.tools = LedgerTools(units, _Ledger(self), self._keys)
        self.sources = SourceTools(units, self.store.ledger, pace=_Pace(self))

    def _keys(self):
        self.meanwhile()
        return [KEY.verifier]

    def person(self, name, *roles):
        with self.store.change() as tx:
            made = tx.people.add(Person(id=0, name=name, created=1))
            for role in roles:
                tx.grants.add(Grant(person=made.id, node=INSTANCE, role=role))
            return actor_of(tx, made.id)

    def take_roles_of(self, actor):
        with self.store.change() as tx:
            for grant in actor.grants:
                tx.grants.remove(grant.person, grant.node, grant.role)


class _Pace(Pace):
    def __init__(self, world):
        super().__init__()
        self._world = world

    def take(self, who, size, now):
        self._world.meanwhile()
        return super().take(who, size, now)


class _Ledger:
    def __init__(self, world):
        self._world = world

    def __getattr__(self, name):
        if name == "find":
            self._world.meanwhile()
        return getattr(self._world.store.ledger, name)


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path / "data")
    yield made
    made.store.close()


VERBS = {
    "send": (lambda actor, world: send_event(actor, world.sources, BODY), use_cases.SEND_EVENT),
    "verify": (lambda actor, world: verify_now(actor, world.tools, whole=True), use_cases.VERIFY_LEDGER),
    "view verification": (lambda actor, world: view_verification(actor, world.tools), use_cases.VERIFY_LEDGER),
    "list": (lambda actor, world: list_entries(actor, world.tools, EntryFilter(), 5), use_cases.SEARCH_LEDGER),
    "search": (lambda actor, world: search_entries(actor, world.tools, EntryFilter(), "b", 5), use_cases.SEARCH_LEDGER),
    "types": (lambda actor, world: list_entry_types(actor, world.tools), use_cases.SEARCH_LEDGER),
    "entry": (lambda actor, world: view_entry(actor, world.tools, 1), use_cases.VIEW_ENTRY),
    "head": (lambda actor, world: view_head(actor, world.tools), use_cases.VIEW_LEDGER),
    "checkpoint": (lambda actor, world: view_checkpoint(actor, world.tools), use_cases.VIEW_LEDGER),
    "state": (lambda actor, world: view_state(actor, world.tools), use_cases.VIEW_LEDGER),
}


def refused(call, *arguments):
    """The code of a refusal; empty where there was none."""
    try:
        call(*arguments)
    except PlumblineError as error:
        return error.code
    return ""


@pytest.mark.parametrize("name", VERBS)
def test_each_verb_asks(world, name):
    verb, use_case = VERBS[name]
    send_event(world.person("op", Role.OPERATOR), world.sources, BODY)
    size, begun = world.store.ledger.size(), []
    world.meanwhile = lambda: begun.append(1)
    for actor, code in ((SIGNED_OUT, "not-signed-in"), (world.person("vic", Role.VIEWER), "not-allowed")):
        found = refused(verb, actor, world)
        assert found == code, f"{use_case.name}: {found or 'allowed'}"
        assert not begun, f"{use_case.name}: begun for somebody who may not"
    assert world.store.ledger.size() == size
    assert verb(world.person("oda", Role.OPERATOR), world) is not None or name == "checkpoint"


@pytest.mark.parametrize("name", ["send", "verify"])
def test_a_role_that_went_between_check_and_act(world, name):
    verb, use_case = VERBS[name]
    actor = world.person("oda", Role.OPERATOR)
    world.meanwhile = lambda: world.take_roles_of(actor)
    found = refused(verb, actor, world)
    assert found == "not-allowed", f"{use_case.name}: {found or 'allowed'} to who lost the role"
    assert world.store.ledger.size() == 0
    assert last_verification(world.store).at == 0


def test_what_was_sent_stands_there_once(world):
    actor = world.person("oda", Role.OPERATOR)
    first, again = (send_event(actor, world.sources, BODY) for _ in range(2))
    assert (first.seq, again.seq, first.known, again.known) == (1, 1, False, True)
    other = BODY.replace(b'"b"', b'"c"')
    assert refused(send_event, actor, world.sources, other) == "event-id-reused"
    assert world.store.ledger.size() == 1


def test_only_one_verification_at_a_time(world):
    actor = world.person("oda", Role.OPERATOR)
    inner = []
    world.meanwhile = lambda: inner.append(refused(VERBS["verify"][0], actor, world))
    verify_now(actor, world.tools, whole=True)
    assert inner == ["verification-running"]


def test_searching_is_for_who_is_signed_in_and_shows_entries_to_who_may_read_them(world):
    units = world.tools.units
    tools = SearchTools(
        world.tools,
        AssessmentTools(units, world.store.ledger, shipped=tuple, **dict.fromkeys(_NOT_ASKED)),
        TreeTools(units, None, None, {}, {}),
        ArtifactTools(units, None, None, None),
    )

    def kinds(actor):
        return [group.kind for group in search(actor, tools, "1", 5)]

    send_event(world.person("op", Role.OPERATOR), world.sources, BODY)
    assert refused(search, SIGNED_OUT, tools, "1", 5) == refused(search, SIGNED_OUT, tools, "", 5) != ""
    assert kinds(world.person("oda", Role.OPERATOR)) == ["event"]
    assert kinds(world.person("vic", Role.VIEWER)) == []
