"""Whoever is killed, and how: no process and no working copy of a job is left."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

JOB = """
job:
  script:
    - (setsid sleep 4242.{mark} &) ; sleep 4242.{mark} &
    - touch {folder}/started
    - sleep 4242.{mark}
"""


def left_running(mark: str) -> list[str]:
    found = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line for line in found if f"4242.{mark}" in line and "ps -eo" not in line]


def until(condition, seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at /proc")
@pytest.mark.parametrize("victim", ["the process that was started", "the one that works"])
def test_kill_leaves_nothing(plumb, tmp_path, victim):
    mark = f"{os.getpid()}{time.monotonic_ns()}"
    repository = plumb(JOB.format(mark=mark, folder=tmp_path))
    process = repository.start("run", "--isolation", "none")
    assert until((tmp_path / "started").exists)
    assert left_running(mark)
    worker = children(process.pid)[0]
    os.kill(process.pid if victim == "the process that was started" else worker, signal.SIGKILL)
    _, err = process.communicate(timeout=60)
    assert until(lambda: not left_running(mark)), left_running(mark)
    assert until(lambda: not list(repository.data.rglob("work/*/project"))), err
    (repository.folder / ".gitlab-ci.yml").write_text("job: {script: echo quick}")
    if victim == "the one that works":
        assert process.returncode == 3
        assert "Run 1 was interrupted" in err
    else:  # while its last process ends, the run is not interrupted but running: a later run says so
        assert until(lambda: "Run 1 was interrupted" in repository("run").stdout)
    assert "interrupted" in repository("history").stdout
