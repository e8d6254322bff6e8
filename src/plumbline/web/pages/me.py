"""One's own account: tokens, password, language."""

from __future__ import annotations

from plumbline.access import READING, Permission
from plumbline.kernel import LANGUAGES, t
from plumbline.model.person import EVERY_SCOPE
from plumbline.web.limits import checked_line
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, local, shows
from plumbline.web.panels import held, keeps

_RUNNING = (Permission.PIPELINE_RUN, Permission.PIPELINE_CANCEL, Permission.JOB_PLAY, Permission.JOB_RETRY)
_READ = tuple(sorted(permission.value for permission in READING))
_SCOPES = {
    "read": _READ,
    "run": (*_READ, *(permission.value for permission in _RUNNING)),
    "all": (EVERY_SCOPE,),
}


@shows("/me")
def account(ask: Ask) -> Shown:
    values = {
        "tokens": ask.desk.tokens(ask.visitor),
        "grants": held(ask, ask.visitor.person.id, ask.desk.nodes(ask.visitor)),
        "changed": ask.text("changed") == "password",
        "command": api_command("/me"),
    }
    return Shown("me.html", values)


@does("/me/tokens")
@keeps(account)
def make_token(ask: Ask) -> Shown:
    name = checked_line(ask.text("name"))
    scopes = _SCOPES.get(ask.text("scope"), _SCOPES["read"])
    values = {
        "title": t("Token '{name}'", name=name),
        "text": t("Keep it now: it is not shown again, and nobody can look it up."),
        "secret": ask.desk.make_token(ask.visitor, name, scopes, ask.number("days", 90)),
        "back": "/me",
        "here": "/me",
    }
    return Shown("once.html", values)


@does("/me/tokens/revoke")
def revoke_token(ask: Ask) -> Redirect:
    ask.desk.revoke_token(ask.visitor, ask.text("token"))
    return Redirect("/me")


@does("/me/password")
@keeps(account)
def change_password(ask: Ask) -> Redirect:
    ask.desk.change_password(ask.visitor, ask.text("old"), ask.text("new"))
    return Redirect("/me?changed=password")


@does("/language", open=True)
def choose_language(ask: Ask) -> Redirect:
    language = ask.text("language") if ask.text("language") in LANGUAGES else "en"
    if ask.visitor_or_none is not None:
        ask.desk.prefer(ask.visitor_or_none, language)
    return Redirect(local(ask.text("next")), language=language)


PART = (account, make_token, revoke_token, change_password, choose_language)
