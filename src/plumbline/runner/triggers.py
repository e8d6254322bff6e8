"""Trigger jobs of a runner whose other repository is still being fetched: they hold no thread meanwhile."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from plumbline.flow.jobs.faults import result_of
from plumbline.flow.pipelines.claim_jobs import finish_job, start_downstream
from plumbline.flow.pipelines.fetching import Visit, Waits
from plumbline.model.job import JobResult, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plumbline.flow.pipelines.claim_jobs import Claim
    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.server import StoredJob
    from plumbline.runner.environment_pool import PooledEnvironment


class _Started(NamedTuple):
    claim: Claim
    bench: PooledEnvironment
    visit: Visit


class Triggers:
    """Those that wait. ``wake`` is called, from any thread, when :meth:`ready` would answer with something."""

    def __init__(self, server: Server, wake: Callable[[], None]) -> None:
        self._server = server
        self._wake = wake
        self._ready: SimpleQueue[int] = SimpleQueue()
        self._lock = threading.Lock()
        self._waiting: dict[int, _Started] = {}  # by job

    def start(self, claim: Claim, bench: PooledEnvironment) -> bool:
        """Start what the job asks for; whether it is done. PlumblineErrors of the store."""
        return self._go_on(_Started(claim, bench, Visit()))

    def ready(self) -> Iterator[Claim]:
        """Go on with those that may; the ones that are done. PlumblineErrors of the store."""
        while True:
            try:
                number = self._ready.get_nowait()
            except Empty:
                return
            with self._lock:
                one = self._waiting.get(number)
            if one is None:
                continue
            try:
                if self._go_on(one):
                    yield one.claim
            except Exception as error:  # noqa: BLE001 (a fault is told, and ends this one alone)
                yield one.claim
                job = one.claim.job
                finish_job(self._server, job.id, job.lease_owner, job.fence, result_of(error, job.id))

    def jobs(self) -> list[int]:
        """Whose lease is to be renewed."""
        with self._lock:
            return list(self._waiting)

    def stop_canceled(self, held: dict[int, StoredJob]) -> None:
        """End those that somebody canceled meanwhile. ``held``: what is still this runner's."""
        for number in self.jobs():
            job = held.get(number)
            if job is not None and job.state is State.CANCELING:
                finish_job(self._server, job.id, job.lease_owner, job.fence, JobResult(state=State.CANCELED))

    def _go_on(self, one: _Started) -> bool:
        job = one.claim.job.id
        try:
            with one.visit.coming():
                start_downstream(self._server, one.claim, one.bench.equipment, one.bench.tools)
        except Waits as waits:
            with self._lock:
                self._waiting[job] = one
            waits.fetch.then(lambda: self._over(job))
            return False
        except BaseException:
            self._forget(job)
            raise
        self._forget(job)
        return True

    def _forget(self, job: int) -> None:
        with self._lock:
            self._waiting.pop(job, None)

    def _over(self, job: int) -> None:
        self._ready.put(job)
        self._wake()
