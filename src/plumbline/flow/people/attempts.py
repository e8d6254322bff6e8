"""Failed attempts at a password slow down those that follow, for the account and for the address."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Literal

import msgspec

from plumbline.access import FOR_ACCOUNT, FOR_ADDRESS, counted, wait_after
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.people.credentials import account_key
from plumbline.flow.people.refusals import Refusal
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.access import Actor, Throttle, UseCase
    from plumbline.flow.people.tools import PeopleTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.ports.transaction import Transaction


class TooManyAttemptsError(PlumblineError):
    """Wait so many seconds."""

    def __init__(self, microseconds: int) -> None:
        self.retry_after = -(-microseconds // 1_000_000)
        super().__init__(
            "too-many-attempts",
            t("Too many sign-ins failed; the next one is heard in {count} seconds.", count=self.retry_after),
            t("Wait, and check the name and the password."),
            kind=ErrorKind.REFUSED,
        )


def take_attempt(actor: Actor, tools: PeopleTools, use_case: UseCase, name: str, known: str) -> None:
    """Count the attempt against the account before the password is looked at: of many at the same time only as many
    are heard as one after the other would be. ``known``: what the ledger calls the person. Raises
    :class:`TooManyAttemptsError`."""
    account = account_key(name)
    with tools.units.view(actor) as unit:
        unit.require(use_case)
        wait = _wait(unit, account)
    if not wait:
        with tools.units.change(actor) as unit:
            unit.require(use_case)
            wait = _wait(unit, account)
            if not wait:
                _count(unit.tx, account, FOR_ACCOUNT, unit.now)
    _refuse_where(wait, actor, tools, known)


def take_turn(actor: Actor, tools: PeopleTools, use_case: UseCase) -> None:
    """Ask, before something is used that is good for once, whether the address is heard now. Raises
    :class:`TooManyAttemptsError`."""
    with tools.units.view(actor) as unit:
        unit.require(use_case)
        wait = wait_after(unit.tx.attempts.get(_address_key(actor.address)), unit.now, FOR_ADDRESS)
    _refuse_where(wait, actor, tools, "unknown")


def _refuse_where(wait: int, actor: Actor, tools: PeopleTools, known: str) -> None:
    if wait:
        refusal = Refusal("sign_in", "too-many-attempts", known, actor.address)
        tools.refusals.refused(refusal, tools.units.clock())
        raise TooManyAttemptsError(wait)


def attempt_failed(
    actor: Actor, tools: PeopleTools, use_case: UseCase, known: str, reason: Literal["wrong", "inactive"]
) -> None:
    """Count it against the address, and record it."""
    with tools.units.change(actor) as unit:
        unit.require(use_case)
        _count(unit.tx, _address_key(actor.address), FOR_ADDRESS, unit.now)
        unit.record(known, events.PersonSignInFailed(reason=reason, address=actor.address or msgspec.UNSET))


def _wait(unit: UnitOfWork, account: str) -> int:
    attempts = unit.tx.attempts
    return max(
        wait_after(attempts.get(account), unit.now, FOR_ACCOUNT),
        wait_after(attempts.get(_address_key(unit.actor.address)), unit.now, FOR_ADDRESS),
    )


def _count(tx: Transaction, key: str, throttle: Throttle, now: int) -> None:
    """One more failure, after those too old to count were forgotten."""
    if not counted(tx.attempts.get(key), now, throttle):
        tx.attempts.clear(key)
    tx.attempts.failed(key, now)


def _address_key(address: str) -> str:
    """What failures are counted by: of IPv6 the network, since whoever has one has 2**64 addresses."""
    try:
        found = ip_address(address)
    except ValueError:
        return f"address:{address}"
    if found.version == 6 and found.ipv4_mapped is None:
        return f"address:{ip_network((found, 64), strict=False)}"
    return f"address:{address}"
