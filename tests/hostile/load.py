"""``python -m tests.hostile.load``: a server under hostile load, and what those who mean well notice of it.

From one address come half-sent forms, streams of somebody who is signed in, webhooks and starts of pipelines whose
repository is on a server that accepts and never answers, and people who look at pages. Told are the times that these
see with and without the rest, whether health always answers, and how much memory the server takes. The machine should
have nothing else to do.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
sys.path.insert(0, str(Path(__file__).parents[1]))

from local_repositories import make_repository
from tests.hostile.bank import SECRET, Bank, Served, furnish, memory, served, silent_remote

from postgres_server import postgres_server

CONFIGURATION = "a: {script: [make], rules: [{when: always}]}\n"
MOST_SECONDS = 0.5  # of which 1 of 100 may be over
MOST_MEMORY = 100 << 20  # bytes more than before


@dataclass
class Sizes:
    forms: int = 600
    streams: int = 600
    hooks: int = 72
    starts: int = 26
    people: int = 20
    seconds: float = 30.0
    again: float = 10.0  # seconds until what was closed is made anew


@dataclass
class Seen:
    """What somebody saw: how long each answer took, and how many there were of each status."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def percentile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0

    @property
    def row(self) -> list[str]:
        statuses = ", ".join(f"{count} x {status or 'none'}" for status, count in sorted(self.statuses.items()))
        times = [f"{self.percentile(share) * 1000:.0f}" for share in (0.5, 0.99, 1.0)]
        return [str(len(self.seconds)), *times, statuses]


