"""The way in: the first person, invitations, sessions."""

from __future__ import annotations

import msgspec

from plumbline.access import csrf_token
from plumbline.api.auth import COOKIE
from plumbline.api.call import Call
from plumbline.api.fields import Count, Line, Name, Secret
from plumbline.api.problem import not_signed_in
from plumbline.api.route import route
from plumbline.flow.people.identify import LONGEST
from plumbline.flow.people.invitations import accept_invitation, set_up
from plumbline.flow.people.sign_in import sign_in, sign_out
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


@route("POST", "/session", t("Sign in; the answer sets the cookie of the session."), open=True, status=201,
       refusals=(401, 429))  # fmt: skip
def create_session(call: Call, body: Credentials) -> SignedIn:
    return _signed_in(call, body.name, body.password)


@route("DELETE", "/session", t("Sign out."), status=204)
def end_session(call: Call) -> None:
    if call.me.session is None:
        raise not_signed_in()
    sign_out(call.service, call.me.person, call.me.session)
    call.answer_headers.append(("Set-Cookie", _cookie(call, "", 0)))


@route("POST", "/setup", t("The first person signs up with the link that the server printed, and is signed in."),
       open=True, status=201, refusals=(401, 403, 409, 422, 429))  # fmt: skip
def create_first_person(call: Call, body: SettingUp) -> SignedIn:
    set_up(call.service, body.link, body.name, body.title, body.password)
    return _signed_in(call, body.name, body.password)


@route("POST", "/invitation", t("Set a password with the link of an invitation, and sign in."), open=True, status=201,
       refusals=(401, 403, 422, 429))  # fmt: skip
def use_invitation(call: Call, body: Accepting) -> SignedIn:
    accept_invitation(call.service, body.name, body.link, body.password)
    return _signed_in(call, body.name, body.password)


def _signed_in(call: Call, name: str, password: str) -> SignedIn:
    secret = sign_in(call.service, name, password, call.address, call.headers.get("user-agent", ""))
    seconds = LONGEST // 1_000_000
    call.answer_headers.append(("Set-Cookie", _cookie(call, secret, seconds)))
    return SignedIn(csrf=csrf_token(secret), seconds=seconds)


def _cookie(call: Call, secret: str, seconds: int) -> str:
    secure = "; Secure" if call.service.secure_cookies else ""
    return f"{COOKIE}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


PART = (create_session, end_session, create_first_person, use_invitation)
