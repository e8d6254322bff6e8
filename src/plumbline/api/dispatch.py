"""From a request to the handler of its route and back: the only place that knows both HTTP and the handlers."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import msgspec
from starlette.responses import Response

from plumbline.api.auth import authenticate, check_csrf, check_origin
from plumbline.api.call import Call, Raw
from plumbline.api.problem import MEDIA_TYPE, fault, invalid, no_such_parameter, problem_of
from plumbline.flow.people.refusals import Refusal
from plumbline.flow.unit_of_work import not_signed_in
from plumbline.http.language import language_of
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.kernel.text import in_language

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from plumbline.api.route import Route
    from plumbline.flow.service import Service

SLOW = 24  # threads for what takes long or changes something; for the rest as many as may well read at once
BODY_SECONDS = 30.0  # within which a body has to arrive
LARGE = 1 << 20  # bytes; of bodies that may have more,
LARGE_AT_ONCE = 2  # are held in memory, with what is made of them
_RECORDED = frozenset({"sign-in-failed", "webhook-forged"})  # by the flow that refuses it
_JSON = "application/json"
_encoder = msgspec.json.Encoder()
_log = logging.getLogger(__name__)


class Dispatcher:
    """Answers requests. Handlers are plain functions that may wait for the store, so each runs in a thread."""

    def __init__(self, tools: Service) -> None:
        self._tools = tools
        self._limiters: dict[bool, anyio.CapacityLimiter] = {}
        self._large: anyio.CapacityLimiter | None = None

    def endpoint(self, routes: Mapping[str, Route]) -> Callable[[Request], Awaitable[Response]]:
        """For one path: ``routes`` by method."""

        async def answer(request: Request) -> Response:
            route = routes["GET" if request.method == "HEAD" else request.method]
            request.state.operation = route.name
            if not self._limiters:  # now there is an event loop
                sizes = {False: self._tools.units.readers, True: SLOW}
                self._limiters |= {slow: anyio.CapacityLimiter(size) for slow, size in sizes.items()}
                self._large = anyio.CapacityLimiter(LARGE_AT_ONCE)
            if self._large is None or not _may_be_large(request, route.largest):
                return await self._read_and_answer(route, request)
            async with self._large:
                return await self._read_and_answer(route, request)

        return answer

    async def _read_and_answer(self, route: Route, request: Request) -> Response:
        try:
            data: bytes | PlumblineError = await _read(request, route.largest)
        except PlumblineError as error:
            data = error
        answering = self._at_one_moment if route.method == "GET" else self._answer
        return await anyio.to_thread.run_sync(answering, route, request, data, limiter=self._limiters[route.slow])

    def _at_one_moment(self, route: Route, request: Request, data: bytes | PlumblineError) -> Response:
        with self._tools.units.one_moment():
            return self._answer(route, request, data)

    def _answer(self, route: Route, request: Request, data: bytes | PlumblineError) -> Response:
        call = Call(
            tools=self._tools,
            request_id=request.state.request_id,
            address=request.client.host if request.client else "",
            headers=request.headers,
            now=self._tools.units.clock(),
        )
        with in_language(language_of(request.headers.get("accept-language", ""))):
            return self._in_language(call, route, request, data)

    def _in_language(self, call: Call, route: Route, request: Request, data: bytes | PlumblineError) -> Response:
        try:
            call.actor = authenticate(call, request)
        except PlumblineError as error:
            return self._refuse(call, route, error)
        if call.actor.signed_in:
            request.state.person = call.actor.person.id
        with in_language(call.actor.person.language or language_of(request.headers.get("accept-language", ""))):
            return self._handle(call, route, request, data)

    def _handle(self, call: Call, route: Route, request: Request, data: bytes | PlumblineError) -> Response:
        try:
            if not (route.open and route.raw_body):  # else what is sent proves itself
                check_origin(call, request.method)
            if not route.open:
                check_csrf(call, request.method)
                if not call.actor.signed_in:
                    raise not_signed_in()
            if isinstance(data, PlumblineError):
                raise data
            return _respond(route, call, route.handler(call, **_arguments(route, request, data)))
        except PlumblineError as error:
            return self._refuse(call, route, error)

    def _refuse(self, call: Call, route: Route, error: PlumblineError) -> Response:
        problem = problem_of(error, call.request_id)
        headers = dict(call.answer_headers)
        if problem.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        if (seconds := getattr(error, "retry_after", None)) is not None:
            headers["Retry-After"] = str(seconds)
        if problem.status in (401, 403) and error.code not in _RECORDED:
            refusal = Refusal(route.name, problem.type, call.actor.name, call.address)
            call.tools.refusals.refused(refusal, call.now)
        if problem.status not in route.statuses:
            _log.error("undocumented status", extra={"fields": {"operation": route.name, "status": problem.status}})
        return Response(_encoder.encode(problem), problem.status, headers, MEDIA_TYPE)


def crashed(request_id: str) -> Response:
    """The answer to a request that met a bug; the log has the rest."""
    return Response(_encoder.encode(fault(request_id)), 500, media_type=MEDIA_TYPE)


def _may_be_large(request: Request, largest: int) -> bool:
    """Whether a body has, or does not say that it has not, so many bytes that few may be held at once."""
    if largest <= LARGE:
        return False
    length = request.headers.get("content-length", "")
    return int(length) > LARGE if length.isdecimal() else "transfer-encoding" in request.headers


async def _read(request: Request, largest: int) -> bytes:
    """The whole body. Raises PlumblineError ``body-too-large`` or ``request-too-slow`` without reading the rest."""
    too_large = PlumblineError(
        "body-too-large", t("At most {count} bytes are taken here.", count=largest), kind=ErrorKind.REFUSED
    )
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > largest:
        raise too_large
    parts: list[bytes] = []
    size = 0
    with anyio.move_on_after(BODY_SECONDS) as scope:
        async for part in request.stream():
            size += len(part)
            if size > largest:
                raise too_large
            parts.append(part)
    if scope.cancelled_caught:
        raise PlumblineError(
            "request-too-slow",
            t("The body did not arrive within {count} seconds.", count=int(BODY_SECONDS)),
            kind=ErrorKind.REFUSED,
        )
    return b"".join(parts)


def _arguments(route: Route, request: Request, data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, kind in route.parameters.items():
        try:
            found[name] = msgspec.convert(request.path_params[name], kind, strict=False)
        except msgspec.ValidationError as error:
            raise no_such_parameter(name) from error
    if route.query is not None:
        found["query"] = _query(request, route.query)
    if route.raw_body:
        found["body"] = data
    elif route.body is not None:
        found["body"] = _body(request, data, route.body)
    return found


def _query(request: Request, kind: Any) -> Any:
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in given:
            raise invalid(t("The parameter {name} stands there twice.", name=name))
        given[name] = value
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid(error) from error


def _body(request: Request, data: bytes, kind: Any) -> Any:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != _JSON:
        raise PlumblineError(
            "media-type-not-supported",
            t("The body has to be {wanted}, not {given}.", wanted=_JSON, given=media or "-"),
            kind=ErrorKind.REFUSED,
        )
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise invalid(error) from error


def _respond(route: Route, call: Call, made: Any) -> Response:
    if isinstance(made, Response):
        response = made
    elif isinstance(made, Raw):
        response = Response(made.content, made.status or route.status, dict(made.headers), made.media)
    elif made is None:
        response = Response(status_code=route.status)
    else:
        response = Response(_encoder.encode(made), call.answer_status or route.status, media_type=_JSON)
    for name, value in call.answer_headers:
        response.headers.append(name, value)
    return response
