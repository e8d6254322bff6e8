"""Planning a large configuration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bench.measure import CommandError, Figure, against_peer, alternate, command, output
from bench.peers import PLUMB, AbsentError, gitlab_ci_local
from bench.repositories import large_configuration, repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JOBS = 1000


def large(scratch: Path) -> Iterator[Figure]:
    """1,000 jobs, 10 includes, three levels of extends, rules, !reference."""
    name, peer_name = "plan, 1,000 jobs in 10 includes", "gitlab-ci-local --list"
    folder = repository(scratch / "large", large_configuration(JOBS))
    own_arguments = [PLUMB, "plan", "-C", str(folder), "--data", str(scratch / "data")]
    answer = json.loads(output([*own_arguments, "--json"]))
    if len(answer["jobs"]) != JOBS:
        raise CommandError(f"plumb plan found {len(answer['jobs'])} of {JOBS} jobs")
    own = command(own_arguments)
    try:
        arguments = [*gitlab_ci_local(), "--list"]
    except AbsentError as absent:
        yield against_peer(name, "s", alternate([own], 5)[0], None, 0.15, peer_name, str(absent))
        return
    peer_folder = str(repository(scratch / "peer-large", large_configuration(JOBS)))
    listed = output(arguments, peer_folder)
    if len(listed.splitlines()) != JOBS + 1:
        raise CommandError(f"gitlab-ci-local listed {len(listed.splitlines()) - 1} of {JOBS} jobs")
    ours, peer = alternate([own, command(arguments, peer_folder)], rounds=5)
    yield against_peer(name, "s", ours, peer, 0.15, peer_name, "whole process, median of 5 in turn")
