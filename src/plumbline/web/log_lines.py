"""The lines of a log of any length, by their numbers: found by counting, never by reading all of it into memory."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import OrderedDict
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import visible, without_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.flow.jobs.job_log import LogFile

BLOCK = 1 << 18  # bytes counted at once
LONGEST = 16_384  # bytes of a line that are shown; all of it is in the raw log
_KEPT = 64  # indexes in memory
_OVERLAP = 512  # bytes; longer than any mark
_MOST_MARKS = 4000
_MARK = re.compile(rb"section_(start|end):(\d{1,19}):([A-Za-z0-9_.\-]{1,200})(\[[^\]\r\n]{0,200}\])?\r?(?:\x1b\[0K)?")
_COLOUR = re.compile(rb"\x1b\[[0-9;:]*m")
_ERRORS = (
    rb"(?i)(?:^|[^a-z0-9_]|\x1b\[[0-9;:]*m)(?:error|fatal|exception|traceback|failed|failure|panic)(?:$|[^a-z0-9_=])"
    + "|错误|失败".encode()
)


@cache
def errors() -> re.Pattern[bytes]:
    """What a line that tells of an error looks like. RE2 is twenty times as fast here as the standard library."""
    import re2  # takes 10 ms, and few logs are asked for their errors

    pattern: re.Pattern[bytes] = re2.compile(_ERRORS)
    return pattern


class Section(NamedTuple):
    """A part of the log between two marks. Lines are counted from 1; ``last`` is 0 while the section is open."""

    name: str
    title: str
    first: int
    last: int
    seconds: int
    collapsed: bool


class _Mark(NamedTuple):
    offset: int
    line: int  # the last one of the section, for a mark that ends one
    starts: bool
    time: int
    name: str
    collapsed: bool


class LogIndex:
    """Where the lines of one log begin. It grows with the log; safe for several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._before = [0]  # complete lines before each block
        self._size = 0
        self._ends_open = False  # the last byte is no line break
        self._marks: list[_Mark] = []

    @property
    def lines(self) -> int:
        return self._before[-1] + self._ends_open

    def grow(self, log: LogFile) -> None:
        """Count what is new."""
        with self._lock:
            size = log.size
            if size < self._size:  # another log than before
                self._before, self._size, self._ends_open, self._marks = [0], 0, False, []
            while self._size < size:
                start = self._size // BLOCK * BLOCK
                data = log.read(start, min(BLOCK, size - start))
                if start + len(data) <= self._size:
                    return
                self._count(log, start, data)

    def _count(self, log: LogFile, start: int, data: bytes) -> None:
        number = start // BLOCK
        del self._before[number + 1 :]
        before = self._before[number]
        self._before.append(before + data.count(b"\n"))
        # A mark may lie across the border of two blocks, so the end of the one before is looked at again.
        ahead = min(start, _OVERLAP)
        while self._marks and self._marks[-1].offset >= start - ahead:
            self._marks.pop()
        wider = log.read(start - ahead, ahead) + data
        line, seen = before - wider.count(b"\n", 0, ahead) + 1, 0
        for found in _MARK.finditer(wider):
            line += wider.count(b"\n", seen, found.start())
            seen = found.start()
            collapsed = b"collapsed=true" in (found[4] or b"")
            offset, starts = start - ahead + found.start(), found[1] == b"start"
            # What stands behind the mark of an end does not belong to the section any more.
            alone = wider[found.end() : found.end() + 1] in (b"\n", b"")
            begins = wider[found.start() - 1 : found.start()] in (b"\n", b"")
            own = line if starts or alone or not begins else line - 1
            self._marks.append(_Mark(offset, own, starts, int(found[2]), found[3].decode(), collapsed))
        self._size = start + len(data)
        self._ends_open = not data.endswith(b"\n")

    def read(self, log: LogFile, first: int, count: int) -> list[bytes]:
        """Lines ``first`` (from 1) and following, at most ``count``, each without its break."""
        self.grow(log)
        with self._lock:
            last = min(first + count - 1, self.lines)
            if first < 1 or last < first:
                return []
            block = max(0, bisect_left(self._before, first - 1) - 1)
            before, size = self._before[block], self._size
        out: list[bytes] = []
        rest = b""
        offset = block * BLOCK
        skip = first - 1 - before
        while offset < size and len(out) < skip + last - first + 1:
            data = log.read(offset, min(BLOCK, size - offset))
            if not data:
                break
            offset += len(data)
            parts = (rest + data).split(b"\n")
            rest = _shortened(parts.pop())
            out += parts
        if rest:
            out.append(rest)
        return [_shortened(line) for line in out[skip : skip + last - first + 1]]

    def sections(self, log: LogFile) -> list[Section]:
        """In the order they begin; those that were opened and never closed have ``last`` 0."""
        self.grow(log)
        found: list[Section] = []
        open_: dict[str, int] = {}
        for _, line, starts, time, name, collapsed in self._marks[:_MOST_MARKS]:
            if starts:
                open_[name] = len(found)
                found.append(Section(name, name.replace("_", " "), line, 0, time, collapsed))
            elif name in open_:
                place = open_.pop(name)
                begun = found[place]
                found[place] = begun._replace(last=max(begun.first, line), seconds=max(0, time - begun.seconds))
        return [section if section.last else section._replace(seconds=0) for section in found]

    def search(self, log: LogFile, pattern: re.Pattern[bytes], *, after: int, limit: int) -> list[int]:
        """Numbers of lines after ``after`` in which the pattern stands, at most ``limit``."""
        self.grow(log)
        found: list[int] = []
        for line, data in self._blocks(log, after):
            at = line
            seen = 0
            for match in pattern.finditer(data):
                at += data.count(b"\n", seen, match.start())
                seen = match.start()
                number = at + (data[match.start() : match.start() + 1] == b"\n")
                if number > after and (not found or found[-1] != number):
                    found.append(number)
                    if len(found) >= limit:
                        return found
        return found

    def _blocks(self, log: LogFile, after: int) -> Iterator[tuple[int, bytes]]:
        """Whole lines, a block's worth at a time, with the number of the first."""
        with self._lock:
            block = max(0, bisect_left(self._before, after) - 1)
            line, size = self._before[block] + 1, self._size
        offset, rest = block * BLOCK, b""
        while offset < size:
            data = log.read(offset, min(BLOCK, size - offset))
            if not data:
                break
            offset += len(data)
            whole, ended, rest = (rest + data).rpartition(b"\n")
            if ended:
                yield line, whole
                line += whole.count(b"\n") + 1
        if rest:
            yield line, rest


