"""The assessments that were recorded, each computed again and open down to its events."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.assessments import assess_ledger
from plumbline.flow.assessments.assess_ledger import Record
from plumbline.flow.assessments.tools import nodes_where
from plumbline.flow.ledger.sight import seen_ledger
from plumbline.flow.tree.read_tree import visible_nodes
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import t
from plumbline.maturity import ItemChange, PackFile, Proof, RuleChange, proofs
from plumbline.model.assessment import Assessment, ItemGrade
from plumbline.model.fact import Cited
from plumbline.model.tree import Node

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.access import Actor, UseCase
    from plumbline.flow.assessments.tools import AssessmentTools

_KEPT = 64  # assessments that are kept in memory: each is a function of what stands in its record


class NewestRecord(NamedTuple):
    """A node with its newest assessment, None where there is none to be seen."""

    node: Node
    record: Record | None


class Opened(NamedTuple):
    record: Record
    assessment: Assessment
    node: int  # that it is about


class OpenedItem(NamedTuple):
    opened: Opened
    item: ItemGrade
    pack: PackFile | None  # of then; None where it is gone
    entries: Mapping[Cited, int]  # where the first of its events stand in the ledger
    opens: frozenset[int] = frozenset()  # those of these entries that the actor may see


class Compared(NamedTuple):
    before: Record
    after: Record
    items: tuple[ItemChange, ...]
    rules: tuple[RuleChange, ...]


def list_assessments(actor: Actor, tools: AssessmentTools, standard: str) -> tuple[NewestRecord, ...]:
    """The newest ones with a standard, of all nodes that the actor sees, by path."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_ASSESSMENTS)
        nodes = visible_nodes(unit.tx, actor)
        seen = {node.path for node in nodes_where(unit, use_cases.LIST_ASSESSMENTS)}
    newest = newest_of(one for one in assess_ledger.records(tools) if one.path in seen and one.standard == standard)
    return tuple(NewestRecord(node, newest.get(node.path)) for node in nodes)


def list_node_assessments(actor: Actor, tools: AssessmentTools, node: int, standard: str = "") -> tuple[Record, ...]:
    """Those that the actor may see, of a node and of what is below it, the newest first; of every standard without one.

    Raises PlumblineError ``not-found``, ``not-allowed``.
    """
    with tools.units.view(actor) as unit:
        path = unit.require(use_cases.LIST_NODE_ASSESSMENTS, node)[0].path
        seen = {one.path for one in nodes_where(unit, use_cases.VIEW_ASSESSMENT)}
    found = (one for one in assess_ledger.records(tools, path) if one.path in seen)
    return tuple(one for one in found if not standard or one.standard == standard)


def newest_of(records: Iterable[Record]) -> dict[str, Record]:
    """By path; ``records`` newest first."""
    newest: dict[str, Record] = {}
    for one in records:
        newest.setdefault(one.path, one)
    return newest


def view_assessment(actor: Actor, tools: AssessmentTools, seq: int) -> Opened:
    """Raises PlumblineError ``not-found``, ``not-allowed``, and as :func:`assess_ledger.assessment_of` does."""
    record, node = record_for(actor, tools, use_cases.VIEW_ASSESSMENT, seq)
    return Opened(record, _computed(tools, record), node)


def view_item(actor: Actor, tools: AssessmentTools, seq: int, item: str, cited: int | None = 0) -> OpenedItem:
    """``cited``: of how many events of each finding it is said where they stand; None: of all.

    Raises PlumblineError as :func:`view_assessment` does.
    """
    opened = view_assessment(actor, tools, seq)
    found = next((one for one in opened.assessment.every_item() if one.id == item), None)
    if found is None:
        raise not_found(t("There is no item '{item}' in assessment {seq}.", item=item, seq=seq))
    findings = (finding for verdict in found.verdicts for finding in verdict.findings)
    wanted = {one for finding in findings for one in finding.fact.cited[:cited]}
    there = {one: entry for one in wanted if (entry := tools.ledger.find(one.source, one.id)) is not None}
    with tools.units.view(actor) as unit:
        unit.require(use_cases.VIEW_ASSESSMENT, opened.node)
        seen = seen_ledger(unit, tools.ledger, use_cases.VIEW_ENTRY)
    opens = frozenset(entry.seq for entry in there.values() if seen.shows(entry))
    places = {one: entry.seq for one, entry in there.items()}
    return OpenedItem(opened, found, tools.kept_pack(opened.record.pack), places, opens)


def list_proofs(actor: Actor, tools: AssessmentTools, seq: int) -> tuple[Proof, ...]:
    """What assessors ask to see; empty where the pack of then is gone. Raises as :func:`view_assessment` does."""
    opened = view_assessment(actor, tools, seq)
    pack = tools.kept_pack(opened.record.pack)
    return proofs(pack.pack, opened.assessment) if pack is not None else ()


def compare_assessments(actor: Actor, tools: AssessmentTools, before: int, after: int) -> Compared:
    """Raises PlumblineError ``not-found``, ``not-allowed``, ``other-standard``."""
    old, _ = record_for(actor, tools, use_cases.VIEW_ASSESSMENT, before)
    new, _ = record_for(actor, tools, use_cases.VIEW_ASSESSMENT, after)
    return Compared(old, new, *assess_ledger.compare(tools, old, new))


def record_for(actor: Actor, tools: AssessmentTools, use_case: UseCase, seq: int) -> tuple[Record, int]:
    """An assessment and the node that it is about, for an actor who may. Raises PlumblineError ``not-found``,
    ``not-allowed``."""
    record = assess_ledger.record_at(tools, seq)
    missing = t("There is no assessment {seq}.", seq=seq)
    with tools.units.view(actor) as unit:
        node = unit.tx.tree.at(record.path) if record is not None else None
        unit.require(use_case, node.id if node is not None else None, missing)
    assert record is not None
    assert node is not None
    return record, node.id


@lru_cache(_KEPT)
def _computed(tools: AssessmentTools, record: Record) -> Assessment:
    return assess_ledger.assessment_of(tools, record)
