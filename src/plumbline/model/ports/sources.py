"""Registered sources, and what each of them told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.source import Source, SourceRefusal, SourceTally


class Sources(Protocol):
    """Inside one transaction."""

    def get(self, id: int) -> Source | None: ...  # noqa: A002

    def named(self, name: str) -> Source | None: ...

    def of_token(self, token: str) -> Source | None: ...

    def all(self) -> Sequence[Source]:
        """By name, those that are revoked too."""
        ...

    def add(self, source: Source) -> Source:
        """With its id. PlumblineError ``name-taken``."""
        ...

    def change(self, source: Source) -> bool:
        """False where another version is there by now."""
        ...

    def version(self, id: int) -> int:  # noqa: A002
        """As it is by now; -1: there is no such source."""
        ...

    def used(self, source: int, day: int) -> tuple[int, int]:
        """Events and bytes that it told on a day."""
        ...

    def count(self, tally: SourceTally) -> None:
        """Add to what was counted of this day and kind."""
        ...

    def refused(self, refusal: SourceRefusal) -> None:
        """Add to what was refused for this reason."""
        ...

    def tallies(self, source: int) -> Sequence[SourceTally]:
        """In order of day and kind."""
        ...

    def refusals(self, source: int) -> Sequence[SourceRefusal]:
        """The newest first."""
        ...
