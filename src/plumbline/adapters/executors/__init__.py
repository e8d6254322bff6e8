"""The ways to run jobs, one file each. To add one, add one file with its ``PART``.

Jobs that name an image run in containers. The others run in one of the ways that are named by ``isolation``.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from plumbline.adapters.executors._part import ExecutorKind, Isolation, Setup
from plumbline.adapters.executors._view import missing_tools
from plumbline.kernel import ErrorKind, PlumblineError, shelf, t

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plumbline.adapters.jobs.places import Containers, Place
    from plumbline.kernel import Text
    from plumbline.model.ports.jobs import Workspace

__all__ = [
    "AUTO",
    "ExecutorKind",
    "Isolation",
    "Setup",
    "choose_place",
    "executors",
    "isolation_of",
    "isolations",
    "open_containers",
    "refuse_with",
]

AUTO = "auto"
CONTAINER = "container"


@cache
def executors() -> Mapping[str, ExecutorKind]:
    """By name, which is also the name of its file."""
    found: dict[str, ExecutorKind] = shelf(__name__)
    assert all(name == part.name != AUTO and (part.place is None) != (part.containers is None)
               for name, part in found.items())  # fmt: skip
    return found


def isolations() -> dict[str, Text]:
    """The ways to run a job without an image, by the name that is written to ask for one."""
    named = {name: part.title for name, part in executors().items() if part.place is not None}
    return {AUTO: t("in a sandbox; where none works, a server refuses them and plumb run does without"), **named}


def choose_place(
    wanted: str, setup: Setup, cure: Text, *, shared: bool = False
) -> tuple[Callable[[Workspace], Place], tuple[Text, ...]]:
    """What makes the place of each shell job of a project, and what people should know about it.

    ``wanted`` is one of :func:`isolations`; ``auto`` takes the machine itself where no sandbox works, unless it is
    ``shared``: a server, which runs jobs of others.

    Raises PlumblineError ``unknown-isolation``, ``no-isolation`` with ``cure``, and ``tools-refused``.
    """
    part, told = _chosen(wanted, cure, shared=shared)
    assert part.place is not None
    place = part.place(setup)
    return place, (*told, *(missing_tools(setup.jobs.view) if part.isolates else ()))


def isolation_of(wanted: str, cure: Text) -> tuple[ExecutorKind, tuple[Text, ...]]:
    """How a server runs shell jobs for which nothing else is set, and what people should know about it. Raises as
    :func:`choose_place` does."""
    return _chosen(wanted, cure, shared=True)


def refuse_with(error: PlumblineError) -> Callable[[Workspace], Place]:
    """The place of jobs that cannot have one: each is told why. Jobs with an image go on."""

    def refuse(_workspace: Workspace) -> Place:
        raise error

    return refuse


def _chosen(wanted: str, cure: Text, *, shared: bool) -> tuple[ExecutorKind, tuple[Text, ...]]:
    parts = {name: part for name, part in executors().items() if part.place is not None}
    if wanted == AUTO:
        ranked = [(part.preference, name) for name, part in parts.items() if part.preference is not None]
        candidates = [parts[name] for _, name in sorted(ranked) if parts[name].isolates or not shared]
    elif wanted in parts:
        candidates = [parts[wanted]]
    else:  # a misspelt word must not leave jobs without a sandbox
        raise PlumblineError(
            "unknown-isolation",
            t("There is no isolation of jobs called '{name}'.", name=wanted),
            t("Write {names}: in the configuration file, or as the setting ci.isolation of the project or above it.",
              names=", ".join(isolations())),
            kind=ErrorKind.CONFIGURATION,
        )  # fmt: skip
    refused: list[tuple[str, Text]] = []
    for part in candidates:
        found = part.works() if part.works else Isolation(part.name, works=True)
        if found.works:
            unsafe = refused[:1] if not part.isolates else []
            told = (t("Jobs run without isolation from this machine: {reason}", reason=reason) for _, reason in unsafe)
            return part, tuple(told)
        refused.append((found.name, found.reason or t("it does not work here")))
    name, reason = refused[0]
    message = t("Jobs cannot be isolated with {name}: {reason}", name=name, reason=reason)
    raise PlumblineError("no-isolation", message, cure)


def open_containers(setup: Setup) -> Containers:
    """Where jobs with an image run. Raises PlumblineError ``no-container-engine``."""
    containers = executors()[CONTAINER].containers
    assert containers is not None
    return containers(setup)
