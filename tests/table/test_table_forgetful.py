"""A door that forgets to ask cannot look and cannot act, and its name stands in the failing test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from table_actors import ALL_ROLES, Actor
from table_call import TOKEN, Call
from test_table_covers import unknown_doors

from plumbline.access import Actor as Acting
from plumbline.access import use_cases
from plumbline.api import app
from plumbline.api.call import Call as Request
from plumbline.api.route import route
from plumbline.kernel import t
from plumbline.model.tree import INSTANCE, StoredVariable

if TYPE_CHECKING:
    from table_walk import Walker

VARIABLE = StoredVariable(node=INSTANCE, name="FORGOTTEN", sealed=b"", changed=1)


@pytest.fixture
def forgetful(walker: Walker, monkeypatch: pytest.MonkeyPatch):
    """The application with two operations more: one writes and one reads, and neither asks who may."""
    units = walker.world.units()

    def write_without_a_check(call: Request) -> None:
        with units.change(Acting()) as unit:
            unit.tx.variables.put(VARIABLE)

    def look_without_a_check(call: Request) -> list[str]:
        with units.view(Acting()) as unit:
            return [one.name for one in unit.tx.variables.at([INSTANCE])]

    more = (
        route("POST", "/forgetful", t("Act."), status=204, use_case=use_cases.WRITE_VARIABLE)(write_without_a_check),
        route("GET", "/forgetful", t("Look."), use_case=use_cases.LIST_VARIABLES)(look_without_a_check),
    )
    before = app.all_routes()
    monkeypatch.setattr(app, "all_routes", lambda: (*before, *more))
    with walker.with_app(walker.world.new_app()):
        yield walker


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_door_that_does_not_ask_is_a_fault_and_does_nothing(method: str, forgetful: Walker) -> None:
    actor = Actor(ALL_ROLES, ALL_ROLES, by=TOKEN)
    [(_, response)] = forgetful.ask(f"{method} /api/v1/forgetful", [(Call(use_cases.WRITE_VARIABLE), actor)])
    assert response.status == 500
    assert b"VAR_all" not in response.body
    assert "FORGOTTEN" not in forgetful.world.variables()


def test_a_door_that_is_no_use_case_is_named(forgetful: Walker) -> None:
    assert unknown_doors(app.all_routes(), ()) == ["GET /api/v1/forgetful", "POST /api/v1/forgetful"]
