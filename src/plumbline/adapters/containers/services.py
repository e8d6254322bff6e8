"""The services of one job: containers on a network of its own, reachable by their aliases."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

from plumbline.adapters.containers.mounts import file_option
from plumbline.adapters.containers.names import aliases_of
from plumbline.adapters.containers.networks import Network
from plumbline.adapters.containers.options import common_options, env_lines
from plumbline.adapters.containers.service_logs import ServiceLogs
from plumbline.adapters.jobs.output import YELLOW
from plumbline.adapters.jobs.places import write_program
from plumbline.kernel import PlumblineError, t
from plumbline.pipeline import runner_expand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.adapters.containers.engine import Engine
    from plumbline.adapters.jobs.output import Output
    from plumbline.model.job_setup import ContainerRules
    from plumbline.model.pipeline import Service
    from plumbline.model.ports.jobs import Cancellation

READY_WITHIN = 30.0  # seconds
START = 60.0  # seconds for an engine to start one
_LOOK = 0.1  # seconds between attempts to reach a service


class Wanted(NamedTuple):
    """A service with the name of its image, which is there, and the configuration of that image."""

    service: Service
    image: str
    config: Mapping[str, object]


class _Running(NamedTuple):
    container: str
    image: str
    address: str  # empty: nobody knows
    port: int  # 0: its image exposes none
    aliases: tuple[str, ...]


class Services:
    """Starts services one after the other, waits until they answer, and removes them.

    ``options``: the arguments that every service is started with, mounts and limits among them. ``values``: the
    variables of the job, which services see as well. ``follow``: what they print goes into the job's log as it comes.
    """

    def __init__(
        self,
        engine: Engine,
        marker: str,
        rules: ContainerRules,
        options: Sequence[str],
        folder: str,
        values: Mapping[str, str],
        output: Output,
        cancel: Cancellation,
        *,
        outside: bool,
        follow: bool,
    ) -> None:
        self._engine, self._marker, self._rules, self._options = engine, marker, rules, options
        self._folder, self._values, self._output, self._cancel = folder, values, output, cancel
        self._outside = outside
        self._bridge: Network | None = None
        self._running: list[_Running] = []
        self._logs = ServiceLogs(engine, output) if follow else None

    def start(self, wanted: Sequence[Wanted]) -> None:
        """Raises PlumblineError ``service-failed`` where the engine refuses."""
        if not wanted:
            return
        self._bridge = Network(self._engine, self._marker, outside=self._outside)
        for number, each in enumerate(wanted):
            name = f"plumbline-{self._marker}-service-{number}"
            aliases = tuple(dict.fromkeys((*each.service.aliases, *aliases_of(each.image))))
            self._running.append(_Running(name, each.image, self._bridge.address(), _port(each.config), aliases))
        for number, each in enumerate(wanted):
            if self._cancel.level:
                return
            self._start(number, each)

    def _start(self, number: int, wanted: Wanted) -> None:
        assert self._bridge is not None
        running, service = self._running[number], wanted.service
        self._output.say(t("Starting the service {image}", image=wanted.image))
        options = [*common_options(running.container, self._marker, self._rules), *self._options]
        options += [*self.options(), *(f"--network-alias={alias}" for alias in running.aliases)]
        if running.address:
            options.append(f"--ip={running.address}")
        options.append(file_option(self._engine, "--env-file", self._env_file(running.container, service)))
        if service.user:
            options.append(f"--user={service.user}")
        if service.platform:
            options.append(f"--platform={service.platform}")
        if service.entrypoint is not None:
            options.append(f"--entrypoint={service.entrypoint[0] if service.entrypoint else ''}")
        command = [*(service.entrypoint or ())[1:], *(service.command or ())]
        arguments = ("run", "--detach", *options, "--", wanted.image, *command)
        answer = self._engine.ask(*arguments, timeout=START, cancel=self._cancel)
        if answer.status:
            raise PlumblineError("service-failed", t("a service cannot be started: {reason}", reason=answer.words))
        if not running.address:
            address = self._bridge.address_of(running.container)
            self._running[number] = running._replace(address=address)
        if self._logs is not None:
            self._logs.follow(running.container, running.aliases[0])

    def options(self) -> list[str]:
        """What lets another container reach them by name, and what is outside, if anything is."""
        if self._bridge is None:
            return [] if self._outside else ["--network", "none"]
        hosts = [f"{alias}:{each.address}" for each in self._running if each.address for alias in each.aliases]
        return ["--network", self._bridge.name, *(f"--add-host={host}" for host in hosts)]

    def _env_file(self, container: str, service: Service) -> str:
        values = {**self._values}
        for variable in service.variables:
            values[variable.name] = variable.value if variable.raw else runner_expand(variable.value, self._values)
        return write_program(env_lines(values), self._folder, self._folder, f"{container}.env")

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
        if each.port and each.address and _host_reaches_containers(self._engine):
            return _connects(each.address, each.port)
        return self._is_up(each.container)

    def _is_up(self, container: str) -> bool:
        state = self._engine.state(container)
        return state is not None and state.get("Running") is True

    def _tell_of_failure(self, each: _Running) -> None:
        self._output.say(t("WARNING: the service {image} does not answer. What it said:", image=each.image), YELLOW)
        self._output.write(self._engine.ask("logs", "--tail", "100", "--", each.container).output)

    def close(self) -> list[str]:
        """Remove them and their network; the containers that may still be there."""
        if self._logs is not None:
            self._logs.close()
        names = [each.container for each in self._running]
        self._engine.remove(*names)
        left = self._engine.left(self._marker, names) if names else []
        if self._bridge is not None:
            self._bridge.remove()
        self._running, self._bridge = [], None
        return left


def _port(config: Mapping[str, object]) -> int:
    """The lowest port that an image exposes."""
    exposed = config.get("ExposedPorts")
    names = [str(port) for port in exposed] if isinstance(exposed, dict) else []
    ports = [name.partition("/")[0] for name in names if not name.endswith("/udp")]
    return min((int(port) for port in ports if port.isdecimal()), default=0)


def _host_reaches_containers(engine: Engine) -> bool:
    """The networks of a rootless engine are out of the host's reach."""
    return not engine.rootless and (engine.name == "docker" or os.geteuid() == 0)


def _connects(address: str, port: int) -> bool:
    import socket  # here, because few jobs have services

    try:
        with socket.create_connection((address, port), timeout=1.0):
            return True
    except OSError:
        return False
