"""The time zone of whoever reads a page, as their browser says it in a cookie: pages show it beside UTC."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONE_COOKIE = "plumbline_zone"
_zone: ContextVar[tzinfo] = ContextVar("zone", default=UTC)


@contextmanager
def in_zone(zone: tzinfo) -> Iterator[None]:
    """What is shown inside is read there."""
    token = _zone.set(zone)
    try:
        yield
    finally:
        _zone.reset(token)


_known = cache(available_timezones)


def zone_named(name: str) -> tzinfo:
    """UTC for what is no zone of the database of time zones."""
    return ZoneInfo(name) if name in _known() else UTC


def there(micros: int) -> str:
    """A moment where the reader is, to the second, with how far that is from UTC; empty where it is as in UTC."""
    here = datetime.fromtimestamp(micros / 1_000_000, UTC).astimezone(_zone.get())
    if not here.utcoffset():
        return ""
    offset = f"{here:%z}"
    return f"{here:%Y-%m-%d %H:%M:%S} UTC{offset[:3]}:{offset[3:5]}"
