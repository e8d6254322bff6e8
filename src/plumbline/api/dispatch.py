"""From a request to the handler of its route and back: the only place that knows both HTTP and the handlers."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import msgspec
from starlette.responses import Response, StreamingResponse

from plumbline.api.auth import authenticate, check_csrf, check_origin
from plumbline.api.call import Call, Raw
from plumbline.api.problem import MEDIA_TYPE, fault, invalid, no_such_parameter, problem_of
from plumbline.evidence import NameTwiceError, check_names_once
from plumbline.flow.people.refusals import Refusal
from plumbline.flow.unit_of_work import not_signed_in
from plumbline.http.arrivals import SMALL, arrivals_of, more_than
from plumbline.http.language import language_of
from plumbline.http.patience import patiently
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.kernel.text import in_language

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from plumbline.api.route import Route
    from plumbline.flow.service import Service

SLOW = 24  # threads for what takes long or changes something; for the rest as many as may well read at once
DOOR = 4  # threads for who comes in, and
MESSAGES = 4  # for webhooks: both are answered whatever all others do
LARGE = 1 << 20  # bytes; of bodies that have more,
LARGE_AT_ONCE = 2  # are looked at, with what is made of them
_RECORDED = frozenset({"sign-in-failed", "webhook-forged"})  # by the flow that refuses it
_SHOWN = 80  # characters of a name
_JSON = "application/json"
_encoder = msgspec.json.Encoder()
_log = logging.getLogger(__name__)


class Dispatcher:
    """Answers requests. Handlers are plain functions that may wait for the store, so each runs in a thread."""

    def __init__(self, tools: Service) -> None:
        self._tools = tools
        self._limiters: dict[str, anyio.CapacityLimiter] = {}

    def endpoint(self, routes: Mapping[str, Route]) -> Callable[[Request], Awaitable[Response]]:
        """For one path: ``routes`` by method."""

        async def answer_to(request: Request) -> Response:
            route = routes["GET" if request.method == "HEAD" else request.method]
            request.state.operation = route.name
            arrivals, limits = arrivals_of(request), self._limits()
            person, most = 0, route.largest
            if not route.open and most > SMALL and more_than(request, SMALL):
                person = await anyio.to_thread.run_sync(self._person, request, limiter=limits["reads"])
                most = most if person else 0  # which is not read: it is refused for another reason
            with arrivals.arrival(request, person) as arrival:
                try:
                    data: bytes | PlumblineError = await arrivals.read(request, arrival, most)
                except PlumblineError as error:
                    data = error
                answer = partial(self._answer, route, request, data)
                limiter = limits[_room(route)]
                if route.method == "GET":
                    return await anyio.to_thread.run_sync(self._at_one_moment, answer, limiter=limiter)
                if arrival.size <= LARGE:
                    return await patiently(answer, limiter)
                async with limits["large"]:
                    return await patiently(answer, limiter)

        return answer_to

    def _limits(self) -> dict[str, anyio.CapacityLimiter]:
        """Made when there is an event loop."""
        if not self._limiters:
            sizes = {
                "reads": self._tools.units.readers,
                "slow": SLOW,
                "door": DOOR,
                "messages": MESSAGES,
                "large": LARGE_AT_ONCE,
            }
            self._limiters |= {name: anyio.CapacityLimiter(size) for name, size in sizes.items()}
        return self._limiters

    def _person(self, request: Request) -> int:
        """Who says in the head that they sent it; 0: nobody, or the store does not answer."""
        try:
            return authenticate(self._call(request), request).person.id
        except PlumblineError:
            return 0

    def _at_one_moment(self, answer: Callable[[], Response]) -> Response:
        with self._tools.units.one_moment():
            return answer()

    def _call(self, request: Request) -> Call:
        return Call(
            tools=self._tools,
            request_id=request.state.request_id,
            address=request.client.host if request.client else "",
            headers=request.headers,
            now=self._tools.units.clock(),
        )

    def _answer(self, route: Route, request: Request, data: bytes | PlumblineError) -> Response:
        call = self._call(request)
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


def _room(route: Route) -> str:
    """Whose threads answer it."""
    if route.address.startswith("/hooks/"):
        return "messages"
    if route.open and route.slow and not route.raw_body:
        return "door"
    return "slow" if route.slow else "reads"


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
        found["body"] = _body(request, data, route.body) if data or not route.may_be_empty else None
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
        found = msgspec.json.decode(data, type=kind)
        check_names_once(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise invalid(error) from error
    except NameTwiceError as error:
        raise invalid(t("'{name}' stands twice in one object.", name=error.name[:_SHOWN])) from error
    return found


def _respond(route: Route, call: Call, made: Any) -> Response:
    if isinstance(made, Response):
        response = made
    elif isinstance(made, Raw) and not isinstance(made.content, bytes):
        response = StreamingResponse(made.content, made.status or route.status, dict(made.headers), made.media)
    elif isinstance(made, Raw):
        response = Response(made.content, made.status or route.status, dict(made.headers), made.media)
    elif made is None:
        response = Response(status_code=route.status)
    else:
        response = Response(_encoder.encode(made), call.answer_status or route.status, media_type=_JSON)
    for name, value in call.answer_headers:
        response.headers.append(name, value)
    return response
