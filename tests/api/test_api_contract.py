"""Requests made up from the OpenAPI document: no fault, no status that the document does not name."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from plumbline.api import all_routes
from plumbline.model.tree import NodeKind
from plumbline.wiring.server import OpenServer, ServerSettings

pytestmark = [pytest.mark.slow, pytest.mark.long]
load_all_checks()
WANTED = CHECKS.get_by_names(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
)
EXAMPLES = 8
# Whoever asks, and whatever stands in the body: there is nothing that the document does not allow.
ANYTHING = {route.name for route in all_routes() if route.raw_body and route.open and not route.parameters}


@pytest.fixture(scope="module")
def served(tmp_path_factory, api_class):
    with OpenServer(ServerSettings(data=str(tmp_path_factory.mktemp("contract") / "data"))) as server:
        api = api_class(server)
        bank = api.node("bank")
        api.node("core", NodeKind.PROJECT, parent=bank.id)
        tokens = {"admin": api.token(api.person("ada", "admin")), "viewer": api.token(api.person("vic", "viewer"))}
        yield schemathesis.openapi.from_asgi("/api/openapi.json", api.app), tokens


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("who", ["admin", "viewer", "nobody"])
@pytest.mark.parametrize("name", sorted(route.name for route in all_routes()))
def test_the_server_answers_as_the_document_says(served, name, who, mode):
    schema, tokens = served
    headers = {"Authorization": f"Bearer {tokens[who]}"} if who in tokens else {}
    operation = schema.find_operation_by_id(name)
    told = operation.body and name not in ANYTHING
    if mode is GenerationMode.NEGATIVE and not (told or operation.query or operation.path_parameters):
        return

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES if who == "admin" else 2,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def answers(case):
        case.call_and_validate(headers=headers, checks=WANTED)

    answers()
