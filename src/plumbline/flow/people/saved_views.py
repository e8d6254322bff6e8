"""How somebody wants to see a list again: a name for what stands in its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.people.credentials import refusal
from plumbline.kernel import t
from plumbline.model.person import LISTS, SavedView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.people.tools import PeopleTools

MOST = 50  # of one person for one list


def list_views(actor: Actor, tools: PeopleTools, shelf: str) -> Sequence[SavedView]:
    """The actor's own of a list, by name."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_VIEWS)
        return unit.tx.saved_views.of(actor.person.id, shelf)


def save_view(actor: Actor, tools: PeopleTools, shelf: str, name: str, query: str) -> None:
    """Add it, or replace the actor's one of this name. Raises PlumblineError ``no-such-list``,
    ``name-missing``, ``too-many-views``."""
    with tools.units.change(actor) as unit:
        unit.require(use_cases.SAVE_VIEW)
        if shelf not in LISTS:
            raise refusal("no-such-list", t("There is no list '{name}' of which views are kept.", name=shelf[:40]))
        if not name:
            raise refusal("name-missing", t("A view needs a name."))
        known = {view.name for view in unit.tx.saved_views.of(actor.person.id, shelf)}
        if name not in known and len(known) >= MOST:
            raise refusal(
                "too-many-views",
                t("You saved {count} views of this list; there is no room for more.", count=MOST),
                t("Remove one that you do not need."),
            )
        unit.tx.saved_views.put(SavedView(person=actor.person.id, shelf=shelf, name=name, query=query))


def remove_view(actor: Actor, tools: PeopleTools, shelf: str, name: str) -> None:
    """Nothing happens where there is none of this name."""
    with tools.units.change(actor) as unit:
        unit.require(use_cases.SAVE_VIEW)
        unit.tx.saved_views.remove(actor.person.id, shelf, name)
