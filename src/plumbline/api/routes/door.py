"""The way in: the first person, invitations, sessions."""

from __future__ import annotations

import msgspec

from plumbline.access import csrf_token, use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Count, Line, Name, Secret
from plumbline.api.route import route
from plumbline.flow.people.invitations import accept_invitation, set_up
from plumbline.flow.people.sign_in import NewSession, sign_in, sign_out
from plumbline.http.session_cookie import browser_cookie, session_cookie
from plumbline.kernel import t


class Credentials(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    password: Secret


class SettingUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``link``: the key of the link that the server printed."""

    link: Secret
    name: Name
    password: Secret
    title: Line = ""


class Accepting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    link: Secret
    name: Name
    password: Secret


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """The session is in a cookie. ``csrf`` is what the header X-CSRF-Token of every change must carry."""

    csrf: str
    seconds: Count


@route("POST", "/session", t("Sign in; the answer sets the cookie of the session."), use_case=use_cases.SIGN_IN,
       status=201, refusals=(401, 403, 429))  # fmt: skip
def create_session(call: Call, body: Credentials) -> SignedIn:
    return _signed_in(call, sign_in(call.actor, call.tools.people, body.name, body.password))


@route("DELETE", "/session", t("Sign out."), use_case=use_cases.SIGN_OUT, status=204)
def end_session(call: Call) -> None:
    sign_out(call.actor, call.tools.people)
    call.answer_headers.append(("Set-Cookie", _cookie(call, "", 0)))


@route("POST", "/setup", t("The first person signs up with the link that the server printed, and is signed in."),
       use_case=use_cases.SET_UP, status=201, refusals=(401, 403, 409, 422, 429))  # fmt: skip
def create_first_person(call: Call, body: SettingUp) -> SignedIn:
    made = set_up(call.actor, call.tools.people, body.link, body.name, body.title, body.password)
    return _signed_in(call, made)


@route("POST", "/invitation", t("Set a password with the link of an invitation, and sign in."),
       use_case=use_cases.ACCEPT_INVITATION, status=201, refusals=(401, 403, 422, 429))  # fmt: skip
def use_invitation(call: Call, body: Accepting) -> SignedIn:
    return _signed_in(call, accept_invitation(call.actor, call.tools.people, body.name, body.link, body.password))


def _signed_in(call: Call, session: NewSession) -> SignedIn:
    call.answer_headers.append(("Set-Cookie", _cookie(call, session.secret, session.seconds)))
    known = browser_cookie(session.browser, secure=call.tools.secure_cookies)
    call.answer_headers.append(("Set-Cookie", known))
    return SignedIn(csrf=csrf_token(session.secret), seconds=session.seconds)


def _cookie(call: Call, secret: str, seconds: int) -> str:
    return session_cookie(secret, seconds, secure=call.tools.secure_cookies)


PART = (create_session, end_session, create_first_person, use_invitation)
