"""What is to be judged anew because of an entry of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.evidence import filed_under
from plumbline.evidence.origin import forge_of
from plumbline.evidence.vocabulary import cdevents_core as core
from plumbline.evidence.vocabulary import own_gates
from plumbline.flow.contracts.opening import is_child
from plumbline.flow.gates.subjects import head_of, subjects_of
from plumbline.model.contract import OccasionKind, Subjects
from plumbline.model.gate import GateAct
from plumbline.model.tree import NodeKind, in_use, is_within
from plumbline.trace import read_seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.flow.gates.tools import GateTools
    from plumbline.model.event import Entry
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredPipeline

NEWEST = 50  # pipelines of a project among which the newest of each ref is looked for
_RULES = (own_gates.RuleSetSaved.TYPE, own_gates.RuleSetRetired.TYPE)
_CHANGES = (core.ChangeCreated.TYPE, core.ChangeUpdated.TYPE, core.ChangeReviewed.TYPE)


class Due(NamedTuple):
    project: int
    act: GateAct
    subjects: Subjects


def due_of(tools: GateTools, entry: Entry) -> Iterator[Due]:
    if entry.type == core.PipelineRunFinished.TYPE:
        yield from _of_pipeline(tools, entry)
    elif entry.type in _CHANGES:
        yield from _of_change(tools, entry)
    elif entry.type == own_gates.CollectionClosed.TYPE:
        yield from _of_collection(tools, entry)
    elif entry.type not in _RULES or not _is_contract(entry):
        yield from _all_below(tools, entry)


def _of_pipeline(tools: GateTools, entry: Entry) -> Iterator[Due]:
    seen = read_seen(entry.body, entry.sender)
    number = str(seen.content.get("uri", "")).rpartition("/")[2] if seen is not None else ""
    with tools.units.store.view() as tx:
        found = tx.pipelines.get(int(number)) if number.isdigit() else None
        child = found is not None and is_child(tx, found)  # what it makes counts for its parent
    if found is not None and not child and found.uid == entry.subject:
        yield from judged_with(found)


def judged_with(pipeline: StoredPipeline) -> Iterator[Due]:
    """The pipeline itself, and the merge requests that wait for it."""
    about = subjects_of(pipeline)
    yield Due(pipeline.project, GateAct.PIPELINE, about)
    if about.change:
        yield Due(pipeline.project, GateAct.MERGE, about)
    for number in pipeline.change.open_requests if not about.change else ():
        merge = Subjects(commit=about.commit, ref=about.ref, change=str(number))
        yield Due(pipeline.project, GateAct.MERGE, merge)


def _of_change(tools: GateTools, entry: Entry) -> Iterator[Due]:
    word = forge_of(entry.source)
    if word is None:
        return
    with tools.units.store.view() as tx:
        node = tx.tree.get(word.project)
        request = tx.merge_requests.get(word.project, int(entry.subject)) if entry.subject.isdigit() else None
    if node is None or (request is not None and not request.is_open):
        return
    head = head_of(tools.ledger, node.path, node.id, entry.subject)
    if head:
        yield Due(node.id, GateAct.MERGE, Subjects(commit=head, change=entry.subject))


def _of_collection(tools: GateTools, entry: Entry) -> Iterator[Due]:
    with tools.units.store.view() as tx:
        found = tx.collections.of_uid(entry.subject)
        pipeline = tx.pipelines.get(found.subjects.pipeline) if found is not None and found.subjects.pipeline else None
    if found is None:
        return
    if pipeline is not None:
        yield from judged_with(pipeline)
    elif found.occasion is OccasionKind.MERGE:
        yield Due(found.project, GateAct.MERGE, found.subjects)


def _is_contract(entry: Entry) -> bool:
    seen = read_seen(entry.body, entry.sender)
    return seen is not None and seen.content.get("kind") == "contract"


def _all_below(tools: GateTools, entry: Entry) -> Iterator[Due]:
    """A policy, a waiver or a decision changed: what stands now at every project below the node is judged anew."""
    path = filed_under(entry.body, entry.sender).scope
    with tools.units.store.view() as tx:
        every = tx.tree.all()
        nodes = in_use(every, every)
        projects = [one.id for one in nodes if one.kind is NodeKind.PROJECT and (not path or is_within(one.path, path))]
    for project in projects:
        with tools.units.store.view() as tx:
            newest = _standing(tx, project)
        for pipeline in newest:
            yield from judged_with(pipeline)


def _standing(tx: Transaction, project: int) -> list[StoredPipeline]:
    """The newest pipeline of each ref, where it has ended; of merge requests those that are open."""
    found: dict[str, StoredPipeline] = {}
    for one in tx.pipelines.newest(NEWEST, projects=[project]):
        if not is_child(tx, one):
            found.setdefault(one.change.full_ref, one)
    return [one for one in found.values() if one.finished and not _is_over(tx, one)]


def _is_over(tx: Transaction, pipeline: StoredPipeline) -> bool:
    request = pipeline.change.merge_request
    known = tx.merge_requests.get(pipeline.project, request.iid) if request is not None else None
    return known is not None and not known.is_open
