"""The application: the routes on the shelf, the document about them, health and metrics."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread
import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Mount
from starlette.routing import Route as Endpoint

from plumbline.api.auth import may_scrape
from plumbline.api.dispatch import Dispatcher, crashed
from plumbline.api.openapi import document
from plumbline.api.problem import MEDIA_TYPE, Problem, status_of, title_of
from plumbline.api.route import PREFIX, Route
from plumbline.http.edge import Edge
from plumbline.http.language import language_of
from plumbline.http.metrics import CONTENT_TYPE, Metrics
from plumbline.kernel import PlumblineError, shelf, t
from plumbline.kernel.text import in_language

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp

    from plumbline.flow.service import Service

T = TypeVar("T")
_TYPES = {404: "not-found", 405: "method-not-allowed"}


def make_app(tools: Service, pages: Sequence[BaseRoute] = ()) -> ASGIApp:
    """The whole application of a server. ``pages`` are what else it answers, such as the pages for people."""
    metrics = Metrics(tools.figures)
    tools.pipelines.observations.listen(metrics.observed)
    dispatcher = Dispatcher(tools)
    routes: list[BaseRoute] = [
        Endpoint("/healthz", _alive),
        Endpoint("/readyz", partial(_ready, tools, _Threads(2))),
        Endpoint("/metrics", partial(_metrics, tools, metrics, _Threads(2))),
        Endpoint("/api/openapi.json", partial(_document, tuple(tools.tree.forges))),
    ]
    versioned: list[BaseRoute] = []  # behind one prefix, so that what is not theirs is not compared with each
    for path, own in _by_path(all_routes()).items():
        room = versioned if path.startswith(PREFIX) else routes
        pattern = next(iter(own.values())).path
        room.append(Endpoint(pattern, dispatcher.endpoint(own), methods=list(own)))
    routes.append(Mount(PREFIX, routes=versioned))
    app = Starlette(routes=[*routes, *pages], exception_handlers={HTTPException: _no_such, Exception: _fault})
    app.router.redirect_slashes = False
    return Edge(app, metrics, secure=tools.secure_cookies)


@cache
def all_routes() -> tuple[Route, ...]:
    """Every operation on the shelf; literal paths before those with parameters."""
    found = [route for part in shelf("plumbline.api.routes").values() for route in part]
    return tuple(sorted(found, key=lambda route: (route.path.count("{"), route.path, route.method)))


def _by_path(routes: Sequence[Route]) -> dict[str, dict[str, Route]]:
    found: dict[str, dict[str, Route]] = {}
    for route in routes:
        own = found.setdefault(route.address, {})
        own[route.method] = route
    return found


@cache
def _whole_document(forges: tuple[str, ...]) -> bytes:
    return document(all_routes(), {"forges": forges})


async def _document(forges: tuple[str, ...], request: Request) -> Response:
    request.state.operation = "openapi"
    return Response(_whole_document(forges), media_type="application/json")


class _Threads:
    """So many that nobody else uses: who watches the server is answered, whatever others do."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._limiter: anyio.CapacityLimiter | None = None  # made when there is an event loop

    async def run(self, act: Callable[[], T]) -> T:
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self._count)
        return await anyio.to_thread.run_sync(act, limiter=self._limiter)


async def _alive(request: Request) -> Response:
    request.state.operation = "healthz"
    return Response(b"ok\n", media_type="text/plain")


async def _ready(tools: Service, ours: _Threads, request: Request) -> Response:
    """200 where the store answers, its schema is the current one and the ledger's end can be read; else 503."""
    request.state.operation = "readyz"
    checks = await ours.run(tools.readiness)
    ready = all(check.ok for check in checks)
    with in_language(language_of(request.headers.get("accept-language", ""))):
        body = {
            "ready": ready,
            "checks": [{"name": one.name, "ok": one.ok, "message": str(one.message)} for one in checks],
        }
        return Response(msgspec.json.encode(body), 200 if ready else 503, media_type="application/json")


async def _metrics(tools: Service, metrics: Metrics, ours: _Threads, request: Request) -> Response:
    """With an API token, from this machine too: jobs run on it."""
    request.state.operation = "metrics"

    def text() -> bytes | None:
        return metrics.text() if may_scrape(tools, request.headers.get("authorization", "")) else None

    try:
        found = await ours.run(text)
    except PlumblineError as error:
        return _problem(request, status_of(error), error.code)
    return _problem(request, 403, "not-allowed") if found is None else Response(found, media_type=CONTENT_TYPE)


async def _fault(request: Request, _error: Exception) -> Response:
    return crashed(request.state.request_id)


async def _no_such(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _problem(request, error.status_code, _TYPES.get(error.status_code, "http-error"), error.headers)


def _problem(request: Request, status: int, code: str, headers: object = None) -> Response:
    with in_language(language_of(request.headers.get("accept-language", ""))):
        problem = Problem(
            type=code,
            title=title_of(status),
            status=status,
            hint=str(t("{path} lists what there is.", path="/api/openapi.json")) if status in _TYPES else "",
            instance=request.state.request_id,
        )
    return Response(msgspec.json.encode(problem), status, headers, MEDIA_TYPE)  # type: ignore[arg-type]
