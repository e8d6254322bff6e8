"""Everybody who asks: each role at each place of the tree, and those who have none, or a token with less."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from table_call import ROLES_OF_OBJECT, SESSION, TOKEN

from plumbline.model.person import EVERY_SCOPE, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from table_call import Call

NO_GRANTS, SIGNED_OUT, SWITCHED_OFF = "no grants", "signed out", "switched off"
ALL_ROLES = "all roles"  # somebody who has every role in the whole installation
OWN_SCOPE, OTHER_SCOPE = "token with its scope", "token with another scope"
PART_OF_SCOPES = "token without the further scope"


@dataclass(frozen=True, slots=True)
class Actor:
    """``name``: of the person in the world. ``where``: of the grant, as seen from the object. ``scopes``: of the API
    token that is shown; None: a session, or a token with all scopes, as the door takes it."""

    name: str
    where: str
    role: Role | None = None
    scopes: tuple[str, ...] | None = None
    by: str = SESSION

    def __str__(self) -> str:
        return f"{self.role or '-'} at {self.where}" if self.role else self.where


def person_of(role: Role, node: str) -> str:
    return f"{role.value}-{node}"


PLACES = {  # what stands where, as seen from the object of a call
    "project": {"own": "posting", "above": "core", "sibling": "clearing", "installation": "all"},
    "node": {"own": "core", "above": "bank", "below": "posting", "sibling": "cards", "installation": "all"},
    "installation": {"installation": "all", "below": "core"},
}


def actors(call: Call, *, api: bool) -> Iterator[Actor]:
    """All who ask this, so that every role stands at every place. The API is asked with tokens, and once with a
    session."""
    by = call.by or (TOKEN if api else SESSION)
    for where in ROLES_OF_OBJECT[call.about]:
        for role in Role:
            yield Actor(person_of(role, PLACES[call.about][where]), where, role, by=by)
    yield Actor(NO_GRANTS, NO_GRANTS, by=by)
    yield Actor(SIGNED_OUT, SIGNED_OUT)
    yield Actor(SWITCHED_OFF, SWITCHED_OFF)
    everything = Actor(ALL_ROLES, ALL_ROLES)
    if call.by != TOKEN:
        yield everything
    if by == TOKEN:
        own = tuple(str(one) for one in (call.use_case.permission, *call.met, *call.scopes) if one)
        other = next(scope for scope in ("job.retry", "runner.view") if scope not in own)
        yield replace(everything, where=OWN_SCOPE, scopes=own or (EVERY_SCOPE,), by=TOKEN)
        yield replace(everything, where=OTHER_SCOPE, scopes=(other,), by=TOKEN)
        if call.met:
            yield replace(everything, where=PART_OF_SCOPES, scopes=(str(call.use_case.permission),), by=TOKEN)
