"""What was found, how likely it was meant, and in which groups it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

LONGEST = 200  # characters of what is looked for; what comes after them is not looked at


class FoundKind(StrEnum):
    """In the order in which groups that are as likely follow each other."""

    PAGE = "page"
    PROJECT = "project"
    NODE = "node"
    PIPELINE = "pipeline"
    JOB = "job"
    BRANCH = "branch"
    TAG = "tag"
    ARTIFACT = "artifact"
    COMMIT = "commit"
    PERSON = "person"
    ITEM = "item"
    CRITERION = "criterion"
    SETTING = "setting"
    EVENT = "event"


class Rank(NamedTuple):
    """How a text fits a name: the smaller, the likelier it is meant. ``how``: 0 it is the name, 1 the name begins so,
    2 a word of it does, 3 it is inside, 4 its words are in the name and in that of its place."""

    how: int
    length: int = 0  # of the name: of two that begin so, the shorter


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was meant, perhaps."""

    kind: FoundKind
    title: str
    detail: str
    path: str  # of its page
    rank: Rank


class Group(NamedTuple):
    """What was found of one kind, the likeliest first; ``more``: not all of it."""

    kind: FoundKind
    found: Sequence[Found]
    more: bool


class Wanted:
    """What somebody typed, compared without regard to the case of letters."""

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.replace("\0", " ").split())[:LONGEST]
        self.folded = self.text.casefold()
        self.words = tuple(self.folded.split())

    def rank(self, *names: str, place: str = "") -> Rank | None:
        """How it fits the best of these names of one thing; ``place``: what the thing is in. None: not at all."""
        return self.rank_folded("\n".join((*names, place)).casefold())

    def rank_folded(self, folded: str) -> Rank | None:
        """The same of the names and the place in small letters, a line each."""
        for word in self.words:
            if word not in folded:
                return None
        *names, _place = folded.split("\n")
        ranks = [rank for name in names if name and (rank := self._of(name)) is not None]
        if ranks:
            return min(ranks)
        several = len(self.words) > 1 and any(word in name for word in self.words for name in names)
        return Rank(4, len(folded)) if several else None

    def _of(self, name: str) -> Rank | None:
        at = name.find(self.folded)
        if at < 0:
            return None
        if at == 0:
            return Rank(0 if len(name) == len(self.folded) else 1, len(name))
        if len(self.folded) == 1 and self.folded.isascii():  # one letter is in almost everything
            return None
        return Rank(3 if name[at - 1].isalnum() and name[at - 1].isascii() else 2, len(name))


def grouped(found: Iterable[Found], most: int) -> list[Group]:
    """At most so many of each kind; the group with what was most likely meant first."""
    order = list(FoundKind)
    by_kind: dict[FoundKind, dict[str, Found]] = {}
    for one in sorted(found, key=lambda each: each.rank):  # what is as likely stays in its order
        by_kind.setdefault(one.kind, {}).setdefault(one.path, one)
    groups = [Group(kind, list(own.values())[:most], len(own) > most) for kind, own in by_kind.items()]
    return sorted(groups, key=lambda group: (group.found[0].rank.how, order.index(group.kind)))
