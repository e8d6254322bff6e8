"""How forges are told, and where it is kept what they are to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.telling import Comment, ForgePlace, Status, Telling


class Teller(Protocol):
    """One kind of forge. Each raises :class:`plumbline.model.telling.NotToldError`."""

    def status(self, place: ForgePlace, status: Status) -> None: ...

    def comment(self, place: ForgePlace, comment: Comment, known: str) -> str:
        """Edit the comment with the id ``known``; where that is gone or not ours, the one that has the marker and was
        written by whoever we are there; else write it. Its id."""
        ...


class Tellings(Protocol):
    """The outbox. Inside one transaction."""

    def named(self, project: int, name: str) -> Telling | None: ...

    def get(self, telling: int) -> Telling | None: ...

    def put(self, telling: Telling) -> Telling:
        """Add it, or write it anew where it has an id; with its id."""
        ...

    def due(self, now: int, limit: int) -> Sequence[Telling]:
        """Those to be told by now, the longest waiting first."""
        ...

    def waiting(self, host: str) -> Sequence[Telling]:
        """All that is still to be told there."""
        ...

    def stopped(self, project: int | None = None) -> Sequence[Telling]:
        """Those that were given up; None: of all projects."""
        ...

    def of_project(self, project: int, limit: int) -> Sequence[Telling]:
        """The newest first."""
        ...

    def forget(self, before: int, limit: int) -> int:
        """Remove states of commits with which nothing happened since; how many."""
        ...
