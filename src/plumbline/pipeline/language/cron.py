"""When a schedule is due: five fields of cron, read in a time zone.

Like Vixie cron: where both the day of the month and the day of the week are restricted, either is enough. What is due
at certain hours is due once: local times that a clock change skips are due the moment after the gap, a local time that
comes twice is due the first time. What is due in every hour goes by the time that passes, and takes no notice.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_DAYS = {n: i for i, n in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])}
_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_PART = re.compile(r"(?P<first>\*|[0-9a-z]+)(?:-(?P<last>[0-9a-z]+))?(?:/(?P<step>\d{1,4}))?\Z")
_HOURS = 24
_LONGEST_WAIT = 366 * 8 + 3  # days: from one 29 February to the next, over a century without


class Cron(NamedTuple):
    """What each field allows; days of the week from 0, Sunday."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool  # day of the month and day of the week are both restricted

    def allows(self, day: datetime) -> bool:
        """Whether it is due on this day at all."""
        if day.month not in self.months:
            return False
        by_date, by_week = day.day in self.days, (day.weekday() + 1) % 7 in self.weekdays
        return by_date or by_week if self.either_day else by_date and by_week


def parse_cron(text: str) -> Cron:
    """PlumblineError ``cron-wrong``."""
    words = _NICKNAMES.get(text.strip().lower(), text).lower().split()
    if len(words) != len(_FIELDS):
        raise _wrong(text, t("it has {count} fields instead of 5", count=len(words)))
    fields = [_field(word, name, low, high, text) for word, (name, low, high) in zip(words, _FIELDS, strict=True)]
    weekdays = frozenset(day % 7 for day in fields[4])
    either = not words[2].startswith("*") and not words[4].startswith("*")
    return Cron(fields[0], fields[1], fields[2], fields[3], weekdays, either)


def next_time(cron: str, zone: str, after: float) -> float:
    """The first moment after ``after`` (both POSIX seconds) when it is due; 0.0: never, like 30 February.

    PlumblineError ``cron-wrong`` or ``time-zone-unknown``.
    """
    rule, place = parse_cron(cron), time_zone(zone)
    start = datetime.fromtimestamp(after, UTC)
    day = datetime.fromtimestamp(after, place).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    day -= timedelta(days=1)  # a gap at midnight may move yesterday's last time behind it
    for _ in range(_LONGEST_WAIT):
        if rule.allows(day):
            found = _on(day, rule, place, start)
            if found is not None:
                return found.timestamp()
        day += timedelta(days=1)
    return 0.0


def time_zone(name: str) -> ZoneInfo:
    """PlumblineError ``time-zone-unknown``."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # here: no run on this machine needs it

    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PlumblineError(
            "time-zone-unknown",
            t("There is no time zone named {name}.", name=name),
            t("Use a name of the IANA database, such as Asia/Shanghai or Europe/Berlin."),
            kind=ErrorKind.CONFIGURATION,
        ) from error


def _on(day: datetime, rule: Cron, place: ZoneInfo, start: datetime) -> datetime | None:
    """The first time on a day that is later than ``start``."""
    moments = _each if len(rule.hours) == _HOURS else _once
    found = (
        moment
        for hour in sorted(rule.hours)
        for minute in sorted(rule.minutes)
        for moment in moments(day.replace(hour=hour, minute=minute), place)
    )
    return min((moment for moment in found if moment > start), default=None)


def _each(local: datetime, place: ZoneInfo) -> set[datetime]:
    """Every moment, in UTC, at which the clocks of a place show a time: one, two, or none inside a gap."""
    readings = {local.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return {moment for moment in readings if moment.astimezone(place).replace(tzinfo=None) == local}


def _once(local: datetime, place: ZoneInfo) -> tuple[datetime]:
    """A local time in UTC. One in a gap becomes the end of the gap."""
    first = local.replace(tzinfo=place, fold=0).astimezone(UTC)
    if first.astimezone(place).replace(tzinfo=None) == local:
        return (first,)
    # Inside a gap: fold 0 reads it with the offset before, so the gap's end lies between the two readings.
    low, high = local.replace(tzinfo=place, fold=1).astimezone(UTC), first
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(place).utcoffset() == low.astimezone(place).utcoffset():
            low = middle
        else:
            high = middle
    return (high.replace(microsecond=0),)


def _field(word: str, name: str, low: int, high: int, text: str) -> frozenset[int]:
    allowed: set[int] = set()
    for part in word.split(","):
        match = _PART.match(part)
        if match is None:
            raise _wrong(text, t("{part} is not understood", part=repr(part)))
        step = int(match["step"] or 1)
        if match["first"] == "*":
            first, last = low, high
        else:
            first = _number(match["first"], name, text)
            last = _number(match["last"], name, text) if match["last"] else (high if match["step"] else first)
        if not (low <= first <= last <= high) or step < 1 or (match["first"] == "*" and match["last"]):
            raise _wrong(text, t("{part} is not between {low} and {high}", part=repr(part), low=low, high=high))
        allowed.update(range(first, last + 1, step))
    return frozenset(allowed)


def _number(word: str, name: str, text: str) -> int:
    names = _MONTHS if name == "month" else _DAYS if name == "weekday" else {}
    if word in names:
        return names[word]
    if word.isdecimal():
        return int(word)
    raise _wrong(text, t("{part} is not understood", part=repr(word)))


def _wrong(text: str, reason: object) -> PlumblineError:
    return PlumblineError(
        "cron-wrong",
        t("The schedule '{cron}' cannot be read: {reason}", cron=text, reason=reason),
        t("Write minute, hour, day, month and weekday, such as: 30 2 * * 1-5"),
        kind=ErrorKind.CONFIGURATION,
    )
