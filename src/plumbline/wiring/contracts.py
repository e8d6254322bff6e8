"""Builds the tools of evidence contracts; no rule lives here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.contracts.tools import ContractTools, no_facts
from plumbline.flow.pipelines.tools import Wanted
from plumbline.flow.sources.kinds import facts_it_may_tell
from plumbline.flow.tree.former_names import read_moves
from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.adapters.store import Store
    from plumbline.flow.contracts.tools import FactsFor
    from plumbline.flow.pipelines.tools import ProjectSource
    from plumbline.flow.unit_of_work import Units

_MOST_PROJECTS = 20  # whose files are looked at for the lines of one contract


def contract_tools(
    units: Units, store: Store, projects: ProjectSource, facts_for: FactsFor = no_facts
) -> ContractTools:
    return ContractTools(
        units=units,
        ledger=store.ledger,
        moves=lambda: read_moves(store.ledger),
        facts_for=facts_for,
        files=lambda wanted: _files(projects, wanted),
        may_tell=facts_it_may_tell,
    )


def _files(projects: ProjectSource, wanted: Sequence[int]) -> Sequence[str] | None:
    """Of the default branches, as far as there are copies; None where there is none, or there are too many to look."""
    if not wanted or len(wanted) > _MOST_PROJECTS:
        return None
    found: set[str] = set()
    for project in wanted:
        try:
            change = projects.change(Wanted(project=project))
            files = projects.files_at(change)
        except PlumblineError:
            return None
        if files is None:
            return None
        found.update(files.files())
    return sorted(found)
