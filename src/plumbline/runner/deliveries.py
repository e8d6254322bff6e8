"""Carries out deliveries, and looks at repositories, in threads of its own: they wait for other people's servers."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from plumbline.flow.pipelines.carry_out import (
    LEASE,
    carry_out,
    claim_deliveries,
    recover_deliveries,
    recover_silent_deliveries,
    renew_deliveries,
)
from plumbline.flow.pipelines.deliveries import host_of
from plumbline.flow.pipelines.lease_watch import LeaseWatch
from plumbline.flow.pipelines.look import due_looks, look_at
from plumbline.kernel import PlumblineError
from plumbline.model.room import Room

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.flow.pipelines.tools import RunnerTools
    from plumbline.model.server import Delivery, Look

PLACES = 24  # deliveries at once: several hosts may hang, each holding a few, and others still go on
LOOKS = 8  # at once
LOOKS_PER_HOST = 2
_POLL = 1.0  # seconds between looks for deliveries that another process wrote down, or whose time came
_CLOCK = 2.0  # seconds between looks at the clock for repositories
_PATIENCE = 1.0  # seconds after the store failed
_log = logging.getLogger(__name__)


class DeliveryWorker:
    """:meth:`run` blocks until :meth:`stop` was called and what was begun has ended."""

    def __init__(self, tools: RunnerTools) -> None:
        self._tools = tools
        self._server = tools.server
        self._wake = threading.Event()
        self._stopping = False
        self._lock = threading.Lock()
        self._busy: set[int] = set()  # deliveries
        self._looking: dict[int, str] = {}  # projects, with the host of each
        self._threads: set[threading.Thread] = set()
        self._renewed = time.monotonic()
        self._looked = 0.0
        self._leases = LeaseWatch(LEASE)

    def wake(self) -> None:
        """There may be something to do. From any thread."""
        self._wake.set()

    def stop(self) -> None:
        """Begin nothing more."""
        self._stopping = True
        self.wake()

    def run(self) -> None:
        self._tell(partial(recover_deliveries, self._server, self._tools.place, self._tools.owner))
        while not self._stopping:
            self._tell(self._turn)
            self._wake.wait(_POLL)
            self._wake.clear()
        while threads := self._running():
            self._tell(self._renew)
            threads[0].join(_POLL)

    def _running(self) -> list[threading.Thread]:
        with self._lock:
            return list(self._threads)

    def _turn(self) -> None:
        self._renew()
        if time.monotonic() - self._looked > _CLOCK:
            self._looked = time.monotonic()
            with self._lock:
                busy = set(self._busy)
            recover_silent_deliveries(self._server, self._leases, busy)
            self._look()
        while not self._stopping and self._tools.room() is not Room.NONE:
            with self._lock:
                busy = set(self._busy)
            claimed = claim_deliveries(self._server, self._tools.owner, PLACES - len(busy), busy)
            for one in claimed:
                with self._lock:
                    self._busy.add(one.id)
                self._begin(partial(self._carry_out, one))
            if not claimed:
                return

    def _look(self) -> None:
        with self._lock:
            hosts = Counter(self._looking.values())
        for look in due_looks(self._server):
            host = host_of(look.url)
            if len(self._looking) >= LOOKS:
                return
            if look.project in self._looking or hosts[host] >= LOOKS_PER_HOST:
                continue
            hosts[host] += 1
            with self._lock:
                self._looking[look.project] = host
            self._begin(partial(self._look_at, look))

    def _begin(self, act: Callable[[], None]) -> None:
        def work() -> None:
            try:
                self._tell(act)
            finally:
                with self._lock:
                    self._threads.discard(threading.current_thread())
                self.wake()  # its place is free

        thread = threading.Thread(target=work, name="delivery", daemon=True)
        with self._lock:
            self._threads.add(thread)
        thread.start()

    def _carry_out(self, one: Delivery) -> None:
        try:
            carry_out(self._server, one, self._tools.complain)
        finally:
            with self._lock:
                self._busy.discard(one.id)

    def _look_at(self, look: Look) -> None:
        try:
            look_at(self._server, look)
        finally:
            with self._lock:
                self._looking.pop(look.project, None)

    def _renew(self) -> None:
        if time.monotonic() - self._renewed < LEASE / 4_000_000:
            return
        self._renewed = time.monotonic()
        with self._lock:
            busy = list(self._busy)
        if busy:
            renew_deliveries(self._server, self._tools.owner, busy)

    def _tell(self, act: Callable[[], object]) -> None:
        """Do it, and tell what it could not do. A fault with one repository ends nothing for the others."""
        try:
            act()
        except PlumblineError as error:
            self._tools.complain(error)
            time.sleep(_PATIENCE if not self._stopping else 0)
        except Exception:  # noqa: BLE001 - told in full
            _log.exception("fault", extra={"fields": {"where": "deliveries"}})
            time.sleep(_PATIENCE if not self._stopping else 0)