@dataclass
class Report:
    before: Seen = field(default_factory=Seen)
    pages: Seen = field(default_factory=Seen)
    health: Seen = field(default_factory=Seen)
    hooks: Seen = field(default_factory=Seen)
    starts: Seen = field(default_factory=Seen)
    good_starts: Seen = field(default_factory=Seen)
    sign_ins: Seen = field(default_factory=Seen)
    forms: int = 0  # connections that were made for them
    streams: int = 0
    memory_before: int = 0  # bytes
    memory_most: int = 0

    def table(self) -> str:
        rows = [["", "answers", "p50 ms", "p99 ms", "max ms", "statuses"]]
        names = {
            "pages, without the rest": self.before,
            "pages": self.pages,
            "health": self.health,
            "webhooks": self.hooks,
            "starts, silent remote": self.starts,
            "starts, good repository": self.good_starts,
            "sign-in": self.sign_ins,
        }
        rows += [[name, *seen.row] for name, seen in names.items()]
        widths = [max(len(row[place]) for row in rows) for place in range(6)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
        more = self.memory_most - self.memory_before
        lines.append(
            f"memory: {self.memory_before >> 20} MB before, {self.memory_most >> 20} MB at most (+{more >> 20})"
        )
        lines.append(f"connections made: {self.forms} for half-sent forms, {self.streams} for streams")
        return "\n".join(lines)

    def faults(self) -> list[str]:
        """What should not be, whatever the time."""
        found = [
            f"{name}: {seen.row[-1]}"
            for name, seen, good in (
                ("pages", self.pages, {200}),
                ("health", self.health, {200}),
                ("webhooks", self.hooks, {202}),
                ("starts, silent remote", self.starts, {503}),
                ("starts, good repository", self.good_starts, {201}),
                ("sign-in", self.sign_ins, {401}),
            )
            if not seen.statuses or set(seen.statuses) - good
        ]
        if self.memory_most - self.memory_before > MOST_MEMORY:
            found.append("memory")
        return found


async def ask(port: int, head: str, body: bytes = b"", *, limit: float = 60.0) -> int:
    """The status of the answer to a request on a connection of its own; 0: there was none."""
    writer = None
    try:
        async with asyncio.timeout(limit):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            length = f"Content-Length: {len(body)}\r\n" if body else ""
            writer.write(f"{head}\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{length}\r\n".encode() + body)
            answer = await reader.read()
            return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0
    except (OSError, TimeoutError):
        return 0
    finally:
        if writer is not None:
            writer.close()


async def timed(seen: Seen, port: int, head: str, body: bytes = b"") -> None:
    begun = time.perf_counter()
    status = await ask(port, head, body)
    seen.seconds.append(time.perf_counter() - begun)
    seen.statuses[status] += 1


class Load:
    """Everything that comes to one server."""

    def __init__(self, bank: Bank, server: Served, sizes: Sizes) -> None:
        self._bank, self._server, self._sizes = bank, server, sizes
        self.report = Report()

    async def run(self) -> Report:
        sizes, report = self._sizes, self.report
        await self._people(Seen(), 2.0)  # what is made when it is asked for first
        await self._people(report.before, min(10.0, sizes.seconds))
        report.memory_before = memory(self._server.process)
        hostile = [asyncio.create_task(self._half_a_form(number / sizes.forms)) for number in range(sizes.forms)]
        hostile += [asyncio.create_task(self._stream(1 + number / sizes.streams)) for number in range(sizes.streams)]
        watch = asyncio.create_task(self._watch())
        try:
            await asyncio.sleep(2.5)
            told = [asyncio.create_task(self._hook(number)) for number in range(sizes.hooks)]
            told += [asyncio.create_task(self._start(number)) for number in range(sizes.starts)]
            told += [asyncio.create_task(self._others())]
            await self._people(report.pages, sizes.seconds)
            await asyncio.gather(*told)
        finally:
            for task in (*hostile, watch):
                task.cancel()
            await asyncio.gather(*hostile, watch, return_exceptions=True)
        return report

    async def _people(self, seen: Seen, seconds: float) -> None:
        until = time.monotonic() + seconds
        pages = ["/", "/pipelines", f"/projects/{self._bank.well}", "/tree"]

        async def look(number: int) -> None:
            turn = number
            while time.monotonic() < until:
                head = f"GET {pages[turn % len(pages)]} HTTP/1.1\r\nCookie: {self._bank.cookies[number]}"
                await timed(seen, self._server.port, head)
                turn += 1
                await asyncio.sleep(0.5)

        await asyncio.gather(*(look(number) for number in range(1, self._sizes.people + 1)))

    async def _half_a_form(self, delay: float) -> None:
        """Again and again: one that was closed is made anew."""
        await asyncio.sleep(delay)
        head = "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        await self._hold(head + "Content-Length: 9000\r\n\r\nname=" + "x" * 4000, "forms")

    async def _stream(self, delay: float) -> None:
        await asyncio.sleep(delay)
        head = f"GET /live HTTP/1.1\r\nHost: x\r\nCookie: {self._bank.cookies[0]}\r\n\r\n"
        await self._hold(head, "streams")

    async def _hold(self, text: str, name: str) -> None:
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._server.port)
                setattr(self.report, name, getattr(self.report, name) + 1)
                try:
                    writer.write(text.encode())
                    while await reader.read(65536):
                        pass
                finally:
                    writer.close()
            await asyncio.sleep(self._sizes.again)

    async def _hook(self, number: int) -> None:
        body = json.dumps({"ref": f"refs/heads/b{number}", "before": "0" * 40, "after": "1" * 40}).encode()
        proof = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
        project = self._bank.silent[number % len(self._bank.silent)]
        head = f"POST /hooks/git/{project} HTTP/1.1\r\nX-Plumbline-Signature: {proof}"
        await timed(self.report.hooks, self._server.port, head, body)

    async def _start(self, number: int) -> None:
        project = self._bank.silent[number % len(self._bank.silent)]
        await timed(self.report.starts, self._server.port, self._started(project), b"{}")

    async def _others(self) -> None:
        """Those who mean well, and do more than look."""
        await asyncio.sleep(0.5)
        port, form = self._server.port, b"name=nobody&password=wrong"
        sign_in = f"POST /sign-in HTTP/1.1\r\nOrigin: http://127.0.0.1:{port}\r\n"
        sign_in += "Content-Type: application/x-www-form-urlencoded"
        await timed(self.report.sign_ins, port, sign_in, form)
        await timed(self.report.good_starts, port, self._started(self._bank.well), b"{}")

    def _started(self, project: int) -> str:
        head = f"POST /api/v1/projects/{project}/pipelines HTTP/1.1\r\nContent-Type: application/json\r\n"
        return f"{head}Authorization: Bearer {self._bank.token}"

    async def _watch(self) -> None:
        report = self.report
        while True:
            report.memory_most = max(report.memory_most, memory(self._server.process))
            for path in ("/healthz", "/readyz"):
                await timed(report.health, self._server.port, f"GET {path} HTTP/1.1")
            await asyncio.sleep(0.2)


def under_load(folder: Path, sizes: Sizes, database: str = "") -> Report:
    """What was seen. ``folder``: an empty one."""
    repository = make_repository(folder / "repository", {".gitlab-ci.yml": CONFIGURATION})
    with silent_remote() as remote:
        bank = furnish(folder / "data", database, repository, remote, sizes.people + 1)
        with served(folder / "data", database, folder / "log") as server:
            report = asyncio.run(Load(bank, server, sizes).run())
    return report


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.load")
    for name, value in vars(Sizes()).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    chosen = vars(parser.parse_args())
    database, sizes = chosen.pop("database"), Sizes(**chosen)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="plumbline-load-")))
        address = stack.enter_context(postgres_server()).database() if database == "postgresql" else ""
        report = under_load(folder, sizes, address)
    print(f"{database}: {sizes}")
    print(report.table())
    faults = report.faults()
    if report.pages.percentile(0.99) > MOST_SECONDS:
        faults.append(f"pages: one of a hundred took more than {MOST_SECONDS} s")
    print("\n".join(f"FAULT {fault}" for fault in faults) or "all is well")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
