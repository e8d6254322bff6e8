"""Lines of a log by their numbers: whatever the log holds, they are those that splitting it would give."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.web import log_lines
from plumbline.web.log_lines import LogIndex, errors, is_echo, strip_marks


class Log:
    live = False

    def __init__(self, data=b""):
        self.data = data

    @property
    def size(self):
        return len(self.data)

    def read(self, offset, length):
        return self.data[offset : offset + length]


def expected(data):
    lines = data.split(b"\n")
    return lines[:-1] if data.endswith(b"\n") or not data else lines


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(log_lines, "BLOCK", 7)


DATA = st.lists(st.sampled_from([b"a", b"bc", b"\n", b"error", b"\r", b" "]), max_size=60).map(b"".join)


@pytest.mark.usefixtures("small_blocks")
@given(DATA, DATA)
def test_lines_are_those_of_the_whole_log_also_when_it_grows(first, more):
    index, log = LogIndex(), Log(first)
    assert index.read(log, 1, 1000) == expected(first)
    log.data += more
    whole = expected(log.data)
    assert index.read(log, 1, 1000) == whole
    assert index.lines == len(whole)
    for number in range(1, len(whole) + 1):
        assert index.read(log, number, 2) == whole[number - 1 : number + 1]


@pytest.mark.usefixtures("small_blocks")
@given(DATA, st.integers(0, 20))
def test_search_finds_each_line_once(data, after):
    found = LogIndex().search(Log(data), re.compile(rb"error"), after=after, limit=1000)
    assert found == [number for number, line in enumerate(expected(data), 1) if b"error" in line and number > after]


@pytest.mark.parametrize("block", [5, 16, 64, 100_000])
def test_sections_are_found_across_blocks(monkeypatch, block):
    monkeypatch.setattr(log_lines, "BLOCK", block)
    data = (
        b"one\nsection_start:1700000000:build_it[collapsed=true]\r\x1b[0KBuilding\nx\nsection_start:1700000001:inner\r\x1b[0K"
        b"y\nsection_end:1700000004:inner\r\x1b[0Kz\nsection_end:1700000010:build_it\r\x1b[0K\nlast\n"
    )
    log, index = Log(), LogIndex()
    for end in range(0, len(data) + 1, 9):
        log.data = data[:end]
        index.grow(log)
    log.data = data
    outer, inner = index.sections(log)
    assert (outer.title, outer.first, outer.last, outer.seconds, outer.collapsed) == ("build it", 2, 6, 10, True)
    assert (inner.name, inner.first, inner.last, inner.seconds) == ("inner", 4, 4, 3)
    assert [strip_marks(line) for line in index.read(log, 2, 1)] == [b"Building"]


def test_a_section_that_never_ends_stays_open():
    [section] = LogIndex().sections(Log(b"section_start:1700000000:run\r\x1b[0Kgo\n"))
    assert (section.last, section.seconds) == (0, 0)


@pytest.mark.parametrize(
    ("line", "is_error"),
    [
        (b"ERROR: no", True),
        (b"  fatal: not a git repository", True),
        ("编译错误".encode(), True),
        (" 错误：余额不符".encode(), True),
        (b"0 errors", False),
        (b"terror", False),
        (b"error_count=0", False),
        (b"Traceback (most recent call last):", True),
        (b"\x1b[31mERROR\x1b[0m: balance", True),
        (b"\x1b[1;31mfatal: no such ref", True),
        (b"\x1b[32mmirrors", False),
    ],
)
def test_what_looks_like_an_error(line, is_error):
    assert bool(errors().search(line)) is is_error


def test_a_command_that_speaks_of_errors_is_an_echo():
    assert is_echo(b'section_start:1:step\r\x1b[0K\x1b[32;1m$ make || echo "ERROR"\x1b[0;m')
    assert not is_echo(b"ERROR: costs 3 $ more")


@pytest.mark.parametrize("block", [7, 1000, 1 << 18])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_of_a_long_line_that_writes_over_itself_the_last_state_is_shown(block, end, monkeypatch):
    monkeypatch.setattr(log_lines, "BLOCK", block)
    monkeypatch.setattr(log_lines, "LONGEST", 100)
    progress = b"".join(b"layer %d of 3000\r" % count for count in range(50))
    data = b"begin\n" + progress + b"\rERROR: upload refused" + end
    lines = LogIndex().read(Log(data + b"end" if end else data), 1, 10)
    assert lines[0] == b"begin"
    assert lines[1].rstrip(b"\r") == b"ERROR: upload refused"
    assert lines[2:] == ([b"end"] if end else [])


def test_of_a_long_line_in_one_state_the_beginning_is_shown(monkeypatch):
    monkeypatch.setattr(log_lines, "LONGEST", 10)
    assert LogIndex().read(Log(b"0123456789abc\n"), 1, 1) == [b"0123456789"]
