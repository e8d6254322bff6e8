"""The caller."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from plumbline.access import Permission, csrf_token, effective_permissions
from plumbline.api.call import Call
from plumbline.api.fields import Line, NodeId, Secret, Time
from plumbline.api.problem import not_allowed, not_found
from plumbline.api.route import route
from plumbline.api.shown import TokenId, TokenList, TokenView, view_token
from plumbline.flow.people.manage_access import change_person, make_token, revoke_token
from plumbline.flow.people.sign_in import change_password
from plumbline.kernel import t
from plumbline.model.person import EVERY_SCOPE, Grant, Person, Role


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


@route("GET", "/me", t("Who the caller is, and what they may do."))
def get_me(call: Call) -> Me:
    me = call.me
    with call.service.store.view() as tx:
        roles = [_held(grant, tx.tree.get(grant.node)) for grant in me.standing.grants]
    return Me(
        person=me.person,
        roles=roles,
        permissions=sorted(effective_permissions(me.standing, ())),
        csrf=csrf_token(me.secret) if me.session else None,
    )


@route("PATCH", "/me", t("Change how the caller is called and which language they read."))
def update_me(call: Call, body: MyChange) -> Person:
    _need_whole_person(call)
    with call.service.store.change() as tx:
        before = tx.people.get(call.me.person.id) or call.me.person
        given = {name: value for name in body.__struct_fields__ if (value := getattr(body, name)) is not None}
        return change_person(tx, call.moment, call.me.standing, before, msgspec.structs.replace(before, **given))


@route("POST", "/me/password", t("Change the caller's password; all other sessions end."), status=204,
       refusals=(409, 422, 429))  # fmt: skip
def update_password(call: Call, body: Passwords) -> None:
    _need_whole_person(call)
    keep = call.me.session.digest if call.me.session else b""
    change_password(call.service, call.me.person, body.old, body.new, keep, call.address)


@route("GET", "/me/tokens", t("The caller's API tokens."))
def list_my_tokens(call: Call) -> TokenList:
    with call.service.store.view() as tx:
        return TokenList(tokens=[view_token(token) for token in tx.tokens.of(call.me.person.id)])


@route("POST", "/me/tokens", t("Make an API token of the caller."), status=201, refusals=(422,))
def create_token(call: Call, body: NewToken) -> MadeToken:
    with call.service.store.change() as tx:
        token, text = make_token(call.service, tx, call.moment, call.me.standing, body.name, body.scopes, body.expires)
    return MadeToken(token=view_token(token), text=text)


@route("DELETE", "/me/tokens/{token}", t("Revoke one of the caller's API tokens."), status=204)
def revoke_my_token(call: Call, token: TokenId) -> None:
    if call.me.token is None or call.me.token.id != token:  # one that leaked may always end itself
        _need_whole_person(call)
    with call.service.store.change() as tx:
        found = tx.tokens.get(token)
        if found is None or found.person != call.me.person.id:
            raise not_found(t("There is no token {token}.", token=token))
        revoke_token(tx, call.moment, call.me.standing, found)


def _need_whole_person(call: Call) -> None:
    """A token with a few scopes may do what they say; the account of its owner is none of them."""
    token = call.me.token
    if token is not None and EVERY_SCOPE not in token.scopes:
        raise not_allowed(
            t("the API token does not have the scope '{scope}', so its owner's account is closed to it",
              scope=EVERY_SCOPE)
        )  # fmt: skip


def _held(grant: Grant, node: object) -> HeldRole:
    return HeldRole(node=grant.node, path=getattr(node, "path", "/"), role=grant.role)


PART = (get_me, update_me, update_password, list_my_tokens, create_token, revoke_my_token)
