"""That what a statement about a run rests on is in the ledger: by its own proofs, and by the entries themselves where
they are with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence.artifact_verifying import Check, Result
from plumbline.evidence.merkle import verify_inclusion
from plumbline.evidence.nesting import near_the_top
from plumbline.evidence.origin import OWN, word_of
from plumbline.evidence.vocabulary.own_gates import CollectionClosed, StatementSigned
from plumbline.kernel import Text, t
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from plumbline.evidence.artifact_file import Slice
    from plumbline.evidence.notes import VerifyingKey
    from plumbline.evidence.predicates.run import Proved, Run

_Entry = tuple[int, bytes, bytes]  # number, body, sender
_WRONG = (msgspec.DecodeError, UnicodeDecodeError, ValueError)


class _Slot(msgspec.Struct, gc=False):
    id: str = ""
    state: str = ""


class _Content(msgspec.Struct, gc=False):
    digest: str = ""
    contract: str = ""
    slots: tuple[_Slot, ...] = ()


class _Context(msgspec.Struct, gc=False):
    type: str
    source: str
    id: str


class _Subject(msgspec.Struct, gc=False):
    id: str
    content: msgspec.Raw = msgspec.Raw(b"{}")


class _Body(msgspec.Struct, gc=False):
    context: _Context
    subject: _Subject


def check_proofs(run: Run) -> Iterator[Check]:
    """One check for all where all hold; else one for each that does not."""
    failed = list(_unproved(run))
    yield from failed
    if not failed:
        reason = t("All {count} entries that it rests on are proved to be in the ledger of {size} entries.",
                   count=len(run.ledger.entries), size=run.ledger.size)  # fmt: skip
        yield Check(about="ledger", result=Result.PASSED, code="", reason=reason, entry=run.ledger.size)


def _unproved(run: Run) -> Iterator[Check]:
    ledger = run.ledger
    if not 0 < ledger.first <= ledger.last == ledger.size:
        reason = t("Its range of the ledger, {first} to {last}, is none.", first=ledger.first, last=ledger.last)
        yield _failed("range-impossible", reason)
        return
    if len({one.entry for one in ledger.entries}) != len(ledger.entries):
        yield _failed("entry-twice", t("An entry of the ledger is proved twice."))
    proved = {one.entry: one for one in ledger.entries}
    if ledger.last not in proved:
        reason = t("The entry that tells of the closing, {seq}, is not proved.", seq=ledger.last)
        yield _failed("entry-uncited", reason, ledger.last)
    for cited in run.cited:
        if cited.entry not in proved or proved[cited.entry].id != cited.id:
            reason = t("It rests on the event {id}, and nothing proves that this is entry {seq} of the ledger.",
                       id=cited.id, seq=cited.entry)  # fmt: skip
            yield _failed("entry-uncited", reason, cited.entry)
    for one in ledger.entries:
        if not ledger.first <= one.entry <= ledger.last:
            reason = t("Entry {seq} is outside its range of the ledger, {first} to {last}.",
                       seq=one.entry, first=ledger.first, last=ledger.last)  # fmt: skip
            yield _failed("entry-outside", reason, one.entry)
        elif not _holds(one, ledger.size, ledger.root):
            reason = t("Nothing proves that entry {seq} is in the ledger as it stands here.", seq=one.entry)
            yield _failed("entry-unproved", reason, one.entry)


def _holds(one: Proved, size: int, root: str) -> bool:
    try:
        path = [bytes.fromhex(step) for step in one.path]
        return verify_inclusion(bytes.fromhex(one.leaf), one.entry - 1, size, path, bytes.fromhex(root))
    except ValueError:
        return False


def check_entries(run: Run, digest: str, found: Sequence[Slice], signer: VerifyingKey) -> Iterator[Check]:
    """``found``: entries that hold. ``digest`` of the statement."""
    entries = [entry for one in found for entry in one.entries]
    leaves = {seq: leaf for one in found for seq, leaf in one.leaves.items()}
    failed = list(_differing(run, entries, leaves))
    failed += _unlike_the_closing(run, entries)
    told = _told_of(digest, run.collection, entries)
    if told is None:
        failed.append(_failed("not-in-ledger", t("No entry of the ledger tells of this statement.")))
    elif not signer.vouches_for(told):
        reason = t("Entry {seq} tells of it, and its key was followed by another one at {until} entries.",
                   seq=told, until=signer.until)  # fmt: skip
        failed.append(_failed("key-retired", reason, told))
    yield from failed
    if not failed and told is not None:
        reason = t("The entries are with it and are those; entry {seq} tells of this statement, in a ledger of {size}.",
                   seq=told, size=max(one.report.signed for one in found))  # fmt: skip
        yield Check(about="entries", result=Result.PASSED, code="", reason=reason, entry=told)


def _differing(run: Run, entries: Sequence[_Entry], leaves: Mapping[int, bytes]) -> Iterator[Check]:
    bodies = {seq: body for seq, body, _ in entries}
    for one in run.ledger.entries:
        if one.entry not in bodies:
            reason = t("Entry {seq} is not with it, and others are.", seq=one.entry)
            yield _failed("entry-missing", reason, one.entry)
            continue
        said = _read(bodies[one.entry])
        same = said is not None and (said.context.id, said.context.source) == (one.id, one.source)
        if not same or leaves[one.entry].hex() != one.leaf:
            reason = t("Entry {seq} of the ledger is not the one that it rests on.", seq=one.entry)
            yield _failed("entry-differs", reason, one.entry)


def _unlike_the_closing(run: Run, entries: Sequence[_Entry]) -> list[Check]:
    """The entry with which the ledger ended then tells of the closing, in the same words."""
    last = run.ledger.last
    found = next(((body, sender) for seq, body, sender in entries if seq == last), None)
    said = _read(found[0]) if found is not None else None
    if found is None or said is None:
        return []  # that it is missing is said elsewhere
    fits = (
        said.context.type == CollectionClosed.TYPE
        and word_of(said.context.source, found[1]) == OWN
        and said.subject.id == run.collection
    )
    content = _content(said) if fits else None
    slots = [(one.id, one.state) for one in run.slots]
    same = content is not None and [(one.id, one.state) for one in content.slots] == slots
    if content is not None and same and content.contract == run.contract.digest:
        return []
    reason = t("Entry {seq} of the ledger tells otherwise of how the collection was closed.", seq=last)
    return [_failed("ledger-disagrees", reason, last)]


def _told_of(digest: str, collection: str, entries: Sequence[_Entry]) -> int | None:
    for seq, body, sender in entries:
        said = _read(body)
        if said is None or said.context.type != StatementSigned.TYPE or word_of(said.context.source, sender) != OWN:
            continue
        content = _content(said)
        if said.subject.id == collection and content is not None and content.digest == digest:
            return seq
    return None


def _read(body: bytes) -> _Body | None:
    try:
        return near_the_top(lambda data: msgspec.json.decode(data, type=ready(_Body)), body)
    except _WRONG:
        return None


def _content(said: _Body) -> _Content | None:
    try:
        return msgspec.json.decode(said.subject.content, type=ready(_Content))
    except _WRONG:
        return None


def _failed(code: str, reason: Text, entry: int = 0) -> Check:
    return Check(about="ledger", result=Result.FAILED, code=code, reason=reason, entry=entry)
