"""All pages as routes of an application, with their static files and the stream of changes."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Match, Route

from plumbline.access import use_cases
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.web.every_page import all_pages
from plumbline.web.live import Live
from plumbline.web.page import Page
from plumbline.web.serve import Server

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import Scope

    from plumbline.flow.service import Service
    from plumbline.web.page import Ask, Shown

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}


def pages_for(tools: Service) -> list[BaseRoute]:
    """What people's browsers may ask for."""
    server = Server(tools)
    live = Live(tools, server)
    routes: list[BaseRoute] = [
        Route("/static/{name:path}", _static),
        Route("/live", live.changes),
        Route("/live/now", live.now),
        Route("/jobs/{job:int}/live", live.log),
    ]
    by_path: dict[str, dict[str, Page]] = {}
    for page in all_pages():
        by_path.setdefault(page.path, {})[page.method] = page
    for path, own in by_path.items():
        routes.append(Route(path, server.endpoint(own), methods=list(own)))
    nowhere = Page("GET", "/{rest:path}", _nowhere, (use_cases.LIST_NODES,))
    return [*routes, _Nowhere(nowhere.path, server.endpoint({"GET": nowhere}), methods=["GET"])]


class _Nowhere(Route):
    """Where no page stands. What programs ask for is not answered with a page."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (
            (Match.NONE, {}) if scope["path"].startswith(("/api/", "/hooks/", "/witness/")) else super().matches(scope)
        )


def _nowhere(ask: Ask) -> Shown:
    raise PlumblineError("not-found", t("There is no page {path}.", path=ask.path), kind=ErrorKind.REFUSED)


@cache
def static_files() -> dict[str, tuple[bytes, str]]:
    """Name -> content and entity tag."""
    home = files("plumbline.web") / "static"
    read = {file.name: file.read_bytes() for file in home.iterdir() if file.is_file()}
    read |= {name: _without_layout(content) for name, content in read.items() if name.endswith(".css")}
    read |= {f"console/{file.name}": file.read_bytes() for file in (home / "console").iterdir() if file.is_file()}
    return {name: (content, f'"{hashlib.sha256(content).hexdigest()[:20]}"') for name, content in read.items()}


def _without_layout(sheet: bytes) -> bytes:
    """A style sheet as browsers need it: without comments, and without what sets its lines apart for people."""
    return re.sub(rb"\s*\n\s*", b"\n", re.sub(rb"/\*.*?\*/", b"", sheet, flags=re.DOTALL)).strip()


async def _static(request: Request) -> Response:
    request.state.operation = "static"
    found = static_files().get(request.path_params["name"])
    if found is None:
        return Response(status_code=404)
    content, tag = found
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=_TYPES[request.path_params["name"].rpartition(".")[2]], headers=headers)
