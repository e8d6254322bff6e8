"""What a run holds in memory while it goes."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.jobs import check_all_ran, plumb_run
from bench.measure import CommandError, Figure, environment, within
from bench.repositories import repository, trivial_jobs

if TYPE_CHECKING:
    from collections.abc import Iterator


LASTING = 5  # samples, 5 ms apart


def of_a_run(scratch: Path) -> Iterator[Figure]:
    """The peak of the product's own processes over a run of 300 jobs."""
    name, limit = "memory of a 300-job run", 80
    if not Path("/proc/self/status").exists():
        yield Figure(name, "MB", None, target=f"<= {limit} MB", note="needs /proc")
        return
    folder = repository(scratch / "memory300", trivial_jobs(300))
    check_all_ran(folder, "none", 300)
    process = subprocess.Popen(plumb_run(folder, "none"), stdout=subprocess.DEVNULL, env=environment())
    peaks: dict[int, list[int]] = {}  # of each process, as often as it was seen
    while process.poll() is None:
        for pid in _own(process.pid):
            peaks.setdefault(pid, []).append(_peak(pid))
        time.sleep(0.005)
    if process.returncode:
        raise CommandError(f"plumb run ended with {process.returncode}")
    lasting = [max(seen) / 1024 for seen in peaks.values() if len(seen) >= LASTING]
    parts = " + ".join(f"{peak:.0f}" for peak in lasting)
    note = f"VmHWM of the product's own processes, {parts} MB; pages that they share count twice"
    yield within(name, "MB", sum(lasting), limit, note)


def _own(root: int) -> list[int]:
    """The process that was started, and its children that run the same program: what a job starts is another one.
    (A child that is about to become a job looks like its parent for a moment, which is why only lasting ones count.)"""
    try:
        program = os.readlink(f"/proc/{root}/exe")
        children = [int(child) for child in Path(f"/proc/{root}/task/{root}/children").read_text().split()]
    except OSError:
        return []
    return [root, *(child for child in children if _runs(child, program))]


def _runs(pid: int, program: str) -> bool:
    try:
        return os.readlink(f"/proc/{pid}/exe") == program
    except OSError:
        return False


def _peak(pid: int) -> int:
    """VmHWM in KiB; 0 when the process is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