def _shortened(line: bytes) -> bytes:
    """At most :data:`LONGEST` bytes of a line. A longer one with carriage returns in it wrote over itself, as a
    progress bar does: its last state is what stays."""
    if len(line) <= LONGEST:
        return line
    text = line.rstrip(b"\r")
    last = text[text.rfind(b"\r") + 1 :][:LONGEST]
    return last + b"\r" if len(text) < len(line) else last


class LogIndexes:
    """The indexes of the logs that were looked at last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[str, LogIndex] = OrderedDict()

    def of(self, path: str) -> LogIndex:
        with self._lock:
            index = self._kept.setdefault(path, LogIndex())
            self._kept.move_to_end(path)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return index


def is_echo(line: bytes) -> bool:
    """A command that the job was about to run, as it is shown before its output: it may well speak of errors."""
    return _COLOUR.sub(b"", strip_marks(line)).startswith(b"$ ")


def strip_marks(line: bytes) -> bytes:
    """A line without its section marks; a mark parts what stands before it from what stands behind it."""
    if b"section_" not in line:
        return line
    ends = [0, *(end for found in _MARK.finditer(line) for end in found.span()), len(line)]
    parts = (line[start:stop] for start, stop in zip(ends[::2], ends[1::2], strict=True))
    return b" ".join(part for part in parts if visible(part).strip())


def shown(line: bytes) -> str:
    """A line for a page: its text and its colours."""
    return without_controls(strip_marks(line)).decode("utf-8", "replace")
