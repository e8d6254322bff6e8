"""The way in: whether this is a registry, and a token for those who have something to make it of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from plumbline.access import use_cases
from plumbline.evidence import timestamp
from plumbline.flow.artifacts.registry_tokens import make_registry_token, read_scopes
from plumbline.flow.unit_of_work import not_signed_in
from plumbline.registry.credentials import TOKEN_PATH
from plumbline.registry.operation import looks

if TYPE_CHECKING:
    from plumbline.registry.call import Call


@looks("/v2/", use_cases.GET_REGISTRY_TOKEN, action="")
def is_registry(call: Call) -> Response:
    """Who asks is known: that is all a login asks for."""
    if not call.actor.signed_in:
        raise not_signed_in()
    return Response(b"{}", media_type="application/json")


@looks(TOKEN_PATH, use_cases.GET_REGISTRY_TOKEN, action="")
def get_token(call: Call) -> Response:
    wanted = read_scopes(call.request.query_params.getlist("scope"))
    made = make_registry_token(call.actor, call.service.artifacts, wanted)
    body = {
        "token": made.text,
        "access_token": made.text,
        "expires_in": made.seconds,
        "issued_at": timestamp(made.issued),
    }
    return Response(msgspec.json.encode(body), media_type="application/json")


OPERATIONS = (is_registry, get_token)
