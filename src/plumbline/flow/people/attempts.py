"""Failed attempts at a password slow down those that follow, and never the person whose name was typed.

What an attempt waits for, and is counted by, is in :mod:`plumbline.access.throttle`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from plumbline.access import throttle
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.people.refusals import Refusal
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.access import Actor, UseCase
    from plumbline.flow.people.tools import PeopleTools
    from plumbline.flow.unit_of_work import UnitOfWork

_SINGLE = 10  # failures a minute, of one account from one address, that are recorded one by one; others are counted


class TooManyAttemptsError(PlumblineError):
    """Wait so many seconds."""

    def __init__(self, microseconds: int) -> None:
        self.retry_after = -(-microseconds // 1_000_000)
        super().__init__(
            "too-many-attempts",
            t("Too many sign-ins failed; the next one is heard in {count} seconds.", count=self.retry_after),
            t("Wait, and check the name and the password. Another network does not have to wait, nor does a browser in "
              "which this account signed in before."),
            kind=ErrorKind.REFUSED,
        )  # fmt: skip


class Guesser(NamedTuple):
    """Who tries a password, as failures are counted. ``name``: as typed; ``known``: what the ledger calls the person;
    ``changed``: when the password was, since a new one makes a new beginning; ``browser``: its id, where the person
    signed in there before."""

    name: str
    known: str
    changed: int = 0
    browser: str = ""

    @property
    def account(self) -> str:
        """What failures from everywhere are counted by."""
        return f"account:{self.changed}:{self.name}"

    def account_at(self, address: str) -> str:
        """What failures from the network of this address are counted by."""
        return f"account-at:{throttle.network_of(address)}:{self.changed}:{self.name}"


class Taken(NamedTuple):
    """An attempt that is heard. ``key``: what it was counted by, to be cleared where the password is right."""

    key: str
    stranger: bool  # it came from no browser that is known


def take_attempt(actor: Actor, tools: PeopleTools, use_case: UseCase, guesser: Guesser) -> Taken:
    """Count the attempt before the password is looked at: of many at the same time only as many are heard as one after
    the other would be. Raises :class:`TooManyAttemptsError`."""
    with tools.units.view(actor) as unit:
        unit.require(use_case)
        wait, taken = _asked(unit, guesser)
    if not wait:
        with tools.units.change(actor) as unit:
            unit.require(use_case)
            wait, taken = _asked(unit, guesser)
            if not wait:
                _count(unit, taken.key, throttle.FOR_ACCOUNT)
    _refuse_where(wait, actor, tools, guesser.known)
    return taken


def take_change(actor: Actor, tools: PeopleTools, use_case: UseCase) -> Taken:
    """The same for whoever is signed in and shows the old password: nobody else can make them wait."""
    taken = Taken(f"change:{actor.name}", stranger=False)
    with tools.units.change(actor) as unit:
        unit.require(use_case)
        wait = throttle.wait_after(unit.tx.attempts.get(taken.key), unit.now, throttle.FOR_ACCOUNT)
        if not wait:
            _count(unit, taken.key, throttle.FOR_ACCOUNT)
    _refuse_where(wait, actor, tools, actor.name)
    return taken


def take_turn(actor: Actor, tools: PeopleTools, use_case: UseCase) -> None:
    """Ask, before something is used that is good for once, whether the address is heard now. Raises
    :class:`TooManyAttemptsError`."""
    with tools.units.view(actor) as unit:
        unit.require(use_case)
        wait = throttle.wait_after(unit.tx.attempts.get(_address_key(actor)), unit.now, throttle.FOR_ADDRESS)
    _refuse_where(wait, actor, tools, "unknown")


def attempt_failed(
    actor: Actor,
    tools: PeopleTools,
    use_case: UseCase,
    guesser: Guesser,
    taken: Taken,
    reason: Literal["wrong", "inactive"],
) -> None:
    """Count it against the address and the account, and record it: one by one as long as they are few."""
    told: list[bool] = []
    refusal = Refusal("sign_in", "sign-in-failed", guesser.known, actor.address)
    tools.refusals.refused(refusal, tools.units.clock(), lambda: told.append(True), free=_SINGLE)
    with tools.units.change(actor) as unit:
        unit.require(use_case)
        if taken.stranger:
            _count(unit, _address_key(actor), throttle.FOR_ADDRESS)
            _count(unit, guesser.account, throttle.FOR_ACCOUNT)
        if told:
            content = events.PersonSignInFailed(reason=reason, address=actor.address or msgspec.UNSET)
            unit.record(guesser.known, content)


def _asked(unit: UnitOfWork, guesser: Guesser) -> tuple[int, Taken]:
    """How long the attempt has to wait, and what it is counted by if it is heard."""
    attempts, now = unit.tx.attempts, unit.now
    if guesser.browser:
        key = f"browser:{guesser.browser}"
        if throttle.counted(attempts.get(key), now, throttle.FOR_BROWSER) < throttle.FOR_BROWSER.free:
            return 0, Taken(key, stranger=False)
    attacked = throttle.counted(attempts.get(guesser.account), now, throttle.FOR_ACCOUNT) >= throttle.ATTACKED
    key = guesser.account_at(unit.actor.address)
    wait = max(
        throttle.wait_after(attempts.get(key), now, throttle.WHEN_ATTACKED if attacked else throttle.FOR_ACCOUNT),
        throttle.wait_after(attempts.get(_address_key(unit.actor)), now, throttle.FOR_ADDRESS),
    )
    return wait, Taken(key, stranger=True)


def _refuse_where(wait: int, actor: Actor, tools: PeopleTools, known: str) -> None:
    if wait:
        refusal = Refusal("sign_in", "too-many-attempts", known, actor.address)
        tools.refusals.refused(refusal, tools.units.clock())
        raise TooManyAttemptsError(wait)


def _count(unit: UnitOfWork, key: str, rule: throttle.Throttle) -> None:
    """One more failure, after those too old to count were forgotten."""
    if not throttle.counted(unit.tx.attempts.get(key), unit.now, rule):
        unit.tx.attempts.clear(key)
    unit.tx.attempts.failed(key, unit.now)


def _address_key(actor: Actor) -> str:
    return f"address:{throttle.place_of(actor.address)}"
