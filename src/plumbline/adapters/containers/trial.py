"""One real container, from an image of this machine's own shell: no registry is asked."""

from __future__ import annotations

import io
import os
import secrets
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from plumbline.adapters.containers.networks import Network
from plumbline.adapters.containers.options import common_options, limit_options
from plumbline.kernel import PlumblineError, Text, t
from plumbline.model.job_setup import ContainerRules, JobLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.adapters.containers.engine import Engine

_SHELL = "/bin/sh"
_PATIENCE = 60.0  # seconds


def try_container(engine: Engine) -> Text | None:
    """Run a container as jobs are run; what is wrong, or None. Image and container are gone afterwards."""
    number = secrets.randbelow(1 << 30)
    marker = f"doctor-{number}"
    image = f"localhost/plumbline-doctor:{number}"
    with tempfile.TemporaryDirectory(prefix="plumbline-") as folder:
        file = Path(folder, "root.tar")
        try:
            file.write_bytes(shell_image())
        except (OSError, subprocess.SubprocessError, tarfile.TarError) as error:
            return t("no image could be made of this machine's shell to try it with: {reason}", reason=str(error))
        try:
            made = engine.ask("import", "--", str(file), image, timeout=_PATIENCE)
            if made.status:
                return t("{reason}", reason=made.words)
            return _run(engine, image, marker, number)
        finally:
            engine.remove(f"plumbline-{marker}")
            engine.ask("rmi", "--force", "--", image, timeout=_PATIENCE)


def _run(engine: Engine, image: str, marker: str, number: int) -> Text | None:
    """The shell has to compute something, so that its answer is nobody else's. On a network of its own, as jobs with
    services are."""
    try:
        network = Network(engine, marker, outside=False)
    except PlumblineError as error:
        return error.message
    try:
        options = [*common_options(f"plumbline-{marker}", marker, ContainerRules())]
        options += [*limit_options(engine, JobLimits()), "--network", network.name]
        command = (_SHELL, "-c", f"echo answer $(({number} + 1))")
        ran = engine.ask("run", *options, "--", image, *command, timeout=_PATIENCE)
        if ran.status == 0 and f"answer {number + 1}" in ran.text:
            return None
        return t("{reason}", reason=ran.words)
    finally:
        engine.remove(f"plumbline-{marker}")
        network.remove()


def shell_image() -> bytes:
    """A root file system with the shell of this machine and the libraries that it needs, as a tar file. Raises
    OSError."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for path in (_SHELL, *_libraries(_SHELL)):
            tar.add(os.path.realpath(path), path.lstrip("/"))
        for folder in ("tmp", "etc", "proc", "dev", "sys"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777
            tar.addfile(entry)
    return stream.getvalue()


def _libraries(program: str) -> Iterator[str]:
    listed = subprocess.run(["ldd", program], capture_output=True, timeout=10, check=False, stdin=subprocess.DEVNULL)
    for word in listed.stdout.decode(errors="replace").split():
        if word.startswith("/") and Path(word).is_file():
            yield word
