"""One process that judges a share of the inputs, under a memory limit and a time limit for each."""

from __future__ import annotations

import resource
import signal
import time
import traceback
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.fuzz.mutator import Mutator
from tests.fuzz.subject import MOST_SECONDS, judge

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

MOST_BYTES_OF_MEMORY = 1 << 30


class Finding(NamedTuple):
    """An input that did what none may. ``place`` is the same for the same mistake."""

    number: int
    kind: str  # "crash", "hang"
    place: str
    trace: str


class Report(NamedTuple):
    """What a worker has done so far."""

    done: int
    outcomes: dict[str, int]
    slowest: tuple[float, int]  # seconds, number of the input
    memory: int  # peak resident set in KiB
    findings: tuple[Finding, ...]
    next: int  # the number that comes next


class Hang(BaseException):  # nothing may swallow it
    """The input took more than its time."""


def work(seed: int, numbers: range, current: Any, pipe: Connection) -> None:
    """Judge these inputs. ``current`` (a shared integer) always says which; reports go through ``pipe``."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES_OF_MEMORY, MOST_BYTES_OF_MEMORY))
    signal.signal(signal.SIGPROF, _stop)
    mutator = Mutator(seed)
    outcomes: dict[str, int] = {}
    slowest, reported = (0.0, 0), time.monotonic()
    findings: list[Finding] = []
    for done, number in enumerate(numbers, 1):
        current.value = number
        data = mutator.make(number)
        begun = time.process_time()
        outcome, finding = _judge(data, number)
        slowest = max(slowest, (time.process_time() - begun, number))
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        findings += [finding] if finding else []
        if finding or time.monotonic() - reported > 1 or number == numbers[-1]:
            reported = time.monotonic()
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            pipe.send(Report(done, outcomes, slowest, memory, tuple(findings), number + numbers.step))
    pipe.close()


def _judge(data: bytes, number: int) -> tuple[str, Finding | None]:
    """The limit is processor time, so that a busy machine is no finding."""
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        return judge(data, number), None
    except Hang as hang:
        return "hang", Finding(number, "hang", _place(hang), traceback.format_exc())
    except BaseException as error:  # noqa: BLE001 - every kind of crash is what is looked for
        return "crash", Finding(number, "crash", f"{type(error).__name__} at {_place(error)}", traceback.format_exc())
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _stop(_signal: int, _frame: object) -> None:
    raise Hang


def _place(error: BaseException) -> str:
    """The innermost line of the product."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/plumbline/" in frame.filename] or frames
    return f"{own[-1].filename.rpartition('/plumbline/')[2]}:{own[-1].lineno}"
