"""Jobs with an image: their scripts in containers, their services beside them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from plumbline.adapters.executors._engine import container_engine, no_container_engine
from plumbline.adapters.executors._part import ExecutorKind, Setup
from plumbline.adapters.executors._services import Services
from plumbline.adapters.jobs.places import Start, write_program
from plumbline.adapters.jobs.script import quote
from plumbline.kernel import PlumblineError, t
from plumbline.model.health import Check, Health
from plumbline.pipeline import runner_expand

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plumbline.adapters.executors._engine import Engine
    from plumbline.adapters.jobs.output import Output
    from plumbline.model.job import JobOrder
    from plumbline.model.pipeline import Image, Service
    from plumbline.model.ports.jobs import Cancellation, Workspace

BUILDS = "/builds"
_SCRATCH = f"{BUILDS}/.scratch"
LABEL = "plumbline.job"
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)
# The first process of a container ignores SIGTERM unless it says otherwise: hand the signal to the script.
_FIRST = (
    "trap 'kill -TERM -1' TERM; s=sh; if command -v bash >/dev/null 2>&1; then s=bash; fi; "
    '"$s" "$0" </dev/null & p=$!; wait "$p"; r=$?; '
    'while kill -0 "$p" 2>/dev/null; do wait "$p"; r=$?; done; '
)


class EngineContainers:
    """Makes places of jobs with an image, by the client of a container engine.

    The working copy is mounted at ``/builds/<project path>``. Variables go in by files of the job's scratch folder,
    never by the command line. ``pull_policy`` is for images that name none. ``readable`` are folders shown at their
    own paths (the object store that the working copy's git refers to). Everything is named after the job's marker, so
    that it can be found and removed whoever was killed.
    """

    def __init__(
        self,
        engine: Engine,
        project_path: str,
        *,
        pull_policy: tuple[str, ...] = ("if-not-present",),
        readable: Iterable[str] = (),
        run_options: tuple[str, ...] = (),
    ) -> None:
        self.engine = engine
        self._root = f"{BUILDS}/{project_path}"
        self._pull_policy, self._readable, self._run_options = pull_policy, tuple(readable), run_options

    def open(
        self, order: JobOrder, workspace: Workspace, marker: str, output: Output, cancel: Cancellation
    ) -> Container:
        """Pull the image and start the services. Raises PlumblineError ``image-pull-failed``."""
        assert order.image is not None
        values = {variable.name: variable.value for variable in order.variables}
        image = runner_expand(order.image.name, values)
        self._have(image, order.image, output, cancel, order.timeout)
        services = Services(self.engine, marker, workspace.scratch, values, output, cancel, self._run_options)
        try:
            for service in order.services:
                name = runner_expand(service.name, values)
                self._have(name, service, output, cancel, order.timeout)
                services.start(name, service)
            services.wait_until_ready()
        except BaseException:
            services.close()
            raise
        mounts = [(workspace.root, self._root, False), (workspace.scratch, _SCRATCH, False)]
        mounts += [(path, path, True) for path in self._readable]
        _open_to_all(workspace, order.image, self.engine.image(image) or {})
        return Container(self, order.image, image, workspace, marker, mounts, services)

    def _have(self, name: str, wanted: Image | Service, output: Output, cancel: Cancellation, timeout: float) -> None:
        """Follow the pull policies in turn until one gives the image."""
        for policy in wanted.pull_policy or self._pull_policy:
            if policy != "always" and self.engine.image(name) is not None:
                return
            if policy == "never":
                output.say(t("The image {image} is not on this machine, and pull_policy is never.", image=name))
                continue
            output.say(t("Pulling the image {image}", image=name))
            platform = ("--platform", wanted.platform) if wanted.platform else ()
            if self.engine.watch(("pull", "--quiet", *platform, name), output.write, cancel, timeout):
                return
            if cancel.level:
                break
        raise PlumblineError("image-pull-failed", t("the image {image} cannot be had", image=name))

    def options(self, marker: str, name: str) -> list[str]:
        """What every container of a job is started with."""
        labels = ("--name", name, "--label", f"{LABEL}={marker}", "--security-opt", "label=disable")
        return [self.engine.client, "run", "--rm", *labels, *self._run_options]


class Container:
    """One job's place: a new container from its image for every step, its services running all the while."""

    wrapped = False
    foreign = True
    bash = False

    def __init__(
        self,
        containers: EngineContainers,
        image: Image,
        name: str,
        workspace: Workspace,
        marker: str,
        mounts: list[tuple[str, str, bool]],
        services: Services,
    ) -> None:
        engine = containers.engine
        self.title = t(
            "a container of {image} ({engine} {version})", image=name, engine=engine.name, version=engine.version
        )
        self.root, self.scratch = mounts[0][1], mounts[1][1]
        self._containers, self._image, self._name = containers, image, name
        self._folder, self._marker, self._services = workspace.scratch, marker, services
        self._mounts = [f"type=bind,source={a},target={b}{',readonly' if ro else ''}" for a, b, ro in mounts]
        self._started: list[str] = []

    def environment(self, _base: Mapping[str, str]) -> dict[str, str]:
        return {}

    def start(self, script: str, environ: dict[str, str], name: str) -> Start:
        environ = {**_trusting(self.root), **environ}
        exports = "".join(
            f"export {key}={quote(value)}\n" for key, value in environ.items() if _IDENTIFIER.fullmatch(key)
        )
        path = write_program(exports + script, self._folder, self.scratch, name, 0o644)
        container = f"plumbline-{self._marker}-{name}"
        self._started.append(container)
        argv = self._containers.options(self._marker, container)
        for mount in self._mounts:
            argv += ("--mount", mount)
        argv += ("--workdir", self.root, "--env-file", env_file(environ, self._folder, name))
        if self._image.user:
            argv += ("--user", self._image.user)
        if self._image.platform:
            argv += ("--platform", self._image.platform)
        argv += self._services.options()
        entrypoint = self._image.entrypoint
        if entrypoint is not None:
            argv += ("--entrypoint", entrypoint[0] if entrypoint else "")
        argv += (self._name, *(entrypoint or ())[1:], "sh", "-c", self._first(), path)
        return Start(argv, dict(os.environ))

    def _first(self) -> str:
        if self._containers.engine.name == "docker" and os.geteuid() != 0:  # what root made there must be ours
            owner = f"{os.geteuid()}:{os.getegid()}"
            return (
                f'{_FIRST}[ "$(id -u)" != 0 ] || chown -R {owner} {quote(self.root)} {quote(self.scratch)}; exit "$r"'
            )
        return f'{_FIRST}exit "$r"'

    def close(self) -> None:
        if self._started:
            self._containers.engine.remove(*self._started)
        self._services.close()


def _trusting(root: str) -> dict[str, str]:
    """Let git accept a working copy that belongs to another user than the container's."""
    return {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": root}


def env_file(environ: Mapping[str, str], folder: str, name: str) -> str:
    """The variables of one line each, for the entrypoint; the script exports all of them itself. The file's path."""
    lines = [
        f"{key}={value}\n" for key, value in environ.items() if "\n" not in value and key.strip() and key[0] != "#"
    ]
    return write_program("".join(lines), folder, folder, f"{name}.env")


def _open_to_all(workspace: Workspace, image: Image, config: Mapping[str, object]) -> None:
    """A container that does not run as root must still write to its working copy."""
    user = image.user or str(config.get("User") or "")
    if user.partition(":")[0] in ("", "0", "root"):
        return
    for folder in (workspace.root, workspace.scratch):
        for place, _, files in os.walk(folder):
            Path(place).chmod(0o777)  # noqa: S103 (below a folder of the user's own)
            for file in files:
                path = Path(place, file)
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | 0o666)


def _open(setup: Setup) -> EngineContainers:
    rules = setup.jobs.containers
    engine = container_engine(rules.engine)
    if engine is None:
        raise no_container_engine()
    return EngineContainers(
        engine,
        setup.project,
        pull_policy=rules.pull or ("if-not-present",),
        readable=setup.readable,
        run_options=rules.options,
    )


def _check() -> Check:
    name = "containers"
    engine = container_engine()
    if engine is not None:
        return Check(
            name=name,
            health=Health.OK,
            message=t("{engine} {version} runs jobs that have an image.", engine=engine.name, version=engine.version),
        )
    return Check(
        name=name,
        health=Health.WARNING,
        message=t("Neither podman nor docker answers: jobs that have an image cannot run here."),
        cure=t("Install podman or docker, and let this user use it."),
    )


PART = ExecutorKind(
    name="container",
    title=t("in a container of the job's image, by podman or docker"),
    containers=_open,
    check=_check,
)
