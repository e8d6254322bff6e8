"""Entries of the ledger in, pieces of evidence out: each entry is decoded once, whatever kinds look at it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from plumbline.contracts.kinds import kinds
from plumbline.contracts.kinds._kind import Told
from plumbline.contracts.uploads import UPLOAD, read_upload
from plumbline.evidence import read_event
from plumbline.evidence.origin import kind_of, word_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.contracts.kinds._kind import EvidenceKind
    from plumbline.model.contract import Evidence
    from plumbline.model.event import Entry


def told(entry: Entry) -> Told:
    """What an entry tells, by whoever tells it. Raises PlumblineError as :func:`plumbline.evidence.read_event` does."""
    return Told(
        entry=entry,
        view=read_event(entry.body),
        kind=kind_of(entry.type, entry.source),
        word=word_of(entry.source, entry.sender),
    )


def evidence_of(told: Told) -> tuple[Evidence, ...]:
    """All pieces of evidence that an entry tells. One that nobody vouches for has an empty word, and fills nothing."""
    if not told.kind:
        return ()
    if told.kind == UPLOAD:
        return read_upload(told)
    return tuple(piece for kind in _readers().get(told.kind, ()) for piece in kind.read(told))


@cache
def wanted_types() -> tuple[str, ...]:
    """The subjects and predicates (``scan.finished``) that some kind of evidence is read from, sorted."""
    return tuple(sorted((*_readers(), UPLOAD)))


@cache
def _readers() -> Mapping[str, tuple[EvidenceKind, ...]]:
    found: dict[str, dict[str, EvidenceKind]] = {}
    for kind in kinds().values():
        for told_by in kind.told_by:
            found.setdefault(told_by, {})[kind.name] = kind
    return {name: tuple(readers.values()) for name, readers in found.items()}
