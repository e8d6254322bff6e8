"""A server that is killed: it starts pipelines, is told of pushes, runs what comes of both, and says over its output
what was committed."""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.crash.world import World

from plumbline.flow.pipelines.create_pipeline import start_pipeline
from plumbline.flow.pipelines.tools import Wanted
from plumbline.kernel import PlumblineError
from plumbline.model.server import Webhook, WebhookKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.runner import DeliveryWorker


STEPS = (0, 0, 40, -40, 120, -120, 3600, -3600)  # seconds that the clock is ahead


def main(data: str, address: str, project: int, wanted: int, output: int, seed: int) -> None:
    """Start pipelines until there are ``wanted``, be told of as many pushes, and run until all have ended. Meanwhile
    somebody sets the clock forth and back, and what is over is removed."""
    world = World(Path(data), address, threads=4)
    threading.Thread(target=_set_clock, args=(world, random.Random(seed)), daemon=True).start()
    threading.Thread(target=_make_room, args=(world,), daemon=True).start()
    runner, worker = world.runner(), world.worker()

    def told(words: str) -> None:
        os.write(output, f"{words}\n".encode())

    def tell() -> None:
        """Acknowledge what the store says: it may only say what is durable."""
        seen = world.store.ledger.size()
        while True:
            size, chain = world.store.ledger.head()
            if size > seen:
                seen = size
                told(f"entry {size} {chain.hex()}")
            time.sleep(0.005)

    threading.Thread(target=tell, daemon=True).start()
    thread = threading.Thread(target=runner.run, daemon=True)
    thread.start()
    carrying = threading.Thread(target=worker.run, daemon=True)
    carrying.start()
    threading.Thread(target=_hooks, args=(world, worker, project, wanted, told), daemon=True).start()
    with world.store.view() as tx:
        made = len(tx.pipelines.newest(100_000))
    while made < wanted:
        pipeline = start_pipeline(world.server, Wanted(project=project), by=0, fetch=made == 0)
        assert pipeline is not None
        told(f"pipeline {pipeline.id} {pipeline.uid}")
        made += 1
    while True:
        with world.store.view() as tx:
            names = {one.name for one in tx.deliveries.newest(project, 100_000) if one.settled}
            if (
                names >= {name for number in range(wanted) for name, _ in _told(number)}
                and not tx.pipelines.unfinished()
            ):
                break
        assert thread.is_alive()
        assert carrying.is_alive()
        time.sleep(0.02)
    runner.stop()
    worker.stop()
    thread.join()
    carrying.join()
    told("done")
    for complaint in world.complaints:
        print(complaint, file=sys.stderr)
    world.close()


def _set_clock(world: World, chance: random.Random) -> None:
    while True:
        world.late = chance.choice(STEPS) * 1_000_000
        time.sleep(chance.uniform(0.005, 0.1))


def _make_room(world: World) -> None:
    while True:
        try:
            world.make_room()
        except PlumblineError as error:
            world.complain(error)
        time.sleep(0.05)


def _hooks(world: World, worker: DeliveryWorker, project: int, wanted: int, told: Callable[[str], None]) -> None:
    """Tell of every push as a forge does that heard no answer: from the beginning, after each death, each twice over
    and under two names. Each push is acknowledged when it is written down."""
    sha = (Path(world.data) / "told").read_text()
    for number in range(wanted):
        for name, ref in _told(number):
            webhook = Webhook(forge="git", delivery=name, kind=WebhookKind.PUSH, ref=ref, after=sha)
            kept = world.receive(project, webhook)
            assert world.receive(project, webhook).id == kept.id
            told(f"delivery {kept.id} {name}")
            worker.wake()


def _told(number: int) -> list[tuple[str, str]]:
    """What a forge calls its messages of one push, and the branch."""
    return [(f"{name}-{number}", f"told-{number}") for name in ("one", "two")]
