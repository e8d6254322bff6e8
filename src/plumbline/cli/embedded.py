"""What works inside the server's process beside the answers to requests: the runner, deliveries, and housekeeping."""

from __future__ import annotations

import gc
import logging
import os
import signal
import threading
import time
from math import inf
from typing import TYPE_CHECKING

from plumbline.flow.assessments.metrics import compute_due
from plumbline.kernel import PlumblineError
from plumbline.runner import DeliveryWorker, Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plumbline.wiring.server import OpenServer

_log = logging.getLogger(__name__)
_BETWEEN = 600.0  # seconds between two rounds of housekeeping
_GENTLY = 9  # times as long as something took, before the next thing
_DUE = 15.0  # seconds between two looks whether a checkpoint is to be taken outside
_LAST = 10.0  # seconds for what was stopped to come to its end


class EmbeddedRunner:
    """Claims jobs until it is told to stop. A fault in it ends the whole server: jobs that nobody runs would look as if
    they waited for their turn."""

    def __init__(self, server: OpenServer) -> None:
        self._runner = Runner(server.runner_tools())
        self._thread = threading.Thread(target=self._run, name="runner", daemon=True)
        server.on_work(self._runner.wake)

    def start(self) -> None:
        self._thread.start()

    def stop_soon(self) -> None:
        """Claim no more; what runs goes on."""
        self._runner.stop()

    def finish(self, grace: float) -> None:
        """Wait for what runs; what is not done in time is stopped, and ends as interrupted."""
        self._runner.stop()
        self._thread.join(grace)
        if self._thread.is_alive():
            _log.warning("jobs are still running: they are stopped, and those without an environment are begun anew")
            self._runner.stop(cancel=True)
            self._thread.join(_LAST)

    def _run(self) -> None:
        try:
            self._runner.run()
        except PlumblineError as error:
            _log.error("%s", error.message, extra={"fields": error.fields})
            os.kill(os.getpid(), signal.SIGTERM)
        except Exception:  # noqa: BLE001 - told in full, and the server ends
            _log.exception("the runner met a fault; the server ends")
            os.kill(os.getpid(), signal.SIGTERM)


class Deliveries:
    """Carries out what forges told, and looks at repositories, whether this server runs jobs or not."""

    def __init__(self, server: OpenServer) -> None:
        self._worker = DeliveryWorker(server.runner_tools())
        self._thread = threading.Thread(target=self._worker.run, name="deliveries", daemon=True)
        server.on_work(self._worker.wake)

    def start(self) -> None:
        self._thread.start()

    def stop_soon(self) -> None:
        """Begin nothing more."""
        self._worker.stop()

    def finish(self) -> None:
        """Wait a little for what was begun; the rest is taken up again at the next start."""
        self._worker.stop()
        if self._thread.is_alive():
            self._thread.join(_LAST)


class CheckpointDeliveries:
    """Takes checkpoints outside whenever it is due, in a thread of its own: who is told may take long to answer."""

    def __init__(self, server: OpenServer) -> None:
        self._server = server
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        """What is under way when the server ends is done again at the next start."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(1.0)

    def _run(self) -> None:
        while not self._closing.wait(_DUE):
            try:
                for attempt in self._server.deliver_checkpoints():
                    if attempt.error is not None:
                        fields = {"place": attempt.place.name, "code": attempt.error.code}
                        _log.error("%s", attempt.error.message, extra={"fields": fields})
            except PlumblineError as error:
                _log.error("%s", error.message, extra={"fields": error.fields})
            except Exception:  # noqa: BLE001 - told in full, and tried again
                _log.exception("fault while checkpoints were taken outside")


class Turn:
    """Does what is due, little at each step, in a thread of its own, every few seconds. What is due follows from the
    ledger and the store: what a death interrupts is done after the next start."""

    def __init__(
        self, server: OpenServer, name: str, steps: Callable[[], Iterator[None]], between: float, *, woken: bool
    ) -> None:
        """``between``: seconds between two looks. ``woken``: it looks whenever there is work for a runner, too."""
        self._name = name
        self._steps = steps
        self._between = between
        self._closing = False
        self._there_is_work = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        if woken:
            server.on_work(self._there_is_work.set)

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        """What is under way when the server ends is done at the next start."""
        self._closing = True
        self._there_is_work.set()
        if self._thread.is_alive():
            self._thread.join(1.0)

    def _run(self) -> None:
        while not self._closing:
            try:
                for _ in self._steps():
                    if self._closing:
                        return
            except PlumblineError as error:
                _log.error("%s", error.message, extra={"fields": error.fields})
            except Exception:  # noqa: BLE001 - told in full, and tried again
                _log.exception("fault in the turn of %s", self._name)
            self._there_is_work.wait(self._between)
            self._there_is_work.clear()


def turns_of(server: OpenServer) -> tuple[Turn, ...]:
    """Each in a thread of its own: who is told may take long to answer, and must hold up nobody."""
    return (
        Turn(server, "attestations", server.attest, 2.0, woken=True),
        Turn(server, "collections", server.keep_collections, 2.0, woken=False),
        Turn(server, "gates", server.judge, 2.0, woken=True),
        Turn(server, "tellings", server.tell_forges, 1.0, woken=False),
    )


class Housekeeping:
    """Does now and then what nobody asks for, in a thread of its own, and once more at the end."""

    def __init__(self, server: OpenServer) -> None:
        self._server = server
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(_LAST)
        self._once()

    def _run(self) -> None:
        self._prepare()
        while not self._closing.wait(_BETWEEN):
            self._once()
            self._round("fault while room was made", self._server.make_room)
            self._round("fault while metrics were computed", self._metrics, _BETWEEN)

    def _prepare(self) -> None:
        """What the first who asks for a page would wait for."""
        if not self._gently(self._steps()):
            return
        gc.collect()
        _give_back_memory()
        gc.freeze()  # what is there now stays: no collection need look at it again, for as long as a page takes

    def _gently(self, steps: Iterator[None], most: float = inf) -> bool:
        """Little by little, since others ask for pages meanwhile. False where the server ends before, or where more
        than ``most`` seconds went by."""
        end = time.monotonic() + most
        began = time.monotonic()
        for _ in steps:
            if self._closing.wait((time.monotonic() - began) * _GENTLY) or time.monotonic() > end:
                return False
            began = time.monotonic()
        return True

    def _steps(self) -> Iterator[None]:
        from plumbline.web import prepare

        yield from prepare()
        assessments = self._server.tools.assessments
        for name in assessments.shipped():
            assessments.load_pack(name)
            yield

    def _metrics(self) -> Iterator[None]:
        return compute_due(self._server.tools.assessments)

    def _round(self, fault: str, steps: Callable[[], Iterator[None]], most: float = inf) -> None:
        """A fault in it ends no more than this round: others have to follow. ``most``: seconds after which the others
        have their turn; the next round goes on with what is left."""
        try:
            self._gently(steps(), most)
        except PlumblineError as error:
            _log.error("%s", error.message, extra={"fields": error.fields})
        except Exception:  # noqa: BLE001 - told in full
            _log.exception("%s", fault)

    def _once(self) -> None:
        try:
            self._server.keep_house()
        except PlumblineError as error:
            _log.error("%s", error.message, extra={"fields": error.fields})


def _give_back_memory() -> None:
    """To the system what the start needed and nothing needs any more; where the library of C can (glibc)."""
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
