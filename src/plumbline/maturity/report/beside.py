"""What a report says beside the assessment itself, as far as whoever writes it knows it."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import Text, t
from plumbline.maturity.comparing import ItemChange, RuleChange
from plumbline.maturity.pack import Pack

if TYPE_CHECKING:
    from collections.abc import Iterable


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What one source told: so many events, of times from ``first`` to ``last`` (microseconds since the epoch)."""

    source: str
    events: int
    first: int
    last: int
    word: str = ""  # whose it is, as :func:`plumbline.evidence.word_of` says


class Graded(msgspec.Struct, frozen=True, kw_only=True):
    """An assessment of the same subject with the same standard. ``end``: microseconds since the epoch."""

    end: int
    level: str
    ceiling: str


class Since(msgspec.Struct, frozen=True, kw_only=True):
    """What changed since the assessment before; ``problem``: why nobody can say."""

    before: Graded
    items: tuple[ItemChange, ...] = ()
    rules: tuple[RuleChange, ...] = ()
    problem: Text | None = None


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """All of it may be left out: the report then says nothing of it, or that it is not known."""

    pack: Pack | None = None  # that the assessment was made with
    told: tuple[Told, ...] | None = None
    titles: dict[str, str] = {}  # noqa: RUF012 - msgspec copies it. How persons and nodes are called, by login and path
    zone: tzinfo | None = UTC  # of the reader, or of the installation; None: that of this machine
    assessor: str = ""  # login of who made it; empty: nobody in person
    earlier: tuple[Graded, ...] = ()  # oldest first, without this one
    since: Since | None = None

    def called(self, name: str) -> str:
        """A login or a path as people call it; a title that several have is told apart."""
        title = self.titles.get(name, "")
        if not title:
            return name
        alone = sum(one == title for one in self.titles.values()) == 1
        return title if alone else f"{title} ({name})"

    def moment(self, micros: int) -> str:
        """To the minute, in the reader's zone with UTC beside it."""
        try:
            at = datetime.fromtimestamp(micros / 1_000_000, UTC)
            here = at.astimezone(self.zone)
        except (OverflowError, ValueError, OSError):
            return "–"
        utc = f"{at:%Y-%m-%d %H:%M} UTC"
        if not here.utcoffset():
            return utc
        return str(t("{here} ({utc})", here=f"{here:%Y-%m-%d %H:%M} UTC{_offset(here)}", utc=utc))


def _offset(moment: datetime) -> str:
    shown = f"{moment:%z}"
    return f"{shown[:3]}:{shown[3:5]}"


def told_by(events: Iterable[tuple[str, int, str]]) -> tuple[Told, ...]:
    """By source; ``events``: source, time and whose word of each."""
    times: dict[str, list[int]] = defaultdict(list)
    words: dict[str, str] = {}
    for source, time, word in events:
        times[source].append(time)
        words[source] = word
    return tuple(
        Told(source=source, events=len(found), first=min(found), last=max(found), word=words[source])
        for source, found in sorted(times.items())
    )


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """A report as a file. ``warnings``: sentences about what it does not show as it should."""

    data: bytes
    warnings: tuple[str, ...] = ()
