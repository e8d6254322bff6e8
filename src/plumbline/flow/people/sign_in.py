"""Signing in and out, and changing one's password. Failures slow down those that follow; every act is an event."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Literal

import msgspec

from plumbline.access import FOR_ACCOUNT, FOR_ADDRESS, SECRET_BYTES, counted, digest, wait_after, write_secret
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.people.credentials import LONGEST_NAME, account_key, end_invitation, new_hash, refusal
from plumbline.flow.people.identify import LONGEST
from plumbline.flow.people.refusals import Refusal
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.person import Person, Session

if TYPE_CHECKING:
    from plumbline.access import Throttle
    from plumbline.flow.event_writer import EventWriter
    from plumbline.flow.service import ServerTools
    from plumbline.model.ports.transaction import Transaction

_AGENT = 200  # characters of what a browser calls itself


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


def sign_in(tools: ServerTools, name: str, password: str, address: str, agent: str) -> str:
    """The secret of a new session. Raises PlumblineError ``sign-in-failed`` or :class:`TooManyAttemptsError`.

    Which of name and password was wrong is not told, neither in words nor by how long it takes.
    """
    moment = tools.moment(tools.clock())
    name = name.strip().lower()[:LONGEST_NAME]
    with tools.store.view() as tx:
        person = tx.people.named(name)
        hashed = tx.people.password(person.id) if person else None
    known = person.name if person else "unknown"
    _take_attempt(tools, known, name, address, moment.now)
    right = tools.passwords.verify(hashed, password)
    if person is None or not right or not person.active:
        raise _failed(tools, moment, known, address, "inactive" if right else "wrong")
    fresh = tools.passwords.hash(password) if hashed and tools.passwords.outdated(hashed) else None
    secret = write_secret(tools.secret(SECRET_BYTES))
    with tools.store.change() as tx:
        now = tx.people.get(person.id)
        unchanged = now is not None and now.active and tx.people.password(person.id) == hashed
        if unchanged:
            tx.attempts.clear(account_key(name))
            if fresh:
                tx.people.set_password(person.id, fresh, None)
            tx.sessions.add(_session(person, secret, moment.now, address, agent))
            content = events.PersonSignedIn(address=address or msgspec.UNSET, method="password")
            moment.record(tx, name, content)
    if not unchanged:  # somebody changed the password, or switched the person off, at this very moment
        raise _failed(tools, moment, known, address, "wrong")
    return secret


def _take_attempt(tools: ServerTools, known: str, name: str, address: str, now: int) -> None:
    """Count the attempt against the account before the password is looked at: of many at the same time only as many
    are heard as one after the other would be."""
    account, place = account_key(name), _address(address)
    with tools.store.view() as tx:
        wait = _wait(tx, account, place, now)
    if not wait:
        with tools.store.change() as tx:
            wait = _wait(tx, account, place, now)
            if not wait:
                _count(tx, account, FOR_ACCOUNT, now)
    if wait:
        tools.refusals.refused(Refusal("sign_in", "too-many-attempts", known, address), now)
        raise TooManyAttemptsError(wait)


def _wait(tx: Transaction, account: str, place: str, now: int) -> int:
    return max(
        wait_after(tx.attempts.get(account), now, FOR_ACCOUNT),
        wait_after(tx.attempts.get(place), now, FOR_ADDRESS),
    )


def _count(tx: Transaction, key: str, throttle: Throttle, now: int) -> None:
    """One more failure, after those too old to count were forgotten."""
    if not counted(tx.attempts.get(key), now, throttle):
        tx.attempts.clear(key)
    tx.attempts.failed(key, now)


def _failed(
    tools: ServerTools, moment: EventWriter, known: str, address: str, reason: Literal["wrong", "inactive"]
) -> PlumblineError:
    with tools.store.change() as tx:
        _count(tx, _address(address), FOR_ADDRESS, moment.now)
        moment.record(tx, known, events.PersonSignInFailed(reason=reason, address=address or msgspec.UNSET))
    return refusal("sign-in-failed", t("The name or the password is wrong."))


def _session(person: Person, secret: str, now: int, address: str, agent: str) -> Session:
    return Session(
        digest=digest(secret), person=person.id, created=now, seen=now, address=address, agent=agent[:_AGENT]
    )


def sign_out(tools: ServerTools, person: Person, session: Session) -> None:
    moment = tools.moment(tools.clock())
    with tools.store.change() as tx:
        if tx.sessions.remove(session.digest):
            moment.record(tx, person.name, events.PersonSignedOut())


def change_password(
    tools: ServerTools, person: Person, old: str, new: str, keep: bytes = b"", address: str = ""
) -> None:
    """All sessions end, but the one with the digest ``keep``, and so does an invitation not used yet.

    Raises PlumblineError ``password-wrong``, ``password-weak`` or :class:`TooManyAttemptsError`.
    """
    moment = tools.moment(tools.clock())
    _take_attempt(tools, person.name, person.name, address, moment.now)
    with tools.store.view() as tx:
        before = tx.people.password(person.id)
    if not tools.passwords.verify(before, old):
        _failed(tools, moment, person.name, address, "wrong")
        raise refusal("password-wrong", t("The old password is wrong."))
    hashed = new_hash(tools.passwords, person.name, new)
    with tools.store.change() as tx:
        if tx.people.password(person.id) != before:
            raise refusal("password-wrong", t("The old password is wrong."))
        tx.people.set_password(person.id, hashed, moment.now)
        end_invitation(tx, person.id)
        tx.sessions.remove_all(person.id, but=keep)
        tx.attempts.clear(account_key(person.name))
        moment.record(tx, person.name, events.PersonPasswordChanged(by=person.name))


def sweep_sessions(tools: ServerTools) -> int:
    """Remove sessions that are over, and failed sign-ins too old to count; how many sessions."""
    now = tools.clock()
    with tools.store.change() as tx:
        tx.attempts.sweep(now - max(FOR_ACCOUNT.forgotten, FOR_ADDRESS.forgotten))
        return tx.sessions.sweep(created_before=now - LONGEST, seen_before=now - LONGEST)


def _address(address: str) -> str:
    """What failures are counted by: of IPv6 the network, since whoever has one has 2**64 addresses."""
    try:
        found = ip_address(address)
    except ValueError:
        return f"address:{address}"
    if found.version == 6 and found.ipv4_mapped is None:
        return f"address:{ip_network((found, 64), strict=False)}"
    return f"address:{address}"
