"""``python -m tests.hostile.jobs``: what the server answers, and how soon, while jobs take all they can.

Starts ``plumb up`` with small limits and runs one kind of job after the other: processes without end, memory, a disk,
a log, artifacts, a million files, folders deeper than a path. Every job is bounded a second time by its own counts,
and as root everything is in a group of its own besides. Run it as root and, with ``--user 65534``, as an ordinary
user; the Python that runs it has to be readable by that user.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.repositories import repository
from bench.server import Caller

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMITS = {
    "ci.limit_processes": 100,
    "ci.limit_memory": 300,
    "ci.limit_workspace": 400,
    "ci.limit_artifacts": 20,
    "ci.limit_log": 2,
}
_FORK = "f() { test $1 -gt 0 && { f $(($1-1)) & f $(($1-1)) & }; sleep 4; }; f 9"
_HOG = "import time\nheld = []\nfor _ in range(120):\n    held.append(bytearray(10_000_000))\n    time.sleep(0.01)\n"
_DEEP = (
    "import os\nhere = os.open('.', os.O_RDONLY)\nfor _ in range(3000):\n    os.mkdir('d', dir_fd=here)\n"
    "    inside = os.open('d', os.O_RDONLY, dir_fd=here)\n    os.close(here)\n    here = inside\n"
)
JOBS: dict[str, str] = {
    "nothing": "script: [sleep 4]",
    "fork bomb": f"script: ['{_FORK}']",
    "memory hog": "script: ['/usr/bin/env python3 hog.py']",
    "disk filler": "script: ['for i in $(seq 300); do head -c 10000000 /dev/zero >f$i || exit 1; done; sleep 20']",
    "log flood": "script: ['(yes one line again and again || true) | head -c 3000000000', 'echo the error is here']",
    "log of zeros": "script: ['head -c 300000000 /dev/zero', 'echo the error is here']",
    "artifact flood": "script: ['truncate -s 300M sparse', 'seq 30000 | split -l 1']\n  artifacts: {paths: ['*']}",
    "many files": "script: ['mkdir m; cd m; seq 200000 | split -a 5 -l 1; ls | wc -l']",
    "deep folders": "script: ['/usr/bin/env python3 deep.py']",
    "deaf": "script: [\"trap '' TERM; while :; do sleep 0.1; done\"]\n  timeout: 3 seconds",
    "daemon": "script: ['setsid -f env -i sleep 300 >/dev/null 2>&1; echo gone']",
    "removes all": "script: ['rm -rf $CI_PROJECT_DIR $TMPDIR $HOME 2>/dev/null; true']\n  artifacts: {paths: [x]}",
}


class Answers(NamedTuple):
    """Seconds that each request took; None for one that failed."""

    health: list[float | None]
    page: list[float | None]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.jobs")
    parser.add_argument("--isolation", default="auto")
    parser.add_argument("--user", type=int, default=0, help="the number of an ordinary user to do it as")
    parser.add_argument("--jobs", nargs="*", choices=list(JOBS), default=list(JOBS))
    chosen = parser.parse_args()
    with safety_net():
        if chosen.user:
            _become(chosen.user)
        folder = Path(tempfile.mkdtemp(prefix="plumbline-hostile-"))
        try:
            return hostile(folder, chosen.isolation, chosen.jobs)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def hostile(folder: Path, isolation: str, names: list[str]) -> int:
    with up(folder, isolation) as (url, key):
        caller = Caller(url)
        caller.ask("POST", "/setup", {"link": key, "name": "ada", "password": "quiet harbour morning"})
        caller.csrf = str(caller.ask("GET", "/me")["csrf"])
        bank = caller.ask("POST", "/nodes", {"kind": "organisation", "name": "bank"})
        caller.ask("PATCH", f"/nodes/{bank['id']}", {"settings": LIMITS})
        missed = 0
        print(f"{'job':16}{'s':>7}  {'state':9}{'health p50':>11}{'p99':>7}{'page p50':>10}{'p99':>7}  ms; server MB")
        for name in names:
            path = name.replace(" ", "-")
            files = {".gitlab-ci.yml": f"job:\n  {JOBS[name]}\n", "hog.py": _HOG, "deep.py": _DEEP}
            work = repository(folder / path, files)
            project = caller.ask("POST", "/nodes", {"kind": "project", "name": path, "parent": bank["id"]})["id"]
            caller.ask("PUT", f"/projects/{project}/repository", {"kind": "git", "url": str(work)})
            missed += one(caller, url, name, project)
    return 1 if missed else 0


def one(caller: Caller, url: str, name: str, project: int) -> int:
    """Run one job and ask the server meanwhile; whether it has missed a verdict."""
    answers, over = Answers([], []), threading.Event()
    cookie = caller.cookie
    threads = [
        threading.Thread(target=ask, args=(f"{url}{path}", cookie, taken, over))
        for path, taken in (("/healthz", answers.health), ("/pipelines", answers.page))
    ]
    begun = time.monotonic()
    pipeline = caller.ask("POST", f"/projects/{project}/pipelines", {})["id"]
    for thread in threads:
        thread.start()
    state = "running"
    with suppress(OSError):
        while time.monotonic() - begun < 120:
            state = caller.state(pipeline)
            if state in ("success", "failed", "canceled"):
                break
            time.sleep(0.2)
    taken = time.monotonic() - begun
    time.sleep(1.0)
    over.set()
    for thread in threads:
        thread.join()
    [job] = caller.detail(pipeline)["jobs"]
    health, page = (figures(one) for one in answers)
    size = resident()
    print(f"{name:16}{taken:7.1f}  {state:9}{health[0]:11.0f}{health[1]:7.0f}{page[0]:10.0f}{page[1]:7.0f}  {size}")
    said = str(job.get("message") or "") or "; ".join(map(str, job.get("warnings") or ()))
    if said:
        print(f"{'':16}{said}")
    return state == "running"


def ask(url: str, cookie: str, taken: list[float | None], over: threading.Event) -> None:
    while not over.is_set():
        begun = time.monotonic()
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers={"Cookie": cookie}), timeout=10) as answer:
                answer.read()
            taken.append(time.monotonic() - begun)
        except (OSError, urllib.error.HTTPError):
            taken.append(None)
        time.sleep(0.02)


def figures(taken: list[float | None]) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds; a request that failed took 10 s."""
    known = sorted(10.0 if one is None else one for one in taken) or [10.0]
    return statistics.median(known) * 1000, known[int(len(known) * 0.99)] * 1000


