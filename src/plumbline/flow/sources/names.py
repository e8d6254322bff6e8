"""The names that sources speak as belong to them: nobody else's events are taken in under one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.evidence import looks_like
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.model.ports.sources import Sources


def check_nobodys(sources: Sources, said: str) -> None:
    """Raises PlumblineError ``event-reserved`` where a registered source speaks as this."""
    for one in sources.all():
        if any(looks_like(said, name) for name in one.speaks_as):
            raise PlumblineError(
                "event-reserved",
                t("'{said}' is the name that the source {name} speaks as.", said=said[:80], name=one.name),
                t("Send it with the token of that source, to POST {path}.", path="/api/v1/events"),
                kind=ErrorKind.REFUSED,
            )
