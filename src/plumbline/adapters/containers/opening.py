"""Makes the place of a job with an image: rules, images, services, and the container for its scripts."""

from __future__ import annotations

import os
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from plumbline.adapters.containers.build import AFTER, BuildContainer
from plumbline.adapters.containers.mounts import Mount, mount_options, volumes
from plumbline.adapters.containers.options import common_options, limit_options, not_limited
from plumbline.adapters.containers.ownership import close_to_others, may_be_another
from plumbline.adapters.containers.pulling import Images
from plumbline.adapters.containers.services import Services, Wanted
from plumbline.adapters.jobs.output import YELLOW
from plumbline.kernel import t
from plumbline.model.job_setup import JobSetup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from plumbline.adapters.containers.engine import Engine
    from plumbline.adapters.jobs.output import Output
    from plumbline.model.job import JobOrder
    from plumbline.model.pipeline import Image
    from plumbline.model.ports.jobs import Cancellation, Workspace

BUILDS = "/builds"
_SCRATCH = f"{BUILDS}/.scratch"


class Tools(NamedTuple):
    """What a job is shown of the machine: mounts, variables below its own, what goes before its PATH, and links in its
    home with where they lead."""

    mounts: tuple[Mount, ...] = ()
    environ: Mapping[str, str] = MappingProxyType({})
    path: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


class EngineContainers:
    """Makes places of jobs with an image, by the client of a container engine.

    The working copy is mounted at ``/builds/<project path>``, in services too. Variables go in by files of the job's
    scratch folder, never by the command line. ``readable`` are folders shown at their own paths (the object store that
    the working copy's git refers to). ``tools`` says what the home that scripts have is shown of the machine.
    Everything is named after the job's marker, so that it can be found and removed whoever was killed.
    """

    def __init__(
        self,
        engine: Engine,
        project_path: str,
        setup: JobSetup = JobSetup(),  # noqa: B008 (frozen)
        *,
        readable: Iterable[str] = (),
        tools: Callable[[str], Tools] = lambda _: Tools(),
    ) -> None:
        self.engine, self._setup = engine, setup
        self._root = f"{BUILDS}/{project_path}"
        self._readable = tuple(Mount(path, path, ours=True) for path in readable)
        self._volumes = tuple(volumes(setup.containers.volumes))
        self._tools = tools

    def open(
        self, order: JobOrder, workspace: Workspace, marker: str, output: Output, cancel: Cancellation
    ) -> BuildContainer:
        """Pull the images and start the services. Raises PlumblineError as :meth:`Images.have` and
        :meth:`Services.start` do."""
        assert order.image is not None
        values = {variable.name: variable.value for variable in order.variables}
        beside = os.path.dirname(workspace.scratch)
        deadline = time.monotonic() + order.timeout
        images = Images(self.engine, self._setup.containers, values, beside, output, cancel, deadline)
        name, config = images.have(order.image)
        wanted = [Wanted(service, *images.have(service)) for service in order.services]
        if missing := not_limited(self.engine, self._setup.limits):
            limits = ", ".join(missing)
            what = t(
                "WARNING: {engine} cannot keep these limits here: {limits}", engine=self.engine.name, limits=limits
            )
            output.say(what, YELLOW)
        close_to_others(workspace.scratch)
        services = self._services(workspace, marker, values, output, cancel)
        try:
            services.start(wanted)
            services.wait_until_ready()
            return self._build(order, order.image, name, config, workspace, marker, services, output)
        except BaseException:
            if services.close():
                workspace.spoil()
            raise

    def _services(
        self, workspace: Workspace, marker: str, values: Mapping[str, str], output: Output, cancel: Cancellation
    ) -> Services:
        return Services(
            self.engine,
            marker,
            self._setup.containers,
            self._options(self._shared(workspace)),
            workspace.scratch,
            values,
            output,
            cancel,
            outside=self._setup.view.network,
            follow=values.get("CI_DEBUG_SERVICES", "").lower() in ("true", "1"),
        )

    def _build(
        self,
        order: JobOrder,
        image: Image,
        name: str,
        config: Mapping[str, object],
        workspace: Workspace,
        marker: str,
        services: Services,
        output: Output,
    ) -> BuildContainer:
        tools = self._tools(home_of(image, config))
        scratch = Mount(workspace.scratch, _SCRATCH, writable=True, ours=True)
        options = common_options(f"plumbline-{marker}-build", marker, self._setup.containers)
        written = tuple(mount for mount in tools.mounts if mount.writable)
        others = (workspace.root, workspace.scratch, *(mount.source for mount in written))
        return BuildContainer(
            self.engine,
            image,
            name,
            workspace,
            marker,
            self._root,
            _SCRATCH,
            options=[*options, *self._options([*self._shared(workspace), scratch, *tools.mounts])],
            environ=dict(tools.environ),
            path=tools.path,
            links=tools.links,
            opened=others if may_be_another(image, config) else (),
            owned=tuple(mount.target for mount in written),
            has_entrypoint=bool(config.get("Entrypoint") or image.entrypoint),
            has_after=any(step.name == AFTER and step.lines for step in order.steps),
            services=services,
            output=output,
        )

    def _shared(self, workspace: Workspace) -> list[Mount]:
        """What services see as well."""
        root = Mount(workspace.root, self._root, writable=True, ours=True)
        return [root, *self._readable, *self._volumes]

    def _options(self, mounts: Iterable[Mount]) -> list[str]:
        relabel = self._setup.containers.relabel
        return [*limit_options(self.engine, self._setup.limits), *mount_options(self.engine, mounts, relabel=relabel)]


def home_of(image: Image, config: Mapping[str, object]) -> str:
    """The home that programs of an image have: as it says, else as its user's is most often called."""
    environ = config.get("Env")
    for line in environ if isinstance(environ, list) else ():
        if isinstance(line, str) and line.startswith("HOME=/"):
            return line.partition("=")[2].rstrip("/")
    user = (image.user or str(config.get("User") or "")).partition(":")[0]
    if user in ("", "0", "root"):
        return "/root"
    return f"/home/{user}" if not user.isdecimal() else "/tmp"  # noqa: S108
