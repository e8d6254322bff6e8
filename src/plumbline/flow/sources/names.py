"""The names that sources speak as belong to them: nobody else's events are taken in under one, and one that a source
gave up is not given to another. What it told under it stays its word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence.origin import looks_like
from plumbline.evidence.vocabulary import own_platform
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.ports.sources import Sources

_SPOKEN = (own_platform.SourceRegistered.TYPE, own_platform.SourceChanged.TYPE)


class _Content(msgspec.Struct):
    speaks_as: tuple[str, ...] = msgspec.field(name="speaksAs", default=())


class _Subject(msgspec.Struct):
    id: str
    content: _Content


class _Event(msgspec.Struct):
    subject: _Subject


class TakenNames:
    """The names of all sources, as they are at one moment. A name that was held against them once is not again."""

    def __init__(self, sources: Sources) -> None:
        self._taken = [(one.name, name) for one in sources.all() for name in one.speaks_as]
        self._owner: dict[str, str | None] = {}

    def check(self, said: str) -> None:
        """Raises PlumblineError ``event-reserved`` where a registered source speaks as this."""
        if said not in self._owner:
            self._owner[said] = next((owner for owner, name in self._taken if looks_like(said, name)), None)
        owner = self._owner[said]
        if owner is not None:
            raise PlumblineError(
                "event-reserved",
                t("'{said}' is the name that the source {name} speaks as.", said=said[:80], name=owner),
                t(
                    "Send it with the token of that source, to POST {path}; from a file: import it with --source.",
                    path="/api/v1/events",
                ),
                kind=ErrorKind.REFUSED,
            )


def check_nobodys(sources: Sources, said: str) -> None:
    """Raises PlumblineError ``event-reserved`` where a registered source speaks as this."""
    TakenNames(sources).check(said)


def check_never_anothers(ledger: Ledger, source: str, names: Iterable[str]) -> None:
    """Raises PlumblineError ``source-wrong`` where another source than ``source`` spoke as one of these before."""
    wanted = tuple(names)
    if not wanted:
        return
    for entry in ledger.of_types(_SPOKEN):
        told = msgspec.json.decode(entry.body, type=ready(_Event)).subject
        if told.id == source:
            continue
        for name in wanted:
            if any(looks_like(name, theirs) for theirs in told.content.speaks_as):
                raise PlumblineError(
                    "source-wrong",
                    t("'{name}' belonged to the source {other}.", name=name[:80], other=told.id),
                    t("What that source told under it stays its word: choose another name."),
                    kind=ErrorKind.CONFIGURATION,
                )
