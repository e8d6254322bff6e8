"""Podman or Docker, where one really answers: a client without an engine is common."""

from __future__ import annotations

import json
import os
import shutil
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.adapters.processes import run_program
from plumbline.adapters.processes.running import Stopped
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.model.ports.jobs import Cancellation

_PROBES = {
    "podman": ("version", "--format", "{{.Client.Version}}"),
    "docker": ("version", "--format", "{{.Server.Version}}"),
}
_PATIENCE = 10.0  # seconds for an engine's answer


class Answer(NamedTuple):
    """What an engine's client said and how it ended."""

    status: int
    output: bytes

    @property
    def text(self) -> str:
        return self.output.decode(errors="replace").strip()


class Engine(NamedTuple):
    """A container engine that answered: its name, the path of its client, its version."""

    name: str
    client: str
    version: str

    def ask(self, *arguments: str, timeout: float = _PATIENCE) -> Answer:
        """Run the client to its end and collect what it says."""
        return _ask(self.client, arguments, timeout)

    def watch(
        self, arguments: tuple[str, ...], write: Callable[[bytes], None], cancel: Cancellation, timeout: float
    ) -> bool:
        """Run the client with its output as it comes; whether it succeeded."""
        argv = [self.client, *arguments]
        ending = run_program(argv, os.environ, write=write, cancel=cancel, marker="-", timeout=timeout, grace=1.0)
        return ending.exit_code == 0 and ending.stopped is Stopped.NOT

    def remove(self, *containers: str) -> None:
        """Kill and remove containers; those that are gone already are no matter."""
        at_once = ("--time", "0") if self.name == "podman" else ()
        self.ask("rm", "--force", "--volumes", *at_once, *containers, timeout=30.0)

    def image(self, name: str) -> dict[str, Any] | None:
        """The configuration of an image that is there (User, ExposedPorts, ...), or None."""
        answer = self.ask("image", "inspect", "--format", "{{json .Config}}", name)
        if answer.status:
            return None
        config = json.loads(answer.output)
        return config if isinstance(config, dict) else {}


@cache
def container_engine(name: str = "") -> Engine | None:
    """The engine of this name, or the first of podman and docker that answers within seconds; None where none does."""
    for each, probe in _PROBES.items():
        client = shutil.which(each) if name in ("", each) else None
        if client is None:
            continue
        answer = _ask(client, probe, _PATIENCE)
        if answer.status == 0 and answer.text and (each == "docker" or _ask(client, ("info",), _PATIENCE).status == 0):
            return Engine(each, client, answer.text)
    return None


def no_container_engine() -> PlumblineError:
    """The refusal for a run whose jobs want containers."""
    return PlumblineError(
        "no-container-engine",
        t("Jobs of this pipeline want an image, and neither podman nor docker answers on this machine."),
        t("Start an engine, or run the scripts on this machine itself: plumb run --shell"),
        kind=ErrorKind.ENVIRONMENT,
    )


class _Never:
    """No cancellation."""

    level = 0

    def fileno(self) -> int:
        return -1


def _ask(client: str, arguments: tuple[str, ...], timeout: float) -> Answer:
    said: list[bytes] = []
    argv = [client, *arguments]
    try:
        ending = run_program(
            argv, os.environ, write=said.append, cancel=_Never(), marker="-", timeout=timeout, grace=1.0
        )
    except OSError as error:
        return Answer(127, str(error).encode())
    return Answer(ending.exit_code or (124 if ending.stopped is not Stopped.NOT else 0), b"".join(said))
