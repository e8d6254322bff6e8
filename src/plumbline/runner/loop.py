"""Claims jobs, runs them on a few threads, and tells how they ended."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from plumbline.flow.jobs.control import Done, Message, Wake
from plumbline.flow.jobs.faults import result_of, system_failure
from plumbline.flow.jobs.job_log import FileLog
from plumbline.flow.jobs.workers import Workers
from plumbline.flow.pipelines.claim_jobs import (
    Claim,
    Ended,
    finish_job,
    held_jobs,
    next_jobs,
    order_claimed,
    renew_leases,
)
from plumbline.flow.pipelines.due import put_back_schedules, run_schedules, start_delayed
from plumbline.flow.pipelines.lease_watch import LeaseWatch
from plumbline.flow.pipelines.recover import give_up, recover_expired, recover_own
from plumbline.flow.pipelines.runner_heartbeats import deregister, send_heartbeat
from plumbline.flow.pipelines.tools import RunnerTools
from plumbline.flow.reports.read_files import without
from plumbline.kernel import PlumblineError, t
from plumbline.model.job import JobResult, State
from plumbline.model.reported import NO_REPORTS, ReadReports
from plumbline.model.room import Room
from plumbline.runner.environment_pool import EnvironmentPool
from plumbline.runner.triggers import Triggers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from plumbline.flow.jobs.tools import CancelHandle
    from plumbline.flow.pipelines.fetching import Visit
    from plumbline.model.server import StoredJob

LEASE = 30_000_000  # microseconds
_POLL = 0.5  # seconds between looks for work that another process made
_WATCH = 0.3  # seconds between looks at what is to be canceled
_ALIVE = 30.0  # seconds between signs of life
_TICK = 1.0  # seconds between looks at the clock
_RARELY = 60.0  # seconds between looks for times that a wrong clock left
_PATIENCE = 1.0  # seconds after the store failed
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Running:
    claim: Claim
    log: FileLog
    cancel: CancelHandle
    abandoned: bool = False  # its thread may still use log and cancellation

    def close(self) -> None:
        if not self.abandoned:
            self.log.close()
            self.cancel.close()


class Runner:
    """:meth:`run` blocks until :meth:`stop` was called and the running jobs have ended."""

    def __init__(self, tools: RunnerTools) -> None:
        self._tools = tools
        self._server = tools.server
        self._inbox: SimpleQueue[Message] = SimpleQueue()
        self._workers = Workers(max(1, tools.threads), self._inbox, tools.read_reports)
        self._benches = EnvironmentPool(tools.server)
        self._triggers = Triggers(tools.server, self.wake)
        self._visits: dict[int, Visit] = {}  # of schedules whose repository is being fetched
        self._running: dict[int, _Running] = {}
        self._ended: list[tuple[_Running, JobResult, ReadReports]] = []  # to be told to the store
        self._not_begun: list[tuple[StoredJob, JobResult]] = []  # the same, of jobs that could not be started
        self._ours: set[int] = set()  # jobs that we hold, to be begun, running or to be told: nobody takes them
        self._leases = LeaseWatch(LEASE)
        self._stopping = False
        self._renewed = 0.0  # when leases were, by the monotonic clock
        self._closed = threading.Event()

    def wake(self) -> None:
        """There may be something to do. From any thread."""
        self._inbox.put(Wake())

    def stop(self, *, cancel: bool = False) -> None:
        """Claim no more. ``cancel``: running jobs are stopped. They end as interrupted ones do: most are begun anew, by
        whoever is there."""
        self._stopping = True
        if cancel:
            for running in list(self._running.values()):
                running.cancel.cancel(2)
        self.wake()

    def run(self) -> None:
        """PlumblineError where files that an earlier process left cannot be put in order."""
        tools = self._tools
        tools.clean_up()
        started = self._begin()
        helpers = [
            threading.Thread(target=self._watch, args=(started,), name="runner-watch", daemon=True),
            threading.Thread(target=self._keep_time, name="runner-clock", daemon=True),
        ]
        for helper in helpers:
            helper.start()
        try:
            while not self._stopping or self._running or self._ended or self._not_begun:
                self._turn()
        finally:
            self._closed.set()
            self._workers.close()
            self._benches.close()
            for helper in helpers:
                helper.join()
            self._tell(lambda: deregister(tools))

    def _begin(self) -> int:
        """Put in order what an earlier process held, and say when we began. A store that fails is waited for: pages and
        hooks go on meanwhile."""
        tools = self._tools
        while True:
            started = self._server.clock()
            try:
                recover_own(self._server, tools.place, tools.owner)
                send_heartbeat(tools, started)
            except PlumblineError as error:
                tools.complain(error)
            else:
                return started
            if self._stopping:
                return started
            self._closed.wait(_PATIENCE)

    def _turn(self) -> None:
        try:
            if self._step():
                return
        except PlumblineError as error:
            self._tools.complain(error)
            self._closed.wait(_PATIENCE)
        except Exception:  # noqa: BLE001 - told in full; a runner that ends leaves every job waiting
            _log.exception("fault in the runner")
            self._tell(self._tell_one_by_one)
            self._closed.wait(_PATIENCE)
        self._benches.tidy()
        self._workers.look()
        self._listen()

    def _listen(self) -> None:
        """Wait for a job to end, or for somebody to wake us."""
        try:
            message = self._inbox.get(timeout=_POLL)
            while True:
                if isinstance(message, Done):
                    self._workers.finished()
                    ended = self._running.pop(message.job_id)
                    ended.abandoned = message.abandoned
                    self._ended.append((ended, message.result, message.reports))
                message = self._inbox.get_nowait()
        except Empty:
            return

    def _step(self) -> bool:
        """Tell how jobs ended and claim others, in one transaction. True where there may be more to claim."""
        for claim in self._triggers.ready():
            self._benches.give_back(claim.pipeline.id)
            self._ours.discard(claim.job.id)
        tools, told, not_begun = self._tools, list(self._ended), list(self._not_begun)
        ended = [Ended(job, result) for job, result in not_begun]
        for running, result, reports in told:
            if not running.abandoned:
                running.log.close()
            if self._is_put_off(running, result):
                give_up(self._server, running.claim.job)
            else:
                ended.append(Ended(running.claim.job, result, reports))
        free = self._workers.free if not self._stopping and tools.room() is Room.ENOUGH else 0
        claims = next_jobs(self._server, tools.owner, ended, free, LEASE, self._accepts)
        del self._ended[: len(told)], self._not_begun[: len(not_begun)]
        self._ours.update(claim.job.id for claim in claims)
        self._ours.difference_update(job.id for job, _ in not_begun)
        for running, _, _ in told:
            self._put_away(running)
        for claim in claims:
            self._start(claim)
        return bool(self._not_begun) or (bool(claims) and self._workers.free > 0)

    def _put_away(self, running: _Running) -> None:
        self._ours.discard(running.claim.job.id)
        running.close()
        self._benches.give_back(running.claim.pipeline.id)

    def _tell_one_by_one(self) -> None:
        """Together it failed: what cannot be told of one job must not keep the others from being told."""
        while self._not_begun:
            self._tell_alone(*self._not_begun[0])
            self._ours.discard(self._not_begun[0][0].id)
            del self._not_begun[0]
        while self._ended:
            running, result, reports = self._ended[0]
            if self._is_put_off(running, result):
                give_up(self._server, running.claim.job)
            else:
                self._tell_alone(running.claim.job, result, reports)
            del self._ended[0]
            self._put_away(running)

    def _tell_alone(self, job: StoredJob, result: JobResult, reports: ReadReports = NO_REPORTS) -> None:
        """What its reports say is left out before the job is: a fault in keeping them is none of the job. One of which
        nothing can be told is nobody's once its lease is over. PlumblineError where the store fails: then it is told
        later."""
        not_stored = system_failure(t("its result could not be stored"))
        ways = [(result, reports), (not_stored, NO_REPORTS)]
        if reports.files:
            ways.insert(1, (result, without(reports)))
        for told, read in ways:
            try:
                finish_job(self._server, job.id, self._tools.owner, job.fence, told, read)
            except PlumblineError:
                raise
            except Exception:  # noqa: BLE001 - told in full
                _log.exception("the end of job %d could not be stored", job.id)
                held_jobs(self._server, self._tools.owner)  # whether it is the store
            else:
                return

    def _is_put_off(self, running: _Running, result: JobResult) -> bool:
        """Stopped by us, not by a person."""
        return self._stopping and result.state is State.CANCELED and running.cancel.level == 2

    def _accepts(self, job: StoredJob) -> bool:
        """A runner with tags runs jobs that want no others; the embedded one has none and runs everything."""
        return not self._tools.tags or self._tools.tags.issuperset(job.tags)

    def _start(self, claim: Claim) -> None:
        """Whatever keeps a job from being started ends it, with the next turn."""
        job, tools = claim.job, self._tools
        bench = None
        try:
            bench = self._benches.take(claim.pipeline)
            if claim.planned.trigger is not None:
                if self._triggers.start(claim, bench):
                    self._benches.give_back(claim.pipeline.id)
                    self._ours.discard(job.id)
                return
            order = order_claimed(self._server, claim, bench.equipment, bench.tools)
            log = FileLog(tools.open_log(claim.pipeline.id, job.id))
            running = self._running[job.id] = _Running(claim, log, tools.new_cancellation())
            self._workers.start(bench.equipment.executor, order, log, running.cancel)
        except Exception as error:  # noqa: BLE001 - told in full
            self._running.pop(job.id, None)
            if bench is not None:
                self._benches.give_back(claim.pipeline.id)
            self._not_begun.append((job, result_of(error, job.id)))

    def _keep_time(self) -> None:
        """What is due by the clock. In a thread of its own, since it may have to wait for repositories."""
        server, rarely = self._server, 0.0
        while not self._closed.wait(_TICK):
            if self._stopping:
                continue
            if time.monotonic() - rarely > _RARELY:
                rarely = time.monotonic()
                self._tell(partial(put_back_schedules, server))
            for step in (start_delayed, partial(run_schedules, visits=self._visits)):
                self._tell(partial(step, server))

    def _tell(self, act: Callable[[], object]) -> None:
        """Do it, and tell what it could not do. A fault in one step, or with one project, does not end the thread: the
        clock of all others would stand still, and nobody would see it."""
        try:
            act()
        except PlumblineError as error:
            self._tools.complain(error)
        except Exception:  # noqa: BLE001 - told in full
            _log.exception("fault in the runner")

    def _watch(self, started: int) -> None:
        """Give signs of life, see who else gives none, and stop what was canceled or taken away. In a thread of its
        own, which waits for nothing but the store."""
        self._renewed = told = looked = time.monotonic()
        while not self._closed.wait(_WATCH):
            now, ours = time.monotonic(), self._ours.copy()
            if not ours:
                self._renewed = now
            elif now - self._renewed > LEASE / 3_000_000:
                self._tell(partial(self._renew, ours))
            if (running := dict(self._running)) or self._triggers.jobs():
                self._tell(partial(self._stop_what_is_not_ours, running))
            if now - looked > _TICK and not self._stopping:
                looked = now
                self._tell(partial(recover_expired, self._server, self._leases, ours))
            if now - told > _ALIVE:
                told = now
                self._tell(partial(send_heartbeat, self._tools, started))

    def _renew(self, ours: Collection[int]) -> None:
        renew_leases(self._server, self._tools.owner, ours, LEASE)
        self._renewed = time.monotonic()

    def _stop_what_is_not_ours(self, running: dict[int, _Running]) -> None:
        held = held_jobs(self._server, self._tools.owner)
        self._triggers.stop_canceled(held)
        for job, one in running.items():
            if job not in held:
                one.cancel.cancel(2)
            elif held[job].state is State.CANCELING:
                one.cancel.cancel(1)
