"""See sources of evidence, what each told, what was refused of it, and what it makes decidable."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.access import use_cases
from plumbline.facts import definitions
from plumbline.flow.sources.kept_text import kept
from plumbline.flow.sources.kinds import facts_it_may_tell
from plumbline.kernel import t
from plumbline.model.tree import INSTANCE, is_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.sources.tools import SourceTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.kernel import Text
    from plumbline.model.source import Source, SourceTally
    from plumbline.model.tree import Node


class KindTold(NamedTuple):
    """Of all days."""

    kind: str
    events: int
    bytes: int
    late: int
    first: int  # microseconds since the epoch
    last: int


class RefusedOften(NamedTuple):
    reason: str  # code
    times: int
    last: int
    message: Text  # of the last one


class SourceView(NamedTuple):
    source: Source
    node: Node | None  # None: the whole installation
    told: Sequence[KindTold]
    events: int
    late: int
    first: int
    last: int
    today: tuple[int, int]  # events and bytes
    refusals: Sequence[RefusedOften]
    silent: int  # seconds since it was heard, where that is longer than its heartbeat; else 0
    facts: Sequence[str]  # names of the facts that its kinds feed

    @property
    def late_share(self) -> float | None:
        return self.late / self.events if self.events else None


def list_sources(actor: Actor, tools: SourceTools, node: int) -> Sequence[SourceView]:
    """Those registered at a node, below it and above it, by name; 0: all. Raises PlumblineError ``not-found``,
    ``not-allowed``."""
    with tools.units.view(actor) as unit:
        ancestors = unit.require(use_cases.LIST_SOURCES, node)
        here = ancestors[0].path if ancestors else ""
        return [_view(unit, _as_seen_from(one, here)) for one in unit.tx.sources.all() if _shows(unit, one, ancestors)]


def view_source(actor: Actor, tools: SourceTools, source: int) -> SourceView:
    """Raises PlumblineError ``not-found``, ``not-allowed``."""
    with tools.units.view(actor) as unit:
        found = unit.tx.sources.get(source)
        missing = t("There is no source {source}.", source=source)
        unit.require(use_cases.LIST_SOURCES, found.node if found else None, missing)
        assert found is not None
        return _view(unit, found)


def writes_sources(actor: Actor, tools: SourceTools, node: int) -> bool:
    """For showing only what can be done."""
    return tools.units.may(actor, use_cases.WRITE_SOURCE, node)


def _shows(unit: UnitOfWork, source: Source, ancestors: Sequence[Node]) -> bool:
    """Above it stand those whose word counts here too; those of the installation itself are shown to who may see it."""
    if not ancestors:
        return True
    if source.node == INSTANCE:
        return True
    own = unit.tx.tree.ancestors(source.node)
    if not own:
        return False
    return _near(own[0].path, ancestors[0].path)


def _as_seen_from(source: Source, here: str) -> Source:
    """What a source above says of other parts of the tree is not shown to those who may see this one."""
    near = {theirs: path for theirs, path in source.projects.items() if _near(path, here)}
    return msgspec.structs.replace(source, projects=near)


def _near(path: str, here: str) -> bool:
    return not here or is_within(path, here) or is_within(here, path)


def _view(unit: UnitOfWork, source: Source) -> SourceView:
    tallies = unit.tx.sources.tallies(source.id)
    told = _by_kind(tallies)
    last = max((one.last for one in told), default=0)
    heard = max(last, source.created)
    quiet = (unit.now - heard) // 1_000_000
    silent = quiet if source.heartbeat and not source.revoked and quiet > source.heartbeat else 0
    ancestors = unit.tx.tree.ancestors(source.node) if source.node != INSTANCE else ()
    return SourceView(
        source=source,
        node=ancestors[0] if ancestors else None,
        told=told,
        events=sum(one.events for one in told),
        late=sum(one.late for one in told),
        first=min((one.first for one in told), default=0),
        last=last,
        today=unit.tx.sources.used(source.id, unit.now // (24 * 3600 * 1_000_000)),
        refusals=[
            RefusedOften(one.reason, one.count, one.last, kept(one.message))
            for one in unit.tx.sources.refusals(source.id)
        ],
        silent=silent,
        facts=facts_fed_by(source),
    )


def _by_kind(tallies: Sequence[SourceTally]) -> list[KindTold]:
    found: dict[str, KindTold] = {}
    for one in tallies:
        was = found.get(one.kind)
        found[one.kind] = KindTold(
            one.kind,
            one.events + (was.events if was else 0),
            one.bytes + (was.bytes if was else 0),
            one.late + (was.late if was else 0),
            min(one.first, was.first) if was else one.first,
            max(one.last, was.last) if was else one.last,
        )
    return sorted(found.values())


def facts_fed_by(source: Source) -> list[str]:
    """The facts that some kind which the source may tell is needed for."""
    kinds = facts_it_may_tell(source)
    fed = (
        one.name for one in definitions().values() if any(kinds.intersection(group) for group in (one.needs, *one.also))
    )
    return sorted(fed)
