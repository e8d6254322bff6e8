"""``python -m tests.mutants``: take each permission check and each duty away in turn, and see who notices.

Every mutant has to be killed by the test of the table (`tests/table`), which names the use case. The source itself is
not touched. Exit status 1 where one survived.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.running import SOURCE, Copy, tests_of
from tests.mutants.sites import Mutant, mutants


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--only", default="", help="mutants whose file, or words, have this in them")
    parser.add_argument("--jobs", type=int, default=2, help="processes at the same time")
    parser.add_argument("--list", action="store_true", help="run nothing")
    chosen = parser.parse_args()
    found = [one for one in mutants(SOURCE / "plumbline") if chosen.only in f"{one.path}:{one.line} {one.said}"]
    if chosen.list:
        print(*(f"{one.path}:{one.line} {one.said}" for one in found), f"{len(found)} mutants", sep="\n")
        return 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="plumbline-mutants-") as folder:
        copies: SimpleQueue[Copy] = SimpleQueue()
        for number in range(chosen.jobs):
            (home := Path(folder, str(number))).mkdir()
            copies.put(Copy(home))
        survived = _all(found, copies, chosen.jobs)
        for _ in range(chosen.jobs):
            copies.get().close()
    print(f"{len(found)} mutants, {len(found) - survived} killed, {survived} survived, "
          f"{time.monotonic() - began:.0f} s")  # fmt: skip
    return 1 if survived else 0


def _all(found: list[Mutant], copies: SimpleQueue[Copy], jobs: int) -> int:
    """How many survived."""
    first = copies.get()
    visited, tests = first.visitors(found), first.every_test()
    copies.put(first)

    def judged(mutant: Mutant) -> bool:
        place = f"{mutant.path}:{mutant.line} {mutant.said}"
        chosen = tests_of(mutant, visited, tests)
        if not chosen:
            print(f"SURVIVED  {place}: no question comes by it", flush=True)
            return False
        copy = copies.get()
        try:
            killed, said = copy.outcome(mutant, chosen)
        finally:
            copies.put(copy)
        print(f"{'killed   ' if killed else 'SURVIVED '} {place}{f' - {said}' if said else ''}", flush=True)
        return killed

    with ThreadPoolExecutor(jobs) as pool:
        return sum(not killed for killed in pool.map(judged, found))


if __name__ == "__main__":
    sys.exit(main())
