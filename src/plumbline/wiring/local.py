"""Reads settings once and builds the adapters into one value; only this module and its like import adapters."""

from __future__ import annotations

import os
import time
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from plumbline.flow.jobs.tools import JOB_IDS_PER_RUN, Asked, JobEnvironment, Tools
from plumbline.kernel import PlumblineError, t
from plumbline.model.change import Event
from plumbline.model.pipeline import Variable, VariableSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plumbline.adapters.executors import Setup
    from plumbline.adapters.git import GitRepository, LocalRepository, Sources
    from plumbline.adapters.jobs import Containers
    from plumbline.adapters.runs import LocalRuns
    from plumbline.adapters.user_files import UserConfig
    from plumbline.flow.jobs.job_log import FileLog
    from plumbline.kernel import Text
    from plumbline.model.job import JobOrder, JobResult, KeptFile
    from plumbline.model.reported import ReadReports
    from plumbline.model.run import RunRecord


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a command was told. None: what the configuration file says, else the default."""

    repository: str = "."
    data: str | None = None
    event: str = "push"  # a member of Event, or "tag": the push of a tag
    ref: str | None = None
    target: str | None = None
    committed: bool = False
    config_path: str | None = None
    variables: tuple[Variable, ...] = ()
    variable_files: tuple[str, ...] = ()
    inputs: dict[str, object] = {}
    maps: dict[str, str] = {}
    allow_network: bool = False
    jobs: int | None = None
    isolation: str | None = None  # one of `isolations`
    shell: bool = False


def open_tools(settings: Settings) -> Tools:
    """The tools for one pipeline of one repository. Raises PlumblineError with what is wrong and how to mend it."""
    return _Workshop(settings).tools()


def top_folder(repository: str) -> str:
    """The folder of the working tree that a folder is in; empty where there is none. PlumblineErrors of
    :func:`open_repository`."""
    from plumbline.adapters.git import open_repository

    return open_repository(repository).top


def runs_containers() -> bool:
    """Whether a container really runs here; takes seconds, as one is tried."""
    from plumbline.adapters.containers import find_engine, try_container

    try:
        return try_container(find_engine()) is None
    except PlumblineError:
        return False


def isolations() -> Mapping[str, Text]:
    """The ways to run jobs without an image, by name, each with what is to be known of it."""
    from plumbline.adapters.executors import isolations as known

    return known()


def guard(main: Callable[[], int], settings: Settings, tell: Callable[[RunRecord], None]) -> int:
    """Run ``main`` in a process of its own and return its status; nothing of it outlives either process.

    Call it before anything is opened and before any thread starts. Whoever of the two is killed, the jobs end and
    their working copies go; ``tell`` is given the interrupted run where it was the other one.
    """
    from plumbline.adapters.processes import guarded

    def clean_up() -> None:
        for close in _closers:
            close()
        if not _closers:  # this is the guardian: the dead run's owner is gone, so it can be put in order
            for record in open_tools(settings).runs.sweep():
                tell(record)

    return guarded(main, clean_up)


def guard_server(main: Callable[[], int]) -> int:
    """Run ``main`` in a process of its own and return its status; no process of it outlives either. What a killed
    server left is put in order when it starts again."""
    from plumbline.adapters.processes import guarded

    return guarded(main, lambda: None)


_closers: list[Callable[[], None]] = []  # of the working copies of this process


def data_folder(given: str | None) -> str:
    """Where everything is kept: as given, ``PLUMBLINE_DATA``, or ``plumbline`` in the user's data folder.

    Raises PlumblineError ``no-home``."""
    chosen = given or os.environ.get("PLUMBLINE_DATA")
    if chosen:
        return os.path.abspath(os.path.expanduser(chosen))
    home = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    if not os.path.isabs(home):
        raise PlumblineError(
            "no-home",
            t("This user has no home folder to keep runs and logs in."),
            t("Name a folder with --data or PLUMBLINE_DATA."),
        )
    return os.path.join(home, "plumbline")


def _opened(folder: str, file: KeptFile, most: int) -> bytes | None:
    """The beginning of what a job left; None where it is not there any more."""
    try:
        with open(f"{folder}/{file.name}", "rb") as source:
            return source.read(most + 1)
    except FileNotFoundError:
        return None


class _Workshop:
    """Builds the adapters for one repository; ``runs`` is shared with the repositories it triggers, and what must not
    be shown there as well: ``secrets``."""

    def __init__(self, settings: Settings, runs: LocalRuns | None = None, secrets: tuple[str, ...] = ()) -> None:
        from plumbline.adapters.git import Sources, files_at, open_repository, read_change
        from plumbline.adapters.runs import LocalRuns, local_folder
        from plumbline.wiring.trust import read_settings

        self.settings = settings
        self.repository: LocalRepository = open_repository(settings.repository)
        data = data_folder(settings.data)
        self.config: UserConfig
        self.config, self.notices = read_settings(self.repository.folder, data)
        self.told = runs is not None  # what a triggered project sets is told as its jobs begin
        maps = {**self.config.map, **{name: path and os.path.abspath(path) for name, path in settings.maps.items()}}
        network = self.config.allow_network or settings.allow_network
        self.sources: Sources = Sources(maps, network, tuple(self.config.hosts))
        self.repository.sources = self.sources
        self.folder = local_folder(data, self.repository.folder)
        self.runs = runs or LocalRuns(self.folder, _kill_marked, keep=self.config.keep_runs)
        event = Event.PUSH if settings.event == "tag" else Event(settings.event)
        self.change = read_change(self.repository, event, settings.ref, settings.target, tag=settings.event == "tag")
        self.files: GitRepository = files_at(self.repository, self.change, committed=settings.committed)
        self.variables = self._variables()
        self.secrets = (*secrets, *(variable.value for variable in self.variables if variable.masked))

    def tools(self) -> Tools:
        from plumbline.adapters.cancellation import PipeCancellation
        from plumbline.adapters.locks import FileLocks

        settings = self.settings
        return Tools(
            repository=self.files,
            change=self.change,
            asked=Asked(
                config_path=settings.config_path or ".gitlab-ci.yml",
                variables=self.variables,
                inputs=settings.inputs,
                jobs=settings.jobs or self.config.jobs or os.cpu_count() or 1,
                dirty=self.files.dirty,
                default_timeout=self.config.default_timeout,
                shell=settings.shell or self.config.shell,
            ),
            runs=self.runs,
            locks=FileLocks(f"{self.folder}/locks"),
            new_cancellation=PipeCancellation,
            clock=time.time,
            downstream=self._downstream,
            job_environment=self._equip,
            require_containers=lambda: _forget(self._containers()),
            notices=self.notices,
            read_reports=self._read_reports,
        )

    def _variables(self) -> tuple[Variable, ...]:
        """Those of files stand where a project's variables stand, those of the command line where a pipeline's do."""
        from plumbline.adapters.user_files import read_variables

        files = [*self.config.variable_files, *self.settings.variable_files]
        found = [variable for path in files for variable in read_variables(path, VariableSource.PROJECT)]
        return (*found, *self.settings.variables)

    def _equip(self, run: int) -> JobEnvironment:
        from plumbline.adapters.artifacts import LocalArtifacts
        from plumbline.adapters.caches import LocalCaches
        from plumbline.adapters.executors import choose_place
        from plumbline.adapters.jobs import LazyContainers, LocalExecutor, LocalSettings
        from plumbline.adapters.workspaces import LocalWorkspaces

        workspaces = LocalWorkspaces(self.files, self._work_folder(run))
        artifacts = LocalArtifacts(self._artifacts_of, lambda: self.files.tracked, limit=self.config.limits.artifacts)
        caches = LocalCaches(f"{self.folder}/cache", self.files, protected=self.change.protected)
        settings = LocalSettings(
            marker=self.runs.marker(run),
            limits=self.config.limits,
            secrets=self.secrets,
            pass_environment=tuple(self.config.pass_environment),
            take_reports=self.config.take_reports,
            activated=True,
        )
        isolation = self.settings.isolation or self.config.isolation or "auto"
        cure = t("Mend that, or run with --isolation none.")
        place, notices = choose_place(isolation, self._setup(), cure)
        containers = LazyContainers(partial(self._containers_of, run))
        executor = LocalExecutor(workspaces, artifacts, caches, settings, place=place, containers=containers)
        told = self.notices if self.told else ()
        closing = (executor.close, workspaces.close)
        _closers.extend(closing)

        def close() -> None:
            for each in closing:
                each()

        return JobEnvironment(executor, artifacts, close, (*told, *notices))

    def _containers_of(self, run: int) -> Containers:
        """The same for a run, whose containers go when the run is killed."""
        from plumbline.adapters.processes import remove_marked_containers

        _closers.insert(0, lambda: _forget(remove_marked_containers(self.runs.marker(run))))
        return self._containers()

    def _containers(self) -> Containers:
        """Jobs with an image run in containers. Raises PlumblineError where no engine answers."""
        from plumbline.adapters.executors import open_containers

        return open_containers(self._setup())

    def _setup(self) -> Setup:
        from plumbline.adapters.data_folder import tool_cache_name
        from plumbline.adapters.executors import Setup
        from plumbline.model.job_setup import ContainerRules, JobSetup, JobView

        config = self.config
        rules = ContainerRules(
            engine=config.container_engine, usual_pull=config.pull_policy, options=tuple(config.container_options)
        )
        caches = f"{self.folder}/cache/{tool_cache_name(protected=self.change.protected)}"
        view = JobView(network=config.network == "host", tools=config.tools, caches=caches)
        jobs = JobSetup(view=view, limits=config.limits, containers=rules)
        return Setup(
            self.change.project.path,
            (f"{self.repository.common_dir}/objects",),
            jobs,
            hidden=(data_folder(self.settings.data),),
        )

    def _work_folder(self, run: int) -> str:
        folder = self.runs.work_folder(run)
        own = os.path.dirname(os.path.dirname(os.path.dirname(folder))) == self.folder
        return folder if own else f"{folder}/{os.path.basename(self.folder)}"

    def _read_reports(self, order: JobOrder, result: JobResult, log: FileLog) -> ReadReports:
        """The same reading as on the server; nothing is kept but the files themselves."""
        from plumbline.flow.reports.read_files import read_files
        from plumbline.kernel import Masker
        from plumbline.wiring.reports import is_read, read_report, told

        kept = [one for one in result.kept if is_read(one.kind)]
        hide = Masker((*self.secrets, *(one.value for one in order.variables if one.masked))).mask_text
        folder = self._artifacts_of(order.id)
        files = read_files(kept, partial(_opened, folder), partial(read_report, ""), hide)
        return told(files, log)

    def _artifacts_of(self, job_id: int) -> str:
        return f"{self.runs.folder(job_id // JOB_IDS_PER_RUN)}/artifacts/{job_id}"

    def _downstream(self, project: str, branch: str) -> Tools:
        folder = self.sources.project_folder(project)
        settings = msgspec.structs.replace(
            self.settings,
            repository=folder,
            event=Event.PIPELINE.value,
            ref=branch or None,
            target=None,
            committed=True,
            config_path=None,
            variables=(),
            variable_files=(),
            inputs={},
        )
        return _Workshop(settings, self.runs, self.secrets).tools()


def _forget(_made: object) -> None:
    """For callers that only want to know that it can be made."""


def _kill_marked(prefix: str, folder: str) -> int:
    from plumbline.adapters.processes import kill_marked

    return kill_marked(prefix, folder)
