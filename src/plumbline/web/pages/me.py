"""One's own account: tokens, password, language."""

from __future__ import annotations

from plumbline.access import READING, Permission, use_cases
from plumbline.flow.people import account, tokens
from plumbline.kernel import LANGUAGES, t
from plumbline.model.person import EVERY_SCOPE
from plumbline.web.limits import checked_line
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, local, shows
from plumbline.web.panels import held, keeps

_DAY = 86_400 * 1_000_000  # microseconds
_RUNNING = (Permission.PIPELINE_RUN, Permission.PIPELINE_CANCEL, Permission.JOB_PLAY, Permission.JOB_RETRY)
_READ = tuple(sorted(permission.value for permission in READING))
_SCOPES = {
    "read": _READ,
    "run": (*_READ, *(permission.value for permission in _RUNNING)),
    "all": (EVERY_SCOPE,),
}


@shows("/me", use_case=use_cases.VIEW_ACCOUNT)
def own(ask: Ask) -> Shown:
    values = {
        "tokens": tokens.list_own_tokens(ask.actor, ask.tools.people),
        "grants": held(account.view_account(ask.actor, ask.tools.people).roles),
        "changed": ask.text("changed") == "password",
        "command": api_command("/me"),
    }
    return Shown("me.html", values)


@does("/me/tokens", use_case=use_cases.CREATE_TOKEN)
@keeps(own)
def make_token(ask: Ask) -> Shown:
    name = checked_line(ask.text("name"))
    scopes = _SCOPES.get(ask.text("scope"), _SCOPES["read"])
    expires = ask.now + ask.number("days", 90) * _DAY
    values = {
        "title": t("Token '{name}'", name=name),
        "text": t("Keep it now: it is not shown again, and nobody can look it up."),
        "secret": tokens.make_token(ask.actor, ask.tools.people, name, scopes, expires).text,
        "back": "/me",
        "here": "/me",
    }
    return Shown("once.html", values)


@does("/me/tokens/revoke", use_case=use_cases.REVOKE_OWN_TOKEN)
def revoke_token(ask: Ask) -> Redirect:
    tokens.revoke_own_token(ask.actor, ask.tools.people, ask.text("token"))
    return Redirect("/me")


@does("/me/password", use_case=use_cases.CHANGE_PASSWORD)
@keeps(own)
def change_password(ask: Ask) -> Redirect:
    known = account.change_password(ask.actor, ask.tools.people, ask.text("old"), ask.text("new"))
    return Redirect("/me?changed=password", browser=known)


@does("/language", use_case=use_cases.CHOOSE_LANGUAGE)
def choose_language(ask: Ask) -> Redirect:
    language = ask.text("language") if ask.text("language") in LANGUAGES else "en"
    if ask.actor.signed_in:
        account.change_account(ask.actor, ask.tools.people, language=language)
    return Redirect(local(ask.text("next")), language=language)


PART = (own, make_token, revoke_token, change_password, choose_language)
