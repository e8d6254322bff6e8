"""Mutated reports through every parser: ``python -m tests.fuzz.reports --count N --seed N``.

Nothing may raise, hang or grow; what comes out can be stored: no NUL, no half of a letter, no path outside.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from random import Random
from typing import Any, NamedTuple

import msgspec
from tests.fuzz.report_mutator import ReportMutator

from plumbline.model.report import Coverage, Findings, Report, TestRun, Unreadable
from plumbline.reports.parser import Source
from plumbline.reports.parsers import parsers
from plumbline.reports.reading import read

MOST_SECONDS = 5.0  # of processor time for one file
MOST_MEMORY = 2 << 30
AT_ONCE = 2_000


class Finding(NamedTuple):
    number: int
    what: str
    trace: str = ""


class Hang(BaseException):  # nothing may swallow it
    """The file took more than its time."""


class Judge:
    def __init__(self, seed: int) -> None:
        self.mutator = ReportMutator(seed)
        self.outcomes: Counter[str] = Counter()
        self.read: Counter[str] = Counter()
        self.findings: list[Finding] = []
        self.slowest = (0.0, 0)
        self._kinds = [*parsers(), *sorted({key for part in parsers().values() for key in part.gitlab})]

    def run(self, numbers: range) -> None:
        for number in numbers:
            data = self.mutator.make(number)
            random = Random(number)
            wanted = self._wanted(number, data, random)
            settings = random.choice(({}, {"root": "/builds/a"}, {"root": "C:\\x", "layer": "unit"}, {"layer": "x"}))
            if number < len(self.mutator.seeds):
                settings = {}
            begun = time.process_time()
            try:
                found = read(Source(name="x", data=data, settings=settings), wanted)
                self._judge(number, found)
            except (Exception, Hang) as error:  # noqa: BLE001 - that is what is looked for
                self.findings.append(Finding(number, f"raised {type(error).__name__}", traceback.format_exc()))
            self.slowest = max(self.slowest, (time.process_time() - begun, number))

    def _wanted(self, number: int, data: bytes, random: Random) -> str:
        if number < len(self.mutator.seeds) or random.random() < 0.9:
            return "dotenv" if re.match(rb"\w+=", data) else ""
        return random.choice(self._kinds)

    def _judge(self, number: int, found: Report | Unreadable) -> None:
        if isinstance(found, Unreadable):
            self.outcomes[f"unreadable: {found.code}"] += 1
            if found.code == "fault":
                self.findings.append(Finding(number, str(found.message)))
            str(found.message)
            return
        self.outcomes["read"] += 1
        self.read[found.format] += 1
        for defect in found.defects:
            str(defect.message)
        written = msgspec.json.encode(msgspec.structs.replace(found, defects=()))
        if b"\\u0000" in written:
            self.findings.append(Finding(number, f"{found.format}: a text holds NUL"))
        for path in _paths(found.content):
            if path.startswith("/") or ".." in path.split("/") or "\\..\\" in path:
                self.findings.append(Finding(number, f"{found.format}: a path leads outside: {path[:100]!r}"))


def _paths(content: Any) -> list[str]:
    if isinstance(content, TestRun):
        return [case.file for case in content.cases]
    if isinstance(content, Coverage):
        return [file.path for file in content.files]
    return [finding.path for finding in content.findings] if isinstance(content, Findings) else []


def _share(given: tuple[int, range]) -> Judge:
    """A worker: some files under a limit of memory and of time for each."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    signal.signal(signal.SIGPROF, _stop)
    seed, numbers = given
    judge = Judge(seed)
    for number in numbers:
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
        judge.run(range(number, number + 1))
        signal.setitimer(signal.ITIMER_PROF, 0)
    return judge


def _stop(_signal: int, _frame: object) -> None:
    raise Hang


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.reports", description="Mutated reports.")
    parser.add_argument("--count", type=int, default=5_000, help="how many files")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", type=int, metavar="NUMBER", help="show and read this one")
    given = parser.parse_args()
    if given.only is not None:
        sys.stdout.buffer.write(ReportMutator(given.seed).make(given.only) + b"\n")
        judge = Judge(given.seed)
        judge.run(range(given.only, given.only + 1))
        print(judge.outcomes, *judge.findings, sep="\n")
        return 1 if judge.findings else 0
    begun = time.monotonic()
    shares = [(given.seed, range(at, min(at + AT_ONCE, given.count))) for at in range(0, given.count, AT_ONCE)]
    outcomes: Counter[str] = Counter()
    formats: Counter[str] = Counter()
    findings: list[Finding] = []
    slowest, memory = (0.0, 0), 0
    with multiprocessing.get_context("spawn").Pool(given.workers, maxtasksperchild=10) as pool:
        for outcome, read_, found, slow, peak in pool.imap_unordered(_told, shares):
            outcomes += outcome
            formats += read_
            findings += found
            slowest, memory = max(slowest, slow), max(memory, peak)
    print(f"files     {sum(outcomes.values()):,} in {time.monotonic() - begun:.0f} s")
    for name, count in sorted(outcomes.items()):
        print(f"          {count:>8,}  {name}")
    print(f"read as   {', '.join(f'{name} {count:,}' for name, count in sorted(formats.items()))}")
    print(f"slowest   {slowest[0]:.3f} s of processor time (file {slowest[1]})")
    print(f"memory    {memory / 1024:.0f} MB at most in one process")
    print(f"findings  {len(findings)}")
    for one in findings[:20]:
        print(f"\nfile {one.number}: {one.what}\n{one.trace[-1500:]}")
    return 1 if findings or sum(outcomes.values()) + len(findings) < given.count else 0


def _told(share: tuple[int, range]) -> tuple[Counter[str], Counter[str], list[Finding], tuple[float, int], int]:
    judge = _share(share)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return judge.outcomes, judge.read, judge.findings, judge.slowest, peak


if __name__ == "__main__":
    sys.exit(main())
