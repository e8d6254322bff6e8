"""The services of one job: containers on a network of its own, reachable by their aliases."""

from __future__ import annotations

import json
import os
import re
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.adapters.jobs.output import YELLOW
from plumbline.adapters.jobs.places import write_program
from plumbline.kernel import PlumblineError, t
from plumbline.pipeline import runner_expand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.adapters.executors._engine import Engine
    from plumbline.adapters.jobs.output import Output
    from plumbline.model.pipeline import Service
    from plumbline.model.ports.jobs import Cancellation

READY_WITHIN = 30.0  # seconds
_TAG_OR_PORT = re.compile(r":[^/]*")
_LOOK = 0.1  # seconds between attempts to reach a service


class _Running(NamedTuple):
    container: str
    image: str
    address: str
    port: int  # 0: its image exposes none
    aliases: tuple[str, ...]


class Services:
    """Starts services one after the other, waits until they answer, and removes them."""

    def __init__(
        self,
        engine: Engine,
        marker: str,
        folder: str,
        values: Mapping[str, str],
        output: Output,
        cancel: Cancellation,
        run_options: tuple[str, ...],
    ) -> None:
        self._engine, self._marker, self._folder, self._values = engine, marker, folder, values
        self._output, self._cancel, self._run_options = output, cancel, run_options
        self._network = ""
        self._containers: list[str] = []
        self._running: list[_Running] = []

    def options(self) -> list[str]:
        """What lets another container reach them."""
        if not self._network:
            return []
        hosts = [f"{alias}:{each.address}" for each in self._running if each.address for alias in each.aliases]
        return ["--network", self._network, *(part for host in hosts for part in ("--add-host", host))]

    def start(self, image: str, service: Service) -> None:
        """Raises PlumblineError ``service-failed`` where the engine refuses."""
        if not self._network:
            self._network = f"plumbline-{self._marker}"
            self._demand("network", "create", "--label", f"plumbline.job={self._marker}", self._network)
        container = f"plumbline-{self._marker}-service-{len(self._containers)}"
        self._output.say(t("Starting the service {image}", image=image))
        arguments = ["run", "--detach", "--name", container, "--label", f"plumbline.job={self._marker}"]
        arguments += [*self._run_options, *self.options()]
        arguments += ("--env-file", self._env_file(container, service))
        if service.user:
            arguments += ("--user", service.user)
        if service.platform:
            arguments += ("--platform", service.platform)
        if service.entrypoint is not None:
            arguments += ("--entrypoint", service.entrypoint[0] if service.entrypoint else "")
        arguments += (image, *(service.entrypoint or ())[1:], *(service.command or ()))
        self._containers.append(container)
        self._demand(*arguments, timeout=60.0)
        aliases = tuple(dict.fromkeys((*service.aliases, *aliases_of(image))))
        self._running.append(_Running(container, image, self._address(container), self._port(image), aliases))

    def _env_file(self, container: str, service: Service) -> str:
        values = {**self._values}
        for variable in service.variables:
            values[variable.name] = variable.value if variable.raw else runner_expand(variable.value, self._values)
        lines = [f"{key}={value}\n" for key, value in values.items() if "\n" not in value and key.strip()]
        return write_program("".join(lines), self._folder, self._folder, f"{container}.env")

    def _demand(self, *arguments: str, timeout: float = 30.0) -> None:
        answer = self._engine.ask(*arguments, timeout=timeout)
        if answer.status:
            raise PlumblineError("service-failed", t("a service cannot be started: {reason}", reason=answer.text))

    def _address(self, container: str) -> str:
        answer = self._engine.ask("inspect", "--format", "{{json .NetworkSettings.Networks}}", container)
        try:
            networks: dict[str, dict[str, Any]] = json.loads(answer.output) if answer.status == 0 else {}
        except ValueError:
            networks = {}
        return str(networks.get(self._network, {}).get("IPAddress", ""))

    def _port(self, image: str) -> int:
        exposed = (self._engine.image(image) or {}).get("ExposedPorts") or {}
        ports = [int(port.partition("/")[0]) for port in exposed if not port.endswith("/udp")]
        return min(ports, default=0)

    def wait_until_ready(self) -> None:
        """Until every service's lowest port answers. One that does not is a warning with its last words, as in
        GitLab: the script will tell whether it is needed."""
        until = time.monotonic() + READY_WITHIN
        for each in self._running:
            while not self._cancel.level and not self._answers(each):
                if time.monotonic() > until or not self._is_up(each.container):
                    self._tell_of_failure(each)
                    break
                time.sleep(_LOOK)

    def _answers(self, each: _Running) -> bool:
        if each.port and _host_reaches_containers(self._engine):
            return bool(each.address) and _connects(each.address, each.port)
        return self._is_up(each.container)

    def _is_up(self, container: str) -> bool:
        return self._engine.ask("inspect", "--format", "{{.State.Running}}", container).text == "true"

    def _tell_of_failure(self, each: _Running) -> None:
        self._output.say(t("WARNING: the service {image} does not answer. What it said:", image=each.image), YELLOW)
        self._output.write(self._engine.ask("logs", "--tail", "100", each.container).output)

    def close(self) -> None:
        """Remove them and their network."""
        if self._containers:
            self._engine.remove(*self._containers)
        if self._network:
            self._engine.ask("network", "rm", self._network)
        self._containers, self._network = [], ""


def aliases_of(image: str) -> tuple[str, ...]:
    """The host names that GitLab gives a service: ``tutum/wordpress:1`` is ``tutum__wordpress`` and
    ``tutum-wordpress``."""
    path = _TAG_OR_PORT.sub("", image.partition("@")[0])
    return tuple(dict.fromkeys((path.replace("/", "__"), path.replace("/", "-"))))


def _host_reaches_containers(engine: Engine) -> bool:
    """A rootless podman's networks are out of the host's reach."""
    return engine.name == "docker" or os.geteuid() == 0


def _connects(address: str, port: int) -> bool:
    import socket  # here, because few jobs have services

    try:
        with socket.create_connection((address, port), timeout=1.0):
            return True
    except OSError:
        return False
