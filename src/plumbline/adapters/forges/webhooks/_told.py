"""A message, read only as far as somebody asks: what nobody needs may be missing, null, of any type and of any size."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec

from plumbline.adapters.forges.webhooks._proof import commit_id, unreadable
from plumbline.evidence import check_names_once
from plumbline.kernel import t
from plumbline.model.forge_news import Account

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAMES = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)
_NUMBER: msgspec.json.Decoder[int] = msgspec.json.Decoder(
    Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
)  # what a store can keep
_NOTHING = msgspec.Raw(b"null")
_ZONE = re.compile(r" ?(UTC|[+-]\d\d:?\d\d)$")
_MOST = 253_402_300_799_000_000  # microseconds: the year 9999
_ERRORS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError)


class Told:
    """An object of a message. ``where`` names it in refusals. What is asked of it and is not there is empty."""

    __slots__ = ("_fields", "_where")

    def __init__(self, fields: dict[str, msgspec.Raw], where: str = "") -> None:
        self._fields = fields
        self._where = where

    def __bool__(self) -> bool:
        return bool(self._fields)

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def at(self, *names: str) -> Told:
        """An object inside it."""
        found = self
        for name in names:
            found = Told(_object(found._fields.get(name)), f"{found._where}{name}.")
        return found

    def each(self, name: str) -> Sequence[Told]:
        """The objects of a list."""
        return [Told(fields, f"{self._where}{name}.") for one in self._items(name) if (fields := _object(one))]

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(text for one in self._items(name) if (text := _text(one)))

    def text(self, *names: str) -> str:
        """The first of these that is a string with something in it."""
        return next((found for name in names if (found := _text(self._fields.get(name)))), "")

    def number(self, name: str) -> int | None:
        raw = self._fields.get(name)
        if raw is None:
            return None
        try:
            return _NUMBER.decode(raw)
        except _ERRORS:
            return None

    def flag(self, name: str) -> bool | None:
        return {b"true": True, b"false": False}.get(bytes(memoryview(self._fields.get(name, _NOTHING))[:5]))

    def time(self, *names: str) -> int:
        """Microseconds since the epoch of the first of these that is a time; 0 where none is."""
        return next((found for name in names if (found := self._moment(name))), 0)

    def commit(self, *names: str) -> str:
        """The first of these that is there. PlumblineError ``webhook-unreadable`` for what is no id of a commit."""
        return next((found for name in names if (found := commit_id(self.text(name)))), "")

    def id(self, name: str) -> str:
        """What the forge numbers or names it by."""
        number = self.number(name)
        return self.text(name) if number is None else str(number)

    def needed_text(self, name: str) -> str:
        """PlumblineError ``webhook-unreadable``."""
        return self.text(name) or self._missing(name)

    def needed_number(self, name: str) -> int:
        found = self.number(name)
        if found is None or found < 1:
            self._missing(name)
        return found or 0

    def needed_commit(self, *names: str) -> str:
        return self.commit(*names) or self._missing(names[0])

    def needed_id(self, name: str) -> str:
        return self.id(name) or self._missing(name)

    def _missing(self, name: str) -> str:
        raise unreadable(t("{name} is missing or is not what it should be", name=f"{self._where}{name}"))

    def _items(self, name: str) -> list[msgspec.Raw]:
        raw = self._fields.get(name)
        if raw is None or not _begins(raw, b"["):
            return []
        try:
            return _ITEMS.decode(raw)
        except _ERRORS:
            return []

    def _moment(self, name: str) -> int:
        if seconds := self.number(name):
            found = seconds * 1_000_000
        else:
            try:
                moment = datetime.fromisoformat(_ZONE.sub(_zone, self.text(name)))
                found = int(moment.timestamp() * 1_000_000) if moment.tzinfo else 0
            except (ValueError, OverflowError):
                return 0
        return found if 0 < found < _MOST else 0


def read(body: bytes) -> Told:
    """PlumblineError ``webhook-unreadable`` for what is no JSON object, or has a name twice."""
    try:
        check_names_once(body)
        return Told(_NAMES.decode(body))
    except _ERRORS as error:
        raise unreadable(str(error)) from error


def account(told: Told) -> Account:
    """A person as GitHub, Gitea or GitLab write one."""
    email = told.text("email")
    return Account(
        login=told.text("login", "username"),
        name=told.text("full_name", "name"),
        email=email if "@" in email else "",  # GitLab writes [REDACTED]
        machine=told.text("type") == "Bot",
    )


def _object(raw: msgspec.Raw | None) -> dict[str, msgspec.Raw]:
    if raw is None or not _begins(raw, b"{"):
        return {}
    try:
        return _NAMES.decode(raw)
    except _ERRORS:
        return {}


def _text(raw: msgspec.Raw | None) -> str:
    if raw is None or not _begins(raw, b'"'):
        return ""
    try:
        return _TEXT.decode(raw)
    except _ERRORS:
        return ""


def _begins(raw: msgspec.Raw, sign: bytes) -> bool:
    return bytes(memoryview(raw)[:1]) == sign


def _zone(found: re.Match[str]) -> str:
    return "+00:00" if found[1] == "UTC" else found[1]
