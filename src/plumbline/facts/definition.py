"""What a fact is made of, and the few ways to write an answer down."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.model.fact import MOST_CITED, UNDECIDED, Cited, Fact, Lack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from plumbline.facts.evidence import Evidence
    from plumbline.kernel import Text
    from plumbline.model.fact import Window


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """``window`` None: the state at the time of judging. ``item``: the item that asks, for facts about an item."""

    name: str
    evidence: Evidence
    window: Window | None
    item: str = ""

    def inside(self, time: int | None) -> bool:
        window = self.window
        return time is not None and (window is None or window.begin <= time < window.end)


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """One fact. ``needs``: kinds of event (any of them) without which there is no source for it. ``also``: more such
    groups, where it takes one of each: a failure rate takes deployments and incidents, since without a source of
    incidents nobody can tell that there were none."""

    name: str
    how: Text  # one sentence: population, numerator, exclusions
    needs: tuple[str, ...]
    answer: Callable[[Question], Fact]
    also: tuple[tuple[str, ...], ...] = ()

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """It takes one kind of each."""
        return self.needs, *self.also

    def sourced(self, evidence: Evidence) -> bool:
        return all(evidence.has(*group) for group in self.groups)

    def since(self, evidence: Evidence) -> int | None:
        """From when on there was somebody to tell of each group; None where one of them nobody tells."""
        begun = [evidence.since(*group) for group in self.groups]
        return None if None in begun else max(one for one in begun if one is not None)


def lacking(question: Question, lack: Lack) -> Fact:
    return Fact(name=question.name, lack=lack, window=question.window)


def share(
    question: Question, good: Sequence[Cited], bad: Sequence[Cited], excluded: dict[str, int] | None = None
) -> Fact:
    """One event for each member of the population. A population of nobody is no data."""
    whole = len(good) + len(bad)
    if not whole:
        return msgspec.structs.replace(lacking(question, Lack.TOO_FEW), excluded=excluded or {})
    resting = rest_on([*bad, *good])
    return Fact(
        name=question.name,
        numerator=len(good),
        denominator=whole,
        window=question.window,
        cited=resting.cited,
        events=resting.events,
        sources=resting.sources,
        excluded=excluded or {},
    )


def open_share(question: Question, found: Iterable[tuple[bool | None, Cited]]) -> Fact:
    """A share of which nobody can tell of some members (None): they are in neither part, and the judge is told how many
    they are."""
    every = list(found)
    unknown = sum(fine is None for fine, _ in every)
    good, bad = ([cited for fine, cited in every if fine is wanted] for wanted in (True, False))
    if unknown and not (good or bad):
        return msgspec.structs.replace(lacking(question, Lack.UNDECIDED), excluded={UNDECIDED: unknown})
    return share(question, good, bad, {UNDECIDED: unknown} if unknown else None)


def weighed_share(
    question: Question,
    found: Iterable[tuple[bool | None, int, Cited]],
    excluded: dict[str, int] | None = None,
    unknown: str = UNDECIDED,
) -> Fact:
    """As :func:`open_share`, where one event tells of so many members. ``unknown``: why nobody can tell."""
    every = list(found)
    good, bad, left = (sum(many for fine, many, _ in every if fine is wanted) for wanted in (True, False, None))
    excluded = {**(excluded or {}), **({unknown: left} if left else {})}
    if left and not (good or bad):
        return msgspec.structs.replace(lacking(question, Lack.UNDECIDED), excluded=excluded)
    order = [cited for wanted in (False, True) for fine, _, cited in every if fine is wanted]
    return ratio(question, good, good + bad, order, excluded)


def ratio(
    question: Question, part: float, whole: float, found: Iterable[Cited], excluded: dict[str, int] | None = None
) -> Fact:
    """A share whose members are no events of their own: days, seconds, files. A whole of nothing is no data."""
    if whole <= 0:
        return msgspec.structs.replace(lacking(question, Lack.TOO_FEW), excluded=excluded or {})
    resting = rest_on(found)
    return Fact(
        name=question.name,
        numerator=float(part),
        denominator=float(whole),
        window=question.window,
        cited=resting.cited,
        events=resting.events,
        sources=resting.sources,
        excluded=excluded or {},
    )


def sample(question: Question, values: Sequence[tuple[float, Cited]], excluded: dict[str, int] | None = None) -> Fact:
    """Durations in seconds."""
    if not values:
        return msgspec.structs.replace(lacking(question, Lack.TOO_FEW), excluded=excluded or {})
    resting = rest_on(one for _, one in values)
    return Fact(
        name=question.name,
        values=tuple(value for value, _ in values),
        window=question.window,
        cited=resting.cited,
        events=resting.events,
        sources=resting.sources,
        excluded=excluded or {},
    )


def count(question: Question, found: Sequence[Cited], among: Iterable[Cited] = ()) -> Fact:
    """None at all is zero here: use it only where the source is known to tell of each.

    ``among``: what was looked through. A zero rests on that.
    """
    return value(question, float(len(found)), found or among)


def value(question: Question, number: float, found: Iterable[Cited]) -> Fact:
    resting = rest_on(found)
    return Fact(name=question.name, value=number, window=question.window, cited=resting.cited, events=resting.events,
                sources=resting.sources)  # fmt: skip


def rate(question: Question, found: Sequence[Cited], per: float) -> Fact:
    """So many in ``per`` days, weeks, or whatever the threshold's unit is."""
    if per <= 0:
        return lacking(question, Lack.TOO_FEW)
    resting = rest_on(found)
    return Fact(
        name=question.name,
        numerator=float(len(found)),
        denominator=per,
        window=question.window,
        cited=resting.cited,
        events=resting.events,
        sources=resting.sources,
    )


class Resting(NamedTuple):
    """The events that a fact rests on."""

    cited: tuple[Cited, ...]  # at most MOST_CITED
    events: int
    sources: tuple[str, ...]  # each context.source that one of them has


def rest_on(found: Iterable[Cited]) -> Resting:
    whole = tuple(dict.fromkeys(found))
    return Resting(whole[:MOST_CITED], len(whole), tuple(sorted({one.source for one in whole})))
