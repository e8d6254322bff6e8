"""The OpenAPI 3.1 document, made from the routes: there is nothing to keep in step by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline import __version__
from plumbline.api.fields import NAMED
from plumbline.api.problem import MEDIA_TYPE, Problem, title_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plumbline.api.route import Route

_REFERENCE = "#/components/schemas/{name}"
_JSON = "application/json"
_RETRY_AFTER = {"description": "Seconds until it is worth trying again.", "schema": {"type": "integer"}}
_REQUEST_ID = {"description": "The id of the request, as it stands in the log.", "schema": {"type": "string"}}


def document(routes: Sequence[Route], names: Mapping[str, Sequence[str]]) -> bytes:
    """The document as JSON. ``names``: what a server has of each kind of thing that fields name with
    :data:`plumbline.api.fields.NAMED`."""
    types = [kind for route in routes for kind in _types(route)]
    found, components = msgspec.json.schema_components(
        [*types, Problem], ref_template=_REFERENCE, schema_hook=_of_anything
    )
    schemas = iter(_with_names(found, names))
    components = _with_names(components, names)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        own = [next(schemas) for _ in _types(route)]
        paths.setdefault(route.address, {})[route.method.lower()] = _operation(route, own, components)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "Plumbline", "version": __version__, "license": {"name": "Apache-2.0"}},
            "servers": [{"url": "/"}],
            "security": [{"token": []}, {"session": []}],
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {
                    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "plumb_<id>_<secret>"},
                    "session": {
                        "type": "apiKey",
                        "in": "cookie",
                        "name": "plumbline_session",
                        "description": "`__Host-plumbline_session` where browsers reach the server by HTTPS.",
                    },
                },
            },
        }
    )


def _with_names(schema: Any, names: Mapping[str, Sequence[str]]) -> Any:
    """The same, where a field that takes a name says which there are."""
    if isinstance(schema, list | tuple):
        return [_with_names(each, names) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if NAMED in schema:
        return {"enum": sorted(names[schema[NAMED]])}
    return {key: _with_names(value, names) for key, value in schema.items()}


def _of_anything(kind: type) -> dict[str, Any]:
    """A field that takes any value."""
    if kind is not object:
        raise NotImplementedError
    return {"description": "Any value."}


def _types(route: Route) -> Iterable[Any]:
    """The types whose schemas a route needs, in the order in which :func:`_operation` takes them."""
    yield from route.parameters.values()
    for kind in (route.query, route.body, route.answer if route.media == _JSON else None):
        if kind is not None:
            yield kind


def _operation(route: Route, schemas: list[dict[str, Any]], components: dict[str, Any]) -> dict[str, Any]:
    rest = iter(schemas)
    parameters = [{"name": name, "in": "path", "required": True, "schema": next(rest)} for name in route.parameters]
    if route.query is not None:
        parameters += _query(_resolved(next(rest), components))
    made: dict[str, Any] = {"operationId": route.name, "tags": [route.tag], "summary": str(route.title)}
    if parameters:
        made["parameters"] = parameters
    if route.body is not None:
        made["requestBody"] = {
            "required": not route.may_be_empty,
            "content": {_JSON: {"schema": next(rest)}},
        }
    elif route.raw_body:
        made["requestBody"] = {"required": True, "content": {_JSON: {"schema": {}}}}
    if route.open:
        made["security"] = []
    answer = next(rest) if route.answer is not None and route.media == _JSON else None
    made["responses"] = {str(status): _response(status, route, answer) for status in sorted(route.statuses)}
    return made


def _query(schema: dict[str, Any]) -> list[dict[str, Any]]:
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": kind}
        for name, kind in schema["properties"].items()
    ]


def _resolved(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = components[schema["$ref"].rpartition("/")[2]]
    return found


def _response(status: int, route: Route, answer: dict[str, Any] | None) -> dict[str, Any]:
    headers: dict[str, Any] = {"X-Request-Id": _REQUEST_ID}
    if status >= 400:
        if status == 429:
            headers["Retry-After"] = _RETRY_AFTER
        content: dict[str, Any] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        return {"description": title_of(status), "headers": headers, "content": content}
    made: dict[str, Any] = {"description": title_of(status), "headers": headers}
    if route.media != _JSON:
        made["content"] = {route.media: {}}
    elif answer is not None:
        made["content"] = {_JSON: {"schema": answer}}
    return made
