"""The door: the first person, signing in and out."""

from __future__ import annotations

from urllib.parse import urlencode

from plumbline.kernel import PlumblineError
from plumbline.web.limits import checked_line
from plumbline.web.page import Ask, Redirect, Shown, does, local, shows


@shows("/setup", open=True)
def set_up_page(ask: Ask) -> Shown | Redirect:
    if not ask.desk.vacant():
        return Redirect("/sign-in")
    return _set_up(None, link=ask.text("key"), name="", title="")


def _set_up(error: PlumblineError | None, **typed: str) -> Shown:
    here = f"/setup?{urlencode({'key': typed['link']})}"  # whoever changes the language keeps the link
    return Shown("setup.html", {"error": error, "here": here, **typed}, 422 if error else 200)


@does("/setup", open=True)
def set_up(ask: Ask) -> Shown | Redirect:
    values = {name: ask.text(name).strip() for name in ("link", "name", "title")}
    try:
        title = checked_line(values["title"])
        signed = ask.desk.set_up(values["link"], values["name"], title, ask.text("password"), ask.entrance)
    except PlumblineError as error:
        return _set_up(error, **values)
    return Redirect("/", (signed.secret, signed.seconds))


@shows("/sign-in", open=True)
def sign_in_page(ask: Ask) -> Shown | Redirect:
    if ask.visitor_or_none is not None:
        return Redirect(local(ask.text("next")))
    if ask.desk.vacant():
        return Redirect("/setup")
    return Shown("sign_in.html", {"error": None, "next": local(ask.text("next")), "name": ""})


@does("/sign-in", open=True)
def sign_in(ask: Ask) -> Shown | Redirect:
    name = ask.text("name").strip()
    try:
        signed = ask.desk.sign_in(name, ask.text("password"), ask.entrance)
    except PlumblineError as error:
        status = 429 if error.code == "too-many-attempts" else 401
        return Shown("sign_in.html", {"error": error, "next": local(ask.text("next")), "name": name}, status)
    return Redirect(local(ask.text("next")), (signed.secret, signed.seconds))


@does("/sign-out")
def sign_out(ask: Ask) -> Redirect:
    ask.desk.sign_out(ask.visitor)
    return Redirect("/sign-in", ("", 0))


@shows("/welcome", open=True)
def welcome_page(ask: Ask) -> Shown:
    return _welcome(None, ask.text("key"), ask.text("name"))


def _welcome(error: PlumblineError | None, link: str, name: str) -> Shown:
    here = f"/welcome?{urlencode({'name': name, 'key': link})}"
    return Shown("welcome.html", {"error": error, "link": link, "name": name, "here": here}, 422 if error else 200)


@does("/welcome", open=True)
def welcome(ask: Ask) -> Shown | Redirect:
    link, name = ask.text("link").strip(), ask.text("name").strip()
    try:
        signed = ask.desk.accept(link, name, ask.text("password"), ask.entrance)
    except PlumblineError as error:
        return _welcome(error, link, name)
    return Redirect("/", (signed.secret, signed.seconds))


PART = (set_up_page, set_up, welcome_page, welcome, sign_in_page, sign_in, sign_out)
