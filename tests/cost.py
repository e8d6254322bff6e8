"""What a piece of work costs, in a unit that neither a slow machine nor a busy one changes much."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def cost(work: Callable[[], object], tries: int = 3) -> float:
    """How many times as long as a plain loop of a million turns `work` takes: the least of some tries.

    Only this thread's processor time counts, the loop is timed beside each try, and the collector rests meanwhile:
    what other tests have left in memory is none of the work's business.
    """
    gc.collect()
    gc.disable()
    try:
        return min(_seconds(work) / _seconds(_loop) for _ in range(tries))
    finally:
        gc.enable()


def crowding() -> float:
    """How many times as long a plain loop takes as a processor needs for it: 1 where nothing else runs just now."""
    began, worked = time.perf_counter(), time.thread_time()
    _loop()
    return max(1.0, (time.perf_counter() - began) / (time.thread_time() - worked))


def _loop() -> None:
    for _ in range(1_000_000):
        pass


def _seconds(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began
