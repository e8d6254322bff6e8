"""Builds what pipelines on the server are made and run with; imported by the server alone."""

from __future__ import annotations

import logging
import os
import platform
import secrets
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from plumbline import __version__
from plumbline.access import Permission, archived
from plumbline.access import settings as node_settings
from plumbline.adapters.artifacts import LocalArtifacts
from plumbline.adapters.caches import LocalCaches
from plumbline.adapters.cancellation import PipeCancellation
from plumbline.adapters.data_folder import CACHES, MIRRORS, WORK, artifact_folder, log_path, tool_caches
from plumbline.adapters.executors import Setup, choose_place, isolation_of, open_containers, refuse_with
from plumbline.adapters.folders import private, private_folder, remove_tree, storing
from plumbline.adapters.forges import Fetches, Mirrors
from plumbline.adapters.git import TEMPLATES, Sources, base_of, brought_since, changed_since, files_at
from plumbline.adapters.jobs import LazyContainers, LocalExecutor, LocalSettings
from plumbline.adapters.processes import kill_marked
from plumbline.adapters.replicas import boot
from plumbline.adapters.workspaces import LocalWorkspaces
from plumbline.flow.jobs.tools import Asked, JobEnvironment, PipelineTools
from plumbline.flow.pipelines.fetching import fetched
from plumbline.flow.pipelines.project_access import OnBehalf, is_protected, reach
from plumbline.flow.pipelines.tools import RunnerTools, ServedProject, Server, Wanted
from plumbline.flow.tree.repository_credentials import login_of
from plumbline.flow.tree.variables import opened_variables
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.change import OPEN_REQUESTS, Change, Event, Project
from plumbline.model.room import Room
from plumbline.model.server import Pushed, RefPlace
from plumbline.reports.interface.contract_files import LARGEST as LARGEST_CONTRACT
from plumbline.reports.interface.contract_files import contract_paths
from plumbline.wiring.blobs import digests_of, finder, open_blobs
from plumbline.wiring.job_setup import job_setup_at
from plumbline.wiring.reports import JobReports

_log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from plumbline.adapters.git import GitRepository, LocalRepository
    from plumbline.adapters.store import Store
    from plumbline.kernel import Text
    from plumbline.model.history import Brought
    from plumbline.model.job_setup import JobSetup
    from plumbline.model.pipeline import Variable
    from plumbline.model.ports.blobs import BlobStore
    from plumbline.model.ports.vault import Vault
    from plumbline.model.reported import ChangedLines
    from plumbline.model.repository_credential import RepositoryLogin
    from plumbline.model.server import Binding
    from plumbline.model.tree import Node


NO_ISOLATION = t(
    "Have bubblewrap installed on the server and user namespaces allowed, or give the job an image. Whoever trusts "
    "every job with the server itself starts it with --isolation none, or sets ci.isolation to none."
)


class PipelineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where and how this server runs jobs. ``replica`` stays the same when it starts again."""

    data: str
    replica: str
    threads: int = 2
    isolation: str = "auto"  # a way to run jobs without an image
    url: str = ""
    reached: str = ""  # where the server's own doors are, for its jobs
    source: str = "/plumbline"
    maps: dict[str, str] = {}


class MirroredProjects:
    """Implements :class:`plumbline.flow.pipelines.ProjectSource` over the store and mirrors in the data folder."""

    def __init__(self, settings: PipelineSettings, store: Store, vault: Vault, blobs: BlobStore | None = None) -> None:
        """``blobs``: where what jobs leave goes; None: into the store of the data folder."""
        self._blobs = blobs or open_blobs(settings.data)
        self._settings = settings
        self._store = store
        self._vault = vault
        self._mirrors = Mirrors(f"{settings.data}/{MIRRORS}", Sources(settings.maps), self._login, self._hosts)
        self._fetches = Fetches(
            lambda binding, request, heard: self._mirrors.fetch(binding, merge_request=request, heard=heard)
        )

    def _login(self, binding: Binding) -> RepositoryLogin | None:
        return login_of(self._store, self._vault, binding)

    def _hosts(self, binding: Binding) -> Sequence[str]:
        return node_settings.REPOSITORY_HOSTS.at(self._known(binding.project)[1])

    def project(self, project: int) -> ServedProject:
        binding, ancestors = self._known(project)
        default = binding.default_branch or self._default_branch(project)
        url = f"{self._settings.url}/projects/{ancestors[0].path}" if self._settings.url else ""
        return ServedProject(
            id=project,
            project=Project(
                path=ancestors[0].path,
                id=project,
                url=url,
                server_url=self._settings.url,
                artifacts_url=self._settings.reached,
                default_branch=default,
            ),
            config_path=binding.config_path or node_settings.CONFIG_PATH.at(ancestors),
            protected=node_settings.PROTECTED_REFS.at(ancestors),
            protected_tags=node_settings.PROTECTED_TAGS.at(ancestors),
            archived=archived(ancestors) is not None,
            auto_cancel=node_settings.AUTO_CANCEL.at(ancestors),
            forks=node_settings.FORK_MERGE_REQUESTS.at(ancestors),
        )

    def close(self) -> None:
        self._mirrors.close()

    def fetch(self, project: int, *, merge_request: int = 0) -> None:
        binding = self._known(project)[0]
        fetched(project, merge_request, lambda: self._fetches.begin(binding, merge_request))

    def fetches(self) -> tuple[int, int]:
        """How many fetches wait for a place, and how many are under way."""
        return self._fetches.figures()

    def remote_heads(self, project: int) -> dict[str, str]:
        return self._mirrors.remote_heads(self._known(project)[0])

    def refs(self, project: int) -> Collection[str] | None:
        try:
            return self._mirrors.heads(project).keys()
        except PlumblineError:
            return None

    def pushed(self, project: int, branch: str, before: str, after: str, most: int) -> Pushed:
        return self._mirrors.pushed(project, branch, before, after, most)

    def contains(self, project: int, older: str, newer: str) -> bool | None:
        return self._mirrors.contains(project, older, newer)

    def place_of(self, wanted: Wanted) -> tuple[RefPlace, str]:
        return self._mirrors.place_of(wanted.project, wanted.ref, wanted.sha, wanted.merge_request)

    def keep(self, project: int, sha: str) -> None:
        self._mirrors.keep(project, sha)

    def change(self, wanted: Wanted) -> Change:
        served = self.project(wanted.project)
        change = self._mirrors.change(
            self._known(wanted.project)[0],
            served.project,
            event=wanted.event,
            ref=wanted.ref,
            sha=wanted.sha,
            before=wanted.before,
            merge_request=wanted.merge_request,
        )
        return msgspec.structs.replace(
            change,
            open_requests=self._open_requests(wanted.project, change),
            protected=is_protected(change, served),
            user_id=wanted.user_id,
            user_login=wanted.user,
            user_name=wanted.user_name,
            user_email=wanted.user_email,
        )

    def changed_lines(self, change: Change) -> ChangedLines | None:
        """The lines that a merge request changes against where it left its target, else those since the newest tag
        before the commit. None where there is nothing to hold it against."""
        try:
            repository = self._mirrors.repository(change.project.id)
            return changed_since(repository, self._base(repository, change), change.sha)
        except PlumblineError:
            return None

    def _base(self, repository: LocalRepository, change: Change) -> str:
        """Where names of tags are protected, those alone count: whoever pushes could set another one close by."""
        return base_of(repository, change, self.project(change.project.id).protected_tags)

    def brought(self, change: Change) -> Brought | None:
        try:
            repository = self._mirrors.repository(change.project.id)
            return brought_since(repository, self._base(repository, change), change.sha)
        except PlumblineError:
            return None

    def contracts(self, change: Change) -> list[tuple[str, bytes]]:
        """Files of a commit that look like contracts of interfaces by their names, as far as they are not too
        large."""
        files = self.files_at(change)
        if files is None:
            return []
        try:
            found = [(path, files.read(path)) for path in contract_paths(files.files())]
        except PlumblineError:
            return []
        return [(path, data) for path, data in found if data is not None and len(data) <= LARGEST_CONTRACT]

    def files_at(self, change: Change) -> GitRepository | None:
        """The files at the commit of a change; None where the copy does not have it."""
        try:
            mirror = self._mirrors.repository(change.project.id)
            known = mirror.commit(change.sha) is not None
        except PlumblineError:
            return None
        return files_at(mirror, change, committed=True) if known else None

    def _open_requests(self, project: int, change: Change) -> tuple[int, ...]:
        if change.tag or (change.merge_request and change.merge_request.fork):
            return ()
        with self._store.view() as tx:
            return tuple(tx.merge_requests.open(project, change.ref, OPEN_REQUESTS))

    def variables(self, project: int) -> tuple[Variable, ...]:
        return opened_variables(self._store, self._vault, project)

    def tools(
        self, project: int, change: Change, variables: tuple[Variable, ...], inputs: dict[str, object], *, by: int = 0
    ) -> PipelineTools:
        served, asker = self.project(project), OnBehalf(project, by)
        sources = Sources(_Maps(self._settings.maps, partial(self._included, asker)))
        mirror = self._mirrors.repository(project, served.project.path)
        repository = files_at(mirror, change, committed=True, sources=sources)
        ancestors = self._known(project)[1]
        setup = job_setup_at(ancestors, caches=tool_caches(self._settings.data, project, protected=change.protected))
        return PipelineTools(
            repository=repository,
            change=change,
            asked=Asked(
                config_path=served.config_path,
                variables=variables,
                inputs=inputs,
                default_timeout=float(node_settings.TIMEOUT.at(ancestors)),
            ),
            clock=lambda: self._store.clock() / 1_000_000,
            downstream=partial(self._downstream, asker),
            job_environment=lambda pipeline: self._equip(repository, change, pipeline, setup),
        )

    def _downstream(self, asker: OnBehalf, path: str, branch: str) -> PipelineTools:
        with self._store.view() as tx:
            node = reach(tx, asker, path, Permission.PIPELINE_RUN)
        self.fetch(node.id)
        change = self.change(Wanted(project=node.id, event=Event.PIPELINE, ref=branch))
        return self.tools(node.id, change, self.variables(node.id), {}, by=asker.person)

    def _included(self, asker: OnBehalf, path: str) -> str:
        """The copy of another project of this server, for ``include:project``."""
        with self._store.view() as tx:
            node = reach(tx, asker, path, Permission.PROJECT_VIEW)
        self.fetch(node.id)
        return self._mirrors.path(node.id)

    def _known(self, project: int) -> tuple[Binding, Sequence[Node]]:
        with self._store.view() as tx:
            ancestors, binding = tx.tree.ancestors(project), tx.bindings.get(project)
        if not ancestors:
            raise PlumblineError(
                "no-such-project", t("There is no project {project}.", project=project), kind=ErrorKind.REFUSED
            )
        if binding is None:
            raise PlumblineError(
                "no-repository",
                t("The project {path} has no repository.", path=ancestors[0].path),
                t("Say where its repository is in the project's settings."),
                kind=ErrorKind.CONFIGURATION,
            )
        return binding, ancestors

    def _default_branch(self, project: int) -> str:
        try:
            return self._mirrors.default_branch(project)
        except PlumblineError:
            return "main"

    def _equip(self, files: GitRepository, change: Change, pipeline: int, jobs: JobSetup) -> JobEnvironment:
        settings, data = self._settings, self._settings.data
        work = f"{data}/{WORK}/{settings.replica}/{pipeline}"
        workspaces = LocalWorkspaces(files, work, change.project.name, limit=jobs.limits.workspace)
        artifacts = LocalArtifacts(
            lambda job: artifact_folder(data, job),
            lambda: files.tracked,
            limit=jobs.limits.artifacts,
            blobs=self._blobs,
            digest_of=digests_of(self._store),
        )
        caches = LocalCaches(f"{data}/{CACHES}/{change.project.id}", files, protected=change.protected)
        setup = Setup(change.project.path, (workspaces.object_store,), jobs, hidden=(data,))
        notices: tuple[Text, ...] = ()
        try:
            place, notices = choose_place(jobs.isolation or settings.isolation, setup, NO_ISOLATION, shared=True)
        except PlumblineError as error:
            place = refuse_with(error)
        executor = LocalExecutor(
            workspaces,
            artifacts,
            caches,
            LocalSettings(
                marker=f"{settings.replica}-",
                limits=jobs.limits,
                default_image=jobs.containers.default_image,
                take_reports=jobs.take_reports,
                secrets=tuple(v.value for v in self.variables(change.project.id) if v.masked),
            ),
            place=place,
            containers=LazyContainers(lambda: open_containers(setup)),
        )

        def close() -> None:
            executor.close()
            workspaces.close(wait=False)

        return JobEnvironment(executor, artifacts, close, notices)


class _Maps(dict[str, str]):
    """What the operator mapped, and the projects of this server."""

    def __init__(self, maps: Mapping[str, str], find: Callable[[str], str]) -> None:
        super().__init__(maps)
        self._find = find

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        mapped = super().get(key, default)
        return mapped if mapped or "://" in key or key == TEMPLATES else self._find(key)


def isolation_told(wanted: str) -> tuple[Text, bool]:
    """How jobs without an image are run for which nothing else is set, and whether that is as safe as it should be."""
    try:
        part, _ = isolation_of(wanted, NO_ISOLATION)
    except PlumblineError as error:
        what = t("Jobs without an image are refused. {reason} {cure}", reason=error.message, cure=error.hint or "")
        return what, False
    return t("Jobs without an image run {how}.", how=part.title), part.isolates


def runner_tools(
    settings: PipelineSettings,
    server: Server,
    complain: Callable[[PlumblineError], None],
    room: Callable[[], Room] = lambda: Room.ENOUGH,
) -> RunnerTools:
    """What the embedded runner is handed; each time as an owner of its own."""
    reader = JobReports(server.store, server.vault, server.projects, finder(open_blobs(settings.data), settings.data))
    place = f"{settings.replica}/{boot()}-"

    def open_log(pipeline: int, job: int) -> BinaryIO:
        path = log_path(settings.data, pipeline, job)
        with storing(path):
            private_folder(os.path.dirname(path))
            with suppress(FileNotFoundError):  # the folder went this moment, with the last old log in it
                return open(path, "ab", buffering=0, opener=private)
            private_folder(os.path.dirname(path))
            return open(path, "ab", buffering=0, opener=private)

    def clean_up() -> None:
        work = f"{settings.data}/{WORK}/{settings.replica}"
        if ended := kill_marked(f"{settings.replica}-", work):
            _log.warning(
                "what an earlier process of this server left of its jobs is gone: %d processes and containers", ended
            )
        remove_tree(work)

    return RunnerTools(
        server=server,
        replica=settings.replica,
        place=place,
        owner=place + secrets.token_hex(4),
        threads=settings.threads,
        new_cancellation=PipeCancellation,
        open_log=open_log,
        clean_up=clean_up,
        complain=complain,
        read_reports=reader.read,
        room=room,
        isolation=settings.isolation,
        system=_system(),
        version=__version__,
    )


def _system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = platform.system()
    return f"{name}, {platform.machine()}"
