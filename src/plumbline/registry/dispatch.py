"""From a request to its operation and back: the only place that knows both HTTP and who may come in here."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from plumbline.flow.artifacts.registry_tokens import Shown
from plumbline.flow.people.refusals import Refusal
from plumbline.flow.unit_of_work import not_signed_in
from plumbline.http.language import language_of
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.kernel.text import in_language
from plumbline.registry.call import Call, Rooms
from plumbline.registry.credentials import TOKEN_PATH, challenge, shown_by, shows_something
from plumbline.registry.errors import answer_of, status_of
from plumbline.registry.uploads import place_of_upload

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from plumbline.flow.service import Service
    from plumbline.registry.operation import Operation

WRITES, INCOMING, OUTGOING, BODIES = 12, 8, 8, 32
_VERSION = {"Docker-Distribution-API-Version": "registry/2.0"}
_ESCAPES = (b"%2f", b"%5c", b"%2e", b"%00", b"%25")  # no name needs one, and a proxy may read it another way
_log = logging.getLogger(__name__)


class Dispatcher:
    """Answers the requests of a server."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._rooms: Rooms | None = None

    def endpoint(self, operations: Mapping[str, Operation]) -> Callable[[Request], Awaitable[Response]]:
        """For one path: ``operations`` by method."""

        async def answer_to(request: Request) -> Response:
            operation = operations["GET" if request.method == "HEAD" else request.method]
            request.state.operation = operation.name
            call = Call(self._service, request, self._limits())
            call.language = language_of(request.headers.get("accept-language", ""))
            call.scope = _scope(operation, request)
            try:
                response = await self._carry_out(operation, call)
            except PlumblineError as error:
                response = await call.run(partial(self._refuse, operation, call, error), call.rooms.writes)
            except ClientDisconnect:
                response = Response(status_code=499)  # nobody reads it; the log and the figures do
            if not _is_of_packages(request):
                response.headers.update(_VERSION)
            return response

        return answer_to

    async def _carry_out(self, operation: Operation, call: Call) -> Response:
        if operation.handler is None:
            assert operation.carrier is not None
            await call.run(lambda: self._admit(operation, call), call.rooms.writes)
            return await operation.carrier(call)
        handler = operation.handler

        def handled() -> Response:
            self._admit(operation, call)
            return handler(call)

        if operation.changes:
            return await call.change(handled)

        def at_one_moment() -> Response:
            with self._service.units.one_moment():
                return handled()

        return await call.run(at_one_moment, call.rooms.reads)

    def _admit(self, operation: Operation, call: Call) -> None:
        """Find out who asks, and whether their token was made for this."""
        raw = call.request.scope.get("raw_path", b"").lower()
        if any(one in raw for one in _ESCAPES) and operation.action:
            raise PlumblineError("name-invalid", t("A name has no escapes."), kind=ErrorKind.REFUSED)
        shown = shown_by(call.request, self._service)
        call.actor = shown.actor
        if not call.actor.signed_in:
            raise not_signed_in()
        if call.actor.person.id > 0:
            call.request.state.person = call.actor.person.id
        call.shown = shown
        if shown.scopes is not None and (_is_of_packages(call.request) or call.request.scope["path"] == TOKEN_PATH):
            raise _for_the_registry_alone()
        if operation.action and not shown.grants(call.name, operation.action):
            call.headers["WWW-Authenticate"] = _told(call, self._service, "insufficient_scope")
            raise _not_made_for_this(shown, call)

    def _refuse(self, operation: Operation, call: Call, error: PlumblineError) -> Response:
        status, headers = status_of(error), dict(call.headers)
        if status == 401:
            reason = "invalid_token" if error.code == "unknown-credential" else ""
            headers.setdefault("WWW-Authenticate", _told(call, self._service, reason))
        if (offset := getattr(error, "offset", None)) is not None:
            headers |= place_of_upload(call.name, call.part("upload"), offset)
            del headers["Content-Length"]
        if status in (401, 403) and shows_something(call.request) and "WWW-Authenticate" not in call.headers:
            refusal = Refusal(operation.name, error.code, call.actor.name, call.actor.address)
            self._service.refusals.refused(refusal, self._service.units.clock())
        if status >= 500:
            _log.error("%s", error.message, extra={"fields": error.fields})
        with in_language(call.language):
            return answer_of(error, headers, packages=_is_of_packages(call.request))

    def _limits(self) -> Rooms:
        """Made when there is an event loop."""
        if self._rooms is None:
            self._rooms = Rooms(
                reads=anyio.CapacityLimiter(self._service.units.readers),
                writes=anyio.CapacityLimiter(WRITES),
                incoming=anyio.CapacityLimiter(INCOMING),
                outgoing=anyio.CapacityLimiter(OUTGOING),
                bodies=anyio.CapacityLimiter(BODIES),
            )
        return self._rooms


def _scope(operation: Operation, request: Request) -> str:
    if not operation.action:
        return ""
    actions = "pull,push" if operation.action == "push" else operation.action
    return f"repository:{request.path_params.get('name', '')}:{actions}"


def _is_of_packages(request: Request) -> bool:
    return str(request.scope["path"]).startswith("/api/v4/")


def _told(call: Call, service: Service, reason: str) -> str:
    if call.request.scope["path"] == TOKEN_PATH or _is_of_packages(call.request):
        return 'Basic realm="Plumbline"'
    name = call.request.path_params.get("name", "")
    safe = call.scope if all(one.isalnum() or one in "/._-" for one in name) and name.isascii() else ""
    return challenge(call.request, service, safe, reason)


def _not_made_for_this(_shown: Shown, call: Call) -> PlumblineError:
    return PlumblineError(
        "unknown-credential",
        t("The token was not made for {scope}.", scope=call.scope),
        t("Get one that is, as the header says."),
        kind=ErrorKind.REFUSED,
    )


def _for_the_registry_alone() -> PlumblineError:
    """It would become all that it was made from."""
    return PlumblineError(
        "unknown-credential",
        t("A token of the registry is for the repositories that it was made for."),
        t("Send what it was made of: an API token, or the token of a robot or a job."),
        kind=ErrorKind.REFUSED,
    )
