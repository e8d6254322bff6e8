"""Whether two accounts are one person, by what the ledger tells of identities. What nobody told is not known: neither
that two are the same, nor that they are not."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from plumbline.facts.machines import is_machine
from plumbline.model.person import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plumbline.trace import Seen, Who

Alias = tuple[str, str]  # a kind of forge and a login; "" and an address


class People:
    """``linked`` and ``unlinked``: events of this server about aliases, in order of time."""

    def __init__(self, events: Iterable[Seen] = ()) -> None:
        linked: dict[Alias, set[str]] = defaultdict(set)
        for one in sorted(events, key=lambda one: one.time):
            alias, person = _alias(one), str(one.content.get("person", ""))
            if one.what == "identity.linked":
                linked[alias].add(person)
            else:
                linked[alias].discard(person)
        # one that points to two people points to nobody
        self._persons: Mapping[Alias, str] = {alias: min(found) for alias, found in linked.items() if len(found) == 1}
        self._aliases: dict[str, list[Alias]] = defaultdict(list)
        for alias, person in self._persons.items():
            self._aliases[person].append(alias)

    def person(self, who: Who) -> str:
        """The name of the person; empty where nobody told, or where two are told."""
        found = {self._persons.get(alias, "") for alias in _aliases(who)} - {""}
        return found.pop() if len(found) == 1 else ""

    def human(self, who: Who) -> bool | None:
        """None: nobody knows who that is. In a repository an address is a person."""
        if not who.known or machine(who):
            return False
        return True if self.person(who) or (who.git and who.email) else None

    def same(self, one: Who, other: Who) -> bool | None:
        """None: nobody can tell. An equal name with another address is no proof of either; two that have nothing in
        common that could differ are not told apart by that."""
        first, second = self.person(one), self.person(other)
        if first and second:
            return first == second
        mine, theirs = self._known(one, first), self._known(other, second)
        if mine & theirs:
            return True
        places = {place for place, _ in mine} & {place for place, _ in theirs}
        if self._names(one, first) & self._names(other, second):
            return None if "" in places else True
        return False if places else None

    def key(self, who: Who) -> str:
        """What their deeds are counted under."""
        return self.person(who) or fold(who.email) or fold(who.login or who.name)

    def keys(self, who: Who) -> set[tuple[str, str]]:
        """Two that have one of these in common are the same: a person, or an account, which is the same one whatever
        else it tells of itself, or hides."""
        account = (who.forge or "-", fold(who.login)) if who.login else ("", self.key(who))
        return {account, ("", person)} if (person := self.person(who)) else {account}

    def _known(self, who: Who, person: str) -> set[Alias]:
        return set(_aliases(who)) | set(self._aliases.get(person, ()))

    def _names(self, who: Who, person: str) -> set[str]:
        found = {fold(who.name), fold(who.login), person}
        found |= {name.partition("@")[0] for _, name in self._known(who, person)}
        return found - {""}


def machine(who: Who) -> bool:
    return who.machine or any(is_machine(name) for name in (who.login, who.name, who.email.partition("@")[0]) if name)


def _aliases(who: Who) -> list[Alias]:
    logins = [(who.forge, fold(who.login))] if who.forge and who.login else []
    return [*logins, *([("", fold(who.email))] if who.email else [])]


def _alias(seen: Seen) -> Alias:
    said = seen.content
    return (str(said.get("forge", "")), fold(str(said.get("login") or said.get("email") or "")))
