"""Which place shell jobs get: a sandbox where one works, unless none is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.adapters.executors.places import Host
from plumbline.adapters.executors.sandbox import Bubblewrap, bubblewrap
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.adapters.executors.places import Place
    from plumbline.kernel import Text
    from plumbline.model.ports.jobs import Workspace

WAYS = ("auto", "bwrap", "none")


def choose_place(
    wanted: str, project: str, object_store: str, cure: Text
) -> tuple[Callable[[Workspace], Place], tuple[Text, ...]]:
    """What makes the place of each shell job of a project, and what people should know about it.

    ``wanted`` is one of :data:`WAYS`; ``auto`` takes the machine itself where no sandbox works. ``object_store``: a
    folder of git's that jobs may read. Raises PlumblineError ``unknown-isolation``, and ``no-isolation`` with ``cure``.
    """
    if wanted not in WAYS:  # a misspelt word must not leave jobs without a sandbox
        raise PlumblineError(
            "unknown-isolation",
            t("There is no isolation of jobs called '{name}'.", name=wanted),
            t("Write {names}: in the configuration file, or as the setting ci.isolation of the project or above it.",
              names=", ".join(WAYS)),
            kind=ErrorKind.CONFIGURATION,
        )  # fmt: skip
    if wanted == "none":
        return Host, ()
    sandbox = bubblewrap()
    if sandbox.works:
        return Bubblewrap(project, readable=(object_store,)), ()
    reason = sandbox.reason or t("it does not work here")
    if wanted == "bwrap":
        message = t("Jobs cannot be isolated with bubblewrap: {reason}", reason=reason)
        raise PlumblineError("no-isolation", message, cure)
    return Host, (t("Jobs run without isolation from this machine: {reason}", reason=reason),)
