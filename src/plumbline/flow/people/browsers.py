"""Browsers in which somebody signed in before: nobody keeps them out by wrong passwords sent from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import browser_mark
from plumbline.flow.people.credentials import known_person

if TYPE_CHECKING:
    from plumbline.flow.people.tools import PeopleTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.person import Person

_KEY = "browser-key"  # setting: what marks are signed with. Whoever reads it can guess ten times more, and no faster.


def known_browser(unit: UnitOfWork, person: Person | None) -> str:
    """The id of the browser that the actor comes with, where this person signed in there before; else empty. It does
    the same work where there is no such person."""
    key = unit.tx.settings.get(_KEY) or bytes(browser_mark.MARK_KEY_BYTES)
    number, changed = (person.id, person.password_changed) if person else (0, 0)
    found = [
        mark
        for mark in browser_mark.read_marks(unit.actor.browser)
        if browser_mark.good_mark(key, mark, changed, unit.now)
    ]
    return next((mark.id for mark in found if mark.person == number), "")


def remember_browser(unit: UnitOfWork, tools: PeopleTools, person: int) -> str:
    """What the browser is to keep from now on, beside what it keeps of others. Each sign-in makes another."""
    key = unit.tx.settings.get(_KEY)
    if key is None:
        key = tools.secret(browser_mark.MARK_KEY_BYTES)
        unit.tx.settings.put(_KEY, key)
    changed = known_person(unit.tx, person).password_changed
    mark = browser_mark.write_mark(key, person, changed, unit.now, tools.secret(browser_mark.MARK_ID_BYTES))
    return browser_mark.join_marks(mark, browser_mark.read_marks(unit.actor.browser))
