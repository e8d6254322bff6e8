"""API tokens: what a program shows to act for its owner, as far as its scopes go."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import SECRET_BYTES, TOKEN_ID_BYTES, Permission, digest, use_cases, write_token
from plumbline.evidence import timestamp
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.person import EVERY_SCOPE, ApiToken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.people.tools import PeopleTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.kernel import Text

LONGEST_TOKEN = 366 * 24 * 3600 * 1_000_000  # microseconds
MOST_TOKENS = 100  # of one person


class MadeToken(NamedTuple):
    token: ApiToken
    text: str  # what the program shows


def list_tokens(actor: Actor, tools: PeopleTools) -> Sequence[ApiToken]:
    """Everybody's, the newest first."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_TOKENS)
        return unit.tx.tokens.of(None)


def list_own_tokens(actor: Actor, tools: PeopleTools) -> Sequence[ApiToken]:
    with tools.units.view(actor) as unit:
        unit.require(use_cases.VIEW_ACCOUNT)
        return unit.tx.tokens.of(actor.person.id)


def make_token(actor: Actor, tools: PeopleTools, name: str, scopes: Sequence[str], expires: int) -> MadeToken:
    """A token of one's own; its text is shown once. Raises PlumblineError ``token-wrong``."""
    with tools.units.change(actor) as unit:
        unit.require(use_cases.CREATE_TOKEN)
        _check_token(unit, scopes, expires)
        text, parts = write_token(tools.secret(TOKEN_ID_BYTES), tools.secret(SECRET_BYTES))
        token = ApiToken(
            id=parts.id,
            digest=digest(parts.secret),
            person=actor.person.id,
            name=name,
            scopes=tuple(scopes),
            created=unit.now,
            expires=expires,
        )
        unit.tx.tokens.add(token)
        unit.record(token.id, events.TokenCreated(
            person=actor.name, scopes=token.scopes, expires=timestamp(expires), name=name))  # fmt: skip
        return MadeToken(token, text)


def revoke_own_token(actor: Actor, tools: PeopleTools, token: str) -> bool:
    """False where it was revoked already. One that leaked may always end itself: that is how it signs out. Raises
    PlumblineError ``not-found``."""
    itself = actor.token is not None and actor.token.id == token
    with tools.units.change(actor) as unit:
        unit.require(use_cases.SIGN_OUT if itself else use_cases.REVOKE_OWN_TOKEN)
        return _revoke(unit, token, owner=actor.person.id)


def revoke_token(actor: Actor, tools: PeopleTools, token: str) -> bool:
    """Of anybody; False where it was revoked already. Raises PlumblineError ``not-found``."""
    with tools.units.change(actor) as unit:
        unit.require(use_cases.REVOKE_TOKEN)
        return _revoke(unit, token)


def _revoke(unit: UnitOfWork, token: str, owner: int = 0) -> bool:
    """``owner`` 0: whoever it is."""
    found = unit.tx.tokens.get(token)
    if found is None or (owner and found.person != owner):
        raise not_found(t("There is no token {token}.", token=token))
    if not unit.tx.tokens.revoke(token, unit.now):
        return False
    person = unit.tx.people.get(found.person)
    unit.record(token, events.TokenRevoked(person=person.name if person else "unknown", by=unit.actor.name))
    return True


def _check_token(unit: UnitOfWork, scopes: Sequence[str], expires: int) -> None:
    known = {permission.value for permission in Permission} | {EVERY_SCOPE}
    unknown = [scope for scope in scopes if scope not in known]
    if unknown or not scopes:
        raise _wrong(t("'{scope}' is not a scope of a token.", scope=unknown[0] if unknown else ""),
                     t("Take '{all}', or permissions such as {one}.", all=EVERY_SCOPE, one="pipeline.run"))  # fmt: skip
    if not unit.now < expires <= unit.now + LONGEST_TOKEN:
        raise _wrong(t("A token ends within a year."), t("Choose an earlier day."))
    if sum(not token.revoked for token in unit.tx.tokens.of(unit.actor.person.id)) >= MOST_TOKENS:
        raise _wrong(t("Nobody needs more than {count} tokens.", count=MOST_TOKENS), t("Revoke those not in use."))
    if unit.actor.scopes is not None:  # it would live on when the first one is revoked
        raise _wrong(t("A token cannot make another one."), t("Sign in, and make it there."))


def _wrong(message: Text, hint: Text) -> PlumblineError:
    return PlumblineError("token-wrong", message, hint, kind=ErrorKind.CONFIGURATION)
