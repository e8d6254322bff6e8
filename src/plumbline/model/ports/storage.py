"""The protocols of what is kept in files for a time: what the store knows of it, and the folder it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from plumbline.model.change import Change
    from plumbline.model.job import KeptFile
    from plumbline.model.keeping import KeptArtifacts, PendingDeletion


class Keeping(Protocol):
    """What is kept in files, and what of it is to be removed."""

    def add(self, kept: KeptArtifacts) -> None: ...

    def get(self, job: int) -> KeptArtifacts | None: ...

    def of(self, pipeline: int) -> Sequence[KeptArtifacts]:
        """Of all attempts at the jobs of a pipeline."""
        ...

    def add_files(self, job: int, files: Sequence[KeptFile]) -> None:
        """What an attempt left. Those without a digest are not noted."""
        ...

    def files(self, job: int) -> Sequence[KeptFile]:
        """By name; none where they are gone."""
        ...

    def file(self, job: int, name: str) -> KeptFile | None: ...

    def of_digest(self, digest: str, limit: int) -> Sequence[tuple[int, KeptFile]]:
        """Jobs that left these bytes, the newest first."""
        ...

    def over(self, project: int, now: int, ended_before: int, limit: int, *, after: int = 0) -> Sequence[KeptArtifacts]:
        """Those of a project that are there and whose time is over, by job, after this one: by their own time, or
        because they have none and their attempt ended before. Nobody wants them kept."""
        ...

    def let_go(self, jobs: Collection[int], at: int) -> Sequence[int]:
        """Note that these are gone, with their files; those that were not before, and that nobody wants kept."""
        ...

    def keep(self, job: int, person: int) -> bool:
        """Keep them for ever on behalf of a person, or by their time again (0); False where they are gone."""
        ...

    def newest(self, project: int, change: Change) -> tuple[int, int]:
        """The newest pipeline of the branch, the tag or the merge request of a change that is no child, and the newest
        that succeeded; 0: none."""
        ...

    def unchanged(self, versions: Mapping[int, int]) -> Collection[int]:
        """Which of these pipelines still have these versions."""
        ...

    def with_logs(self, project: int, finished_before: int, limit: int) -> Sequence[int]:
        """Pipelines of a project that ended before, and whose logs are there; those that ended first."""
        ...

    def let_logs_go(self, pipelines: Collection[int], finished_before: int, at: int) -> Sequence[int]:
        """Note that the logs of these are gone; those for which it was so before, and that still are at their end."""
        ...

    def let_project_go(self, project: int) -> int:
        """Write down that all logs and artifacts of a project are to be removed; how many pipelines it has."""
        ...

    def put(self, pending: Sequence[PendingDeletion]) -> Sequence[PendingDeletion]:
        """Write down what is to be removed; what was not written down already."""
        ...

    def due(self, now: int, limit: int) -> Sequence[PendingDeletion]:
        """What is to be removed now, the oldest first."""
        ...

    def done(self, pending: Collection[int]) -> None: ...

    def put_off(self, pending: Collection[int], until: int) -> None: ...


class DataFolder(Protocol):
    """The server's own files. Nothing here follows a symlink, and nothing raises for what cannot be removed."""

    def size(self, leftover: PendingDeletion) -> int:
        """Its bytes; 0 where it is not there."""
        ...

    def remove(self, leftover: PendingDeletion) -> bool:
        """False where it is still there afterwards, though it should not be."""
        ...

    def old_caches(self, project: int, used_before: int) -> Sequence[PendingDeletion]:
        """Caches of a project that nobody used since, those used longest ago first."""
        ...

    def tidy(self, servers: Collection[str]) -> None:
        """Remove working copies of servers other than these, and what a server left that died while it wrote."""
        ...

    def projects(self) -> Collection[int]:
        """Those of which there are caches, a copy of the repository or the secret of a hook."""
        ...

    def remove_project(self, project: int) -> None:
        """All of that."""
        ...

    def make_room(self) -> bool:
        """Give up the room that is kept for a full disk; False where there is none."""
        ...

    def keep_room(self) -> None:
        """Take it again, where the disk is not nearly full."""
        ...
