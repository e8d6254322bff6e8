"""Who gives way where there are too many: connections, bodies on their way, streams, fetches of repositories."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest
from starlette.requests import Request

from plumbline.access import Actor
from plumbline.adapters.forges import Fetches
from plumbline.adapters.forges import fetches as fetching
from plumbline.flow.pipelines.fetching import Visit, Waits, check_patience, fetched
from plumbline.http import arrivals, doorway, places
from plumbline.http.arrivals import Arrivals
from plumbline.http.doorway import Doorway
from plumbline.http.places import Places
from plumbline.http.senders import sender_of
from plumbline.kernel import PlumblineError
from plumbline.model.person import Person, Session
from plumbline.model.server import Binding
from plumbline.web import streams
from plumbline.web.streams import Streams


@pytest.mark.parametrize(
    ("address", "sender"),
    [
        ("10.0.0.5", "10.0.0.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.5", "10.0.0.5"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_who_has_one_address_of_a_network_has_all(address, sender):
    assert sender_of(address) == sender


class Line:
    """A connection that only remembers whether it was ended."""

    def __init__(self, door, address="10.0.0.1", held=0):
        self.sender, self.held, self.ended = door.sender(address), held, False
        self.door = door
        door.arrived(self)

    def give_up(self):
        self.ended = True

    def unsent(self):
        return self.held

    def ask(self, path=b"/"):
        return self.door.asked(self, path)


def ended(lines):
    return [number for number, line in enumerate(lines) if line.ended]


def test_of_one_sender_few_may_say_nothing_and_the_oldest_ends(monkeypatch):
    monkeypatch.setattr(places, "SILENT_OF_ONE", 3)
    door = Places(1000)
    assert ended([Line(door, "10.0.0.9") for _ in range(200)]) == []  # what they sent may not have been read yet
    monkeypatch.setattr(places, "SILENT", 0.0)
    silent = [Line(door) for _ in range(5)]
    assert ended(silent) == [0, 1]
    assert not Line(door, "10.0.0.2").ended
    assert silent[2].ask()
    Line(door)
    assert ended(silent) == [0, 1]  # who asked for something is not counted


def test_behind_a_proxy_stand_many(monkeypatch):
    monkeypatch.setattr(places, "SILENT_OF_ONE", 3)
    door = Places(100, trusted=lambda address: address == "10.9.9.9")
    assert ended([Line(door, "10.9.9.9") for _ in range(20)]) == []


def test_who_was_answered_gives_way_first_then_who_says_nothing():
    door = Places(4)
    busy, idle, silent, other = Line(door), Line(door, "10.0.0.2"), Line(door, "10.0.0.3"), Line(door, "10.0.0.3")
    for one in (busy, idle):
        assert one.ask()
    door.answered(idle)
    Line(door, "10.0.0.4").ask()
    assert (idle.ended, silent.ended) == (True, False)
    Line(door, "10.0.0.4").ask()
    assert (silent.ended, other.ended, busy.ended) == (True, False, False)


def test_whose_next_head_has_begun_is_silent_and_not_idle():
    door = Places(2)
    one, two = Line(door), Line(door, "10.0.0.2")
    for each in (one, two):
        each.ask()
        door.answered(each)
    door.began(one)
    Line(door, "10.0.0.3")
    assert (one.ended, two.ended) == (False, True)


def test_health_sign_in_and_webhooks_have_places_where_all_are_taken(monkeypatch):
    monkeypatch.setattr(places, "RESERVED", 2)
    door = Places(3)
    assert all(Line(door, f"10.0.0.{number}").ask(b"/pipelines") for number in range(3))
    late, kept = Line(door, "10.1.0.1"), Line(door, "10.1.0.2")
    assert (late.ended, kept.ended) == (True, False)  # a place that says nothing is given to the next one
    assert kept.ask(b"/healthz")
    other = Line(door, "10.1.0.3")
    assert not other.ask(b"/pipelines")  # which is answered that there is no place
    assert Line(door, "10.1.0.4").ended
    assert len(door) == 5
    door.left(other)
    assert Line(door, "10.1.0.4").ask(b"/hooks/git/1")


def test_who_takes_no_answers_holds_little_memory(monkeypatch):
    monkeypatch.setattr(places, "MOST_UNSENT", 1050)
    door = Places(100)
    greedy = [Line(door, held=held) for held in (300, 350, 340)]
    honest = Line(door, "10.0.0.2", held=400)
    for line in (*greedy, honest):
        door.owes(line, line.held)
    assert (ended(greedy), honest.ended) == ([1], False)
    greedy[0].held = 0  # taken meanwhile
    door.owes(Line(door, "10.0.0.3"), 250)
    assert (ended(greedy), honest.ended) == ([1], False)


def test_before_the_door_few_handshakes_are_under_way(monkeypatch):
    monkeypatch.setattr(doorway, "AT_ONCE", 3)
    with Doorway(socket.create_server(("127.0.0.1", 0))) as door:
        door.counts = True
        callers = [socket.create_connection(door.getsockname(), timeout=20) for _ in range(5)]
        taken = [door.accept() for _ in callers]
        assert [caller.recv(1) for caller in callers[:2]] == [b"", b""]  # those that came first
        door.entered(taken[2][1])
        callers.append(socket.create_connection(door.getsockname(), timeout=20))
        taken.append(door.accept())
        callers[3].settimeout(0.01)
        with pytest.raises(TimeoutError):
            callers[3].recv(1)
        for one in (*callers, *(each[0] for each in taken)):
            one.close()


def coming(address, *parts, length=None):
    """A request whose body comes in these parts; None: nothing more, ever."""
    left = list(parts)

    async def receive():
        if left and left[0] is None:
            await asyncio.sleep(3600)
        part = left.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(left)}

    headers = [(b"content-length", str(length).encode())] if length is not None else []
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "client": (address, 1)}
    return Request(scope, receive)


async def outcome(door, request, most=1000, person=0):
    with door.arrival(request, person) as arrival:
        try:
            return await door.read(request, arrival, most)
        except PlumblineError as error:
            return error.code


def test_a_body_that_does_not_come_is_waited_for_a_moment(monkeypatch):
    monkeypatch.setattr(arrivals, "UNKNOWN_SECONDS", 0.05)
    assert asyncio.run(outcome(Arrivals(), coming("10.0.0.1", b"name=", None))) == "request-too-slow"


def test_what_is_too_large_is_not_read():
    for request in (coming("10.0.0.1", None, length=1001), coming("10.0.0.1", b"x" * 600, b"x" * 600, None)):
        assert asyncio.run(outcome(Arrivals(), request)) == "body-too-large"


def test_half_sent_bodies_give_way_to_others(monkeypatch):
    monkeypatch.setattr(arrivals, "OF_ONE", 3)
    monkeypatch.setattr(arrivals, "IN_ALL", 5)
    door = Arrivals()

    async def all_at_once():
        half = [asyncio.create_task(outcome(door, coming("10.0.0.1", b"na", None))) for _ in range(8)]
        other = [asyncio.create_task(outcome(door, coming(f"10.0.1.{one}", b"na", None))) for one in range(2)]
        await asyncio.sleep(0.01)
        whole = await asyncio.gather(*(outcome(door, coming("10.0.2.1", b"name=x")) for _ in range(50)))
        same = await outcome(door, coming("10.0.0.1", b"name=x"))
        await asyncio.sleep(0.01)
        over = [task.result() if task.done() else "" for task in (*half, *other)]
        for task in (*half, *other):
            task.cancel()
        await asyncio.gather(*half, *other, return_exceptions=True)
        return whole, same, over

    whole, same, over = asyncio.run(all_at_once())
    assert whole == [b"name=x"] * 50
    assert same == b"name=x"
    assert set(over[:5]) == {"request-too-slow"}
    assert over[8:] == ["", ""]  # of whoever has few
    assert len(door._coming) == door._count == door._bytes == 0


def test_half_sent_bodies_hold_few_bytes(monkeypatch):
    monkeypatch.setattr(arrivals, "MOST_BYTES", 1000)
    door = Arrivals()

    async def all_at_once():
        half = [asyncio.create_task(outcome(door, coming("10.0.0.1", b"x" * 400, None))) for _ in range(4)]
        await asyncio.sleep(0.01)
        held = door._bytes
        good = await outcome(door, coming("10.0.0.2", b"x" * 300, b"x" * 300))
        for task in half:
            task.cancel()
        await asyncio.gather(*half, return_exceptions=True)
        return held, good

    held, good = asyncio.run(all_at_once())
    assert held <= 1000
    assert len(good) == 600


def actor(person, session):
    held = Session(digest=session.encode(), person=person, created=1, seen=1)
    return Actor(person=Person(id=person, name=str(person)), session=held)


def test_the_oldest_stream_of_a_session_or_a_person_ends(monkeypatch):
    for name, most in {"OF_SESSION": 2, "OF_PERSON": 3, "IN_ALL": 5}.items():
        monkeypatch.setattr(streams, name, most)
    door = Streams()

    def opened(person, session):
        held = door.one(actor(person, session))
        kept.append(held)
        return held.__enter__()

    kept = []
    mei = [opened(1, "a"), opened(1, "a"), opened(1, "a")]
    assert [one.over for one in mei] == [True, False, False]
    mei += [opened(1, "b"), opened(1, "c")]
    assert [one.over for one in mei] == [True, True, False, False, False]
    others = [opened(person, "x") for person in (2, 3, 4)]
    assert [one.over for one in mei] == [True, True, True, False, False]  # of whoever has most
    assert not any(one.over for one in others)
    assert len(door) == 5
    for one in kept:
        one.__exit__(None, None, None)
    assert len(door) == 0


def binding(project, host="slow.example"):
    return Binding(project=project, kind="git", url=f"https://{host}/{project}.git")


def test_a_host_and_a_project_have_few_fetches_and_others_go_on(monkeypatch):
    monkeypatch.setattr(fetching, "PER_HOST", 2)
    held, begun = threading.Event(), []

    def fetch(one, request, heard):
        begun.append((one.project, request))
        heard()
        if one.url.startswith("https://slow"):
            held.wait(30)
        if one.project == 9:
            raise PlumblineError("repository-vanished", "gone")

    door = Fetches(fetch)
    slow = [door.begin(binding(1)), door.begin(binding(1)), door.begin(binding(2)), door.begin(binding(3))]
    assert door.begin(binding(1)) is slow[1]  # it has not begun yet, and is shared
    assert door.begin(binding(1), 7) is not slow[1]
    door.begin(binding(8, "quick.example")).wait()
    with pytest.raises(PlumblineError, match="gone"):
        door.begin(binding(9, "quick.example")).wait()
    assert door.figures()[0] == 3  # and the two under way
    assert [project for project, _ in begun if project < 8] == [1, 2]
    assert slow[0].moving
    held.set()
    for one in slow:
        one.wait()
    assert sorted(begun).count((1, 0)) == 2


def test_many_silent_hosts_leave_places_to_those_that_answered(monkeypatch):
    monkeypatch.setattr(fetching, "DOUBTFUL", 2)
    held = threading.Event()
    door = Fetches(lambda one, _request, _heard: held.wait(30) if "silent" in one.url else None)
    door.begin(binding(1, "good.example")).wait()
    silent = [door.begin(binding(number, f"silent{number}.example")) for number in range(2, 20)]
    assert door.figures() == (16, 2)
    door.begin(binding(1, "good.example")).wait()
    held.set()
    for one in silent:
        one.wait()


def test_who_waits_too_long_for_a_place_is_told(monkeypatch):
    monkeypatch.setattr(fetching, "PER_HOST", 1)
    monkeypatch.setattr(fetching, "LONGEST_WAIT", 0.0)
    door = Fetches(lambda *_: None)
    with pytest.raises(PlumblineError) as caught:
        door.begin(binding(1)).wait()
    assert caught.value.code == "repository-busy"


def test_who_comes_again_does_not_fetch_again():
    begun, over = [], [False]

    class Slow:
        over = property(lambda _: over[0])

        def wait(self):
            assert self.over or begun == [1, 1]

    def begin():
        begun.append(1)
        return Slow()

    visit = Visit()
    with pytest.raises(Waits), visit.coming():
        fetched(1, 0, begin)
    assert not visit.may_go_on
    over[0] = True
    with visit.coming():
        check_patience()
        fetched(1, 0, begin)
    assert (begun, visit.may_go_on) == ([1], True)
    visit.gives_up = True
    with visit.coming(), pytest.raises(PlumblineError) as caught:
        check_patience()
    assert caught.value.code == "repository-slow"
    fetched(1, 0, begin)  # outside: somebody else, who waits
    assert begun == [1, 1]


def test_of_nobody_known_much_is_not_read(api, admin):
    """What has to be signed in for is not read before that, where it is large."""
    bank = api.node("bank").id
    path, asked = f"/api/v1/nodes/{bank}/variables/NAME", []

    async def body():
        for _ in range(40):
            asked.append(1)
            yield b" " * 1000
        yield b'{"value": "a-long-secret"}'

    media = {"Content-Type": "application/json"}
    for headers in (media, media | {"Authorization": "Bearer plumb_nobody_at_all"}):
        assert api.ask("PUT", path, content=body(), headers=headers).status_code == 401
        assert len(asked) <= 1
        asked.clear()
    assert api.ask("PUT", path, content=body(), headers=media, token=admin).status_code == 200
    assert len(asked) == 40
