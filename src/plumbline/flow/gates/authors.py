"""Who wrote what a waiver is for, as far as anybody knows. Asks git, so outside every transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.gates.facts_of import look_at_change
from plumbline.flow.gates.subjects import completed, head_of
from plumbline.model.contract import Subjects
from plumbline.model.tree import NodeKind

if TYPE_CHECKING:
    from plumbline.flow.gates.tools import GateTools
    from plumbline.model.gate import Waiver
    from plumbline.model.ports.transaction import Transaction


def authors_of(tools: GateTools, waiver: Waiver) -> tuple[str, ...]:
    """Of the one commit or merge request that it is for; of more than that nobody is the author."""
    if not (waiver.commit or waiver.change):
        return ()
    with tools.units.store.view() as tx:
        node = tx.tree.get(waiver.node)
        if node is None or node.kind is not NodeKind.PROJECT:
            return ()
    commit = waiver.commit or head_of(tools.ledger, node.path, node.id, waiver.change)
    with tools.units.store.view() as tx:
        subjects = completed(tx, node.id, Subjects(commit=commit, change=waiver.change))
        pipeline = tx.pipelines.get(subjects.pipeline) if subjects.pipeline else None
        author = _named(tx, pipeline.change.author) if pipeline is not None else ""
    written = look_at_change(tools, node.id, subjects, ("change.authors",))
    found = written.authors or () if written is not None else ()
    return tuple(dict.fromkeys((*found, *((author,) if author else ()))))


def _named(tx: Transaction, author: str) -> str:
    """The person that an address is known to be of, else as the commit says."""
    name, _, rest = author.partition(" <")
    mail = rest.rstrip(">").strip().casefold()
    known = tx.aliases.get("", mail) if mail else None
    person = tx.people.get(known.person) if known is not None else None
    return person.name if person is not None else author or name
