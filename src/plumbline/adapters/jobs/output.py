"""What a job says: masked, its middle left out where it is too long, searched for coverage, with GitLab's marks."""

from __future__ import annotations

import time
from threading import RLock
from typing import TYPE_CHECKING

from plumbline.kernel import Masker, t

if TYPE_CHECKING:
    from plumbline.adapters.jobs.coverage import CoverageFinder
    from plumbline.kernel import Text
    from plumbline.model.ports.jobs import JobLog

PLAIN = ""
CYAN = "\033[36;1m"
GREEN = "\033[32;1m"
YELLOW = "\033[0;33m"
RED = "\033[31;1m"
_END = "\033[0;m"
TAIL = 4_000_000  # bytes of the end that are kept at most, in memory
_MARGIN = 128_000  # bytes before them that are read for secrets which are cut through
_SLICE = 16_384  # bytes that are masked at once; other threads wait meanwhile


class Output:
    """One job's output on its way to its log. ``limit``: bytes of the scripts' output that are kept, 0: all.

    What is within the limit goes to the log as it comes, but for room for the end: of what comes later, the last is
    kept, and written when the script has ended. Between them stands how much is left out.
    """

    def __init__(self, log: JobLog, masker: Masker, limit: int, coverage: CoverageFinder | None = None) -> None:
        self._log, self.masker, self._coverage = log, masker, coverage
        self._tail = min(TAIL, limit // 2)
        self._room = limit - self._tail if limit > 0 else None
        self._over = b""  # masked, the first that had no room
        self._late = bytearray()  # what came then, as it came
        self._left_out = 0
        self._midline = False
        self._lock = RLock()  # of log and masker: services speak from their own threads

    def aside(self, lines: bytes) -> None:
        """Whole lines of somebody who speaks beside the scripts. From any thread."""
        with self._lock:
            if self._room is not None:
                if self._room <= 0:
                    return
                self._room = max(0, self._room - len(lines))
            data = self.masker.mask(lines)
            self._log.write(b"\n" + data if self._midline else data)
            self._midline = False

    def write(self, data: bytes) -> None:
        """What a script wrote."""
        with self._lock:
            for start in range(0, len(data), _SLICE):
                part = data[start : start + _SLICE] if len(data) > _SLICE else data
                if self._room == 0:
                    self._keep_late(data[start:])
                    return
                if shown := self.masker.feed(part):
                    self._pass_on(shown)

    def _pass_on(self, shown: bytes) -> None:
        if self._coverage is not None:
            self._coverage.feed(shown)
        if self._room is None or len(shown) <= self._room:
            if self._room is not None:
                self._room -= len(shown)
            self._put(shown)
            return
        self._over = shown[self._room :]
        self._put(shown[: self._room])
        self._room = 0
        self._say(
            t("The output exceeds its limit. The job goes on; the end of what it prints follows when it has ended."),
            YELLOW,
        )

    def _put(self, shown: bytes) -> None:
        if shown:
            self._midline = not shown.endswith(b"\n")
            self._log.write(shown)

    def _keep_late(self, data: bytes) -> None:
        if self._coverage is not None:
            self._coverage.feed(data)
        self._late += data
        kept = self._tail + _MARGIN
        if len(self._late) > 2 * kept:
            self._left_out += len(self._over) + len(self._late) - kept
            self._over = b""
            del self._late[:-kept]

    def flush(self) -> None:
        """A script has ended: nothing that was held back can become a secret any longer."""
        with self._lock:
            if self._over or self._late:
                self._write_end()
            elif held := self.masker.flush():
                self._pass_on(held)

    def _write_end(self) -> None:
        late, over = bytes(self._late), self._over
        self._late, self._over = bytearray(), b""
        cut = len(late) - self._tail
        if self._left_out or cut > 0:
            # What is left out may end within a secret: go on from before, and show nothing of that.
            cut = max(0, cut)
            self._left_out += len(over) + cut
            self.masker.flush()
            for start in range(max(0, cut - _MARGIN), cut, _SLICE):
                self.masker.feed(late[start : min(cut, start + _SLICE)])
            over, late = b"", late[cut:]
        elif len(over) + cut > 0:
            self._left_out = len(over) + cut
            over = over[self._left_out :]
        masked = [self.masker.feed(late[start : start + _SLICE]) for start in range(0, len(late), _SLICE)]
        shown = b"".join((over, *masked, self.masker.flush()))
        if self._left_out:
            line = shown.find(b"\n") + 1
            if line < len(shown) // 2:  # begin with a whole line
                self._left_out += line
                shown = shown[line:]
            self._say(t("{bytes} bytes of the output are left out here.", bytes=self._left_out), YELLOW)
        self._left_out = 0
        self._put(shown)

    def say(self, text: Text | str, colour: str = PLAIN) -> None:
        """A line of the executor's own."""
        self.flush()
        self._say(text, colour)

    def _say(self, text: Text | str, colour: str) -> None:
        line = f"{colour}{text}{_END}\n" if colour else f"{text}\n"
        self._own(line)

    def begin(self, section: str, title: Text) -> None:
        self.flush()
        self._own(f"section_start:{int(time.time())}:{section}\r\033[0K\033[0K{CYAN}{title}{_END}\n")

    def end(self, section: str) -> None:
        self.flush()
        self._own(f"section_end:{int(time.time())}:{section}\r\033[0K\n")

    def _own(self, line: str) -> None:
        with self._lock:
            data = self.masker.mask(line.encode("utf-8", "surrogateescape"))
            self._log.write(b"\n" + data if self._midline else data)
            self._midline = False
