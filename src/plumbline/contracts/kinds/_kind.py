"""What a kind of evidence is: which entries of the ledger are of it, and when one is too little."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.model.contract import Evidence, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.evidence.reading import EventView
    from plumbline.kernel import Text
    from plumbline.model.event import Entry


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the ledger, read once for all kinds."""

    entry: Entry
    view: EventView
    kind: str  # as plumbline.evidence.kind_of says: what it counts as, from whoever told it
    word: str  # as plumbline.evidence.word_of says, or person:<name>


class EvidenceKind(msgspec.Struct, frozen=True, kw_only=True):
    """A PART of the shelf is one of these, or a tuple. ``read``: the pieces of evidence that an entry tells; none where
    it is not of this kind."""

    name: str  # dotted, such as test-report, scan.sast, sbom.cyclonedx
    title: Text
    of: tuple[SubjectKind, ...]  # what it can be about
    told_by: tuple[str, ...]  # kinds of event, such as testsuiterun.finished
    read: Callable[[Told], tuple[Evidence, ...]]
    counts: tuple[str, ...] = ()  # what ``min`` of a contract may name
    least: tuple[tuple[str, float], ...] = ()  # always asked for: zero tests are never a test report
    scoped: bool = False  # an empty one counts only with what it looked at
    layers: tuple[str, ...] = ()  # of tests that are told apart
    measures: tuple[str, ...] = ()  # names of measures that it is read from; empty: any
    reports: tuple[str, ...] = ()  # keys of ``artifacts:reports`` that it comes from; empty: from none