_server = 0


def resident() -> int:
    """MB of the server's two processes."""
    total = 0
    for pid in (_server, *map(int, _children(_server))):
        with suppress(OSError, StopIteration):
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            total += int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) // 1024
    return total


def _children(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return []


@contextmanager
def up(folder: Path, isolation: str) -> Iterator[tuple[str, str]]:
    global _server  # noqa: PLW0603
    arguments = [sys.executable, "-m", "plumbline", "up", "--data", str(folder / "data"), "--listen", "127.0.0.1:0"]
    arguments += ["--grace", "0", "--isolation", isolation]
    with open(folder / "log", "ab") as log:
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    _server = process.pid
    try:
        said = process.stdout.readline() + process.stdout.readline()
        found = re.search(r"(http://\S+:\d+)/setup\?key=(\S+)", said)
        assert found, said + (folder / "log").read_text()[-2000:]
        yield found.group(1), found.group(2)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stdout.close()
        if faults := [line for line in (folder / "log").read_text().splitlines() if "Traceback" in line]:
            print(f"{len(faults)} faults in the log of the server")


@contextmanager
def safety_net() -> Iterator[None]:
    """A group around all of it, whatever the server holds or does not hold; as root where groups can be made."""
    homes = [Path("/sys/fs/cgroup/pids/plumbline-hostile"), Path("/sys/fs/cgroup/plumbline-hostile")]
    made = next((home for home in homes if os.geteuid() == 0 and _made(home)), None)
    try:
        yield
    finally:
        with suppress(OSError):  # as another user we stay where we are
            if made is not None:
                (made.parent / "cgroup.procs").write_text("0")
                for inside in (made / "plumbline-jobs", made):
                    if inside.exists():
                        inside.rmdir()


def _made(home: Path) -> bool:
    with suppress(OSError):
        home.mkdir(exist_ok=True)
        (home / "pids.max").write_text("3000")
        (home / "cgroup.procs").write_text("0")
        return True
    return False


def _become(user: int) -> None:
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
    os.environ["HOME"] = tempfile.mkdtemp(prefix="plumbline-home-")


if __name__ == "__main__":
    sys.exit(main())
