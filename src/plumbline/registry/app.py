"""The doors of artifacts: the registry, its tokens, and packages."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from plumbline.registry import blobs, manifests, packages, token, uploads
from plumbline.registry.dispatch import Dispatcher

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from plumbline.flow.service import Service
    from plumbline.registry.operation import Operation

NOWHERE = "/v2/{rest:path}"


@cache
def all_operations() -> tuple[Operation, ...]:
    """In the order in which addresses are compared: a name of a repository may hold slashes, so what follows it comes
    first where it is longer."""
    return (*token.OPERATIONS, *uploads.OPERATIONS, *blobs.OPERATIONS, *manifests.OPERATIONS, *packages.OPERATIONS)


def registry_for(service: Service) -> list[BaseRoute]:
    """What the application answers beside the API and the pages."""
    dispatcher = Dispatcher(service)
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in all_operations():
        by_path.setdefault(operation.path, {})[operation.method] = operation
    routes: list[BaseRoute] = [
        Route(path, dispatcher.endpoint(own), methods=list(own)) for path, own in by_path.items()
    ]
    return [*routes, Route(NOWHERE, _nowhere, methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])]


async def _nowhere(request: Request) -> Response:
    request.state.operation = "registry_nowhere"
    said = {"errors": [{"code": "NAME_UNKNOWN", "message": "There is no such address."}]}
    return Response(msgspec.json.encode(said), 404, media_type="application/json")
