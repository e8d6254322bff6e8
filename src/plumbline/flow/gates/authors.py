"""Who wrote what a waiver is for, as far as anybody knows. Asks git, so outside every transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.gates.facts_of import look_at_change
from plumbline.flow.gates.subjects import completed, head_of, subjects_of
from plumbline.model.contract import Subjects
from plumbline.model.tree import NodeKind

if TYPE_CHECKING:
    from plumbline.flow.gates.tools import GateTools
    from plumbline.model.gate import Waiver
    from plumbline.model.ports.transaction import Transaction

_MOST = 20  # pipelines that pushed the same artifact


def authors_of(tools: GateTools, waiver: Waiver) -> tuple[str, ...]:
    """Of the one commit, merge request or artifact that it is for; of more than that nobody is the author."""
    found = [name for project, subjects in _meant(tools, waiver) for name in _wrote(tools, project, subjects)]
    return tuple(dict.fromkeys(found))


def _meant(tools: GateTools, waiver: Waiver) -> list[tuple[int, Subjects]]:
    if not (waiver.commit or waiver.change):
        return _built(tools, waiver.digest) if waiver.digest else []
    with tools.units.store.view() as tx:
        node = tx.tree.get(waiver.node)
    if node is None or node.kind is not NodeKind.PROJECT:
        return []
    commit = waiver.commit or head_of(tools.ledger, node.path, node.id, waiver.change)
    return [(node.id, Subjects(commit=commit, change=waiver.change))]


def _built(tools: GateTools, digest: str) -> list[tuple[int, Subjects]]:
    """What the pipelines were about whose jobs pushed an artifact."""
    with tools.units.store.view() as tx:
        numbers = dict.fromkeys(one.origin.pipeline for _, one in tx.artifacts.of_digest(digest))
        pipelines = [found for number in list(numbers)[:_MOST] if (found := tx.pipelines.get(number)) is not None]
    return [(one.project, subjects_of(one)) for one in pipelines]


def _wrote(tools: GateTools, project: int, subjects: Subjects) -> tuple[str, ...]:
    with tools.units.store.view() as tx:
        subjects = completed(tx, project, subjects)
        pipeline = tx.pipelines.get(subjects.pipeline) if subjects.pipeline else None
        author = _named(tx, pipeline.change.author) if pipeline is not None else ""
    written = look_at_change(tools, project, subjects, ("change.authors",))
    found = written.authors or () if written is not None else ()
    return (*found, *((author,) if author else ()))


def _named(tx: Transaction, author: str) -> str:
    """The person that an address is known to be of, else as the commit says."""
    name, _, rest = author.partition(" <")
    mail = rest.rstrip(">").strip().casefold()
    known = tx.aliases.get("", mail) if mail else None
    person = tx.people.get(known.person) if known is not None else None
    return person.name if person is not None else author or name
