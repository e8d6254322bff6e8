"""What a job prints: its head and its tail are kept, masked, in bounded memory."""

from __future__ import annotations

import re
import tracemalloc

import pytest

from plumbline.adapters.jobs.coverage import CoverageFinder
from plumbline.adapters.jobs.output import TAIL, Output
from plumbline.kernel import Masker, t
from plumbline.web.log_lines import LogIndex

LEFT_OUT = re.compile(rb"(\d+) bytes of the output are left out here")


class Log:
    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    # as a LogFile
    live = False

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, offset: int, length: int) -> bytes:
        return self.data[offset : offset + length]


def said(*parts: bytes, limit: int, secrets: tuple[str, ...] = (), coverage: CoverageFinder | None = None) -> bytes:
    log = Log()
    output = Output(log, Masker(secrets), limit, coverage)
    output.begin("step_script", t("x"))
    for part in parts:
        output.write(part)
    output.end("step_script")
    return log.data


def lines(first: int, last: int) -> bytes:
    return b"".join(b"line %d\n" % number for number in range(first, last))


def test_what_is_within_the_limit_is_written_as_it_comes() -> None:
    log = Log()
    output = Output(log, Masker(), 1000)
    output.write(b"a\n")
    assert log.data == b"a\n"
    output.write(b"b" * 400)
    assert log.data.endswith(b"b" * 400)


@pytest.mark.parametrize("size", [1, 7, 100, 70_000])
def test_the_end_is_kept_however_it_comes(size: int) -> None:
    whole = lines(0, 9000)
    data = said(*(whole[start : start + size] for start in range(0, len(whole), size)), limit=4000)
    assert b"line 0\n" in data
    assert b"line 8999\n\x1b" not in data
    assert b"line 8999\nsection_end:" in data
    assert b"line 4000\n" not in data
    left_out = LEFT_OUT.search(data)
    assert left_out
    head, _, tail = data.partition(left_out[0])
    shown = len(re.findall(rb"line \d+\n", head)) + len(re.findall(rb"line \d+\n", tail))
    assert shown > 200
    text = sum(len(part) for part in re.findall(rb"line \d+(?:\n|$)", head + tail))
    assert abs(text + int(left_out[1]) - len(whole)) < 20  # a line is cut where the head ends
    assert tail.partition(b"\n")[2].startswith(b"line ")


def test_what_fits_after_all_is_whole() -> None:
    whole = lines(0, 400)
    data = said(whole[:2000], whole[2000:], limit=len(whole) + 10)
    assert not LEFT_OUT.search(data)
    shown = b"".join(re.findall(rb"line \d+\n", data))
    assert shown.replace(b"\n", b"").endswith(b"line 399")


def test_no_limit_keeps_all() -> None:
    whole = lines(0, 9000)
    assert whole in said(whole, limit=0)


@pytest.mark.parametrize("filler", [0, 3, 500, 5000, 400_000])
@pytest.mark.parametrize("size", [5, 333, 65_536])
def test_no_part_of_a_secret_shows_where_something_is_left_out(filler: int, size: int) -> None:
    secret = "correct-horse-battery-staple"
    whole = b"x" * filler + f"{secret}\n".encode() * 400 + b"y" * (filler // 2) + f"{secret} end\n".encode()
    data = said(*(whole[at : at + size] for at in range(0, len(whole), size)), limit=3000, secrets=(secret,))
    assert b" end\n" in data
    for at in range(len(secret) - 6):
        assert secret[at : at + 7].encode() not in data


def test_the_memory_is_bounded_and_coverage_sees_all() -> None:
    finder = CoverageFinder(r"TOTAL \d+%")
    log = Log()
    output = Output(log, Masker(("secret-value",)), 100_000, finder)
    block = lines(0, 8000)
    tracemalloc.start()
    for _ in range(600):  # 47 MB
        output.write(block)
    output.write(b"TOTAL 42%\n")
    output.write(block)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    output.flush()
    assert finder.finish() == 42
    assert peak < 4 * TAIL
    assert len(log.data) < 110_000


def test_sections_stay_what_they_are() -> None:
    log = Log()
    output = Output(log, Masker(), 3000)
    for name in ("step_script", "after_script"):
        output.begin(name, t("x"))
        output.write(b"section_start:1:own\r\x1b[0Kown\n" + lines(0, 3000) + b"section_end:2:own\r\x1b[0K\n")
        output.end(name)
    sections = {section.name: section for section in LogIndex().sections(log)}
    assert sections["step_script"].last
    assert sections["after_script"].first > sections["step_script"].last
    assert sections["own"].last
    assert len(LEFT_OUT.findall(log.data)) == 2
