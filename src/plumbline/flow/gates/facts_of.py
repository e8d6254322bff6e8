"""The documented facts about one thing that is judged, gathered from what is stored: only of the families that somebody
asks for. What this server has no record of is a lack with its reason."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace

from plumbline.flow.gates.gathering._ground import NOTHING, Ground, believed
from plumbline.flow.gates.gathering.change import gather_change
from plumbline.flow.gates.gathering.due import gather_contract
from plumbline.flow.gates.gathering.made import (
    gather_artifacts,
    gather_licences,
    gather_provenance,
    gather_sbom,
)
from plumbline.flow.gates.gathering.measured import gather_interface, gather_load
from plumbline.flow.gates.gathering.run import gather_environment, gather_pipeline, gather_system
from plumbline.flow.gates.gathering.scans import gather_findings
from plumbline.flow.gates.gathering.tests_ran import gather_coverage, gather_tests
from plumbline.flow.gates.gathering.written import Written, written
from plumbline.flow.gates.subjects import collection_of, pipeline_of, target_of
from plumbline.flow.reports.newest import newest_reports
from plumbline.kernel import PlumblineError
from plumbline.model.change import MergeRequest
from plumbline.model.gate import GateAct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from plumbline.flow.gates.tools import GateTools
    from plumbline.model.change import Change
    from plumbline.model.contract import Collection, Slot, Subjects
    from plumbline.model.gate import FactValue
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredPipeline
    from plumbline.model.tree import Node

FAMILIES: Mapping[str, Callable[[Ground], Mapping[str, FactValue]]] = {
    "artifacts": gather_artifacts,
    "change": gather_change,
    "contract": gather_contract,
    "coverage": gather_coverage,
    "environment": gather_environment,
    "findings": gather_findings,
    "interface": gather_interface,
    "licences": gather_licences,
    "load": gather_load,
    "pipeline": gather_pipeline,
    "provenance": gather_provenance,
    "sbom": gather_sbom,
    "system": gather_system,
    "tests": gather_tests,
}
SELECTING = ("system.class", "change.target")  # facts that policies are selected by
_LOOKED_AT = frozenset({"target", "paths", "lines", "authors", "reviewers", "reviewed_by_other", "assisted_by_agent"})


def look_at_change(tools: GateTools, project: int, subjects: Subjects, names: Iterable[str]) -> Written | None:
    """What git and the forge tell of the change, where one of these facts needs it. Outside every transaction."""
    if not _asks_git(names):
        return None
    with tools.units.store.view() as tx:
        node, pipeline = tx.tree.get(project), pipeline_of(tx, project, subjects)
    return _look(tools, node, subjects, pipeline) if node is not None else None


def _asks_git(names: Iterable[str]) -> bool:
    return any(family == "change" and name in _LOOKED_AT for family, _, name in (one.partition(".") for one in names))


def _look(tools: GateTools, node: Node, subjects: Subjects, pipeline: StoredPipeline | None) -> Written:
    brought = changed = None
    change = _held(tools, node, subjects, pipeline.change) if pipeline is not None else None
    if change is not None:
        with suppress(PlumblineError):
            brought = tools.server.projects.brought(change)
            changed = tools.server.projects.changed_lines(change)
    lines = sum(map(len, changed.lines.values())) if changed is not None else None
    return written(tools.ledger, node.path, node.id, subjects, brought, lines)


def _held(tools: GateTools, node: Node, subjects: Subjects, change: Change) -> Change | None:
    """A merge request is held against its target, also where the pipeline is one of its branch: what is held against
    the newest tag is held against what whoever may push chose. None: nobody told its target."""
    request = change.merge_request
    if not subjects.change or (request is not None and str(request.iid) == subjects.change):
        return change
    target = target_of(tools.ledger, node.path, node.id, subjects.change)
    if not target or not subjects.change.isdigit():
        return None
    return replace(
        change, merge_request=MergeRequest(iid=int(subjects.change), source_branch=change.ref, target_branch=target)
    )


def facts_for_collection(
    tools: GateTools, tx: Transaction, collection: Collection, names: Iterable[str]
) -> Mapping[str, FactValue]:
    """The same for the conditions of contracts, of what is known of the collection's subjects. The state of the
    collection itself is no fact here."""
    wanted = {one for one in names if not one.startswith("contract.")}
    project, subjects = collection.project, collection.subjects
    node, pipeline = tx.tree.get(project), pipeline_of(tx, project, subjects)
    seen = _look(tools, node, subjects, pipeline) if node is not None and _asks_git(wanted) else None
    return facts_of(tx, tools, project, subjects, wanted, seen=seen)


def facts_of(
    tx: Transaction,
    tools: GateTools,
    project: int,
    subjects: Subjects,
    names: Iterable[str],
    *,
    act: GateAct = GateAct.PIPELINE,
    seen: Written | None = None,
) -> dict[str, FactValue]:
    """``names``: the facts that are asked for; each is in what is given. ``seen``: of :func:`look_at_change`."""
    wanted = set(names)
    ancestors = tx.tree.ancestors(project)
    pipeline = pipeline_of(tx, project, subjects)
    families = {name.partition(".")[0] for name in wanted}
    collection = None
    slots: Sequence[Slot] = ()
    if "contract" in families:
        collection = collection_of(tx, project, subjects, act)
        slots = tools.slots_now(tx, collection) if collection is not None else ()
    ground = Ground(
        tx=tx,
        ledger=tools.ledger,
        ancestors=ancestors,
        subjects=subjects,
        pipeline=pipeline,
        reports=believed(newest_reports(tx, pipeline)) if pipeline is not None else (),
        now=tools.units.clock(),
        written=seen,
        collection=collection,
        slots=slots,
    )
    found: dict[str, FactValue] = dict.fromkeys(wanted, NOTHING)
    for family in sorted(families & FAMILIES.keys()):
        found |= {name: value for name, value in FAMILIES[family](ground).items() if name in wanted}
    return found
