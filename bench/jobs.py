"""Whole runs of pipelines whose jobs do nothing: what the product itself costs."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measure import CommandError, Figure, against_peer, alternate, command, output, seconds
from bench.peers import PLUMB, AbsentError, gitlab_ci_local
from bench.repositories import repository, trivial_jobs

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOP = str(Path(__file__).with_name("asyncio_loop.py"))


def plumb_run(folder: Path, isolation: str, *more: str) -> list[str]:
    where = ["-C", str(folder), "--data", str(folder.parent / "data")]
    return [PLUMB, "run", *where, "--jobs", "2", "--isolation", isolation, *more]


def check_all_ran(folder: Path, isolation: str, count: int) -> None:
    """The thing measured must be the thing meant: so many jobs, each of them a success."""
    events = [json.loads(line) for line in output(plumb_run(folder, isolation, "--json")).splitlines()]
    states = Counter(event.get("state") for event in events if event["kind"] == "taskrun.finished")
    if states != {"success": count}:
        raise CommandError(f"of {count} jobs, plumb run ended {dict(states)}")


def check_isolated(scratch: Path, isolation: str) -> None:
    """A sandbox that is asked for must be one: its job does not see the mounts that everybody sees."""
    script = """test "$(readlink /proc/self/ns/mnt)" != "$OUTSIDE" """.strip()
    folder = repository(scratch / f"isolated-{isolation}", {".gitlab-ci.yml": f"job:\n  script:\n    - '{script}'\n"})
    try:
        output(plumb_run(folder, isolation, "--var", f"OUTSIDE={os.readlink('/proc/self/ns/mnt')}"))
    except CommandError as failure:
        raise CommandError(f"jobs are not isolated with --isolation {isolation}: {failure}") from failure


def against_loop(scratch: Path) -> Iterator[Figure]:
    """300 jobs in 5 stages, against the processes alone."""
    folder = repository(scratch / "jobs300", trivial_jobs(300))
    ways, missing = ["none"], "bubblewrap is not installed"
    if shutil.which("bwrap"):
        try:
            check_isolated(scratch, "bwrap")
            ways.append("bwrap")
        except CommandError as failure:
            missing = str(failure)
    for way in ways:
        check_all_ran(folder, way, 300)
    loop = command([sys.executable, LOOP, "300"])
    peer, ours = alternate([loop, command(plumb_run(folder, "none"))], rounds=7)
    note = "whole process, 2 at a time, output thrown away, median of 7 in turn"
    yield against_peer("run, 300 jobs in 5 stages", "s", ours, peer, 2, "asyncio loop of bash -c true", note)
    boxed = alternate([command(plumb_run(folder, "bwrap"))], rounds=3)[0] if "bwrap" in ways else None
    note = f"a sandbox for every job; {missing if boxed is None else 'whole process, 2 at a time, median of 3'}"
    yield Figure("the same, each in bubblewrap", "s", boxed, peer, note=note)


def against_gitlab_ci_local(scratch: Path) -> Iterator[Figure]:
    """80 jobs in 5 stages, against the peer."""
    name, peer_name = "run, 80 jobs in 5 stages", "gitlab-ci-local"
    folder = repository(scratch / "jobs80", trivial_jobs(80))
    check_all_ran(folder, "none", 80)
    own = command(plumb_run(folder, "none"))
    try:
        arguments = [*gitlab_ci_local(), "--concurrency", "2"]
    except AbsentError as absent:
        yield against_peer(name, "s", seconds(own), None, 0.1, peer_name, str(absent))
        return
    own()  # not counted
    before = [seconds(own) for _ in range(3)]
    peer = seconds(command(arguments, str(repository(scratch / "peer80", trivial_jobs(80)))))
    after = [seconds(own) for _ in range(2)]
    note = "2 at a time, ours the median of 5 around the peer's one run (it takes half a minute)"
    yield against_peer(name, "s", statistics.median(before + after), peer, 0.1, peer_name, note)
