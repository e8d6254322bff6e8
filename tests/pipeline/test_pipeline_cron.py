"""When a schedule is due."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from plumbline.kernel import PlumblineError
from plumbline.pipeline import next_time


def after(cron: str, zone: str, local: str) -> str:
    """The next time, as local time with its offset."""
    place = ZoneInfo(zone)
    start = datetime.fromisoformat(local)
    start = start if start.tzinfo else start.replace(tzinfo=place)
    return datetime.fromtimestamp(next_time(cron, zone, start.timestamp()), UTC).astimezone(place).isoformat()


@pytest.mark.parametrize(
    ("cron", "local", "expected"),
    [
        ("* * * * *", "2026-01-01T00:00:00", "2026-01-01T00:01:00+00:00"),
        ("*/15 * * * *", "2026-01-01T00:15:00", "2026-01-01T00:30:00+00:00"),
        ("0 2 * * 1-5", "2026-01-02T03:00:00", "2026-01-05T02:00:00+00:00"),  # Friday to Monday
        ("0 0 1 * *", "2026-01-01T00:00:00", "2026-02-01T00:00:00+00:00"),
        ("0 0 29 2 *", "2026-01-01T00:00:00", "2028-02-29T00:00:00+00:00"),
        ("30 4 1,15 * 5", "2026-01-01T05:00:00", "2026-01-02T04:30:00+00:00"),  # either day
        ("0 0 * * 7", "2026-01-01T00:00:00", "2026-01-04T00:00:00+00:00"),  # 7 is Sunday as 0 is
        ("0 0 * jan mon", "2026-01-01T00:00:00", "2026-01-05T00:00:00+00:00"),
        ("5/20 * * * *", "2026-01-01T00:06:00", "2026-01-01T00:25:00+00:00"),
        ("@daily", "2026-01-01T12:00:00", "2026-01-02T00:00:00+00:00"),
    ],
)
def test_the_next_time(cron: str, local: str, expected: str) -> None:
    assert after(cron, "UTC", local) == expected


@pytest.mark.parametrize(
    ("cron", "zone", "local", "expected"),
    [
        # Berlin skips 02:00-03:00 on 2026-03-29: what falls into the gap is due at its end.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00", "2026-03-29T03:00:00+02:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-03-29T03:00:00", "2026-03-30T02:30:00+02:00"),
        # and has 02:00-03:00 twice on 2026-10-25: it is due the first time only.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00", "2026-10-25T02:30:00+02:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"),
        # Cairo skipped 00:00-01:00 on 2026-04-24.
        ("0 0 * * *", "Africa/Cairo", "2026-04-23T12:00:00", "2026-04-24T01:00:00+03:00"),
        ("0 8 * * *", "Asia/Shanghai", "2026-06-01T09:00:00", "2026-06-02T08:00:00+08:00"),
        # Lord Howe moves by half an hour.
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00", "2026-10-04T02:30:00+11:00"),
    ],
)
def test_clock_changes(cron: str, zone: str, local: str, expected: str) -> None:
    assert after(cron, zone, local) == expected


def test_a_day_that_never_comes() -> None:
    assert next_time("0 0 30 2 *", "UTC", 0.0) == 0.0


@pytest.mark.parametrize(
    "cron",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "5-1 * * * *", "*/0 * * * *", "x * * * *", "*-5 * * * *"],
)
def test_what_cannot_be_read(cron: str) -> None:
    with pytest.raises(PlumblineError) as caught:
        next_time(cron, "UTC", 0.0)
    assert caught.value.code == "cron-wrong"


@pytest.mark.parametrize("zone", ["Mars/Base", "../etc/passwd", "/etc/passwd"])
def test_an_unknown_time_zone(zone: str) -> None:
    with pytest.raises(PlumblineError) as caught:
        next_time("* * * * *", zone, 0.0)
    assert caught.value.code == "time-zone-unknown"


def due(cron, zone, first, last):
    """Every moment from ``first`` on and before ``last``, ISO in UTC."""
    at, end = (datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() for text in (first, last))
    found = []
    at -= 1
    while (at := next_time(cron, zone, at)) < end:
        found.append(datetime.fromtimestamp(at, UTC).strftime("%H:%M"))
    return found


@pytest.mark.parametrize(
    ("cron", "zone", "first", "last", "moments"),
    [
        ("0 * * * *", "US/Pacific", "2026-11-01T07:00", "2026-11-01T11:00", ["07:00", "08:00", "09:00", "10:00"]),
        ("30 * * * *", "US/Pacific", "2026-03-08T08:00", "2026-03-08T12:00", ["08:30", "09:30", "10:30", "11:30"]),
        ("*/15 * * * *", "Europe/Berlin", "2026-10-25T00:45", "2026-10-25T01:30", ["00:45", "01:00", "01:15"]),
        ("*/30 * * * *", "Australia/Lord_Howe", "2026-04-04T14:00", "2026-04-04T16:00",
         ["14:00", "14:30", "15:00", "15:30"]),
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T00:00", "2026-10-26T00:00", ["00:30", "00:30"]),
        ("30 2 * * *", "Europe/Berlin", "2026-03-29T00:00", "2026-03-30T00:00", ["01:00"]),
    ],
)  # fmt: skip
def test_a_clock_change_takes_no_hour_from_what_is_due_in_every_hour(cron, zone, first, last, moments):
    assert due(cron, zone, first, last) == moments


def test_a_machine_without_time_zone_data(monkeypatch):
    import zoneinfo

    zoneinfo.reset_tzpath(to=())
    try:
        ZoneInfo.clear_cache()
        assert next_time("0 8 * * *", "Asia/Shanghai", 0.0) == 86_400
        assert next_time("0 8 * * *", "UTC", 0.0) == 8 * 3600
    finally:
        zoneinfo.reset_tzpath()
        ZoneInfo.clear_cache()
