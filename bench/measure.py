"""Time commands and functions in turn, so that a busy moment of the machine meets all of them."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NO_TARGET = "no target"
NOT_MEASURED, MET, MISSED, INFORMATION = "not measured", "met", "MISSED", "information"


class Figure(NamedTuple):
    """One line of the table. ``ours`` and ``peer`` are in ``unit``; ``limit`` is what ours may be at most, None
    where there is none; a missing value is no data and never a pass."""

    name: str
    unit: str
    ours: float | None
    peer: float | None = None
    target: str = NO_TARGET
    limit: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.ours is None:
            return NOT_MEASURED
        if self.target == NO_TARGET:
            return INFORMATION
        if self.limit is None:
            return NOT_MEASURED
        return MET if self.ours <= self.limit else MISSED

    @property
    def ratio(self) -> float | None:
        return self.ours / self.peer if self.ours is not None and self.peer else None


def against_peer(
    name: str, unit: str, ours: float | None, peer: float | None, most: float, peer_name: str, note: str
) -> Figure:
    """At most so many times the peer."""
    target = f"<= {most:g} x {peer_name}"
    return Figure(name, unit, ours, peer, target, None if peer is None else most * peer, note)


def within(name: str, unit: str, ours: float | None, most: float, note: str) -> Figure:
    """At most a fixed amount."""
    return Figure(name, unit, ours, None, f"<= {most:g} {unit}", most, note)


def environment() -> dict[str, str]:
    """Python keeps its byte code, as it does where a program is installed, but not in the source tree."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(Path(__file__).resolve().parent.parent / ".bench/bytecode")}


class CommandError(Exception):
    """A measured command did not do its work, so that its time means nothing."""


def output(arguments: Sequence[str], folder: str | None = None, *, keep: bool = True, limit: float = 600) -> str:
    """What a command writes, for a check; raises :class:`CommandError` when it fails."""
    done = subprocess.run(
        arguments,
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if keep else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=limit,
        check=False,
    )
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise CommandError(f"{' '.join(arguments[:4])} ended with {done.returncode}: {''.join(last)}")
    return (done.stdout or b"").decode(errors="replace")


def command(arguments: Sequence[str], folder: str | None = None) -> Callable[[], object]:
    """A function that runs a command to its end with its output thrown away."""
    return partial(output, arguments, folder, keep=False)


def seconds(function: Callable[[], object]) -> float:
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def alternate(functions: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """The median seconds of each function; every round calls all of them in turn, after one that does not count."""
    for function in functions:
        function()
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds):
        for place, function in enumerate(functions):
            times[place].append(seconds(function))
    return [statistics.median(each) for each in times]
