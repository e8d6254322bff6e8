"""No door without a use case, no use case without a door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Mount
from starlette.routing import Route as Endpoint
from table_api import OPERATIONS
from table_commands import AT_THE_MACHINE, OVER_THE_API, WITHOUT_A_SERVER
from table_pages import BESIDES, PAGES
from table_registry import NOWHERE as NO_ADDRESS
from table_registry import REGISTRY

from plumbline.access import USE_CASES, Place
from plumbline.api.app import all_routes
from plumbline.kernel import shelf
from plumbline.web.app import all_pages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.api.route import Route
    from plumbline.web.page import Page

NOWHERE = "GET /{rest:path}"  # the page of pages that there are not


def unknown_doors(routes: Sequence[Route], pages: Sequence[Page]) -> list[str]:
    """Operations and pages that are no use case."""
    every = [f"{one.method} {one.address}" for one in routes] + [f"{one.method} {one.path}" for one in pages]
    return sorted(set(every) - set(OPERATIONS) - set(PAGES))


def test_every_operation_and_page_is_a_use_case() -> None:
    assert unknown_doors(all_routes(), all_pages()) == []


def test_the_application_answers_nothing_else(walker) -> None:
    found = set()
    for route in _endpoints(walker.world.app._app.routes):
        path = route.path.replace("groups/{name:path}", "groups/{name}")  # a name may hold slashes
        found |= {f"{method} {path}" for method in (route.methods or {"GET"}) - {"HEAD"}}
    below = {door.replace("/api/v1", "") if "/api/v1" in door else door for door in OPERATIONS}
    elsewhere = {f"{method} {NO_ADDRESS}" for method in ("GET", "POST", "PUT", "PATCH", "DELETE")}
    assert found == below | set(PAGES) | set(BESIDES) | set(REGISTRY) | elsewhere | {NOWHERE}


def _endpoints(routes) -> list[Endpoint]:
    found = []
    for route in routes:
        found += _endpoints(route.routes) if isinstance(route, Mount) else [route]
    return found


def test_every_command_is_a_use_case_or_needs_no_server() -> None:
    assert set(shelf("plumbline.cli.commands")) == set(AT_THE_MACHINE) | set(WITHOUT_A_SERVER) | set(OVER_THE_API)


def test_no_use_case_is_without_a_door() -> None:
    calls = [call for door in (OPERATIONS | PAGES | BESIDES | REGISTRY).values() for call in door]
    assert {call.use_case.name for call in calls} | {one.name for one in AT_THE_MACHINE.values()} == set(USE_CASES)


def test_every_condition_of_a_use_case_is_met_by_some_question() -> None:
    calls = [call for door in (OPERATIONS | PAGES | REGISTRY).values() for call in door]
    met = {(call.use_case.name, permission) for call in calls for permission in call.met}
    met |= {("search", use_case.permission) for call in calls for _, use_case, *_ in call.shows}
    met |= {("invite-person", USE_CASES["grant-role"].permission)}  # test_table_duties
    wanted = {(one.name, also.permission) for one in USE_CASES.values() for also in one.also}
    assert wanted <= met


def test_only_the_operator_of_the_machine_needs_no_door() -> None:
    assert {one.at for one in AT_THE_MACHINE.values()} == {Place.OPERATOR_OF_MACHINE, Place.ANYBODY}
