"""The programs that jobs are run with, and the clock."""

from __future__ import annotations

import shutil
import subprocess
import time
from typing import TYPE_CHECKING

from plumbline.adapters.executors import executors
from plumbline.kernel import t
from plumbline.model.health import Check, Health

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE = 5.0  # seconds
_BUILT = 1_760_000_000  # seconds since the epoch; a clock that shows an earlier time is wrong
_DAY = 24 * 3600 * 1_000_000  # microseconds


def check_git() -> Check:
    name = "git"
    path = shutil.which("git")
    cure = t("Install git 2.34 or newer.")
    if path is None:
        return Check(name=name, health=Health.PROBLEM, message=t("git is not installed."), cure=cure)
    try:
        tried = subprocess.run([path, "version"], capture_output=True, timeout=_PATIENCE, check=False, text=True)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check(
            name=name, health=Health.PROBLEM, message=t("git does not start: {reason}", reason=error), cure=cure
        )
    return Check(name=name, health=Health.OK, message=t("{version}", version=tried.stdout.strip()))


def check_executors() -> Iterator[Check]:
    """What each way to run jobs says of itself on this machine."""
    for part in executors().values():
        if part.check is not None:
            yield part.check()


def check_clock(last: int) -> Check:
    """Whether the clock goes on from where the ledger is. ``last``: when its last entry was received, in microseconds;
    0 where there is none."""
    name, now = "clock", time.time()
    cure = t("Set the clock, and keep it right with NTP.")
    if now < _BUILT:
        return Check(name=name, health=Health.PROBLEM, message=t("The clock of this machine is wrong."), cure=cure)
    behind = last - int(now * 1e6)
    if behind > 2_000_000:
        return Check(
            name=name,
            health=Health.PROBLEM if behind > _DAY else Health.WARNING,
            message=t("The clock is {count} s behind the last entry of the ledger.", count=behind // 1_000_000),
            cure=cure,
        )
    return Check(name=name, health=Health.OK, message=t("The clock does not contradict the ledger."))
