"""The files that a pipeline was made of, as its commit has them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.pipelines.look_up import pipeline_for
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.server import StoredPipeline

LARGEST = 1 << 20  # bytes that are shown
_FOREIGN = re.compile(r"template:|https?://|[^:]+@[^:]+:")


class ConfigurationFile(NamedTuple):
    """``names``: all files of the repository that the pipeline was made of. ``text``: None where it is too large."""

    pipeline: StoredPipeline
    names: tuple[str, ...]
    name: str
    text: str | None


def is_foreign(name: str) -> bool:
    """Whether a file of a plan is of another repository, or of none."""
    return _FOREIGN.match(name) is not None


def read_configuration(actor: Actor, server: Server, pipeline: int, name: str) -> ConfigurationFile:
    """A file that the configuration of a pipeline was read from. PlumblineError ``not-found``, ``not-allowed``, or that
    the repository cannot be read."""
    with server.units.view(actor) as unit:
        found = pipeline_for(unit, use_cases.VIEW_CONFIGURATION, pipeline)
        plan = server.plans.get(unit.tx, found.id)
    names = tuple(one for one in dict.fromkeys(plan.files) if not is_foreign(one))
    if name not in names:
        raise not_found(t("The pipeline was not made of a file '{name}' of its repository.", name=name))
    content = server.projects.tools(found.project, found.change, (), {}, by=0).repository.read(name)
    if content is None:
        raise PlumblineError(
            "commit-gone",
            t("The server's copy of the repository has no '{name}' of the commit {sha}.", name=name, sha=found.sha[:8]),
            t("It may have been removed by a forced push since, or the project has another repository now."),
            kind=ErrorKind.REFUSED,
        )
    text = content.decode(errors="replace") if len(content) <= LARGEST else None
    return ConfigurationFile(found, names, name, text)
