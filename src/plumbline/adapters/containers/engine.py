"""Podman or Docker, by their clients: what is asked of one, how long it may take, and what its answers are worth."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.adapters.processes import run_program
from plumbline.adapters.processes.running import Stopped
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from plumbline.model.ports.jobs import Cancellation

PATIENCE = 20.0  # seconds for an answer
REMOVAL = 30.0  # seconds to remove one container
_MOST = 4 * 1024 * 1024  # bytes of an answer that are kept
_SHOWN = 600  # characters of what a client said that stand in a sentence
LABEL = "plumbline.job"
_JSON = re.compile(r"^\s*[{\[]", re.MULTILINE)
_DECODER = json.JSONDecoder()


class Answer(NamedTuple):
    """What a client said (standard error among it) and how it ended. ``hung``: it was ended, for it took too long."""

    status: int
    output: bytes
    hung: bool = False

    @property
    def text(self) -> str:
        return self.output.decode(errors="replace").strip()

    @property
    def words(self) -> str:
        """For a sentence: the end of what it said, which is where clients say what is wrong."""
        said = " ".join(self.text.split())[-_SHOWN:]
        if self.hung:
            return f"{said} (...)" if said else "(...)"
        return said or f"({self.status})"

    def value(self) -> Any:
        """The first JSON object or array that begins a line, as clients write warnings around it; None: there is
        none."""
        text = self.output.decode(errors="replace")
        for start in _JSON.finditer(text):
            try:
                return _DECODER.raw_decode(text, start.end() - 1)[0]
            except (ValueError, RecursionError):
                continue
        return None


class NoCancellation:
    """Of what nobody cancels."""

    level = 0

    def fileno(self) -> int:
        return -1


class Engine(NamedTuple):
    """An engine that answered. ``controllers``: what can be limited, of pids, memory, cpu; ``memory``: bytes that its
    machine has, 0: not said."""

    name: str
    client: str
    version: str
    rootless: bool = False
    controllers: frozenset[str] = frozenset(("pids", "memory", "cpu"))
    memory: int = 0

    def ask(
        self,
        *arguments: str,
        timeout: float = PATIENCE,
        cancel: Cancellation | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Answer:
        """Run the client to its end and collect what it says."""
        return ask_client(self.client, arguments, timeout, cancel, environ)

    def failed(self, answer: Answer) -> PlumblineError:
        """What is wrong with the engine, by its own words."""
        if answer.hung:
            what = t("{engine} does not answer: {reason}", engine=self.name, reason=answer.words)
        else:
            what = t("{engine} refuses: {reason}", engine=self.name, reason=answer.words)
        return PlumblineError("engine-failed", what, kind=ErrorKind.ENVIRONMENT)

    def nonsense(self, answer: Answer) -> PlumblineError:
        """An answer that none of its versions gives."""
        what = t("{engine} answers what cannot be understood: {reason}", engine=self.name, reason=answer.words)
        return PlumblineError("engine-failed", what, kind=ErrorKind.ENVIRONMENT)

    def watch(
        self,
        arguments: tuple[str, ...],
        write: Callable[[bytes], None],
        cancel: Cancellation,
        timeout: float | None,
        environ: Mapping[str, str] | None = None,
    ) -> tuple[bool, bool]:
        """Run the client with its output as it comes: whether it succeeded, and whether its time was over."""
        argv = client_argv(self.client, arguments)
        environ = os.environ if environ is None else environ
        ending = run_program(argv, environ, write=write, cancel=cancel, marker="-", timeout=timeout, grace=1.0)
        return ending.exit_code == 0 and ending.stopped is Stopped.NOT, ending.stopped is Stopped.TIMEOUT

    def image(self, name: str) -> dict[str, Any] | None:
        """The configuration of an image that is there (User, ExposedPorts, ...), or None. Raises PlumblineError
        ``engine-failed``."""
        answer = self.ask("image", "inspect", "--format", "{{json .Config}}", "--", name)
        if answer.status and not answer.hung and self._knows_not(name, answer):
            return None
        if answer.status:
            raise self.failed(answer)
        found = answer.value()
        if isinstance(found, dict):
            return found
        if answer.text == "null":  # an image without any settings
            return {}
        raise self.nonsense(answer)

    def _knows_not(self, name: str, refusal: Answer) -> bool:
        """Whether an image is just not there: the engine itself may be out of reach."""
        if self.name == "podman":
            return self.ask("image", "exists", "--", name).status == 1
        return "no such" in refusal.text.lower()

    def state(self, container: str) -> dict[str, Any] | None:
        """How a container is (Running, ExitCode, OOMKilled), or None where that is not to be known."""
        answer = self.ask("container", "inspect", "--format", "{{json .State}}", "--", container)
        found = answer.value() if answer.status == 0 else None
        return found if isinstance(found, dict) else None

    def left(self, marker: str, containers: Iterable[str]) -> list[str]:
        """Which of these containers of a job are there still; all of them where nobody knows."""
        answer = self.ask("ps", "--all", "--filter", f"label={LABEL}={marker}", "--format", "{{.Names}}")
        if answer.status:
            return list(containers)
        there = set(answer.text.split())
        return [container for container in containers if container in there]

    def remove(self, *containers: str) -> None:
        """Kill and remove containers; those that are gone already are no matter. One at a time: of several names
        of which one is gone, podman removes none and says that all is well."""
        at_once = ("--time", "0") if self.name == "podman" else ()
        for container in containers:
            self.ask("rm", "--force", "--volumes", *at_once, "--", container, timeout=REMOVAL)


def client_argv(client: str, arguments: Sequence[str]) -> list[str]:
    """The client in a folder that takes no files: what watches a container leaves one named ``oom`` where it was
    started, once the memory was used up."""
    return ["/bin/sh", "-c", 'cd /proc 2>/dev/null || cd /; exec "$@"', client, client, *arguments]


def ask_client(
    client: str,
    arguments: tuple[str, ...],
    timeout: float,
    cancel: Cancellation | None = None,
    environ: Mapping[str, str] | None = None,
) -> Answer:
    """Run a client to its end, in bounded time and memory."""
    said = bytearray()

    def keep(data: bytes) -> None:
        if len(said) < _MOST:
            said.extend(data)

    try:
        ending = run_program(
            client_argv(client, arguments),
            os.environ if environ is None else environ,
            write=keep,
            cancel=cancel or NoCancellation(),
            marker="-",
            timeout=timeout,
            grace=1.0,
        )
    except OSError as error:
        return Answer(127, str(error).encode())
    stopped = ending.stopped is not Stopped.NOT
    return Answer(ending.exit_code or (124 if stopped else 0), bytes(said), ending.stopped is Stopped.TIMEOUT)
