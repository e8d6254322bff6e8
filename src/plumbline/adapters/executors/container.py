"""Jobs with an image: their scripts in a container, their services beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.adapters.executors._part import ExecutorKind, Setup
from plumbline.adapters.executors._view import open_caches, shown
from plumbline.kernel import PlumblineError, t
from plumbline.model.health import Check, Health

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.adapters.containers import EngineContainers
    from plumbline.adapters.containers.opening import Tools

# Containers are imported where they are used: this file is read by every run, and few want one.


def _open(setup: Setup) -> EngineContainers:
    from plumbline.adapters.containers import EngineContainers, find_engine

    engine = find_engine(setup.jobs.containers.engine)
    return EngineContainers(engine, setup.project, setup.jobs, readable=setup.readable, tools=_tools(setup))


def _tools(setup: Setup) -> Callable[[str], Tools]:
    """Of the machine what a sandbox shows as well, by the home of the job."""
    from plumbline.adapters.containers.mounts import Mount
    from plumbline.adapters.containers.opening import Tools

    view = setup.jobs.view

    def show(home: str) -> Tools:
        open_caches(view)
        found = shown(view, home, setup.hidden)
        mounts = tuple(Mount(bind.source, bind.target, bind.writable, ours=bind.writable) for bind in found.binds)
        return Tools(mounts, found.environ, found.path, found.links)

    return show


def _check() -> Check:
    """Whether a container really runs here: a client that answers is not enough."""
    from plumbline.adapters.containers import find_engine, try_container

    name = "containers"
    try:
        engine = find_engine()
    except PlumblineError as error:
        what = t("Jobs that have an image cannot run here: {reason}", reason=error.message)
        cure = t("Install podman or docker, and let this user use it.")
        return Check(name=name, health=Health.WARNING, message=what, cure=cure)
    refusal = try_container(engine)
    if refusal is None:
        return Check(
            name=name,
            health=Health.OK,
            message=t("{engine} {version} runs jobs that have an image.", engine=engine.name, version=engine.version),
        )
    return Check(
        name=name,
        health=Health.WARNING,
        message=t("{engine} {version} answers, and runs no container: {reason}", engine=engine.name,
                  version=engine.version, reason=refusal),
        cure=t("Mend what it says; until then jobs that have an image cannot run here."),
    )  # fmt: skip


PART = ExecutorKind(
    name="container",
    title=t("in a container of the job's image, by podman or docker"),
    containers=_open,
    check=_check,
)
