"""Assessments over the ledger: frozen at a checkpoint, recorded, computed again at any time, exported.

Nothing is kept but events, packs by their digest and attached documents: a result is always computed from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import msgspec
from msgspec import UNSET

from plumbline.evidence import timestamp
from plumbline.evidence.vocabulary import own_observation
from plumbline.evidence.vocabulary import own_operations as own
from plumbline.facts import Evidence
from plumbline.flow.assessments.assess import Selector, assess_evidence, seen_of, what_changed
from plumbline.flow.assessments.hearing import kinds_heard
from plumbline.flow.assessments.replay import FINISHED, write_assessment
from plumbline.flow.assessments.tools import (
    AssessmentTools,
    ScopedEvent,
    Standing,
    read_standing,
    record_about,
    refused,
    scoped_events,
)
from plumbline.flow.ledger.checkpoints import make_checkpoint
from plumbline.flow.ledger.prove_entry import entry_at
from plumbline.flow.tree.former_names import read_moves
from plumbline.kernel import t
from plumbline.maturity import compare_packs, told_by
from plumbline.model.assessment import Scope
from plumbline.model.tree import is_within
from plumbline.pipeline import did_you_mean
from plumbline.trace import micros, read_seen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from plumbline.flow.event_writer import EventWriter
    from plumbline.maturity import ItemChange, PackFile, RuleChange, Told
    from plumbline.model.assessment import Assessment
    from plumbline.model.event import Checkpoint, Entry, EventDraft
    from plumbline.model.moves import Moves
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.ports.transaction import Transaction

ASSESSED = own.AssessmentFinished.TYPE


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """An assessment as the ledger has it."""

    seq: int
    time: int  # microseconds since the epoch
    path: str  # of its node now
    standard: str
    version: str
    pack: str  # digest
    grade: str
    ceiling: str
    as_of: int
    end: int  # where its windows end
    result: str  # digest
    person: str
    showable: str = ""  # says nothing where ``heard`` is empty
    heard: tuple[str, ...] = ()  # kinds of event that could come in; none: nobody noted it
    subject: str = ""  # the path that its node had then


def assess_now(tools: AssessmentTools, path: str, pack_id: str) -> tuple[Assessment, Record]:
    """For whoever works on the store itself: as :func:`assess_frozen`, and record the result, which names nobody."""
    made = assess_frozen(tools, path, pack_id)
    with tools.units.store.change() as tx:
        draft = record_finished(tx, tools.units.writer(), made, None)
    return made, recorded(tools, draft)


def assess_frozen(tools: AssessmentTools, path: str, pack_id: str, *, refresh: bool = True) -> Assessment:
    """Freeze the ledger at a checkpoint, and grade what it has.

    Raises PlumblineError ``no-ledger-key``, ``nothing-to-sign``, ``ledger-rewritten``.
    """
    if refresh:
        tools.refresh(path)
    pack = tools.load_pack(pack_id)
    tools.keep_pack(pack)
    checkpoint = _checkpoint(tools)
    scope = Scope(
        subject=path,
        as_of=checkpoint.size,
        end=tools.units.clock(),
        checkpoint=checkpoint.note.decode(),
        heard=kinds_heard(tools, path),
    )
    return assess_evidence(pack, _evidence(tools, scope), scope)


def record_finished(tx: Transaction, writer: EventWriter, made: Assessment, person: str | None) -> EventDraft:
    """Tell the ledger of an assessment, with this transaction. ``person``: who made it."""
    content = own.AssessmentFinished(
        standard=made.pack,
        version=made.pack_version,
        pack=made.pack_digest,
        as_of=made.scope.as_of,
        end=timestamp(made.scope.end),
        result=made.digest,
        grade=made.shown or UNSET,
        ceiling=made.ceiling or UNSET,
        person=person or UNSET,
        showable=made.showable or UNSET,
        heard=made.scope.heard or UNSET,
    )
    path = made.scope.subject
    return record_about(tx, writer, path, path, content)


def recorded(tools: AssessmentTools, draft: EventDraft) -> Record:
    """What the ledger has of an assessment, once the transaction is durable."""
    entry = tools.ledger.find(draft.source, draft.id)
    record = _read(entry, read_moves(tools.ledger)) if entry is not None else None
    assert record is not None
    return record


def standing_now(tools: AssessmentTools) -> Standing:
    """What several nodes are graded with at once, each by the ledger as it is now."""
    return read_standing(tools.ledger, tools.ledger.size())


def grade_now(tools: AssessmentTools, path: str, pack_id: str, standing: Standing | None = None) -> Assessment:
    """What it would be now, or with the entries of ``standing``; nothing is recorded."""
    standing = standing or standing_now(tools)
    scope = Scope(subject=path, as_of=standing.size, end=tools.units.clock(), heard=kinds_heard(tools, path))
    return assess_evidence(tools.load_pack(pack_id), _evidence(tools, scope, standing), scope)


def evidence_of(tools: AssessmentTools, path: str, standing: Standing) -> Evidence:
    """What an assessment of a node would rest on now, with the entries of ``standing``."""
    return _evidence(tools, Scope(subject=path, as_of=standing.size, end=tools.units.clock()), standing)


def need_records(tools: AssessmentTools, path: str) -> None:
    """Where no tree of nodes says what there is: a name that no event knows was misspelt.

    Raises PlumblineError ``nothing-to-assess``.
    """
    events = scoped_events(tools.ledger, path, tools.ledger.size())
    if not any(is_within(one.scope_path, path) and one.seen.what != FINISHED for one in events):
        raise refused(
            "nothing-to-assess",
            t("The ledger tells nothing about '{path}'.", path=path),
            did_you_mean(path, _known_paths(tools))
            or t("Check the path; `plumb observe --data` brings in what a repository tells."),
        )


def _known_paths(tools: AssessmentTools) -> set[str]:
    """The nodes of the tree, and the projects that were observed without one."""
    with tools.units.store.view() as tx:
        paths = {node.path for node in tx.tree.all()}
    observed = (
        seen_of(one.body, one.sender) for one in tools.ledger.of_types([own_observation.RepositoryObserved.TYPE])
    )
    return paths | {str(one.custom.get("project", "")) for one in observed if one is not None} - {""}


def cut_histories(tools: AssessmentTools, path: str) -> tuple[str, ...]:
    """The projects at and below a node of whose history only a part was there when it was observed last."""
    cut: dict[str, bool] = {}
    for one in scoped_events(tools.ledger, path, tools.ledger.size()):
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
        raise refused(
            "assessment-differs",
            t("The records do not give the result of assessment {seq} any more.", seq=record.seq),
            t("`plumb ledger verify` says whether it was changed; another version may compute a fact otherwise."),
        )
    return made


def records(tools: AssessmentTools, path: str = "") -> tuple[Record, ...]:
    """Of a node and what is below it, the newest first; all of them without a path."""
    moves = read_moves(tools.ledger)
    found = (_read(entry, moves) for entry in tools.ledger.of_types([ASSESSED]))
    wanted = [one for one in found if one and (not path or is_within(one.path, path))]
    return tuple(sorted(wanted, key=lambda one: -one.seq))


def any_record(tools: AssessmentTools, paths: Collection[str]) -> bool:
    """Whether there is one of any of these nodes."""
    return any(one.path in paths for one in records(tools))


def record_at(tools: AssessmentTools, seq: int) -> Record | None:
    """The one with this number; None where the entry with it is no assessment."""
    entry = entry_at(tools.ledger, seq)
    return _read(entry, read_moves(tools.ledger)) if entry is not None and entry.type == ASSESSED else None


def compare(
    tools: AssessmentTools, before: Record, after: Record
) -> tuple[tuple[ItemChange, ...], tuple[RuleChange, ...]]:
    """What changed in practice, by exemptions and statements, and in the rule, between two with the same standard.

    Raises PlumblineError ``other-standard``, and as :func:`assessment_of` does.
    """
    if before.standard != after.standard:
        raise refused(
            "other-standard",
            t("'{one}' and '{other}' cannot be compared.", one=before.standard, other=after.standard),
            t("Choose two assessments with the same pack."),
        )
    old, new = _pack(tools, before), _pack(tools, after)
    scope = _scope(tools, after)
    early, late = _evidence(tools, _scope(tools, before)), _evidence(tools, scope)
    later = assess_evidence(new, late, scope)
    items = what_changed(assessment_of(tools, before), old, early, later, late)
    return items, compare_packs(old.pack, new.pack)


def export(tools: AssessmentTools, record: Record, file: BinaryIO) -> None:
    """Everything that it takes to compute it again elsewhere, in one file. Raises PlumblineError as
    :func:`assessment_of` and :func:`assess_now` do."""
    checkpoint = _checkpoint(tools)
    made = assessment_of(tools, record)
    finished = next(iter(tools.ledger.read(record.seq, 1)))
    entries = [one.entry for one in _chosen(tools.ledger, made.scope)]
    write_assessment(file, tools.ledger, made, _pack(tools, record).pack, entries, finished, checkpoint, tools.file)


def _chosen(ledger: Ledger, scope: Scope, standing: Standing | None = None) -> Iterator[ScopedEvent]:
    """With the moves that it takes to know that they are."""
    standing = standing or read_standing(ledger, scope.as_of)
    wants, moves = Selector(scope.subject).wants, standing.moves.around(scope.subject, scope.as_of).moves
    for one in scoped_events(ledger, scope.subject, scope.as_of, standing):
        if one.entry.seq in moves or (wants(one.seen, one.scope_path) and one.seen.what != FINISHED):
            yield one


def told(tools: AssessmentTools, scope: Scope) -> tuple[Told, ...]:
    """Who told the events that an assessment looked at."""
    seen = (one.seen for one in _chosen(tools.ledger, scope) if one.seen.time <= scope.end)
    return told_by((one.cited.source, one.time, one.word) for one in seen)


def _evidence(tools: AssessmentTools, scope: Scope, standing: Standing | None = None) -> Evidence:
    return Evidence((one.seen for one in _chosen(tools.ledger, scope, standing)), scope.end)


def _scope(tools: AssessmentTools, record: Record) -> Scope:
    note = next((one.note for one in tools.ledger.checkpoints() if one.size == record.as_of), b"")
    return Scope(
        subject=record.subject, as_of=record.as_of, end=record.end, checkpoint=note.decode(), heard=record.heard
    )


def _pack(tools: AssessmentTools, record: Record) -> PackFile:
    found = tools.kept_pack(record.pack)
    if found is None:
        raise refused(
            "pack-gone",
            t("The pack {digest} of this assessment is not in the data folder.", digest=record.pack),
            t("Restore the folder `packs` of the data folder from a backup."),
        )
    return found


def _checkpoint(tools: AssessmentTools) -> Checkpoint:
    key = tools.signing_key()
    if key is None:
        raise refused(
            "no-ledger-key", t("There is no key to sign checkpoints with."), t("`plumb ledger checkpoint` makes one.")
        )
    return make_checkpoint(tools.ledger, key, tools.units.clock())


def _read(entry: Entry, moves: Moves) -> Record | None:
    seen = read_seen(entry.body, entry.sender)
    if seen is None:
        return None
    said, subject = seen.content, str(seen.custom.get("project", ""))
    return Record(
        seq=entry.seq,
        time=seen.time,
        path=moves.now(subject, entry.seq),
        standard=str(said.get("standard", "")),
        version=str(said.get("version", "")),
        pack=str(said.get("pack", "")),
        grade=str(said.get("grade", "")),
        ceiling=str(said.get("ceiling", "")),
        as_of=int(said.get("asOf", 0)),
        end=micros(said.get("end", "")),
        result=str(said.get("result", "")),
        person=str(said.get("person", "")),
        showable=str(said.get("showable", "")),
        heard=tuple(str(one) for one in said.get("heard", ())),
        subject=subject,
    )
