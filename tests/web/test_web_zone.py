"""Times of pages and reports in the reader's zone, and in UTC beside it."""

from __future__ import annotations

import re
from datetime import UTC

import pytest

from plumbline.maturity import Beside
from plumbline.web.zone import in_zone, there, zone_named

MOMENT = 1_764_543_062_000_000  # 2025-11-30 22:51:02 UTC


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Asia/Shanghai", "2025-12-01 06:51:02 UTC+08:00"),
        ("America/St_Johns", "2025-11-30 19:21:02 UTC-03:30"),
        ("UTC", ""),
        ("", ""),
        ("../../etc/passwd", ""),
        ("Asia/Nowhere", ""),
        ("x" * 5000, ""),
        ("\0", ""),
    ],
)
def test_a_moment_is_shown_where_the_reader_is(name, shown):
    with in_zone(zone_named(name)):
        assert there(MOMENT) == shown
    assert there(MOMENT) == ""


@pytest.mark.slow
def test_the_ledger_and_an_entry_show_both(browser):
    local = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\+08:00 <span class=\"soft\">\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC</span>"
    for path in ("/ledger", "/ledger/1"):
        assert not re.search(local, browser.ask("GET", path).text)
    browser.cookies = {**browser.cookies, "plumbline_zone": "Asia/Shanghai"}
    for path in ("/ledger", "/ledger/1"):
        there = browser.ask("GET", path).text
        assert re.search(local, there)
    assert re.search(r'title="[^"]+ UTC\+08:00 · [^"]+ UTC"', there)


def test_a_report_says_both():
    shown = "2025-12-01 06:51 UTC+08:00 (2025-11-30 22:51 UTC)"
    assert Beside(zone=zone_named("Asia/Shanghai")).moment(MOMENT) == shown
    assert Beside(zone=UTC).moment(MOMENT) == "2025-11-30 22:51 UTC"
