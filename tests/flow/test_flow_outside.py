"""When a checkpoint is taken outside, how long a place that failed rests, and what a kill in between does."""

from __future__ import annotations

import itertools

import pytest
from tests.evidence.ledgers import draft

from plumbline.adapters.store import StoreSettings, open_store
from plumbline.evidence import SigningKey
from plumbline.flow.event_writer import EventWriter
from plumbline.flow.ledger.outside import LEAST_WAIT, MOST_WAIT, Outside, OutsideTools, deliver, states
from plumbline.kernel import ErrorKind, PlumblineError
from plumbline.model.outside import OutsidePlace, PlaceKind

pytestmark = pytest.mark.slow

KEY = SigningKey("plumbline-test", bytes(range(32)))
SECOND, HOUR = 1_000_000, 3600 * 1_000_000


class Place:
    def __init__(self, name):
        self.place = OutsidePlace(kind=PlaceKind.FILE, name=name)
        self.sizes, self.fails = [], None

    def deliver(self, checkpoint, ledger):
        if self.fails is not None:
            raise self.fails
        self.sizes.append(checkpoint.size)
        return checkpoint


class World:
    def __init__(self, folder):
        self.now = 2_000_000_000 * SECOND
        self.store = open_store(StoreSettings(data=str(folder)), lambda: self.now)
        self.places = (Place("one"), Place("two"))
        self.outside = Outside(couriers=self.places)
        ids = (f"id{number}" for number in itertools.count())
        self.tools = OutsideTools(
            self.store, self.store.ledger, lambda: KEY, lambda: self.outside,
            lambda: EventWriter(self.now, "urn:plumbline:test", lambda: next(ids)),
        )  # fmt: skip

    def grow(self, number):
        self.store.ledger.append([draft(number)])

    def look(self, after=0, **how):
        self.now += after
        return [(attempt.place.name, attempt.size) for attempt in deliver(self.tools, **how)]

    def state(self, place=1):
        return states(self.store, [self.places[place].place])[0]


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.store.close()


def broken():
    return PlumblineError("checkpoint-not-delivered", "why", "mend", kind=ErrorKind.REFUSED)


def test_nothing_is_made_of_nothing_and_nothing_twice(world):
    assert world.look() == []
    world.grow(1)
    assert world.look() == [("one", 1), ("two", 1)]
    size = world.store.ledger.size()
    for _ in range(5):
        assert world.look(2 * HOUR) == world.look(now=True) == []
    assert (world.store.ledger.size(), len(world.store.ledger.checkpoints())) == (size, 1)


def test_the_clock_and_growth_together(world):
    world.grow(1)
    world.look()
    world.grow(2)
    assert world.look(HOUR - SECOND) == []  # it grew, and it is not time yet
    assert world.look(2 * SECOND) == [("one", 5), ("two", 5)]
    world.grow(3)
    assert [name for name, _ in world.look(now=True)] == ["one", "two"]


def test_a_delivery_by_a_clock_that_was_ahead_does_not_stop_those_that_follow(world):
    world.now += 365 * 24 * HOUR
    world.grow(1)
    world.look()
    world.now -= 365 * 24 * HOUR
    world.grow(2)
    assert world.look() == [("one", 5), ("two", 5)]


def test_what_fails_rests_longer_each_time_and_hinders_nobody(world):
    world.grow(1)
    world.places[1].fails = broken()
    assert world.look() == [("one", 1), ("two", 1)]
    waits = []
    for _ in range(12):
        state = world.state()
        waits.append(state.due - state.tried)
        assert (state.code, state.size) == ("checkpoint-not-delivered", 0)
        assert world.look(waits[-1] - SECOND) == []
        assert world.look(2 * SECOND) == [("two", 1)]
    assert waits == [min(MOST_WAIT, LEAST_WAIT << number) for number in range(12)]
    assert world.places[0].sizes == [1]
    world.places[1].fails = None
    assert world.look(now=True) == [("two", 1)]
    assert (world.state().failures, world.state().code, world.state().message) == (0, "", None)


def test_a_kill_between_the_answer_and_the_note_of_it_tells_again(world):
    class Killed(BaseException):
        pass

    world.grow(1)
    world.places[1].fails = Killed()
    with pytest.raises(Killed):
        world.look()
    assert world.places[0].sizes == [1]
    world.places[1].fails = None
    assert world.look() == [("two", 1)]
    assert world.look(now=True) == []
    assert (world.places[0].sizes, world.places[1].sizes) == ([1], [1])


def test_a_ledger_that_does_not_hold_is_not_handed_out(world):
    world.grow(1)
    world.look()
    world.grow(2)
    with world.store.engines.writer.begin() as connection:
        for name in [
            row[0] for row in connection.exec_driver_sql("select name from sqlite_master where type='trigger'")
        ]:
            connection.exec_driver_sql(f"drop trigger {name}")
        connection.exec_driver_sql("update ledger_entry set body = cast('{}' as blob) where seq = 5")
    with pytest.raises(PlumblineError) as caught:
        world.look(2 * HOUR)
    assert caught.value.code == "ledger-broken"
    assert world.places[0].sizes == [1]
