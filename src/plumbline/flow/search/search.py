"""Find anything by a name, a number, a digest, a commit, a person or a criterion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.assessments.packs import every_pack
from plumbline.flow.ledger.sight import seen_ledger
from plumbline.flow.search.found import Wanted, grouped
from plumbline.flow.search.in_artifacts import in_artifacts
from plumbline.flow.search.in_ledger import in_ledger
from plumbline.flow.search.in_models import in_packs, in_settings
from plumbline.flow.search.in_store import in_store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.access import Actor
    from plumbline.flow.artifacts.tools import ArtifactTools
    from plumbline.flow.assessments.tools import AssessmentTools
    from plumbline.flow.ledger.tools import LedgerTools
    from plumbline.flow.search.found import Found, Group
    from plumbline.flow.tree.tools import TreeTools


@dataclass(frozen=True, slots=True)
class SearchTools:
    """Where is looked."""

    ledger: LedgerTools
    assessments: AssessmentTools
    tree: TreeTools
    artifacts: ArtifactTools


def search(actor: Actor, tools: SearchTools, text: str, most: int, also: Iterable[Found] = ()) -> list[Group]:
    """At most so many of each kind; nothing for an empty text. ``also``: what the door itself has found."""
    wanted = Wanted(text)
    with tools.ledger.units.view(actor) as unit:
        unit.require(use_cases.SEARCH)
        if not wanted.text:
            return grouped(also, most)
        found = [*also, *in_store(unit, wanted, most), *in_settings(unit, tools.tree.settings.values(), wanted)]
        seen = seen_ledger(unit, tools.ledger.ledger, use_cases.VIEW_ENTRY)
    found += in_packs(every_pack(tools.assessments), wanted)
    found += in_artifacts(actor, tools.artifacts, wanted, most)
    found += in_ledger(seen, wanted, most)
    return grouped(found, most)
