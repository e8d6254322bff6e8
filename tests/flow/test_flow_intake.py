"""What a registered source sends from many sides: the quota, the ids, and a source that is changed meanwhile."""

from __future__ import annotations

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.flow.door_tools import House

from plumbline.access import SIGNED_OUT, Actor
from plumbline.evidence import Sender
from plumbline.flow.ledger.import_events import import_as_source
from plumbline.flow.sources import receive_events as intake
from plumbline.flow.sources.prove import Delivery, prove
from plumbline.flow.sources.receive_events import receive_events
from plumbline.flow.sources.register import change_source, register_source, revoke_source
from plumbline.kernel import PlumblineError
from plumbline.model.person import Role
from plumbline.model.source import Source
from plumbline.model.tree import NodeKind

pytestmark = pytest.mark.slow

NAME = "https://sonar.example"


def event(number, value=1, kind="dev.cdeventsx.sonar-measurement.recorded.0.1.0"):
    context = {
        "specversion": "0.5.1",
        "id": f"e{number}",
        "source": NAME,
        "type": kind,
    }
    content = {"measure": "coverage", "value": value}
    return json.dumps({"context": context, "subject": {"id": "m", "content": content}, "customData": {}}).encode()


class Intake:
    """A source at an organisation, and what may act on it."""

    def __init__(self, house: House, **more):
        self.house = house
        self.tools = dataclasses.replace(house.tools.sources, units=house.tools.units)
        self.ada: Actor = house.standing(house.person("ada", Role.ADMIN))
        bank = house.node("bank", NodeKind.ORGANISATION)
        made = register_source(self.ada, self.tools, Source(name="sonar", node=bank.id, speaks_as=(NAME,), **more))
        self.source = made.source
        self.headers = {"authorization": f"Bearer {made.secret}", "content-type": "application/json"}

    def send(self, body: bytes):
        return receive_events(SIGNED_OUT, self.tools, Delivery(self.headers, body))

    def codes(self, bodies):
        """The outcome of each, one delivery each, from eight threads: ``new``, ``known``, or the code of a refusal."""

        def one(body):
            [taken] = self.send(body)
            return taken.error.code if taken.error else "known" if taken.known else "new"

        with ThreadPoolExecutor(8) as threads:
            return list(threads.map(one, bodies))

    def used(self):
        with self.house.view() as tx:
            return sum(tally.events for tally in tx.sources.tallies(self.source.id))

    def told(self):
        return [entry.id for entry in self.tools.ledger.read() if entry.source == NAME]


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    with house.server:
        yield house


def test_a_quota_is_never_exceeded_from_many_sides(house):
    world = Intake(house, events_a_day=20)
    codes = world.codes([event(number) for number in range(80)])
    assert (codes.count("new"), codes.count("source-quota-used")) == (20, 60)
    assert (world.used(), len(world.told())) == (20, 20)
    with house.view() as tx:
        [refusal] = tx.sources.refusals(world.source.id)
    assert (refusal.reason, refusal.count) == ("source-quota-used", 60)


def test_names_that_a_source_makes_up_are_counted_as_one(house):
    world = Intake(house)
    for number in range(40):
        [taken] = world.send(event(number, kind=f"dev.cdeventsx.sonar-made{number}.up.0.1.0"))
        assert taken.seq
    world.send(event(100))
    with house.view() as tx:
        counted = {tally.kind: tally.events for tally in tx.sources.tallies(world.source.id)}
    assert len(counted) == 2
    assert counted["other"] == 40


def test_one_id_from_many_sides(house):
    world = Intake(house)
    codes = world.codes([event(1)] * 16)
    assert (codes.count("new"), codes.count("known")) == (1, 15)
    codes = world.codes([event(2, value=number % 4) for number in range(16)])
    assert (codes.count("new"), codes.count("known"), codes.count("event-id-reused")) == (1, 3, 12)
    assert (world.used(), world.told()) == (2, ["e1", "e2"])


def test_a_source_that_is_remembered_is_held_against_what_it_is_by_now(house):
    world = Intake(house)
    assert world.send(event(1))[0].seq
    proof = prove(SIGNED_OUT, world.tools, Delivery(world.headers, b""))
    changed = Source(id=world.source.id, name="", node=0, speaks_as=(NAME,), kinds=("scan.*",))
    change_source(world.ada, world.tools, changed)
    [taken] = world.send(event(2))
    assert taken.error is not None
    assert taken.error.code == "source-kind-refused"
    read = [intake.incoming(proof.source, proof.places, event(3), house.now)]
    assert not intake.take_in(SIGNED_OUT, world.tools, proof.source, read, Sender(source="sonar"))
    assert revoke_source(world.ada, world.tools, world.source.id)
    for body in (event(4), b"[", b"[]"):
        with pytest.raises(PlumblineError) as refused:
            world.send(body)
        assert refused.value.code == "source-unknown"
    assert (world.used(), world.told()) == (1, ["e1"])


def test_a_remembered_token_expires(house):
    world = Intake(house, expires=house.now + 10)
    assert world.send(event(1))[0].seq
    house.now += 10
    with pytest.raises(PlumblineError) as refused:
        world.send(event(2))
    assert refused.value.code == "source-unknown"


def test_an_import_notices_that_its_source_was_revoked(house):
    world = Intake(house)

    def lines():
        for number in range(1200):
            if number == 600:
                revoke_source(world.ada, world.tools, world.source.id)
            yield event(number)

    found = []
    with pytest.raises(PlumblineError) as refused:
        found += import_as_source(world.tools, "sonar", lines())
    assert refused.value.code == "no-such-source"
    assert len(world.told()) == 500
