"""Links between work items and changes, as each of the two systems tells them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from plumbline.facts.catalog._help import split
from plumbline.facts.definition import Definition, lacking, share
from plumbline.kernel import t
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.facts.evidence import Evidence
    from plumbline.model.fact import Cited, Fact

_TICKETS = ("ticket.created", "ticket.updated", "ticket.closed")


def both_ways(question: Question) -> Fact:
    """Each side is asked on its own: that a commit names an item says nothing of what the item shows."""
    evidence = question.evidence
    items = _items(evidence)
    named_by_items, turned = _said_by_items(evidence, items)
    excluded = {"link_from_change": turned} if turned else {}
    if not named_by_items:
        return msgspec.structs.replace(lacking(question, Lack.NO_SOURCE), excluded=excluded)
    names = _names(evidence)
    named_by_changes = _said_by_changes(evidence, items)
    found: list[tuple[bool, Cited]] = []
    for (sha, item), cited in named_by_changes.items():
        if question.inside(evidence.commits[sha].committed):
            found.append((bool(names[sha] & named_by_items.get(item, {}).keys()), cited))
    answered: dict[str, set[str]] = defaultdict(set)
    for sha, item in named_by_changes:
        answered[item] |= names[sha]
    known = {name for found in names.values() for name in found}
    for item, changes in named_by_items.items():
        for change, (time, cited) in changes.items():
            if change in known and question.inside(time) and change not in answered[item]:
                found.append((False, cited))
    return share(question, *split(found), excluded)


def _items(evidence: Evidence) -> set[str]:
    return {one.subject for one in evidence.of(*_TICKETS)}


def _names(evidence: Evidence) -> dict[str, set[str]]:
    """By what a commit may be named: its own id, or the change that brought it."""
    found = {sha: {sha} for sha in evidence.commits}
    for merge in evidence.merges:
        for sha in {*merge.commits, merge.merged_as} & found.keys():
            found[sha].add(merge.change)
    return found


def _said_by_items(evidence: Evidence, items: set[str]) -> tuple[dict[str, dict[str, tuple[int, Cited]]], int]:
    """Changes that each work item names, by the word of who tells of work items; and how many links to items they tell
    from the change, which say what the change shows."""
    tellers, turned = {one.word for one in evidence.of(*_TICKETS)}, 0
    found: dict[str, dict[str, tuple[int, Cited]]] = defaultdict(dict)
    for one in evidence.of("link.asserted"):
        target = str((one.content.get("target") or {}).get("id", ""))
        if one.word in tellers and one.subject in items:
            found[one.subject].setdefault(target, (one.time, one.cited))
        elif one.word in tellers and target in items:
            turned += 1
    return dict(found), turned


def _said_by_changes(evidence: Evidence, items: set[str]) -> dict[tuple[str, str], Cited]:
    """Work items on record that commits name, in their own message or in that of their merge."""
    found = {
        (sha, item): one.cited for sha, one in evidence.commits.items() for item in one.work_items if item in items
    }
    for merge in evidence.merges:
        for sha in {*merge.commits, merge.merged_as} & evidence.commits.keys():
            for item in items.intersection(merge.work_items):
                found.setdefault((sha, item), merge.cited)
    return found


PART = (
    Definition(
        name="linked-pairs-readable-from-either-side",
        how=t(
            "Pairs of a work item and a commit of which the work item system says that the item names the change, and "
            "the repository that the change names the item, of all pairs that either of them tells."
        ),
        needs=("link.asserted",),
        also=(_TICKETS, ("commit.observed",)),
        answer=both_ways,
    ),
)
