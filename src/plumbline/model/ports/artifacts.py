"""What is known of artifacts: repositories, what they hold and how it is called, and who comes in without being a
person. Every method is one step inside a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from plumbline.model.artifact import Artifact, Kind
    from plumbline.model.registry import Link, Repository, RepositoryBlob, Robot, Standing, Tag, Upload


class Repositories(Protocol):
    """Repositories, the bytes that were pushed to them, and uploads that go on."""

    def projects_at(self, addresses: Sequence[str]) -> Sequence[tuple[int, str]]:
        """The projects whose path is one of these in lower case, with that path: the longest first."""
        ...

    def get(self, project: int, name: str) -> Repository | None: ...

    def by_id(self, id: int) -> Repository | None: ...  # noqa: A002

    def take(self, project: int, name: str, at: int) -> Repository:
        """The one of this name; made where there is none."""
        ...

    def of(self, projects: Sequence[int] | None) -> Sequence[Repository]:
        """Of these projects, None: of all; by address."""
        ...

    def blob(self, repository: int, digest: str) -> RepositoryBlob | None: ...

    def blobs(self, repository: int, digests: Collection[str]) -> dict[str, int]:
        """Those of these that the repository has, with their sizes."""
        ...

    def put_blob(self, blob: RepositoryBlob) -> None:
        """Add it, or note that it was used again."""
        ...

    def use_blobs(self, repository: int, digests: Collection[str], at: int) -> None:
        """Note that a push has to do with them."""
        ...

    def unused_blobs(self, before: int, limit: int) -> Sequence[RepositoryBlob]:
        """Those that no manifest of their repository names, and that no push had to do with since."""
        ...

    def remove_blob(self, repository: int, digest: str, used_before: int) -> bool:
        """From the repository: False where it is named or was used since."""
        ...

    def holds_bytes(self, digest: str) -> bool:
        """Whether any repository has these bytes, as a blob or as a manifest."""
        ...

    def add_upload(self, upload: Upload) -> None: ...

    def upload(self, id: str) -> Upload | None: ...  # noqa: A002

    def use_upload(self, id: str, at: int) -> None: ...  # noqa: A002

    def remove_upload(self, id: str) -> bool: ...  # noqa: A002

    def old_uploads(self, before: int, limit: int) -> Sequence[Upload]: ...


class Artifacts(Protocol):
    """Artifacts, how they are called, and what they are made of."""

    def add(self, repository: int, artifact: Artifact, links: Sequence[Link] = ()) -> Artifact | None:
        """With its id; None where the repository has it already, under the same name and version. ``links``: each
        digest once for each part."""
        ...

    def get(self, id: int) -> Artifact | None: ...  # noqa: A002

    def find(self, repository: int, kind: Kind, digest: str) -> Artifact | None: ...

    def known(self, repository: int, digests: Collection[str]) -> set[str]:
        """Those of these that are manifests of the repository."""
        ...

    def named(self, repository: int, kind: Kind, name: str, version: str | None = None) -> Sequence[Artifact]:
        """The newest first; ``version`` None: of all."""
        ...

    def of(self, repository: int, kind: Kind, limit: int, before: int = 0) -> Sequence[Artifact]:
        """The newest first; ``before``: the id of the last one seen."""
        ...

    def of_digest(self, digest: str) -> Sequence[tuple[int, Artifact]]:
        """Wherever it is, each with its repository."""
        ...

    def of_job(self, job: int) -> Sequence[Artifact]: ...

    def remove(self, id: int) -> bool:  # noqa: A002
        """With its links, and the tags of its repository that mean it where nothing else there has its digest."""
        ...

    def touch(self, repository: int, digests: Collection[str], at: int) -> None:
        """Note that something was done with these manifests: pushed once more, a tag given or taken away."""
        ...

    def standing(self, repository: int, kind: Kind) -> Sequence[Standing]:
        """What a repository has of a kind, with all that decides whether it may go."""
        ...

    def bytes_named(self, digests: Collection[str]) -> set[str]:
        """Those of these that something rests on: an artifact, a part of it, bytes of a repository, a file of a job."""
        ...

    def pulled(self, project: int, digest: str, who: str, day: int, at: int) -> bool:
        """Note who had it on a day since the epoch; False where that is noted."""
        ...

    def pulls(self, project: int, digest: str, limit: int) -> Sequence[tuple[str, int]]:
        """Who had it last, and when; each once."""
        ...

    def search(self, text: str, projects: Sequence[int] | None, limit: int) -> Sequence[Artifact]:
        """Of these projects, None: of all; the newest first. By a digest of which at least six digits are given, a tag,
        or the beginning of the name of a package."""
        ...

    def links(self, artifact: int) -> Sequence[Link]: ...

    def parents(self, repository: int, digest: str) -> Sequence[Artifact]:
        """Those of a repository that are made of this."""
        ...

    def referrers(self, repository: int, subject: str) -> Sequence[Artifact]:
        """Those that are about this digest, the oldest first."""
        ...

    def tag(self, repository: int, name: str) -> Tag | None: ...

    def put_tag(self, tag: Tag) -> None: ...

    def remove_tag(self, repository: int, name: str) -> bool: ...

    def tags(self, repository: int) -> Sequence[Tag]:
        """By name, whatever its case; names that differ in nothing else by their bytes."""
        ...

    def tags_of(self, repository: int, digest: str) -> Sequence[str]:
        """The tags that mean this digest."""
        ...

    def put_fallback(self, repository: int, subject: str, tag: str, digest: str, content: bytes) -> None: ...

    def remove_fallback(self, repository: int, subject: str) -> None: ...

    def fallback(self, repository: int, tag: str = "", digest: str = "") -> tuple[str, bytes] | None:
        """The index that answers a fallback tag or its digest, with the digest."""
        ...


class Robots(Protocol):
    """Programs that come in for the artifacts of one project."""

    def add(self, robot: Robot) -> Robot:
        """With its id. PlumblineError ``name-taken``."""
        ...

    def get(self, id: int) -> Robot | None: ...  # noqa: A002

    def of_token(self, token: str) -> Robot | None: ...

    def of(self, project: int) -> Sequence[Robot]:
        """By name, those that are revoked too."""
        ...

    def used(self, id: int, at: int) -> None: ...  # noqa: A002

    def revoke(self, id: int, at: int) -> bool:  # noqa: A002
        """False where it was revoked already."""
        ...
