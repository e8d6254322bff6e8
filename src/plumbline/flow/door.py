"""The way in: the first person, invitations, sign-in, sign-out, passwords. Every act is an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from plumbline.access import FOR_ACCOUNT, FOR_ADDRESS, SECRET_BYTES, digest, same, wait_after, write_secret
from plumbline.evidence import own_platform as events
from plumbline.flow.identify import LONGEST
from plumbline.flow.refusals import Refusal
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model import INSTANCE, Grant, Person, Role, Session

if TYPE_CHECKING:
    from plumbline.flow.serving import ServerTools
    from plumbline.kernel import Text
    from plumbline.model import Registry

SHORTEST_PASSWORD = 12  # characters
_SETUP = "setup"  # setting: when the link ends, and the digest of its secret
_VALID = 24 * 3600 * 1_000_000  # microseconds that a link is good for
_INVITATION = 7 * _VALID
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


def set_up_link(tools: ServerTools) -> str | None:
    """The secret of a new link by which the first person signs up; None where somebody is there already. Links given
    out before are not valid any more."""
    now, secret = tools.clock(), write_secret(tools.secret(SECRET_BYTES))
    with tools.store.change() as records:
        if records.people.count():
            return None
        records.settings.put(_SETUP, _sealed_link(secret, now + _VALID))
    return secret


def set_up(tools: ServerTools, link: str, name: str, title: str, password: str) -> Person:
    """The first person, who is an administrator. Raises PlumblineError ``link-not-valid``, ``password-weak``, ..."""
    moment = tools.moment(tools.clock())
    with tools.store.view() as records:
        _check_link(records, _SETUP, link, moment.now)
    hashed = _hash(tools, name, password)
    with tools.store.change() as records:
        stored = _check_link(records, _SETUP, link, moment.now)
        if records.people.count() or not records.settings.remove(_SETUP, stored):
            raise _wrong_link()
        person = records.people.add(Person(id=0, name=name, title=title, created=moment.now))
        records.people.set_password(person.id, hashed, moment.now)
        records.grants.add(Grant(person=person.id, node=INSTANCE, role=Role.ADMIN, at=moment.now))
        moment.record(records, name, events.PersonCreated(name=name))
        moment.record(records, name, events.RoleGranted(person=name, role=Role.ADMIN.value, node="/"))
    return person


def invite(tools: ServerTools, registry: Registry, person: Person) -> str:
    """The secret of a link by which somebody sets a password; one given out before is not valid any more."""
    secret = write_secret(tools.secret(SECRET_BYTES))
    registry.settings.put(_invitation(person.id), _sealed_link(secret, tools.clock() + _INVITATION))
    return secret


def accept_invitation(tools: ServerTools, name: str, link: str, password: str) -> Person:
    """Set the password. Raises PlumblineError ``link-not-valid`` or ``password-weak``."""
    moment = tools.moment(tools.clock())
    with tools.store.view() as records:
        person = records.people.named(name)
        if person is None or not person.active:
            raise _wrong_link()
        _check_link(records, _invitation(person.id), link, moment.now)
    hashed = _hash(tools, name, password)
    with tools.store.change() as records:
        stored = _check_link(records, _invitation(person.id), link, moment.now)
        if not records.settings.remove(_invitation(person.id), stored):
            raise _wrong_link()
        records.people.set_password(person.id, hashed, moment.now)
        records.sessions.remove_all(person.id)
        moment.record(records, name, events.PersonPasswordChanged(by=name))
    return person


def sign_in(tools: ServerTools, name: str, password: str, address: str, agent: str) -> str:
    """The secret of a new session. Raises PlumblineError ``sign-in-failed`` or :class:`TooManyAttemptsError`.

    Which of name and password was wrong is not told, neither in words nor by how long it takes.
    """
    moment = tools.moment(tools.clock())
    keys = ((f"account:{name}", FOR_ACCOUNT), (f"address:{address}", FOR_ADDRESS))
    with tools.store.view() as records:
        wait = max(wait_after(records.attempts.get(key), moment.now, throttle) for key, throttle in keys)
        person = records.people.named(name)
        hashed = records.people.password(person.id) if person else None
    known = name if person else "unknown"
    if wait:
        tools.refusals.refused(Refusal("sign_in", "too-many-attempts", known, address), moment.now)
        raise TooManyAttemptsError(wait)
    right = tools.passwords.verify(hashed, password)
    if person is None or not right or not person.active:
        reason: Literal["wrong", "inactive"] = "inactive" if right else "wrong"
        with tools.store.change() as records:
            for key, _ in keys:
                records.attempts.failed(key, moment.now)
            moment.record(records, known, events.PersonSignInFailed(reason=reason, address=address or msgspec.UNSET))
        raise _refused("sign-in-failed", t("The name or the password is wrong."))
    fresh = tools.passwords.hash(password) if hashed and tools.passwords.outdated(hashed) else None
    secret = write_secret(tools.secret(SECRET_BYTES))
    with tools.store.change() as records:
        records.attempts.clear(keys[0][0])
        if fresh:
            records.people.set_password(person.id, fresh, None)
        records.sessions.add(
            Session(
                digest=digest(secret),
                person=person.id,
                created=moment.now,
                seen=moment.now,
                address=address,
                agent=agent[:_AGENT],
            )
        )
        content = events.PersonSignedIn(address=address or msgspec.UNSET, method="password")
        moment.record(records, name, content)
    return secret


def sign_out(tools: ServerTools, person: Person, session: Session) -> None:
    moment = tools.moment(tools.clock())
    with tools.store.change() as records:
        if records.sessions.remove(session.digest):
            moment.record(records, person.name, events.PersonSignedOut())


def change_password(tools: ServerTools, person: Person, old: str, new: str, keep: bytes = b"") -> None:
    """All sessions end, but the one with the digest ``keep``. Raises PlumblineError ``password-wrong`` or
    ``password-weak``."""
    moment = tools.moment(tools.clock())
    with tools.store.view() as records:
        before = records.people.password(person.id)
        wait = wait_after(records.attempts.get(f"account:{person.name}"), moment.now, FOR_ACCOUNT)
    if wait:
        raise TooManyAttemptsError(wait)
    if not tools.passwords.verify(before, old):
        with tools.store.change() as records:
            records.attempts.failed(f"account:{person.name}", moment.now)
        raise _refused("password-wrong", t("The old password is wrong."))
    hashed = _hash(tools, person.name, new)
    with tools.store.change() as records:
        records.people.set_password(person.id, hashed, moment.now)
        records.sessions.remove_all(person.id, but=keep)
        moment.record(records, person.name, events.PersonPasswordChanged(by=person.name))


def sweep_sessions(tools: ServerTools) -> int:
    """Remove sessions that are over; how many."""
    now = tools.clock()
    with tools.store.change() as records:
        return records.sessions.sweep(created_before=now - LONGEST, seen_before=now - LONGEST)


def _hash(tools: ServerTools, name: str, password: str) -> str:
    if (
        len(password) < SHORTEST_PASSWORD
        or name.lower() in password.lower()
        or len(set(password)) < SHORTEST_PASSWORD // 3
    ):
        raise PlumblineError(
            "password-weak",
            t("The password is too easy to guess."),
            t("Take {count} characters or more, not the name, and not the same ones again and again.",
              count=SHORTEST_PASSWORD),
            kind=ErrorKind.CONFIGURATION,
        )  # fmt: skip
    return tools.passwords.hash(password)


def _sealed_link(secret: str, until: int) -> bytes:
    return until.to_bytes(8, "big") + digest(secret)


def _check_link(registry: Registry, key: str, link: str, now: int) -> bytes:
    """What is stored of it."""
    stored = registry.settings.get(key)
    if stored is None or not same(stored[8:], digest(link)) or int.from_bytes(stored[:8], "big") <= now:
        raise _wrong_link()
    return stored


def _invitation(person: int) -> str:
    return f"invitation/{person}"


def _wrong_link() -> PlumblineError:
    return _refused(
        "link-not-valid",
        t("This link is not valid, was used already, or is too old."),
        t("A new one is printed when the server starts without anybody in it; others come from an administrator."),
    )


def _refused(code: str, message: Text, hint: Text | None = None) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.REFUSED)
