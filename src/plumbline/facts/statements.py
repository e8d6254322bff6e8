"""Statements and exemptions on file, from their events."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from plumbline.model.fact import Exemption, Fact, Lack, Statement
from plumbline.trace import micros

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.facts.evidence import Evidence
    from plumbline.trace import Seen

DAY = 86_400_000_000
LASTS = 365 * DAY  # an exemption that names no end
_WORDS = (re.compile(r"[\w.@-]*\w"), re.compile(r"[\w.@-]*\w", re.ASCII))
STATED = "statement-"  # how the names of facts begin that people state


def statements(evidence: Evidence) -> dict[str, Statement]:
    """The newest on each topic that a second person accepted, else the newest; rejected and withdrawn ones are none.

    A new one that nobody has looked at yet does not push an accepted one aside, unless that one is past its end.
    """
    reviews = {str(one.content.get("statement")): one for one in evidence.of("statement.reviewed")}
    found: dict[str, Statement] = {}
    for one in evidence.of("statement.attested"):
        review = reviews.get(one.subject)
        if review is not None and review.content.get("decision") != "accepted":
            continue
        said = _statement(one, review)
        known = found.get(said.topic)
        if known is None or said.accepted or not known.accepted or (known.until or evidence.as_of) < evidence.as_of:
            found[said.topic] = said
    return found


def _statement(one: Seen, review: Seen | None) -> Statement:
    said = one.content
    return Statement(
        topic=str(said.get("topic")),
        person=str(said.get("person", "")),
        made=one.time,
        until=micros(said.get("until", "")) or None,
        files=tuple(said.get("files", ())),
        address=str(said.get("address", "")),
        reviewer=str(review.content.get("person", "")) if review else "",
        text=str(said.get("statement", "")),
        cited=(one.cited, review.cited) if review else (one.cited,),
    )


def on_file(name: str, found: dict[str, Statement], as_of: int, valid_days: int) -> Fact:
    """1 where a valid statement is there, 0 where one is there that is not valid; none at all is no source.

    Valid: reviewed by a person other than its author, and neither expired nor older than ``valid_days``.
    """
    one = found.get(name)
    if one is None:
        return Fact(name=name, lack=Lack.NO_SOURCE)
    end = min(one.until or one.made + valid_days * DAY, one.made + valid_days * DAY)
    if as_of > end:
        return Fact(name=name, lack=Lack.STALE, cited=one.cited, events=len(one.cited))
    return Fact(name=name, value=1.0 if one.accepted else 0.0, cited=one.cited, events=len(one.cited))


def named_by(topic: str, evidence: Evidence, valid_days: int = 365) -> set[str] | Lack:
    """The words of the accepted statement on a topic, in small letters: the accounts that it names are among them, also
    where Chinese is written around them without a space. Why there are none, where there is no such statement."""
    said = statements(evidence)
    filed = on_file(topic, said, evidence.as_of, valid_days)
    if filed.lack is not None or not filed.value:
        return filed.lack or Lack.NO_SOURCE
    text = said[topic].text.casefold()
    return {word for form in _WORDS for word in form.findall(text)}


def exemptions(evidence: Evidence) -> tuple[Exemption, ...]:
    """One that names no end ends a year after it was granted."""
    return tuple(
        Exemption(
            rule=str(one.content.get("rule", "")),
            reason=str(one.content.get("reason", "")),
            person=str(one.content.get("person", "")),
            second=str(one.content.get("second", "")),
            until=micros(one.content.get("until", "")) or one.time + LASTS,
            applies=one.content.get("kind", "waiver") != "notApplicable",
            cited=(one.cited,),
        )
        for one in evidence.of("exception.granted")
    )


def kept_in_force(given: Iterable[Exemption], then: int, now: int) -> tuple[Exemption, ...]:
    """Those that were in force then, as if none of them had ended since."""
    return tuple(
        msgspec.structs.replace(one, until=max(one.until or 0, now + 1))
        for one in given
        if one.until is None or one.until > then
    )
