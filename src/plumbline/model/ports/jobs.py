"""The protocols of everything outside: what a pure room may ask, and what an adapter must answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from plumbline.kernel import Text
from plumbline.model.job import CacheUse, JobOrder, JobResult, KeptFile
from plumbline.model.pipeline import Artifacts, Cache, Variable
from plumbline.model.run import RunEvent, RunRecord

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What an artifact store took from a job."""

    files: tuple[KeptFile, ...] = ()
    dotenv: tuple[Variable, ...] = ()
    warnings: tuple[Text, ...] = ()
    failure: Text | None = None  # what makes the job itself fail: a dotenv report that is not one


class Repository(Protocol):
    """One project's files at one commit, and the ways from it to other places that may be included.

    Every method may raise :class:`~plumbline.kernel.PlumblineError`; the caller turns it into a problem at the line
    that asked.
    """

    name: str  # stands before file names in problems; empty for the pipeline's own project

    def read(self, path: str) -> bytes | None:
        """The bytes of a file (path relative to the root, no leading slash), or None where there is none."""
        ...

    def files(self) -> Sequence[str]:
        """All file paths at the commit, sorted."""
        ...

    def changed(self, compare_to: str | None) -> frozenset[str] | None:
        """Paths that the change touches: against its own base, or from the merge base with ``compare_to``.

        None where there is nothing to compare with (new branch, tag, schedule); an unknown ``compare_to`` raises
        PlumblineError with code ``unknown-ref``.
        """
        ...

    def project(self, path: str, ref: str | None) -> Repository:
        """Another project at a ref (None: its HEAD); code ``project-not-mapped`` where it is not to be had.

        ``~latest``, ``~1`` and ``~1.2`` stand for the newest release: the tag of the highest semantic version that
        begins like this. What is returned may have ``sha``, the commit, and ``version``, the tag that was found.
        """
        ...

    def remote(self, url: str) -> bytes:
        """The bytes behind a URL; code ``network-not-allowed`` unless the user allowed it or mapped the URL."""
        ...

    def template(self, name: str) -> bytes:
        """A named template such as ``Jobs/Build.gitlab-ci.yml``; code ``template-not-mapped``."""
        ...


class Cancellation(Protocol):
    """Tells a running job to stop. Level 0: go on; 1: stop the script, still run after_script; 2: stop at once."""

    @property
    def level(self) -> int: ...

    def fileno(self) -> int:
        """Readable as soon as the level is not 0; for ``select``."""
        ...


class JobLog(Protocol):
    """Where the bytes of a job's output go, already masked."""

    def write(self, data: bytes) -> None: ...


class Executor(Protocol):
    """Runs one attempt at one job to its end and says how it ended; never raises for what the job did.

    The whole life of a job in the order of GitLab Runner: workspace, restore_cache, download_artifacts, script,
    after_script, archive_cache, upload_artifacts. Called from several threads at once.
    """

    def run(self, order: JobOrder, log: JobLog, cancel: Cancellation) -> JobResult: ...


class Workspace(Protocol):
    """The working copy of one job. ``root`` is the project folder (``CI_PROJECT_DIR``), ``scratch`` a private folder
    beside it for file variables and scripts; both go when it is closed. ``notices``: what its job's log says of it."""

    root: str
    scratch: str
    notices: tuple[Text, ...]

    def spoil(self) -> None:
        """Something of the job may still write here: nothing of it is used again once it is closed."""
        ...

    def close(self) -> None: ...


class Workspaces(Protocol):
    """Makes isolated working copies of one commit, or of the working tree as it was when the run began."""

    def open(self, order: JobOrder) -> Workspace: ...


class ArtifactStore(Protocol):
    """Keeps what jobs leave behind, by job id, and unpacks it for later jobs. Paths in orders are expanded already."""

    def keep(self, job_id: int, artifacts: Artifacts, root: str, *, succeeded: bool) -> Kept: ...

    def unpack(self, job_id: int, root: str) -> int:
        """Unpack the archive of a job into ``root``; the number of files. PlumblineError ``artifacts-missing`` where it
        is not there."""
        ...

    def read(self, job_id: int, path: str) -> bytes | None:
        """One file of a job's archive; None where the archive or the file is not there."""
        ...


class CacheStore(Protocol):
    """Keeps caches between runs of one project; best effort, every failure is in the answer and never raised."""

    def restore(self, cache: Cache, root: str) -> CacheUse: ...

    def save(self, cache: Cache, root: str) -> CacheUse: ...


class RunStore(Protocol):
    """The runs of one project on this machine."""

    def create(self, record: RunRecord) -> RunRecord:
        """Give the run its id and its folder, and hold it as its living owner."""
        ...

    def save(self, record: RunRecord) -> None: ...

    def append(self, event: RunEvent) -> None: ...

    def open_log(self, run: int, job_id: int) -> BinaryIO: ...

    def log_path(self, run: int, job_id: int) -> str: ...

    def load(self, run: int) -> RunRecord | None: ...

    def newest(self, limit: int) -> Sequence[RunRecord]: ...

    def sweep(self) -> Sequence[RunRecord]:
        """Put in order what dead owners left: kill their processes, remove their working copies, mark their runs
        interrupted. Returns those runs."""
        ...
