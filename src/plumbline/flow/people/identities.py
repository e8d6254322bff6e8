"""Which accounts at forges, and which addresses, are whose. Facts read it from the ledger; the table is for checks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.people.credentials import known_person
from plumbline.flow.people.people import seen_person
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.forge import NAME
from plumbline.model.person import Alias, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.people.tools import PeopleTools
    from plumbline.flow.unit_of_work import UnitOfWork

_LONGEST = 200
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_LOGIN = re.compile(r"[^@\s:/<>]+")


def list_identities(actor: Actor, tools: PeopleTools, person: int) -> Sequence[Alias]:
    """Of a person, by forge and name; addresses first. Raises PlumblineError ``not-found``."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.VIEW_PERSON)
        return unit.tx.aliases.of(seen_person(unit, use_cases.VIEW_PERSON, person).id)


def link_identity(actor: Actor, tools: PeopleTools, person: int, forge: str, name: str) -> bool:
    """``forge``: a kind of forge, or empty for an address. False where it was so already.

    Raises PlumblineError ``not-found``, ``identity-wrong``, and ``identity-taken`` where it is somebody else's.
    """
    with tools.units.change(actor) as unit:
        unit.require(use_cases.LINK_IDENTITY)
        owner = known_person(unit.tx, person)
        alias = Alias(person=person, forge=forge, name=_name(forge, name), by=actor.person.id, at=unit.now)
        known = unit.tx.aliases.get(forge, alias.name)
        if known is not None and known.person == person:
            return False
        if known is not None or not unit.tx.aliases.add(alias):
            raise _taken(unit, alias, known)
        unit.record(str(alias), events.IdentityLinked(**_said(alias, owner.name, actor)))
        return True


def unlink_identity(actor: Actor, tools: PeopleTools, person: int, forge: str, name: str) -> bool:
    """False where it was not so. Raises PlumblineError ``not-found`` or ``identity-wrong``."""
    with tools.units.change(actor) as unit:
        unit.require(use_cases.UNLINK_IDENTITY)
        owner = known_person(unit.tx, person)
        alias = Alias(person=person, forge=forge, name=_name(forge, name))
        if not unit.tx.aliases.remove(person, forge, alias.name):
            return False
        unit.record(str(alias), events.IdentityUnlinked(**_said(alias, owner.name, actor)))
        return True


def _said(alias: Alias, person: str, actor: Actor) -> dict[str, str]:
    named = {"forge": alias.forge, "login": alias.name} if alias.forge else {"email": alias.name}
    return {"person": person, "by": actor.name, **named}


def _name(forge: str, typed: str) -> str:
    """How it is kept and compared."""
    name = fold(typed).removeprefix("@") if forge else fold(typed)
    form = _LOGIN if forge else _ADDRESS
    fits = len(name) <= _LONGEST and name.isprintable() and form.fullmatch(name)
    if not fits or (forge and not re.match(NAME, forge)):
        raise PlumblineError(
            "identity-wrong",
            t("'{name}' is neither the name of an account nor an address.", name=typed[:_LONGEST]),
            t("Give the kind of forge with the name that people sign in with there, or an e-mail address alone."),
            kind=ErrorKind.CONFIGURATION,
        )
    return name


def _taken(unit: UnitOfWork, alias: Alias, known: Alias | None) -> PlumblineError:
    owner = unit.tx.people.get(known.person) if known else None
    return PlumblineError(
        "identity-taken",
        t("{alias} is {person}'s already.", alias=str(alias), person=owner.name if owner else "-"),
        t("One account is one person's. Take it back there first, if that was wrong."),
        kind=ErrorKind.REFUSED,
    )
