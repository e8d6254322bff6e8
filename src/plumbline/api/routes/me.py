"""The caller."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from plumbline.access import Permission, use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Key, Line, NodeId, Secret, Time
from plumbline.api.route import route
from plumbline.api.shown import TokenId, TokenList, TokenView, view_token
from plumbline.flow.people import account, saved_views, tokens
from plumbline.flow.tree import stars
from plumbline.http.session_cookie import browser_cookie
from plumbline.kernel import t
from plumbline.model.person import Person, Role


class HeldRole(msgspec.Struct, frozen=True, kw_only=True):
    node: NodeId
    path: str  # "/" for the whole installation
    role: Role


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """``csrf``: what X-CSRF-Token has to carry; null for a program with a token."""

    person: Person
    roles: list[HeldRole]
    permissions: list[Permission]  # in the whole installation
    csrf: str | None


class MyChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: Line | None = None
    email: Line | None = None
    language: Literal["", "en", "zh_CN"] | None = None


class StarList(msgspec.Struct, frozen=True, kw_only=True):
    """Those that the caller may see still, in the order in which they were starred."""

    nodes: list[NodeId]


class View(msgspec.Struct, frozen=True, kw_only=True):
    """``query``: what stands in the address of the list."""

    name: Annotated[Line, Meta(min_length=1)]
    query: Line


class ViewName(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[Line, Meta(min_length=1)]


class ViewList(msgspec.Struct, frozen=True, kw_only=True):
    views: list[View]


class Passwords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    old: Secret
    new: Secret


class NewToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``scopes``: permissions such as "pipeline.run", or "all"."""

    name: Annotated[Line, Meta(min_length=1)]
    scopes: Annotated[list[Line], Meta(min_length=1, max_length=100)]
    expires: Time


class MadeToken(msgspec.Struct, frozen=True, kw_only=True):
    """``text`` is the token itself, shown this once."""

    token: TokenView
    text: str


@route("GET", "/me", t("Who the caller is, and what they may do."), use_case=use_cases.VIEW_ACCOUNT)
def get_me(call: Call) -> Me:
    found = account.view_account(call.actor, call.tools.people)
    return Me(
        person=call.actor.person,
        roles=[HeldRole(node=grant.node, path=path, role=grant.role) for grant, path in found.roles],
        permissions=list(found.permissions),
        csrf=call.actor.csrf if call.actor.session else None,
    )


@route("PATCH", "/me", t("Change how the caller is called and which language they read."),
       use_case=use_cases.CHANGE_ACCOUNT)  # fmt: skip
def update_me(call: Call, body: MyChange) -> Person:
    return account.change_account(call.actor, call.tools.people, title=body.title, email=body.email,
                                  language=body.language)  # fmt: skip


@route("POST", "/me/password", t("Change the caller's password; all other sessions end."),
       use_case=use_cases.CHANGE_PASSWORD, status=204, refusals=(409, 422, 429))  # fmt: skip
def update_password(call: Call, body: Passwords) -> None:
    known = account.change_password(call.actor, call.tools.people, body.old, body.new)
    if call.actor.session is not None:
        call.answer_headers.append(("Set-Cookie", browser_cookie(known, secure=call.tools.secure_cookies)))


@route("GET", "/me/tokens", t("The caller's API tokens."), use_case=use_cases.VIEW_ACCOUNT)
def list_my_tokens(call: Call) -> TokenList:
    return TokenList(tokens=[view_token(token) for token in tokens.list_own_tokens(call.actor, call.tools.people)])


@route("POST", "/me/tokens", t("Make an API token of the caller."), use_case=use_cases.CREATE_TOKEN, status=201,
       refusals=(422,))  # fmt: skip
def create_token(call: Call, body: NewToken) -> MadeToken:
    token, text = tokens.make_token(call.actor, call.tools.people, body.name, body.scopes, body.expires)
    return MadeToken(token=view_token(token), text=text)


@route("DELETE", "/me/tokens/{token}", t("Revoke one of the caller's API tokens."),
       use_case=use_cases.REVOKE_OWN_TOKEN, status=204)  # fmt: skip
def revoke_my_token(call: Call, token: TokenId) -> None:
    tokens.revoke_own_token(call.actor, call.tools.people, token)


@route("GET", "/me/stars", t("The nodes that the caller starred."), use_case=use_cases.LIST_STARS)
def list_my_stars(call: Call) -> StarList:
    return StarList(nodes=list(stars.starred(call.actor, call.tools.tree)))


@route("GET", "/me/views/{shelf}", t("How the caller saved that they see a list."), use_case=use_cases.LIST_VIEWS)
def list_my_views(call: Call, shelf: Key) -> ViewList:
    found = saved_views.list_views(call.actor, call.tools.people, shelf)
    return ViewList(views=[View(name=view.name, query=view.query) for view in found])


@route("PUT", "/me/views/{shelf}", t("Save how the caller sees a list."), use_case=use_cases.SAVE_VIEW,
       status=204, refusals=(409,))  # fmt: skip
def save_my_view(call: Call, shelf: Key, body: View) -> None:
    saved_views.save_view(call.actor, call.tools.people, shelf, body.name, body.query)


@route("DELETE", "/me/views/{shelf}", t("Remove how the caller sees a list."), use_case=use_cases.SAVE_VIEW,
       status=204)  # fmt: skip
def remove_my_view(call: Call, shelf: Key, query: ViewName) -> None:
    saved_views.remove_view(call.actor, call.tools.people, shelf, query.name)


PART = (get_me, update_me, update_password, list_my_tokens, create_token, revoke_my_token, list_my_stars,
        list_my_views, save_my_view, remove_my_view)  # fmt: skip
