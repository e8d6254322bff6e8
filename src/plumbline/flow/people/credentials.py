"""Names and passwords: how they are written, compared and kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.kernel import Text
    from plumbline.model.person import Person
    from plumbline.model.ports.people import Passwords
    from plumbline.model.ports.transaction import Transaction

LONGEST_NAME = 100
SHORTEST_PASSWORD = 12  # characters
_NAME = re.compile(r"[a-z0-9_][a-z0-9_.-]*")


def person_name(typed: str) -> str:
    """How a name is kept and compared: in lower case. Raises PlumblineError ``name-wrong``."""
    name = typed.strip().lower()
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise PlumblineError(
            "name-wrong",
            t("'{name}' cannot be the name of a person.", name=name[:LONGEST_NAME]),
            t("Use letters, digits, '_', '-' and '.', beginning with a letter, a digit or '_'."),
            kind=ErrorKind.CONFIGURATION,
        )
    return name


def new_hash(passwords: Passwords, name: str, password: str) -> str:
    """What is kept of a password that somebody chose. Raises PlumblineError ``password-weak``."""
    beside_the_name = password.lower().replace(name.lower(), "")
    if len(beside_the_name) < SHORTEST_PASSWORD or len(set(password)) < SHORTEST_PASSWORD // 3:
        raise PlumblineError(
            "password-weak",
            t("The password is too easy to guess."),
            t("Take {count} characters or more, not the name, and not the same ones again and again.",
              count=SHORTEST_PASSWORD),
            kind=ErrorKind.CONFIGURATION,
        )  # fmt: skip
    return passwords.hash(password)


def set_password(unit: UnitOfWork, person: int, hashed: str) -> None:
    """A new one. What is bound to the old one by its time (known browsers, failures) is over, also where the clock
    stands still or goes back."""
    before = known_person(unit.tx, person).password_changed
    unit.tx.people.set_password(person, hashed, max(unit.now, before + 1))


def invitation_key(person: int) -> str:
    """The setting that keeps the link of a person's invitation."""
    return f"invitation/{person}"


def end_invitation(tx: Transaction, person: int) -> None:
    """A link not used yet is not valid any more."""
    if stored := tx.settings.get(invitation_key(person)):
        tx.settings.remove(invitation_key(person), stored)


def known_person(tx: Transaction, person: int) -> Person:
    """Raises PlumblineError ``not-found``."""
    found = tx.people.get(person)
    if found is None:
        raise no_such_person(person)
    return found


def no_such_person(person: int) -> PlumblineError:
    return not_found(t("There is no person {person}.", person=person))


def refusal(code: str, message: Text, hint: Text | None = None) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.REFUSED)
