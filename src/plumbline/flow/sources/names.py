"""The names that sources speak as belong to them: nobody else's events are taken in under one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.evidence import looks_like
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.model.ports.sources import Sources


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
