"""The protocols of everything outside: what a pure room may ask, and what an adapter must answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.job import JobOrder, JobResult


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
        """Another project at a ref (None: its HEAD); code ``project-not-mapped`` where it is not to be had."""
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
    """Runs one attempt at one job to its end and says how it ended; never raises for what the job did."""

    def run(self, order: JobOrder, log: JobLog, cancel: Cancellation) -> JobResult: ...
