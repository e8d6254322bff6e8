"""An assessment in one file that anybody can compute again: its events with proofs, the pack, and the result.

A ZIP archive, the same bytes for the same assessment. A key is never taken from the file.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import msgspec

from plumbline.evidence import (
    NameTwiceError,
    check_names_once,
    inclusion_proof,
    leaf_hash,
    read_checkpoint,
    record,
    verify_inclusion,
)
from plumbline.flow.assessments.account import Document, attached, documents, is_whole
from plumbline.flow.assessments.assess import assess
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.maturity import (
    Pack,
    PackFile,
    canonical,
    compare_packs,
    digest_of,
    mistakes_in,
    revive,
)
from plumbline.model.assessment import Assessment
from plumbline.model.event import EntryText
from plumbline.model.ready import ready
from plumbline.trace import read_seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from plumbline.evidence import VerifyingKey
    from plumbline.model.assessment import ItemGrade
    from plumbline.model.event import Checkpoint, Entry
    from plumbline.model.ports.ledger import Ledger

FORMAT = "plumbline-assessment/1"
FINISHED = "assessment.finished"
_WHEN = (1980, 1, 1, 0, 0, 0)  # ZIP needs a date; the same one always
_LARGEST = 2 << 30  # bytes that all members together may have unpacked
_LATEST = 253_370_764_800_000_000  # microseconds since the epoch: the year 9999
_DOCUMENTS = "documents/"  # what is attached to statements, each by its SHA-256
_MEMBERS = ("manifest.json", "checkpoint.txt", "pack.json", "result.json", "events.jsonl")


_Stored = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    seq: _Stored
    received: _Stored
    body: str
    path: tuple[str, ...]  # inclusion proof, hexadecimal
    sender: str = ""


class _Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: str
    subject: str
    result: str  # digest
    pack: str  # digest
    record: int  # sequence number of the event that the assessment left in the ledger


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """``differences`` empty: the same result from the same events and the same pack. ``unlike_shipped``: in what the
    pack is not one that comes along with this version."""

    subject: str
    result: str
    pack: Pack
    computed: Assessment
    differences: tuple[Text, ...]
    unlike_shipped: tuple[Text, ...]
    events: tuple[EntryText, ...]
    documents: tuple[Document, ...]

    @property
    def same(self) -> bool:
        return not self.differences


def write_assessment(
    file: BinaryIO, ledger: Ledger, assessment: Assessment, pack: Pack, entries: Sequence[EntryText], finished: Entry,
    checkpoint: Checkpoint, document: Callable[[str], bytes | None],
) -> None:  # fmt: skip
    """``finished``: the event that this assessment left in the ledger; ``checkpoint`` covers it and the ``entries``.
    ``document``: what is attached to a statement, by its digest; what is not there any more is left out."""
    last = EntryText(finished.seq, finished.received, finished.body, finished.sender)
    lines = [_line(entry, checkpoint.size, ledger) for entry in (*entries, last)]
    manifest = _Manifest(
        format=FORMAT,
        subject=assessment.scope.subject,
        result=assessment.digest,
        pack=assessment.pack_digest,
        record=finished.seq,
    )
    members = {
        "manifest.json": canonical(manifest),
        "checkpoint.txt": checkpoint.note,
        "pack.json": canonical(pack),
        "result.json": canonical(assessment),
        "events.jsonl": b"".join(canonical(line) + b"\n" for line in lines),
    }
    for digest in sorted(attached(entries)):
        if (data := document(digest)) is not None:
            members[_DOCUMENTS + digest.removeprefix("sha256:")] = data
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, _WHEN), data, zipfile.ZIP_DEFLATED)


def _line(entry: EntryText, size: int, ledger: Ledger) -> _Line:
    path = tuple(step.hex() for step in inclusion_proof(entry.seq - 1, size, ledger.node))
    try:
        return _Line(entry.seq, entry.received, entry.body.decode(), path, entry.sender.decode())
    except UnicodeDecodeError:
        raise PlumblineError(
            "ledger-broken",
            t("The ledger is broken at entry {seq}; nothing was exported.", seq=entry.seq),
            t("`plumb ledger verify` says what is wrong."),
        ) from None


def replay(file: BinaryIO, keys: Sequence[VerifyingKey], known: Callable[[str], Pack | None]) -> Replayed:
    """Verify and compute again, with nothing but the file and keys from elsewhere; ``known`` packs name what differs.

    Raises PlumblineError: ``not-an-assessment``, ``bundle-cut``, and as reading a signed note does.
    """
    members = _members(file)
    try:
        for name in ("manifest.json", "pack.json", "result.json"):
            check_names_once(members[name])
        for line in members["events.jsonl"].splitlines():
            check_names_once(line)
        manifest = msgspec.json.decode(members["manifest.json"], type=ready(_Manifest))
        lines = [msgspec.json.decode(line, type=ready(_Line)) for line in members["events.jsonl"].splitlines()]
        pack = PackFile(revive(members["pack.json"]))
        claimed = msgspec.json.decode(members["result.json"], type=ready(Assessment))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, NameTwiceError) as error:
        raise _not_one(t("A part of it cannot be read: {reason}.", reason=error)) from None
    if (mistake := next(mistakes_in(pack.pack), None)) is not None:
        raise _not_one(mistake[1])
    if not 0 <= claimed.scope.end < _LATEST:
        raise _not_one(t("Its windows end at no time of any calendar."))
    checkpoint = read_checkpoint(members["checkpoint.txt"], keys)
    differences = [*_unproved(lines, checkpoint), *_unlike_record(lines, manifest, pack, claimed, known)]
    lines.sort(key=lambda line: line.seq)  # what a move of a node means depends on what came before it
    events = tuple(_entry(line) for line in lines if line.seq != manifest.record)
    files = {
        f"sha256:{name.removeprefix(_DOCUMENTS)}": data for name, data in members.items() if name.startswith(_DOCUMENTS)
    }
    for digest, data in files.items():
        if not is_whole(digest, data):
            differences.append(t("The document {digest} is not the one that was attached.", digest=digest))
    computed = assess(pack, [(one.body, one.sender, one.received) for one in events], claimed.scope)
    if computed.digest != claimed.digest or digest_of(claimed) != manifest.result:
        differences += _unlike_items(claimed, computed)
    return Replayed(
        subject=manifest.subject,
        result=manifest.result,
        pack=pack.pack,
        computed=computed,
        differences=tuple(differences),
        unlike_shipped=tuple(_unlike_shipped(pack, known(pack.pack.id))),
        events=events,
        documents=documents(events, files),
    )


def _entry(line: _Line) -> EntryText:
    return EntryText(line.seq, line.received, line.body.encode(), line.sender.encode())


def _unlike_shipped(pack: PackFile, original: Pack | None) -> Iterator[Text]:
    if original is None:
        yield t("The pack {id} is none of those that come along with this version.", id=pack.pack.id)
    elif PackFile(original).digest != pack.digest:
        yield t("The pack {id} {version} is not as it comes along with this version ({shipped}).", id=pack.pack.id,
                version=pack.pack.version, shipped=original.version)  # fmt: skip
        yield from _changes(original, pack.pack)


def _changes(before: Pack, after: Pack) -> Iterator[Text]:
    for change in compare_packs(before, after):
        yield t("{id}: {fields} differ: {before} became {after}.", id=change.id, fields=", ".join(change.what),
                before=change.before or "-", after=change.after or "-")  # fmt: skip


def _members(file: BinaryIO) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(file.read())) as archive:
            inside = {one.filename: one for one in archive.infolist() if _is_member(one.filename)}
            if sum(one.file_size for one in inside.values()) > _LARGEST:
                raise _not_one(t("It unpacks to more than any assessment has."))
            if any(one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for one in inside.values()):
                raise _not_one(t("It is packed in a way that an assessment never is."))
            found = {name: archive.read(one) for name, one in inside.items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise _not_one(t("It was cut short, or a part was changed: {reason}.", reason=error)) from None
    missing = set(_MEMBERS) - found.keys()
    if missing:
        raise _not_one(t("It lacks {parts}.", parts=", ".join(sorted(missing))))
    return found


def _is_member(name: str) -> bool:
    return name in _MEMBERS or name.startswith(_DOCUMENTS)


def _unproved(lines: Sequence[_Line], checkpoint: Checkpoint) -> Iterator[Text]:
    """Events that are not in the ledger that the checkpoint speaks of."""
    seen: set[int] = set()
    for line in lines:
        leaf = leaf_hash(record(line.seq, line.received, line.body.encode(), line.sender.encode()))
        try:
            path = [bytes.fromhex(step) for step in line.path]
            good = verify_inclusion(leaf, line.seq - 1, checkpoint.size, path, checkpoint.root)
        except ValueError:
            good = False
        if not good or line.seq in seen:
            yield t("Event {seq} is not what the ledger has: it was changed, or its proof was.", seq=line.seq)
        seen.add(line.seq)


def _unlike_record(
    lines: Sequence[_Line], manifest: _Manifest, pack: PackFile, claimed: Assessment,
    known: Callable[[str], Pack | None],
) -> Iterator[Text]:  # fmt: skip
    """What the ledger itself says of this assessment, against what the file says."""
    found = next((line for line in lines if line.seq == manifest.record), None)
    seen = read_seen(found.body.encode(), found.sender.encode()) if found else None
    if seen is None or seen.what != FINISHED:
        yield t("The event that the assessment left in the ledger is not in the file.")
        return
    if manifest.subject != claimed.scope.subject:
        yield t("The file says that it is about '{said}', and the result is about '{subject}'.",
                said=manifest.subject[:80], subject=claimed.scope.subject)  # fmt: skip
    if seen.content.get("result") != digest_of(claimed):
        yield t("The result in the file is not the one that the ledger records.")
    if seen.content.get("pack") != pack.digest:
        yield t("The pack in the file is not the one that the assessment was made with.")
        original = known(pack.pack.id)
        yield from _changes(original, pack.pack) if original else ()


def _unlike_items(claimed: Assessment, computed: Assessment) -> Iterator[Text]:
    before = {item.id: item for item in claimed.every_item()}
    told = False
    for item in computed.every_item():
        for id_, then, now in _unlike_verdicts(before.get(item.id), item):
            told = True
            yield t("{id}: the result says {then}, the events say {now}.", id=id_, then=then, now=now)
    if not told:
        yield t("The result in the file has another digest than the one computed from its events.")


def _unlike_verdicts(then: ItemGrade | None, now: ItemGrade) -> Iterator[tuple[str, str, str]]:
    old: dict[str, Any] = {one.criterion: one for one in then.verdicts} if then else {}
    for one in now.verdicts:
        earlier = old.get(one.criterion)
        if earlier is None or canonical(earlier) != canonical(one):
            yield one.criterion, _told(earlier), _told(one)


def _told(verdict: Any) -> str:
    if verdict is None:
        return "-"
    numbers = [f"{one.measured:g} {one.unit}" for one in verdict.findings if one.measured is not None]
    return " ".join([verdict.outcome.value, *numbers, f"({verdict.events})"])


def _not_one(message: Text) -> PlumblineError:
    return PlumblineError(
        "not-an-assessment",
        t("This is no whole assessment bundle. {reason}", reason=message),
        t("`plumb assess export` makes one; get the file again from its origin."),
        kind=ErrorKind.REFUSED,
    )
