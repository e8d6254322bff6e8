"""``python -m tests.fuzz --help``; exit status 1 with a finding, or where not every input was judged."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from multiprocessing.connection import wait
from pathlib import Path

from tests.fuzz.mutator import Mutator
from tests.fuzz.subject import judge
from tests.fuzz.worker import Finding, Report, work

STUCK_SECONDS = 30.0  # of wall time on one input: code that not even a signal interrupts


class Share:
    """A worker and its numbers; started again behind an input that killed it or that it is stuck on."""

    def __init__(self, seed: int, numbers: range) -> None:
        self.seed = seed
        self.numbers = numbers
        self.reports: list[Report] = []  # the last one of each process that worked on it
        self.findings: list[Finding] = []  # of inputs that their process did not survive
        self._start(numbers)

    def _start(self, numbers: range) -> None:
        self.current = multiprocessing.Value("q", numbers.start, lock=False)
        self.pipe, theirs = multiprocessing.Pipe(duplex=False)
        self.process = multiprocessing.Process(target=work, args=(self.seed, numbers, self.current, theirs))
        self.process.start()
        theirs.close()
        self.reports.append(Report(0, {}, (0.0, 0), 0, (), numbers.start))
        self._seen = (numbers.start, time.monotonic())

    def listen(self) -> bool:
        """Take in what has come; whether there is more to come."""
        try:
            while self.pipe.poll():
                self.reports[-1] = self.pipe.recv()
        except EOFError:
            self.process.join()
            if self.reports[-1].next in self.numbers:  # it did not get to the end
                return self._go_on("crash", f"the process ended with {self.process.exitcode}")
            return False
        now = time.monotonic()
        if self.current.value != self._seen[0]:
            self._seen = (self.current.value, now)
        elif now - self._seen[1] > STUCK_SECONDS:
            self.process.kill()
            self.process.join()
            return self._go_on("hang", "not to be interrupted")
        return True

    def _go_on(self, kind: str, place: str) -> bool:
        at = int(self.current.value)
        self.findings.append(Finding(at, kind, place, ""))
        rest = range(at + self.numbers.step, self.numbers.stop, self.numbers.step)
        if rest:
            self._start(rest)
        return bool(rest)


def fuzz(seed: int, count: int, workers: int) -> tuple[list[Report], list[Finding]]:
    """Judge ``count`` inputs in so many processes."""
    shares = [Share(seed, range(first, count, workers)) for first in range(min(workers, count))]
    alive, shown = list(shares), time.monotonic()
    while alive:
        wait([share.pipe for share in alive], timeout=0.5)
        alive = [share for share in alive if share.listen()]
        if time.monotonic() - shown > 10:
            shown = time.monotonic()
            print(f"{sum(r.done for s in shares for r in s.reports):,} inputs ...", file=sys.stderr, flush=True)
    reports = [report for share in shares for report in share.reports]
    findings = [f for share in shares for f in (*share.findings, *(f for r in share.reports for f in r.findings))]
    return reports, findings


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Mutated configurations.")
    parser.add_argument("--count", type=int, default=2_000, help="how many inputs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--save", type=Path, default=Path(".bench/fuzz"), help="where the inputs of findings are kept")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="judge this one input, here, without limits")
    given = parser.parse_args()
    if given.only is not None:
        data = Mutator(given.seed).make(given.only)
        sys.stdout.buffer.write(data + b"\n")
        print(judge(data, given.only))
        return 0
    begun = time.monotonic()
    reports, findings = fuzz(given.seed, given.count, given.workers)
    done = sum(report.done for report in reports) + sum(1 for finding in findings if not finding.trace)
    show(reports, findings, done, time.monotonic() - begun)
    save(findings, given.seed, given.save)
    return 1 if findings or done < given.count else 0


def show(reports: list[Report], findings: list[Finding], done: int, seconds: float) -> None:
    outcomes: dict[str, int] = {}
    for report in reports:
        for outcome, number in report.outcomes.items():
            outcomes[outcome] = outcomes.get(outcome, 0) + number
    slowest, at = max(report.slowest for report in reports)
    memory = max(report.memory for report in reports) / 1024
    print(f"inputs    {done:,} in {seconds:.1f} s, {done / seconds:,.0f} a second")
    print(f"outcomes  {', '.join(f'{name} {number:,}' for name, number in sorted(outcomes.items()))}")
    print(f"slowest   {slowest:.3f} s of processor time (input {at})")
    print(f"memory    {memory:.0f} MB at most in one process")
    print(f"findings  {len(findings)}")
    kinds: dict[str, list[Finding]] = {}
    for finding in findings:
        kinds.setdefault(f"{finding.kind}: {finding.place}", []).append(finding)
    for kind, same in sorted(kinds.items(), key=lambda item: -len(item[1])):
        print(f"\n{kind}: {len(same)} times, e.g. inputs {', '.join(str(f.number) for f in same[:5])}")
        print("  " + same[0].trace.strip().replace("\n", "\n  ")[-1500:])


def save(findings: list[Finding], seed: int, folder: Path) -> None:
    """Keep up to three inputs of each kind of finding."""
    mutator, kept = Mutator(seed), dict[str, int]()
    for finding in findings:
        kept[finding.place] = kept.get(finding.place, 0) + 1
        if kept[finding.place] <= 3:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{finding.kind}-{seed}-{finding.number}.yml").write_bytes(mutator.make(finding.number))


if __name__ == "__main__":
    sys.exit(main())
