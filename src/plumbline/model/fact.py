"""A fact: the answer of the records to one named question, with the events it rests on."""

from __future__ import annotations

from enum import StrEnum

import msgspec

FEWEST_DAYS = 28  # watched, for what is asked over a longer time
MOST_CITED = 100  # event ids that a fact cites; ``events`` says how many there are
# Why a member of a share is in neither part: nobody knows who acted. Unlike what is excluded for other reasons it could
# be in either, and judges have to look at both.
UNDECIDED = "person_unknown"
UNNAMED = "cases_not_named"  # the same, of cases that were counted and have no entry of their own
OPEN = (UNDECIDED, UNNAMED)


class Lack(StrEnum):
    """Why there is no answer. No data is not a no, and never a pass."""

    NO_SOURCE = "no_source"  # nothing of the kind was ever recorded
    TOO_FEW = "too_few"  # there is something, but less than the smallest sample
    STALE = "stale"  # the newest record is older than the window
    LATE = "late"  # more of what it rests on was told late than the pack takes
    UNDECIDED = "undecided"  # the members of which nobody can tell would decide it
    NOT_SUPPORTED = "not_supported"  # nobody taught this version to answer, and no tool reported a value


class Origin(StrEnum):
    """Who vouches for an answer."""

    COMPUTED = "computed"  # from events, by a definition of ours
    REPORTED = "reported"  # a connected tool told the value in a measurement event


class Window(msgspec.Struct, frozen=True, gc=False):
    """From ``begin`` (inside) to ``end`` (outside), microseconds since the epoch."""

    begin: int
    end: int

    def __contains__(self, time: int) -> bool:
        return self.begin <= time < self.end


class Cited(msgspec.Struct, frozen=True, order=True, gc=False):
    """An event by what makes it unique."""

    source: str
    id: str


def fact_key(name: str, window_days: int | None) -> str:
    """What tells one answer from another: the same question over another window is another fact."""
    return f"{name}/{window_days}" if window_days else name


class Fact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Exactly one of these holds: ``lack`` is set; ``denominator`` is (a share or a rate); ``values`` are (a sample);
    ``value`` is (a count or a state).

    Durations are in seconds. ``null is not zero``: a population of nobody has ``lack``, a count of none has value 0.
    """

    name: str
    lack: Lack | None = None
    numerator: float | None = None
    denominator: float | None = None
    values: tuple[float, ...] | None = None
    value: float | None = None
    window: Window | None = None  # None: the state at the time of judging
    cited: tuple[Cited, ...] = ()  # at most MOST_CITED
    events: int = 0  # all events it rests on
    excluded: dict[str, int] = {}  # noqa: RUF012 - msgspec copies it
    origin: Origin = Origin.COMPUTED
    reporter: str = ""  # source of the measurement, where one was reported
    sources: tuple[str, ...] = ()  # whose word it rests on beside this server's: "source:<name>", "file", ...
    unit: str = ""  # of a reported ``value``, as the tool wrote it
    observed_days: int = 0  # of ``asked_days``, where its sources were not there all the time; else both 0
    asked_days: int = 0

    @property
    def too_soon(self) -> bool:
        """Its sources were there for too few days to answer at all."""
        return self.observed_days < min(FEWEST_DAYS, self.asked_days)

    @property
    def size(self) -> int:
        """The sample: what the smallest sample is held against."""
        if self.denominator is not None:
            return int(self.denominator)
        return len(self.values) if self.values is not None else 1 if self.value is not None else 0


class Statement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a named person put on file for a criterion, and when it stops being valid."""

    topic: str  # the fact name of the signal that asks for it
    person: str
    made: int  # microseconds since the epoch
    until: int | None = None
    files: tuple[str, ...] = ()  # digests of attached documents
    address: str = ""  # where another document lies
    reviewer: str = ""  # empty: nobody has looked at it yet
    text: str = ""
    cited: tuple[Cited, ...] = ()

    @property
    def accepted(self) -> bool:
        return bool(self.reviewer) and self.reviewer != self.person


class Exemption(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """That a criterion is waived, or does not apply; the latter needs a second person."""

    rule: str  # id of a criterion or an item
    reason: str
    person: str
    second: str = ""
    until: int | None = None
    applies: bool = True  # False: the criterion does not apply at all
    cited: tuple[Cited, ...] = ()
