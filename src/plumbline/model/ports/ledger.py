"""The ledger: append-only, hash-chained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from plumbline.model.moves import NO_MOVES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from plumbline.model.event import Checkpoint, Entry, EntryFilter, EntryText, EventDraft, FoundEntries
    from plumbline.model.moves import Moves


class Ledger(Protocol):
    """The one list of everything that happened: only ever appended to. Safe to use from several threads."""

    def append(self, drafts: Sequence[EventDraft]) -> list[Entry]:
        """Durable when it returns. A (source, id) that is there already with the same bytes gives the entry it has;
        with other bytes PlumblineError ``event-id-reused``."""
        ...

    def read(self, from_seq: int = 1, limit: int | None = None) -> Iterator[Entry]:
        """Entries in order of their number, as they are stored."""
        ...

    def of_subject(self, subject: str, from_seq: int = 1, limit: int | None = None) -> Iterator[Entry]:
        """Entries about one subject, in order."""
        ...

    def of_types(self, types: Sequence[str], from_seq: int = 1, limit: int | None = None) -> Iterator[Entry]:
        """Entries of these types, in order."""
        ...

    def of_scope(self, path: str, upto: int, moves: Moves = NO_MOVES) -> Iterator[EntryText]:
        """Entries up to a number about the node of the tree that has this path then, about what is below it, and about
        the nodes above it, in order. ``moves``: what nodes were called before."""
        ...

    def look(
        self, wanted: EntryFilter, limit: int, *, start: int = 0, newest: bool = True, reach: int = 0
    ) -> FoundEntries:
        """Those wanted before the number ``start`` (0: any), the newest first, or else those after it. As many as
        ``limit``, from the whole ledger where an index tells, else from so many entries as one look may take, or from
        ``reach`` of them where that is given."""
        ...

    def of_digest(self, digest: bytes, limit: int) -> Sequence[Entry]:
        """Entries whose bytes name this SHA-256 digest, newest first, after those whose own digest it is, as far as
        these are among the newest 10,000."""
        ...

    def naming(self, digest: bytes, types: Collection[str], limit: int) -> Sequence[Entry]:
        """Entries of these types whose bytes name this SHA-256 digest, newest first, however many others name it."""
        ...

    def types(self) -> list[str]:
        """Every type that an entry has."""
        ...

    def size(self) -> int: ...

    def head(self) -> tuple[int, bytes]:
        """The size, and the chain value of the last entry; 0 and NO_CHAIN while it is empty."""
        ...

    def find(self, source: str, id: str) -> Entry | None: ...  # noqa: A002

    def node(self, level: int, index: int) -> bytes:
        """The Merkle hash of the complete subtree over the entries ``index * 2**level + 1`` and the following
        ``2**level - 1``. PlumblineError ``ledger-broken`` where they are not there, or not as they were."""
        ...

    def checkpoints(self) -> Sequence[Checkpoint]:
        """By size, smallest first."""
        ...

    def add_checkpoint(self, checkpoint: Checkpoint) -> None: ...
