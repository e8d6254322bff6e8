"""Which kinds of event may come in about a node: those that this server writes, and those that whoever is connected
there may tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.evidence.origin import shown_by_repositories, written_here
from plumbline.flow.sources.kinds import facts_it_may_tell
from plumbline.model.tree import INSTANCE, is_within

if TYPE_CHECKING:
    from plumbline.flow.assessments.tools import AssessmentTools
    from plumbline.model.source import Source


def kinds_heard(tools: AssessmentTools, path: str) -> tuple[str, ...]:
    """Sorted. Connected are the repositories and forges of the projects at and below the node, and the sources that are
    registered there, above it or below it and are neither revoked nor expired."""
    found = set(written_here())
    with tools.units.store.view() as tx:
        paths = {node.id: node.path for node in tx.tree.all()}
        for binding in tx.bindings.all():
            if is_within(paths.get(binding.project, ""), path):
                found |= shown_by_repositories() | tools.forge_tells(binding.kind)
        now = tools.units.clock()
        for source in tx.sources.all():
            place = paths.get(source.node, "")
            near = source.node == INSTANCE or is_within(place, path) or is_within(path, place)
            if near and _speaks(source, now):
                found |= facts_it_may_tell(source)
    return tuple(sorted(found))


def _speaks(source: Source, now: int) -> bool:
    return not source.revoked and (not source.expires or now < source.expires)
