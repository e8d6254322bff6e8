"""A server that is killed while 64 sources add evidence at once, and collections open and close meanwhile."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.crash.world import World

from plumbline.evidence import Sender, sent_by, write_event
from plumbline.evidence.vocabulary import own_delivery
from plumbline.flow.contracts.closing import close_due
from plumbline.flow.contracts.late import mark_late
from plumbline.model.forge_news import ChangeAct, ChangeNews

if TYPE_CHECKING:
    from plumbline.model.contract import Collection
    from plumbline.model.event import EventDraft

SOURCES = 64
NAME = "https://scanners.bank.example"
PATH = "bank/core"
_CAME = ("filled", "filled_late")  # late: after its end, and before the turn that closed it


def commit_of(number: int) -> str:
    return f"{number:040x}"


def text() -> str:
    needs = "".join(
        f"  - {{id: s{at}, title: {{en: A, zh: 甲}}, kind: scan.sast, of: commit, tool: [t{at}], "
        f"made_by: ['source:scanners']}}\n"
        for at in range(SOURCES)
    )
    return (
        "contract: scans\ntitle: {en: Scans, zh: 扫描}\nowner: x\nfor: {occasion: merge}\nneed:\n"
        f"{needs}window: {{grace: 0m, deadline: 24h}}\n"
    )


def scan(number: int, at: int, now: int) -> EventDraft:
    """By a name that is always the same, with the same bytes."""
    content = own_delivery.ScanFinished(
        kind="sast", tool=f"t{at}", outcome="failure", commit=commit_of(number),
        findings=own_delivery.Counts(critical=1, high=1, medium=1, low=1, info=1, unknown=1),
    )  # fmt: skip
    made = write_event(
        content, id=f"{number}-{at}", source="urn:plumbline:x", subject=f"{number}-{at}", time=now, project=PATH
    )
    type_ = made.type.replace("plumbline-", "scanners-")
    body = made.body.replace(b"urn:plumbline:x", NAME.encode()).replace(made.type.encode(), type_.encode())
    draft = type(made)(source=NAME, id=made.id, type=type_, subject=made.subject, body=body, scope=PATH)
    return sent_by(draft, Sender(source="scanners", door="http", scope=PATH))


def tell(world: World, project: int, number: int, act: ChangeAct) -> None:
    told = ChangeNews(act=act, number=number, action=act.value, head=commit_of(number), branch="x", target="main")
    with world.store.change() as tx:
        world.server.occasions.told(tx, project, [told])


def live(world: World, project: int, seed: int, *, more: int = 1_000_000) -> None:
    """Bring to an end what is open, and go on with so many ``more``."""
    chance = random.Random(seed)
    with world.store.view() as tx:
        known = tx.collections.of_projects([project], 10_000)
    number = max((int(one.subjects.commit, 16) for one in known), default=0)
    open_ = [int(one.subjects.commit, 16) for one in known if not one.closed and not one.ended]
    closing = threading.Event()
    turning = threading.Thread(target=_turn, args=(world, closing), daemon=True)
    turning.start()
    for one in open_:
        _carry(world, project, one, chance)
    for later in range(number + 1, number + 1 + more):
        tell(world, project, later, ChangeAct.CREATED)
        _carry(world, project, later, chance)
    closing.set()
    turning.join()
    turn(world)


def _carry(world: World, project: int, number: int, chance: random.Random) -> None:
    """All sources at once; its end comes while some still add."""
    now = 1_800_000_000_000_000
    order = chance.sample(range(SOURCES), SOURCES)
    threads = [
        threading.Thread(target=lambda at=at: world.store.ledger.append([scan(number, at, now)]), daemon=True)
        for at in order
    ]
    early = chance.random() < 0.5
    for place, thread in enumerate(threads):
        thread.start()
        if early and place == SOURCES // 2:
            tell(world, project, number, ChangeAct.MERGED)
    for thread in threads:
        thread.join()
    tell(world, project, number, ChangeAct.MERGED)


def _turn(world: World, closing: threading.Event) -> None:
    while not closing.wait(0.005):
        turn(world)


def turn(world: World) -> None:
    for _ in close_due(world.contracts):
        pass
    for _ in mark_late(world.contracts):
        pass


def faults(world: World, project: int) -> list[str]:
    """What is lost or doubled."""
    with world.store.view() as tx:
        every: list[Collection] = list(tx.collections.of_projects([project], 100_000))
    closings: dict[str, int] = {}
    late: dict[tuple[str, str], int] = {}
    entries: dict[str, int] = {}
    for entry in world.store.ledger.read():
        if "collection.closed" in entry.type:
            closings[entry.subject] = closings.get(entry.subject, 0) + 1
        elif "evidence.late" in entry.type:
            name = (entry.subject, entry.id.partition(":late:")[2].partition(":")[0])
            late[name] = late.get(name, 0) + 1
        elif entry.source == NAME:
            entries[entry.id] = entry.seq
    found = [f"{one.uid} is open" for one in every if not one.closed]
    for one in every:
        number = int(one.subjects.commit, 16)
        if closings.get(one.uid) != 1:
            found.append(f"{one.uid} was closed {closings.get(one.uid, 0)} times")
        if sorted(slot.need for slot in one.slots) != sorted(f"s{at}" for at in range(SOURCES)):
            found.append(f"{one.uid} has {len(one.slots)} slots")
        for slot in one.slots:
            seq = entries.get(f"{number}-{slot.need[1:]}", 0)
            came = bool(seq) and seq <= one.last
            doubled = len(set(slot.entries)) != len(slot.entries)
            if (slot.state in _CAME) is not came or doubled or (came and slot.entries[0] != seq):
                found.append(f"{one.uid} {slot.need}: {slot.state}, entry {seq}, last {one.last}, {slot.entries}")
            if late.get((one.uid, slot.need), 0) != int(bool(seq) and not came):
                found.append(f"{one.uid} {slot.need}: late {late.get((one.uid, slot.need), 0)} times")
    return found


def main(data: str, address: str, project: int, rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    for life in range(rounds):
        ready, tells = os.pipe()
        child = os.fork()
        if not child:
            world = World(Path(data), address)
            os.write(tells, b".")
            live(world, project, seed + life)
            os._exit(1)
        os.read(ready, 1)
        os.close(ready)
        os.close(tells)
        time.sleep(chance.uniform(0.0, 1.0))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit(f"life {life} ended by itself with {status}")
    world = World(Path(data), address)
    live(world, project, seed, more=2)
    world.close()


if __name__ == "__main__":
    _arguments: list[Any] = sys.argv[1:]
    main(_arguments[0], _arguments[1], int(_arguments[2]), int(_arguments[3]), int(_arguments[4]))
