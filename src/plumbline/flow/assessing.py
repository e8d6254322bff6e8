"""Assessments over the ledger: frozen at a checkpoint, recorded, computed again at any time, exported.

Nothing is kept but events, packs by their digest and attached documents: a result is always computed from them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import msgspec
from msgspec import UNSET

from plumbline.evidence import own_operations as own
from plumbline.evidence import timestamp, write_event
from plumbline.facts import Evidence, Seen, micros, read_seen
from plumbline.flow.assess import Selector, assess_evidence, seen_of, what_changed
from plumbline.flow.ledger import make_checkpoint
from plumbline.flow.replay import write_assessment
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.maturity import compare_packs
from plumbline.model import Scope

if TYPE_CHECKING:
    from plumbline.evidence import Content, SigningKey
    from plumbline.maturity import ItemChange, PackFile, RuleChange
    from plumbline.model import Assessment, Checkpoint, Entry, Ledger

ASSESSED = own.AssessmentFinished.TYPE
_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class AssessmentTools:
    """What these flows may touch."""

    ledger: Ledger
    clock: Callable[[], int]  # microseconds since the epoch
    source: str
    new_id: Callable[[], str]
    signing_key: Callable[[], SigningKey | None]
    shipped: Callable[[], tuple[str, ...]]
    load_pack: Callable[[str], PackFile]
    keep_pack: Callable[[PackFile], None]
    kept_pack: Callable[[str], PackFile | None]  # by digest
    keep_file: Callable[[bytes], str]  # gives its digest
    file: Callable[[str], bytes | None]
    refresh: Callable[[str], None] = lambda _: None  # bring what the repositories tell into the ledger


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """An assessment as the ledger has it."""

    seq: int
    time: int  # microseconds since the epoch
    path: str
    standard: str
    version: str
    pack: str  # digest
    grade: str
    ceiling: str
    as_of: int
    end: int  # where its windows end
    result: str  # digest
    person: str


class StatementOnFile(msgspec.Struct, frozen=True, kw_only=True):
    """``decision``: empty while nobody has looked at it."""

    id: str
    path: str
    topic: str
    text: str
    person: str
    made: int
    until: int
    files: tuple[str, ...]
    decision: str
    reviewer: str
    expired: bool


def assess_now(
    tools: AssessmentTools, path: str, pack_id: str, person: str = "", *, refresh: bool = True
) -> tuple[Assessment, Record]:
    """Freeze the ledger at a checkpoint, grade, and record the result. Raises PlumblineError ``nothing-to-sign``."""
    if refresh:
        tools.refresh(path)
    pack = tools.load_pack(pack_id)
    tools.keep_pack(pack)
    checkpoint = _checkpoint(tools)
    scope = Scope(subject=path, as_of=checkpoint.size, end=tools.clock(), checkpoint=checkpoint.note.decode())
    made = assess_evidence(pack, _evidence(tools, scope), scope)
    content = own.AssessmentFinished(
        standard=made.pack,
        version=made.pack_version,
        pack=made.pack_digest,
        as_of=scope.as_of,
        end=timestamp(scope.end),
        result=made.digest,
        grade=made.level or UNSET,
        ceiling=made.ceiling or UNSET,
        person=person or UNSET,
    )
    entry = _record(tools, path, content, subject=path)
    record = _read(entry)
    assert record is not None
    return made, record


def grade_now(tools: AssessmentTools, path: str, pack_id: str) -> Assessment:
    """What it would be now; nothing is recorded."""
    size = tools.ledger.size()
    scope = Scope(subject=path, as_of=size, end=tools.clock())
    return assess_evidence(tools.load_pack(pack_id), _evidence(tools, scope), scope)


def need_records(tools: AssessmentTools, path: str) -> None:
    """Where no tree of nodes says what there is: a name that no event knows was misspelt.

    Raises PlumblineError ``nothing-to-assess``.
    """
    events = _scoped(tools.ledger, path, tools.ledger.size())
    if not any(
        (one.scope_path == path or one.scope_path.startswith(f"{path}/")) and one.entry.type != ASSESSED
        for one in events
    ):
        raise _refused(
            "nothing-to-assess",
            t("The ledger tells nothing about '{path}'.", path=path),
            t("Check the path; `plumb observe --data` brings in what a repository tells."),
        )


def cut_histories(tools: AssessmentTools, path: str) -> tuple[str, ...]:
    """The projects at and below a node of whose history only a part was there when it was observed last."""
    cut: dict[str, bool] = {}
    for one in _scoped(tools.ledger, path, tools.ledger.size()):
        if one.seen.what == "repository.observed" and Selector(path).wants(one.seen, one.scope_path):
            cut[one.scope_path] = bool(one.seen.content.get("shallow"))
    return tuple(sorted(project for project, shallow in cut.items() if shallow))


def assessment_of(tools: AssessmentTools, record: Record) -> Assessment:
    """Computed again from the ledger as it was then, with the pack of then.

    Raises PlumblineError ``pack-gone``, and ``assessment-differs`` where the ledger does not give what was recorded.
    """
    scope = _scope(tools, record)
    made = assess_evidence(_pack(tools, record), _evidence(tools, scope), scope)
    if made.digest != record.result:
        raise _refused(
            "assessment-differs",
            t("The records do not give the result of assessment {seq} any more.", seq=record.seq),
            t("`plumb ledger verify` says whether it was changed; another version may compute a fact otherwise."),
        )
    return made


def records(tools: AssessmentTools, path: str = "") -> tuple[Record, ...]:
    """Of a node and what is below it, the newest first; all of them without a path."""
    found = (_read(entry) for entry in tools.ledger.of_types([ASSESSED]))
    return tuple(
        sorted(
            (one for one in found if one and (not path or one.path == path or one.path.startswith(f"{path}/"))),
            key=lambda one: -one.seq,
        )
    )


def compare(
    tools: AssessmentTools, before: Record, after: Record
) -> tuple[tuple[ItemChange, ...], tuple[RuleChange, ...]]:
    """What changed in practice and what in the rule, between two assessments with the same standard."""
    if before.standard != after.standard:
        raise _refused(
            "other-standard",
            t("'{one}' and '{other}' cannot be compared.", one=before.standard, other=after.standard),
            t("Choose two assessments with the same pack."),
        )
    old, new = _pack(tools, before), _pack(tools, after)
    scope = _scope(tools, after)
    evidence = _evidence(tools, scope)
    later = assess_evidence(new, evidence, scope)
    items = what_changed(assessment_of(tools, before), old, later, evidence)
    return items, compare_packs(old.pack, new.pack)


def export(tools: AssessmentTools, record: Record, file: BinaryIO) -> None:
    """Everything that it takes to compute it again elsewhere, in one file."""
    checkpoint = _checkpoint(tools)
    made = assessment_of(tools, record)
    finished = next(iter(tools.ledger.read(record.seq, 1)))
    entries = [entry for entry, _ in _chosen(tools.ledger, made.scope)]
    write_assessment(file, tools.ledger, made, _pack(tools, record).pack, entries, finished, checkpoint)


def attest(
    tools: AssessmentTools,
    path: str,
    topic: str,
    text: str,
    person: str,
    files: Sequence[str] = (),
    until: int | None = None,
) -> str:
    """Put a statement on file; returns its id. It counts once a second person has accepted it."""
    if not text.strip():
        raise _refused("statement-empty", t("A statement says something."), t("Write what holds, and since when."))
    if until is not None and until <= tools.clock():
        raise _refused("statement-expired", t("This statement has expired already."), t("Give a later day."))
    for digest in files:
        if tools.file(digest) is None:
            raise _refused("no-such-file", t("There is no file {digest}.", digest=digest), t("Upload it first."))
    content = own.StatementAttested(
        topic=topic,
        statement=text.strip(),
        person=person,
        files=tuple(files) or UNSET,
        until=timestamp(until) if until is not None else UNSET,
    )
    return _record(tools, path, content, subject=f"statement:{tools.new_id()}").subject


def review(tools: AssessmentTools, path: str, statement: str, decision: str, person: str, reason: str = "") -> None:
    """Accept or reject a statement of another person; its author may withdraw it."""
    found = next((one for one in statements_on_file(tools, path) if one.id == statement), None)
    if found is None:
        raise _refused("no-such-statement", t("There is no statement {id} here.", id=statement), t("Look at the list."))
    if (found.person == person) != (decision == "withdrawn"):
        raise _refused(
            "own-statement",
            t("A statement is reviewed by a second person, and withdrawn by its author."),
            t("Ask a colleague who did not write it."),
        )
    content = own.StatementReviewed(
        statement=statement,
        decision=decision,  # type: ignore[arg-type]  # the vocabulary refuses any other
        person=person,
        reason=reason or UNSET,
    )
    _record(tools, found.path, content, subject=statement)


def exempt(
    tools: AssessmentTools,
    path: str,
    rule: str,
    reason: str,
    person: str,
    second: str = "",
    kind: str = "waiver",
    until: int | None = None,
) -> None:
    """Waive a criterion, or say that it does not apply; the latter takes a second person, both take a reason."""
    if not reason.strip():
        raise _refused("no-reason", t("An exemption without a reason is none."), t("Say why."))
    if kind == "notApplicable" and (not second or second == person):
        raise _refused(
            "second-person",
            t("That '{rule}' does not apply takes a second person.", rule=rule),
            t("Name a colleague who agrees."),
        )
    content = own.ExceptionGranted(
        rule=rule,
        reason=reason.strip(),
        person=person,
        second=second or UNSET,
        kind=kind,  # type: ignore[arg-type]  # the vocabulary refuses any other
        until=timestamp(until) if until is not None else UNSET,
    )
    _record(tools, path, content, subject=rule)


def statements_on_file(tools: AssessmentTools, path: str) -> tuple[StatementOnFile, ...]:
    """Of a node, of what is below it and of the nodes above it, the newest first."""
    now = tools.clock()
    seen = [
        (one, entry.scope_path)
        for entry in _scoped(tools.ledger, path, tools.ledger.size())
        if (one := entry.seen).what in ("statement.attested", "statement.reviewed")
    ]
    reviews = {one.content.get("statement"): one for one, _ in seen if one.what == "statement.reviewed"}
    found = [
        _on_file(one, where, reviews.get(one.subject), now) for one, where in seen if one.what == "statement.attested"
    ]
    return tuple(sorted(found, key=lambda one: -one.made))


def _on_file(one: Seen, path: str, decided: Seen | None, now: int) -> StatementOnFile:
    said = one.content
    until = micros(said.get("until", "")) or one.time + 365 * _DAY
    return StatementOnFile(
        id=one.subject,
        path=path,
        topic=str(said.get("topic", "")),
        text=str(said.get("statement", "")),
        person=str(said.get("person", "")),
        made=one.time,
        until=until,
        files=tuple(said.get("files", ())),
        decision=str(decided.content.get("decision", "")) if decided else "",
        reviewer=str(decided.content.get("person", "")) if decided else "",
        expired=until <= now,
    )


class _Scoped(msgspec.Struct, frozen=True):
    entry: Entry
    seen: Seen
    scope_path: str


def _scoped(ledger: Ledger, path: str, upto: int) -> list[_Scoped]:
    found = []
    for entry in ledger.of_scope(path, upto):
        seen = seen_of(entry.body)
        if seen is not None:
            found.append(_Scoped(entry, seen, str(seen.custom.get("project", ""))))
    return found


def _chosen(ledger: Ledger, scope: Scope) -> list[tuple[Entry, Seen]]:
    wants = Selector(scope.subject).wants
    return [
        (one.entry, one.seen)
        for one in _scoped(ledger, scope.subject, scope.as_of)
        if wants(one.seen, one.scope_path) and one.seen.what != "assessment.finished"
    ]


def _evidence(tools: AssessmentTools, scope: Scope) -> Evidence:
    return Evidence((seen for _, seen in _chosen(tools.ledger, scope)), scope.end)


def _scope(tools: AssessmentTools, record: Record) -> Scope:
    note = next((one.note for one in tools.ledger.checkpoints() if one.size == record.as_of), b"")
    return Scope(subject=record.path, as_of=record.as_of, end=record.end, checkpoint=note.decode())


def _pack(tools: AssessmentTools, record: Record) -> PackFile:
    found = tools.kept_pack(record.pack)
    if found is None:
        raise _refused(
            "pack-gone",
            t("The pack {digest} of this assessment is not in the data folder.", digest=record.pack),
            t("Restore the folder `packs` of the data folder from a backup."),
        )
    return found


def _checkpoint(tools: AssessmentTools) -> Checkpoint:
    key = tools.signing_key()
    if key is None:
        raise _refused(
            "no-ledger-key", t("There is no key to sign checkpoints with."), t("`plumb ledger checkpoint` makes one.")
        )
    return make_checkpoint(tools.ledger, key, tools.clock())


def _record(tools: AssessmentTools, path: str, content: Content, *, subject: str) -> Entry:
    draft = write_event(
        content, id=tools.new_id(), source=tools.source, subject=subject, time=tools.clock(), project=path
    )
    [entry] = tools.ledger.append([draft])
    return entry


def _read(entry: Entry) -> Record | None:
    seen = read_seen(entry.body)
    if seen is None:
        return None
    said = seen.content
    return Record(
        seq=entry.seq,
        time=seen.time,
        path=str(seen.custom.get("project", "")),
        standard=str(said.get("standard", "")),
        version=str(said.get("version", "")),
        pack=str(said.get("pack", "")),
        grade=str(said.get("grade", "")),
        ceiling=str(said.get("ceiling", "")),
        as_of=int(said.get("asOf", 0)),
        end=micros(said.get("end", "")),
        result=str(said.get("result", "")),
        person=str(said.get("person", "")),
    )


def _refused(code: str, message: Text, hint: Text) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.REFUSED)
