"""A job in a container: what the product costs beside the engine itself."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from bench.jobs import plumb_run
from bench.measure import CommandError, Figure, alternate, command, within
from bench.repositories import repository
from plumbline.adapters.containers import find_engine
from plumbline.adapters.containers.trial import shell_image
from plumbline.kernel import PlumblineError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST = 0.5  # seconds
ROUNDS = 5


def overhead(scratch: Path) -> Iterator[Figure]:
    """One job that does nothing, in a container and in a shell of this machine."""
    name = "run, one job in a container, over one without"
    image = f"localhost/plumbline-bench-{os.getpid()}:1"
    try:
        engine = find_engine()
    except PlumblineError as error:
        yield Figure(name, "s", None, note=str(error))
        return
    subprocess.run([engine.client, "import", "-", image], input=shell_image(), capture_output=True, check=True)
    try:
        text = f"job: {{image: {{name: '{image}', pull_policy: never}}, script: [':']}}\n"
        boxed = repository(scratch / "boxed", {".gitlab-ci.yml": text})
        plain = repository(scratch / "plain", {".gitlab-ci.yml": "job: {script: [':']}\n"})
        ours, without = alternate([command(plumb_run(boxed, "none")), command(plumb_run(plain, "none"))], ROUNDS)
        bare = alternate([command([engine.client, "run", "--rm", image, "/bin/sh", "-c", ":"])], ROUNDS)[0]
    except CommandError as failure:
        yield Figure(name, "s", None, note=str(failure))
        return
    finally:
        subprocess.run([engine.client, "rmi", "--force", image], capture_output=True, check=False)
    note = f"median of {ROUNDS} in turn; {engine.name} run --rm of the same shell alone takes {bare:.2f} s"
    yield within(name, "s", ours - without, MOST, note)
