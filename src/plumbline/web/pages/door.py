"""The door: the first person, signing in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from plumbline.access import use_cases
from plumbline.flow.people import invitations, sign_in
from plumbline.kernel import PlumblineError
from plumbline.web.limits import checked_line
from plumbline.web.page import Ask, Redirect, Shown, does, local, shows

if TYPE_CHECKING:
    from plumbline.flow.people.sign_in import NewSession


@shows("/setup", use_case=use_cases.SET_UP)
def set_up_page(ask: Ask) -> Shown | Redirect:
    if not invitations.vacant(ask.actor, ask.tools.people):
        return Redirect("/sign-in")
    return _set_up(None, link=ask.text("key"), name="", title="")


def _set_up(error: PlumblineError | None, **typed: str) -> Shown:
    here = f"/setup?{urlencode({'key': typed['link']})}"  # whoever changes the language keeps the link
    return Shown("setup.html", {"error": error, "here": here, **typed}, _status(error))


@does("/setup", use_case=use_cases.SET_UP)
def set_up(ask: Ask) -> Shown | Redirect:
    values = {name: ask.text(name).strip() for name in ("link", "name", "title")}
    try:
        title, password = checked_line(values["title"]), ask.text("password")
        session = invitations.set_up(ask.actor, ask.tools.people, values["link"], values["name"], title, password)
    except PlumblineError as error:
        return _set_up(error, **values)
    return _inside("/", session)


@shows("/sign-in", use_case=use_cases.SIGN_IN)
def sign_in_page(ask: Ask) -> Shown | Redirect:
    if ask.actor.signed_in:
        return Redirect(local(ask.text("next")))
    if invitations.vacant(ask.actor, ask.tools.people):
        return Redirect("/setup")
    return Shown("sign_in.html", {"error": None, "next": local(ask.text("next")), "name": ""})


@does("/sign-in", use_case=use_cases.SIGN_IN)
def enter(ask: Ask) -> Shown | Redirect:
    name = ask.text("name").strip()
    try:
        session = sign_in.sign_in(ask.actor, ask.tools.people, name, ask.text("password"))
    except PlumblineError as error:
        status = 429 if error.code == "too-many-attempts" else 401
        return Shown("sign_in.html", {"error": error, "next": local(ask.text("next")), "name": name}, status)
    return _inside(local(ask.text("next")), session)


@does("/sign-out", use_case=use_cases.SIGN_OUT)
def leave(ask: Ask) -> Redirect:
    sign_in.sign_out(ask.actor, ask.tools.people)
    return Redirect("/sign-in", ("", 0))


@shows("/welcome", use_case=use_cases.ACCEPT_INVITATION)
def welcome_page(ask: Ask) -> Shown:
    return _welcome(None, ask.text("key"), ask.text("name"))


def _welcome(error: PlumblineError | None, link: str, name: str) -> Shown:
    here = f"/welcome?{urlencode({'name': name, 'key': link})}"
    return Shown("welcome.html", {"error": error, "link": link, "name": name, "here": here}, _status(error))


def _inside(path: str, session: NewSession) -> Redirect:
    return Redirect(path, (session.secret, session.seconds), browser=session.browser)


def _status(error: PlumblineError | None) -> int:
    if error is None:
        return 200
    return 429 if error.code == "too-many-attempts" else 422


@does("/welcome", use_case=use_cases.ACCEPT_INVITATION)
def welcome(ask: Ask) -> Shown | Redirect:
    link, name = ask.text("link").strip(), ask.text("name").strip()
    try:
        session = invitations.accept_invitation(ask.actor, ask.tools.people, name, link, ask.text("password"))
    except PlumblineError as error:
        return _welcome(error, link, name)
    return _inside("/", session)


PART = (set_up_page, set_up, welcome_page, welcome, sign_in_page, enter, leave)
