"""What a job says: masked, cut at a limit, searched for coverage, with GitLab's section marks."""

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


class Output:
    """One job's output on its way to its log. ``limit``: bytes of the scripts' output that are kept."""

    def __init__(self, log: JobLog, masker: Masker, limit: int, coverage: CoverageFinder | None = None) -> None:
        self._log, self.masker, self._room, self._coverage = log, masker, limit, coverage
        self._midline = False
        self._lock = RLock()  # of log and masker: services speak from their own threads

    def aside(self, lines: bytes) -> None:
        """Whole lines of somebody who speaks beside the scripts. From any thread."""
        with self._lock:
            if self._room <= 0:
                return
            self._room -= len(lines)
            data = self.masker.mask(lines)
            self._log.write(b"\n" + data if self._midline else data)
            self._midline = False

    def write(self, data: bytes) -> None:
        """What a script wrote."""
        with self._lock:
            shown = self.masker.feed(data)
            if shown:
                self._pass_on(shown)

    def _pass_on(self, shown: bytes) -> None:
        if self._coverage is not None:
            self._coverage.feed(shown)
        if self._room <= 0:
            return
        if len(shown) > self._room:
            shown = shown[: self._room]
            self._room = 0
            self._log.write(shown)
            self._midline = True
            self._say(t("The output exceeds the limit; the job goes on, and nothing more of it is kept."), YELLOW)
            return
        self._room -= len(shown)
        self._midline = not shown.endswith(b"\n")
        self._log.write(shown)

    def flush(self) -> None:
        """A script has ended: nothing that was held back can become a secret any longer."""
        with self._lock:
            held = self.masker.flush()
            if held:
                self._pass_on(held)

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
