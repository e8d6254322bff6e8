"""What every container of a job is started with: its name and label, its limits, what it may do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from plumbline.adapters.containers.engine import LABEL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.adapters.containers.engine import Engine
    from plumbline.model.job_setup import ContainerRules, JobLimits

_LEAST = 6 * 1024 * 1024  # bytes of memory below which docker starts nothing
_SHARE = 0.75  # of the machine's memory, for a job without a limit of its own
_OOM_SCORE = "500"  # jobs go before the server does
_LONGEST_LINE = 60_000  # bytes; docker reads no longer line in a file of variables


def common_options(name: str, marker: str, rules: ContainerRules) -> list[str]:
    """The same for the scripts' container and for services."""
    options = ["--name", name, "--label", f"{LABEL}={marker}", "--pull", "never", "--oom-score-adj", _OOM_SCORE]
    if not rules.relabel:
        options += ("--security-opt", "label=disable")
    if rules.privileged:
        options.append("--privileged")
    return [*options, *rules.options]


def limit_options(engine: Engine, limits: JobLimits) -> list[str]:
    """As far as the engine has the controllers on its machine."""
    options: list[str] = []
    if "pids" in engine.controllers:
        options += ("--pids-limit", str(limits.processes or -1))
    memory = limits.memory or int(engine.memory * _SHARE)
    if memory and "memory" in engine.controllers:
        options += ("--memory", f"{max(memory, _LEAST)}b")
    if limits.cpus and "cpu" in engine.controllers:
        options += ("--cpus", str(min(limits.cpus, os.cpu_count() or limits.cpus)))
    if limits.cpu_seconds:
        options += ("--ulimit", f"cpu={limits.cpu_seconds}:{limits.cpu_seconds}")
    return options


def not_limited(engine: Engine, limits: JobLimits) -> tuple[str, ...]:
    """The limits that this engine cannot keep here, by their settings."""
    wanted = {"pids": limits.processes, "memory": limits.memory, "cpu": limits.cpus}
    names = {"pids": "ci.limit_processes", "memory": "ci.limit_memory", "cpu": "ci.limit_cpus"}
    return tuple(names[each] for each, limit in wanted.items() if limit and each not in engine.controllers)


def env_lines(environ: Mapping[str, str]) -> str:
    """A file of variables, for the program that an image begins with. What such a file cannot hold is left out: scripts
    export all variables themselves."""
    return "".join(f"{key}={value}\n" for key, value in environ.items() if _fits(key, value))


def _fits(key: str, value: str) -> bool:
    if not key or key[0] == "#" or any(character.isspace() for character in key) or "\n" in value or "\r" in value:
        return False
    try:
        return len(f"{key}={value}".encode()) < _LONGEST_LINE
    except UnicodeEncodeError:  # bytes that are no text
        return False
