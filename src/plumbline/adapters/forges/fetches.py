"""Fetches have threads of their own, few for each host and one for each project: who never answers holds these."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING

from plumbline.kernel import PlumblineError, t
from plumbline.model.repository_credential import remote_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.model.server import Binding

PLACES = 16  # fetches at once
PER_HOST = 4
DOUBTFUL = (
    10  # of hosts that answered nothing yet, or not the last time: others keep some places, however many these are
)
LONGEST_WAIT = 300.0  # seconds for a place
_MOVING = 5.0  # seconds since something was heard


class OneFetch:
    """A fetch that was asked for. Implements :class:`plumbline.flow.pipelines.fetching.Fetch`."""

    def __init__(self, binding: Binding, merge_request: int) -> None:
        remote = remote_of(binding.url)
        self.binding = binding
        self.merge_request = merge_request
        self.host = remote.host if remote is not None else ""
        self.asked = time.monotonic()
        self._heard = 0.0
        self._done: Future[None] = Future()

    @property
    def over(self) -> bool:
        return self._done.done()

    @property
    def moving(self) -> bool:
        return bool(self._heard) and time.monotonic() - self._heard < _MOVING

    def wait(self) -> None:
        self._done.result()

    def then(self, call: Callable[[], None]) -> None:
        def told(_: Future[None]) -> None:
            with suppress(RuntimeError):  # who asked is gone, with all that would have listened
                call()

        self._done.add_done_callback(told)

    def heard(self) -> None:
        """The other side said something."""
        self._heard = time.monotonic()

    def end(self, error: BaseException | None) -> None:
        if error is None:
            self._done.set_result(None)
        else:
            self._done.set_exception(error)


class Fetches:
    """Safe between threads. ``fetch`` is called with a binding, the number of a merge request or 0, and what it calls
    whenever the other side says something."""

    def __init__(self, fetch: Callable[[Binding, int, Callable[[], None]], None]) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._queue: list[OneFetch] = []  # in the order they were asked for
        self._running: dict[int, OneFetch] = {}  # by project
        self._good: set[str] = set()  # hosts

    def begin(self, binding: Binding, merge_request: int = 0) -> OneFetch:
        """One that begins from now on, as soon as there is a place. Who asks for the same before it began shares it:
        it ends with the PlumblineError that it cannot be fetched, or ``repository-busy``."""
        with self._lock:
            for one in self._queue:
                same = (one.binding.project, one.binding.url) == (binding.project, binding.url)
                if same and one.merge_request == merge_request:
                    return one
            made = OneFetch(binding, merge_request)
            self._queue.append(made)
        self._start()
        return made

    def figures(self) -> tuple[int, int]:
        """How many wait for a place, and how many are under way."""
        with self._lock:
            return len(self._queue), len(self._running)

    def _start(self) -> None:
        """Whatever has a place now."""
        begun, late = [], []
        with self._lock:
            hosts = Counter(one.host for one in self._running.values())
            doubtful = sum(count for host, count in hosts.items() if host not in self._good)
            for one in list(self._queue):
                if time.monotonic() - one.asked > LONGEST_WAIT:
                    self._queue.remove(one)
                    late.append(one)
                elif (
                    len(self._running) < PLACES
                    and hosts[one.host] < PER_HOST
                    and (one.host in self._good or doubtful < DOUBTFUL)
                    and one.binding.project not in self._running
                ):
                    self._queue.remove(one)
                    self._running[one.binding.project] = one
                    hosts[one.host] += 1
                    doubtful += one.host not in self._good
                    begun.append(one)
        for one in late:
            one.end(_busy(one))
        for one in begun:
            threading.Thread(target=self._run, args=(one,), name="fetch", daemon=True).start()

    def _run(self, one: OneFetch) -> None:
        error: BaseException | None = None
        try:
            self._fetch(one.binding, one.merge_request, one.heard)
        except BaseException as caught:  # noqa: BLE001 - told to whoever waits, as it is
            error = caught
        with self._lock:
            del self._running[one.binding.project]
            if error is None:
                self._good.add(one.host)
            elif not one.moving:
                self._good.discard(one.host)
        one.end(error)
        self._start()


def _busy(one: OneFetch) -> PlumblineError:
    return PlumblineError(
        "repository-busy",
        t("Other repositories of {host} were waited for all the time.", host=one.host or "-"),
        t("See that this server answers."),
    )
