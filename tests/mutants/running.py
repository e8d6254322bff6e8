"""Runs the table test over a copy of the source with one mutant in it, in a process of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.mutants.plugin import HITS
from tests.mutants.sites import TABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.mutants.sites import Mutant

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
TESTS = "tests/table"
BESIDES = (
    "tests/flow/test_flow_reach.py",  # of what pipelines may do to each other, where no door leads
    "tests/flow/test_flow_by_hand.py",  # of what the clock starts
    "tests/flow/test_assess_by_hand.py",  # of what is asked again in the change that acts
    "tests/flow/test_flow_ledger_by_hand.py",  # the same
)
_PYTEST = ("-q", "-p", "no:cacheprovider", "-m", "not slow", "--tb=short")
_ERROR = re.compile(r"^E +(?:AssertionError: )?([a-z]+(?:-[a-z]+)*: .*)", re.MULTILINE)
Visited = dict[tuple[str, int, int], list[str]]  # place -> the tests that come by


class Outcome(NamedTuple):
    """``said``: what the failing test says, with the name of the use case; else why there was no answer."""

    killed: bool
    said: str


class Copy:
    """A copy of the source, to be spoilt, and a process that runs tests over it."""

    def __init__(self, folder: Path) -> None:
        self._home = folder
        shutil.copytree(SOURCE, folder / "src")  # with what is compiled already
        environment = {
            **os.environ,
            HITS: str(folder / "hits.json"),
            "COLUMNS": "300",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": f"{folder / 'src'}{os.pathsep}{ROOT}",
        }
        command = [sys.executable, "-m", "tests.mutants.warm"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def close(self) -> None:
        self._process.communicate()

    def every_test(self) -> list[str]:
        """The ids of all tests of the table."""
        _, said = self._pytest(["--collect-only", TESTS])
        return [line for line in said.splitlines() if "::" in line]

    def visitors(self, found: Sequence[Mutant]) -> Visited:
        """Which tests come by each place, with all checks as they are. SystemExit where the tests are red."""
        spans = sorted({(one.path, *part[:2]) for one in found if not one.declares for part in one.parts})
        paths = sorted({path for path, _, _ in spans})
        for path in paths:
            numbered = [(n, start, end) for n, (own, start, end) in enumerate(spans) if own == path]
            self._write(path, _noted((SOURCE / "plumbline" / path).read_bytes(), numbered))
        status, said = self._pytest(["-p", "tests.mutants.plugin", TESTS, *BESIDES])
        if status:
            raise SystemExit(f"the tests are red without any mutant ({status}):\n{said[-3000:]}")
        for path in paths:
            self._restore(path)
        visited = json.loads(Path(self._home, "hits.json").read_text("utf-8"))
        return {span: visited.get(str(n), []) for n, span in enumerate(spans)}

    def outcome(self, mutant: Mutant, tests: Sequence[str]) -> Outcome:
        """Whether one of these tests fails where this mutant is in the source."""
        self._write(mutant.path, mutant.on((SOURCE / "plumbline" / mutant.path).read_bytes()))
        try:
            status, said = self._pytest(["-x", *tests])
        finally:
            self._restore(mutant.path)
        if status == 0:
            return Outcome(False, "")
        named = _ERROR.search(said)
        return Outcome(status == 1, named[1] if named else f"? {status} {''.join(said.strip().splitlines()[-1:])}")

    def _pytest(self, arguments: Sequence[str]) -> tuple[int, str]:
        """The exit status, and what was printed."""
        output = self._home / "output"
        asked = json.dumps({"arguments": [*_PYTEST, *arguments], "output": str(output)})
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(asked, file=self._process.stdin, flush=True)
        status = int(self._process.stdout.readline())
        return status, output.read_text("utf-8", "replace")

    def _write(self, path: str, data: bytes) -> None:
        (self._home / "src" / "plumbline" / path).write_bytes(data)

    def _restore(self, path: str) -> None:
        shutil.copy2(SOURCE / "plumbline" / path, self._home / "src" / "plumbline" / path)


def tests_of(mutant: Mutant, visited: Visited, every: Sequence[str]) -> list[str]:
    """Those that can tell: whoever comes by; of what a door declares those of the door; of the table its page."""
    if mutant.path == TABLE:
        return [test for test in every if "test_table_page" in test and test.endswith(f"[{mutant.doors[0]}]")]
    if mutant.declares:
        return [test for test in every if any(test.endswith(f"{door}]") for door in mutant.doors)] or [TESTS]
    return list(dict.fromkeys(test for part in mutant.parts for test in visited[mutant.path, *part[:2]]))


def _noted(data: bytes, spans: Sequence[tuple[int, int, int]]) -> bytes:
    """The source, telling of each of its checks when somebody comes by."""
    marks: list[tuple[int, int, int, bytes]] = []
    for number, start, end in spans:
        marks.append((start, 1, -end, b"(_hit(%d) and (" % number))
        marks.append((end, 0, -start, b"))"))
    parts, before = [], 0
    for at, _, _, mark in sorted(marks):
        parts += [data[before:at], mark]
        before = at
    whole = b"".join([*parts, data[before:]])
    first = b"from __future__ import annotations\n"
    return whole.replace(first, first + b"from tests.mutants.plugin import hit as _hit\n", 1)
