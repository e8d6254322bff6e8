"""How long who asked waits for a repository: in no thread, and not long where nothing is heard of it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from plumbline.flow.pipelines.fetching import Visit, Waits

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from plumbline.flow.pipelines.fetching import Fetch

SILENT = 1.5  # seconds of waiting for somebody who says nothing
LONGEST = 20.0  # for somebody who sends what was asked for
_STEP = 0.25


async def patiently(answer: Callable[[], Response], limiter: anyio.CapacityLimiter, silent: float = SILENT) -> Response:
    """What ``answer`` makes in a thread; once more when a repository that it needs is there. ``silent``: seconds for
    one of which nothing is heard."""
    visit, begun = Visit(), time.monotonic()

    def made() -> Response:
        with visit.coming():
            return answer()

    while True:
        try:
            return await anyio.to_thread.run_sync(made, limiter=limiter)
        except Waits as waits:
            visit.gives_up = not await _over(waits.fetch, begun, silent)


async def _over(fetch: Fetch, begun: float, silent: float) -> bool:
    over, loop = anyio.Event(), asyncio.get_running_loop()

    def told() -> None:
        loop.call_soon_threadsafe(over.set)

    fetch.then(told)
    while not over.is_set():
        waited = time.monotonic() - begun
        if waited > (LONGEST if fetch.moving else silent):
            return False
        with anyio.move_on_after(_STEP):
            await over.wait()
    return True
