"""Shared: who looked at a change before it was merged, and whether that is somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.trace import named_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.facts.people import People
    from plumbline.trace import Merge, Review, Who

_DECISIONS = ("approved", "requestChanges", "rejected")  # a comment is none


def counts(people: People, merge: Merge, who: Who) -> bool | None:
    """Whether it is a person other than everybody who had a part in the change; None: nobody can tell."""
    human = people.human(who)
    same = [people.same(who, one) for one in merge.writers]
    if human is False or True in same:
        return False
    return None if human is None or None in same or not same else True


def any_of(found: Iterable[bool | None]) -> bool | None:
    """One is enough; where there is none, one that nobody can tell of leaves it open."""
    seen = set(found)
    return True if True in seen else None if None in seen else False


def approvals(people: People, merge: Merge) -> list[tuple[Review, bool | None]]:
    """Of the final revision, made before the merge: a person's newest decision counts. With whether it is one of
    somebody else."""
    newest: list[Review] = []
    for one in sorted(merge.reviews, key=lambda one: (one.time, one.decision == "withdrawn")):
        if one.time <= merge.merged and one.decision in (*_DECISIONS, "withdrawn"):
            keys = people.keys(one.who)
            newest = [*(other for other in newest if keys.isdisjoint(people.keys(other.who))), one]
    return [
        (one, counts(people, merge, one.who))
        for one in newest
        if one.decision == "approved" and one.revision == merge.final
    ]


def deciders(merge: Merge) -> tuple[Who, ...]:
    """Who decided on it before it was merged. What a message says of reviewers is the word of whoever wrote it: it
    counts only where no forge tells of them."""
    named = () if merge.told_by_forge else named_in(merge)
    return (*named, *(one.who for one in merge.reviews if one.decision in _DECISIONS and one.time <= merge.merged))


def reviewed(people: People, merge: Merge) -> bool | None:
    """Whether a person other than everybody who had a part in it decided on it."""
    return any_of(counts(people, merge, who) for who in deciders(merge))
