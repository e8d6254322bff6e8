"""A server that is killed: it starts pipelines, runs them, and says over its output what was committed."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

from tests.crash.world import World

from plumbline.flow.pipelines.create_pipeline import start_pipeline
from plumbline.flow.pipelines.tools import Wanted


def main(data: str, address: str, project: int, wanted: int, output: int) -> None:
    """Start pipelines until there are ``wanted``, and run until all have ended."""
    world = World(Path(data), address)
    runner = world.runner()

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
    with world.store.view() as tx:
        made = len(tx.pipelines.newest(100_000))
    while made < wanted:
        pipeline = start_pipeline(world.server, Wanted(project=project), by=0, fetch=made == 0)
        assert pipeline is not None
        told(f"pipeline {pipeline.id} {pipeline.uid}")
        made += 1
    while True:
        with world.store.view() as tx:
            if not tx.pipelines.unfinished():
                break
        assert thread.is_alive()
        time.sleep(0.02)
    runner.stop()
    thread.join()
    told("done")
    for complaint in world.complaints:
        print(complaint, file=sys.stderr)
    world.close()
