"""Who did something, as an event names them; whose account that is, is another question."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.evidence.origin import forge_of

if TYPE_CHECKING:
    from plumbline.trace.objects import Commit
    from plumbline.trace.seen import Seen

_NAMED = re.compile(r"(.*?)\s*<([^<>]*)>\s*")


class Who(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``git``: the repository itself names them, where an address stands for a person."""

    forge: str = ""
    login: str = ""
    name: str = ""
    email: str = ""
    machine: bool = False  # whoever told it says that nobody sits there
    git: bool = False

    @property
    def known(self) -> bool:
        return bool(self.login or self.name or self.email)


def named(text: str) -> Who:
    """As git writes somebody: ``Name <address>``, or a name alone."""
    found = _NAMED.fullmatch(text)
    return Who(name=found[1], email=found[2], git=True) if found else Who(name=text, git=True)


def author(commit: Commit) -> Who:
    return Who(name=commit.author, email=commit.mail, git=True)


def account(seen: Seen, name: str, text: str = "") -> Who:
    """The account that stands under ``name`` in the customData of an event; ``text``: how people call it, for who told
    no more than that."""
    told: Any = seen.custom.get(name)
    said = (
        {key: str(told[key]) for key in ("login", "name", "email") if told.get(key)} if isinstance(told, dict) else {}
    )
    if not said:
        return Who(email=text) if "@" in text else Who(name=text)
    word = forge_of(seen.cited.source) if seen.own else None
    return Who(
        forge=word.forge if word else "",
        login=said.get("login", ""),
        name=said.get("name", ""),
        email=said.get("email", ""),
        machine=told.get("machine") is True,
    )
