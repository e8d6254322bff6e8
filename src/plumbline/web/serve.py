"""From a request to a page and back: who asks, in which language, and what an error looks like."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

import anyio
import anyio.to_thread
from starlette.responses import RedirectResponse, Response, StreamingResponse

from plumbline.access import Actor, csrf_matches
from plumbline.flow.people.identify import by_session
from plumbline.flow.people.invitations import vacant
from plumbline.flow.people.refusals import Refusal
from plumbline.flow.unit_of_work import not_signed_in
from plumbline.http.arrivals import SMALL, arrivals_of, more_than
from plumbline.http.forms import read_form
from plumbline.http.origins import Origins
from plumbline.http.patience import patiently
from plumbline.http.session_cookie import browser_cookie, cookie_name, session_cookie, shown_by_browser
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.kernel.text import in_language
from plumbline.web.done import COOKIE as DONE_COOKIE
from plumbline.web.done import SECONDS as SAID_FOR
from plumbline.web.done import said_by
from plumbline.web.language import COOKIE as LANGUAGE_COOKIE
from plumbline.web.language import language_of
from plumbline.web.limits import LARGEST_AT_THE_DOOR, LARGEST_FORM, too_large
from plumbline.web.page import Ask, Raw, Redirect, Shown, local
from plumbline.web.panels import BY_CODE, Kept
from plumbline.web.rendering import render
from plumbline.web.work import WorkCounts
from plumbline.web.zone import ZONE_COOKIE, in_zone, zone_named

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from plumbline.flow.service import Service
    from plumbline.web.page import Page

DOOR = 4  # threads for who comes in, whatever all others do
SLOW = 16  # threads that make what takes long; for the rest there are as many as may well read at once
HEAD_HOLDS = 0.5  # seconds for which the ledger is taken to end where it did; a page may then be looked at once more
CONTENT_SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SHOWN = 100  # characters of what a browser said
_STATUS = {
    **BY_CODE,
    "not-signed-in": 401,
    "not-allowed": 403,
    "csrf-token-missing": 403,
    "not-found": 404,
    "request-too-slow": 408,
}
_BY_KIND = {ErrorKind.CONFIGURATION: 422, ErrorKind.REFUSED: 409, ErrorKind.ENVIRONMENT: 503}


class Server:
    """Answers requests for pages. Pages wait for the store, so each is made in a thread."""

    def __init__(self, tools: Service) -> None:
        self._tools = tools
        self._secure = tools.secure_cookies
        self._origins = Origins(tools.people.url, secure=self._secure)
        self._limiters: dict[str, anyio.CapacityLimiter] = {}
        self._counts = WorkCounts()
        self._seen = (0.0, 0)  # when, and where, the end of the ledger was

    def endpoint(self, pages: Mapping[str, Page]) -> Callable[[Request], Awaitable[Response]]:
        """For one address: ``pages`` by method."""

        async def answer(request: Request) -> Response:
            page = pages["GET" if request.method == "HEAD" else request.method]
            request.state.operation = page.name
            if page.method == "GET":
                limiter = self._limiter("slow" if page.slow else "reads")
                return await anyio.to_thread.run_sync(self._at_one_moment, page, request, limiter=limiter)
            arrivals = arrivals_of(request)
            most, person = _most_read(page), 0
            if not page.open and more_than(request, SMALL):
                person = await anyio.to_thread.run_sync(self._person, request, limiter=self._limiter("reads"))
                most = most if person else SMALL
            with arrivals.arrival(request, person) as arrival:
                try:
                    sent: bytes | PlumblineError = await arrivals.read(request, arrival, most)
                except PlumblineError as error:
                    if error.code == "request-too-slow" and not person:
                        return Response(str(error.message), 408, media_type="text/plain; charset=utf-8")
                    sent = error
                limiter = self._limiter("door" if page.open else "slow")
                return await patiently(partial(self._answer, page, request, sent), limiter, page.patience)

        return answer

    def _limiter(self, name: str) -> anyio.CapacityLimiter:
        """Made when there is an event loop."""
        if not self._limiters:
            sizes = {"reads": self._tools.units.readers, "slow": SLOW, "door": DOOR}
            self._limiters |= {each: anyio.CapacityLimiter(size) for each, size in sizes.items()}
        return self._limiters[name]

    def _person(self, request: Request) -> int:
        """Who shows in the head that they sent it; 0: nobody, or the store does not answer."""
        try:
            return self.actor(request).person.id
        except PlumblineError:
            return 0

    def _head(self) -> int:
        looked, head = self._seen
        now = time.monotonic()
        if now - looked > HEAD_HOLDS:
            head = self._tools.ledger.ledger.size()
            self._seen = (now, head)
        return head

    def actor(self, request: Request) -> Actor:
        """Who asks; somebody signed out where no session is shown."""
        somebody, secret = self._stranger(request), request.cookies.get(cookie_name(secure=self._secure), "")
        return by_session(somebody, self._tools.people, secret) if 0 < len(secret) < 200 else somebody

    def _stranger(self, request: Request) -> Actor:
        """Who has not shown a session yet."""
        address, shown = request.client.host if request.client else "", request.cookies
        agent = request.headers.get("user-agent", "")[:200]
        return Actor(address=address, agent=agent, browser=shown_by_browser(shown, secure=self._secure))

    def _at_one_moment(self, page: Page, request: Request) -> Response:
        with self._tools.units.one_moment():
            return self._answer(page, request, b"")

    def _answer(self, page: Page, request: Request, sent: bytes | PlumblineError) -> Response:
        actor, head, failure = self._stranger(request), 0, None
        try:
            if page.method == "GET":
                head = self._head()  # before anything is read: what comes later is told by the stream of changes
            actor = self.actor(request)
        except PlumblineError as error:  # the store does not answer
            failure = error
        form, files = read_form(sent if isinstance(sent, bytes) else b"", request.headers.get("content-type", ""))
        if actor.signed_in:
            request.state.person = actor.person.id
        zone = zone_named(request.cookies.get(ZONE_COOKIE, ""))
        with in_language(language_of(request, actor)), in_zone(zone):
            ask = Ask(
                tools=self._tools,
                actor=actor,
                numbers=request.path_params,
                query=request.query_params,
                form=form,
                files=files,
                now=self._tools.units.clock(),
                path=request.url.path,
                theme=theme_of(request),
                zone=zone,
                folded=request.cookies.get("plumbline_rail", "") == "folded",
                counts=self._counts,
                head=head,
                within=page.within,
                done=said_by(request.cookies) if _is_whole(page, request) else None,
            )
            try:
                if failure is not None:
                    raise failure
                if isinstance(sent, PlumblineError):
                    raise too_large(_most(page)) if sent.code == "body-too-large" else sent
                return self._made(page, ask, request, fits=len(sent) <= _most(page))
            except PlumblineError as error:
                return self._refused(page, ask, error, request)

    def _made(self, page: Page, ask: Ask, request: Request, *, fits: bool) -> Response:
        if page.method == "POST" and not self._origins.ours(request.headers):
            raise _from_elsewhere(request)
        if not page.open:
            if not ask.actor.signed_in and page.method == "GET":
                return RedirectResponse(_door(ask, request), 303)
            if not ask.actor.signed_in:
                raise not_signed_in()
        if page.open or page.method == "GET" or csrf_matches(ask.actor.secret, ask.form.get("csrf", "")):
            answer = page.handler(ask) if fits else _kept(page, ask)
        else:
            answer = _of_another_session(page, ask)
        if isinstance(answer, Shown):
            if answer.status == 403:  # a form that is shown once more, with why
                self._tell(page, ask, answer.values["refusal"])
            shown = _html(render(answer.template, answer.values, ask), answer.status)
            if ask.done is not None:
                shown.delete_cookie(DONE_COOKIE)
            return shown
        if isinstance(answer, Raw) and not isinstance(answer.content, bytes):
            return StreamingResponse(answer.content, media_type=answer.media, headers=dict(answer.headers))
        if isinstance(answer, Raw):
            return Response(answer.content, media_type=answer.media, headers=dict(answer.headers))
        response = self._redirect(answer)
        if page.done:
            response.set_cookie(DONE_COOKIE, page.done, max_age=SAID_FOR, httponly=True, samesite="lax",
                                secure=self._secure)  # fmt: skip
        return response

    def _redirect(self, answer: Redirect) -> RedirectResponse:
        response = RedirectResponse(answer.path, 303)
        if answer.cookie is not None:
            response.headers.append("Set-Cookie", session_cookie(*answer.cookie, secure=self._secure))
        if answer.browser:
            response.headers.append("Set-Cookie", browser_cookie(answer.browser, secure=self._secure))
        if answer.language:
            response.set_cookie(
                LANGUAGE_COOKIE, answer.language, max_age=31_536_000, httponly=True, samesite="lax", secure=self._secure
            )
        return response

    def _tell(self, page: Page, ask: Ask, error: PlumblineError) -> None:
        """What was refused to whom goes into the ledger."""
        actor = ask.actor
        self._tools.refusals.refused(Refusal(page.name, error.code, actor.name, actor.address), ask.now)

    def _refused(self, page: Page, ask: Ask, error: PlumblineError, request: Request) -> Response:
        status = _STATUS.get(error.code) or _BY_KIND[error.kind]
        if status in (401, 403):
            self._tell(page, ask, error)
        if "application/json" in request.headers.get("accept", ""):
            return Response(str(error.message), status, media_type="text/plain; charset=utf-8")
        back = local(request.headers.get("referer", "").partition(f"//{request.url.netloc}")[2])
        values = {"error": error, "status": status, "back": back if page.method == "POST" else "/"}
        if error.code == "not-signed-in" and page.method == "POST":
            ended = PlumblineError(error.code, t("Your session has ended, so nothing was changed."),
                                   t("Sign in: what you typed is kept in this tab, but for what is secret, and is "
                                     "offered again on the page of the form."), kind=error.kind)  # fmt: skip
            return _html(render("sign_in.html", {"error": ended, "next": back, "name": "", "ended": True}, ask), status)
        return _html(render("error.html", values, ask), status)


def _is_whole(page: Page, request: Request) -> bool:
    """A page that somebody opens, and no part of one that a script brings up to date."""
    return page.method == "GET" and "hx-request" not in request.headers


def theme_of(request: Request) -> str:
    chosen = request.cookies.get("plumbline_theme", "")
    return chosen if chosen in ("light", "dark") else "auto"


def _html(text: str, status: int) -> Response:
    response = Response(text, status, media_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY
    response.headers["Referrer-Policy"] = "same-origin"  # without it browsers do not say which page a form is from
    response.headers["Vary"] = "Cookie, Accept-Language"
    return response


def _door(ask: Ask, request: Request) -> str:
    if vacant(ask.actor, ask.tools.people):
        return "/setup"
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return "/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted)}"


def _from_elsewhere(request: Request) -> PlumblineError:
    shown = request.headers.get("origin") or "-"
    return PlumblineError(
        "csrf-token-missing",
        t("This form was sent from another site."),
        t("Send it from the page of this server. A proxy passes the header Host on, or its address is given with "
          "--url; programs use the API. The browser named {origin}.", origin=shown[:_SHOWN]),
        kind=ErrorKind.REFUSED,
    )  # fmt: skip


def _most(page: Page) -> int:
    """Bytes of a form."""
    return page.largest or (LARGEST_AT_THE_DOOR if page.open else LARGEST_FORM)


def _kept(page: Page, ask: Ask) -> Shown:
    """The page of a form that is too large, with what was typed."""
    if not isinstance(page.handler, Kept):
        raise too_large(_most(page))
    return page.handler.refused(ask, too_large(_most(page)))


def _of_another_session(page: Page, ask: Ask) -> Shown:
    """Its form with what was typed, and with the token of this session; whoever means it sends it again."""
    error = PlumblineError(
        "csrf-token-missing",
        t("This form belongs to another session."),
        t("Go back, load the page anew and send the form again."),
        kind=ErrorKind.REFUSED,
    )
    if not isinstance(page.handler, Kept):
        raise error
    try:
        return page.handler.refused(ask, error)
    except PlumblineError:
        raise error from None  # its page is not there: nothing is told of that to whoever shows no token


def _most_read(page: Page) -> int:
    """Bytes that are read: what is too large may be shown once more, with what was typed."""
    return _most(page) + (LARGEST_FORM if isinstance(page.handler, Kept) and not page.open else 0)
