"""What an outside assessor is told of the events in a bundle: who told them, which documents belong to them, and a few
of them to be looked at by hand."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from plumbline.flow.assessments.assess import seen_of
from plumbline.trace import read_seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plumbline.model.event import EntryText

_ATTESTED = "statement.attested"


class Teller(msgspec.Struct, frozen=True, kw_only=True):
    """``word``: whose word it is, as in ``Fact.sources``; empty: nobody vouches for it, and it counts for nothing.
    ``first`` and ``last``: times of the events, in microseconds since the epoch."""

    word: str
    sources: tuple[str, ...]  # as which it spoke: context.source
    events: int
    first: int
    last: int


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """Attached to a statement. ``there``: it is in the file, and has the bytes that the statement names."""

    digest: str
    statement: str
    person: str
    there: bool


def tellers(events: Iterable[EntryText]) -> tuple[Teller, ...]:
    """Whoever told most comes first."""
    found: dict[str, tuple[set[str], list[int]]] = {}
    for entry in events:
        seen = read_seen(entry.body, entry.sender)
        if seen is not None:
            sources, times = found.setdefault(seen.word, (set(), []))
            sources.add(seen.cited.source)
            times.append(seen.time)
    every = (
        Teller(word=word, sources=tuple(sorted(sources)), events=len(times), first=min(times), last=max(times))
        for word, (sources, times) in found.items()
    )
    return tuple(sorted(every, key=lambda one: (-one.events, one.word)))


def attached(events: Iterable[EntryText]) -> dict[str, tuple[str, str]]:
    """By the digest of a document, the statement that it belongs to, and whose that is."""
    found: dict[str, tuple[str, str]] = {}
    for entry in events:
        seen = seen_of(entry.body, entry.sender)
        if seen is not None and seen.what == _ATTESTED:
            for name in seen.content.get("files", ()):
                if str(name).startswith("sha256:"):  # else it is an address
                    found.setdefault(str(name), (seen.subject, str(seen.content.get("person", ""))))
    return found


def documents(events: Iterable[EntryText], there: Mapping[str, bytes]) -> tuple[Document, ...]:
    """Those that the statements name. ``there``: what is in the file, by the digest it goes under."""
    return tuple(
        Document(digest=digest, statement=statement, person=person, there=is_whole(digest, there.get(digest)))
        for digest, (statement, person) in sorted(attached(events).items())
    )


def is_whole(digest: str, data: bytes | None) -> bool:
    return data is not None and f"sha256:{sha256(data).hexdigest()}" == digest


def sample(events: Sequence[EntryText], count: int, seed: int) -> tuple[EntryText, ...]:
    """At random, and the same again with the same seed, on any machine: those whose SHA-256 of "seed:number" is
    smallest. In the order of the ledger."""
    drawn = sorted(events, key=lambda one: sha256(f"{seed}:{one.seq}".encode()).digest())[:count]
    return tuple(sorted(drawn, key=lambda one: one.seq))
