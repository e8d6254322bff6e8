"""Whoever is killed, and how: no container, no service and no network of a run is left."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from tests.container_engine import IMAGE, remove_images, working_engine

pytestmark = pytest.mark.slow
CONFIGURATION = f"""
job:
  image: {IMAGE}
  services: [{{name: {IMAGE}, alias: web, entrypoint: [sh, -c], command: ["exec httpd -f -p 8000"]}}]
  script: ["touch up", "sleep 300"]
after: {{image: {IMAGE}, script: ["true"], rules: [{{if: $AFTER}}]}}
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        engine = working_engine(tmp_path_factory.mktemp("conf"), patch)
        yield engine
        remove_images(engine)


def left(engine, data: Path) -> list[str]:
    """The containers and networks of the project's runs; their names hold the name of its folder."""
    project = next((data / "local").iterdir()).name
    listed = [("ps", "-a", "--format", "{{.Names}}"), ("network", "ls", "--format", "{{.Name}}")]
    return [name for ask in listed for name in engine.ask(*ask).text.split() if project in name]


def wait(true, patience: float = 30.0) -> bool:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("victim", ["the process that was started", "its worker", "both"])
def test_kill_leaves_no_container(plumb, engine, victim: str) -> None:
    project = plumb(CONFIGURATION)
    process = project.start("run", "job")
    try:
        assert wait(lambda: list(project.data.rglob("project/up"))), process.communicate(timeout=5)
        assert len(left(engine, project.data)) == 3
        worker = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0])
        victims = {"the process that was started": [process.pid], "its worker": [worker]}
        for pid in victims.get(victim, [worker, process.pid]):
            os.kill(pid, signal.SIGKILL)
        said = process.communicate(timeout=60)[1]
    finally:
        process.kill()
    if victim != "both":
        assert wait(lambda: not left(engine, project.data)), left(engine, project.data)
    again = project("run", "--var", "AFTER=1", "after")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "interrupted" in said + again.stdout + again.stderr
    assert left(engine, project.data) == []
