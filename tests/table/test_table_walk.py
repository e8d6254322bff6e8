"""Every door, for everybody who may stand before it, answers as the table says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from table_actors import actors
from table_api import OPERATIONS
from table_call import filled
from table_deviations import DEVIATIONS
from table_doors import DOORS, STREAMS
from table_expected import Answer, expected, sees
from table_pages import PAGES
from table_registry import REGISTRY
from table_walk import Walker, is_api

from plumbline.api.app import all_routes
from plumbline.registry import all_operations
from plumbline.web.app import all_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from table_call import Call


@pytest.mark.parametrize("door", DOORS)
def test_a_door_answers_everybody_as_the_table_says(door: str, walker: Walker) -> None:
    hold(door, walker)


def hold(door: str, walker: Walker, first: int = 0, step: int = 1) -> None:
    """Ask everything that this door is asked of, or every ``step``-th question, and compare."""
    known, met, wrong = DEVIATIONS.get(door, set()), set(), []
    questions = [(call, actor) for call in DOORS[door] for actor in actors(call, api=is_api(door))][first::step]
    for (call, actor), (found, response) in zip(questions, walker.ask(door, questions), strict=True):
        wanted = expected(call, actor)
        deviation = (actor.where, wanted, found)
        if deviation in known:
            met.add(deviation)
        elif found != wanted:
            wrong.append(f"{call.use_case.name}: {actor} is answered '{found}' ({response.status}), not '{wanted}'")
        if found is not Answer.ALLOWED and response.told:
            wrong.append(f"{call.use_case.name}: {actor} is answered '{found}', and yet there is {response.told}")
        elif found is Answer.ALLOWED:
            shown = response.body.decode("utf-8", "replace")
            wrong += [f"{call.use_case.name}: {actor} {one}" for one in _shown_wrongly(call, actor, shown, walker)]
    if step == 1:
        wrong += [f"deviates no longer, take it off the list: {entry}" for entry in sorted(known - met)]
    assert not wrong, "\n".join([door, *wrong])


def _shown_wrongly(call: Call, actor: object, shown: str, walker: Walker) -> Iterator[str]:
    for template, use_case, *also in call.shows:
        mark = str(filled(template, walker.values(call)))
        if (mark in shown) != sees(use_case, call, actor, *also):
            yield f"is {'shown' if mark in shown else 'not shown'} {mark}, which is {use_case.name}"


@pytest.mark.parametrize("door", sorted((OPERATIONS | PAGES | REGISTRY).keys() - STREAMS))
def test_a_door_declares_what_it_is_asked_for(door: str) -> None:
    declared = [*all_routes(), *all_pages(), *all_operations()]
    [own] = [one.use_cases for one in declared if door == f"{one.method} {getattr(one, 'address', one.path)}"]
    wanted, found = {call.use_case.name for call in DOORS[door]}, {one.name for one in own}
    shown = {use_case.name for call in DOORS[door] for _, use_case, *_ in call.shows}
    shown |= {use_case.name for call in DOORS[door] for use_case in call.besides}
    assert found - shown <= wanted <= found, f"{', '.join(sorted(wanted ^ found))}: {door} declares {sorted(found)}"


def test_deviations_are_those_of_doors_that_there_are() -> None:
    assert set(DOORS) >= set(DEVIATIONS)
