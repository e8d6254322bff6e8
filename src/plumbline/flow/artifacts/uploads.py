"""Bytes come in: at once, in parts, gone on with after a break, given up, or taken over from another repository.

1. An upload belongs to whoever began it, in the repository where they did; for everybody else there is none.
2. Parts follow each other without a gap; what came before a break is there.
3. Bytes are a blob when their digest was found to be the one that was said, and belong to a repository from then on.
   Between the two steps a death loses only the second: the same push again finds the bytes there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.artifacts.names import ALGORITHMS
from plumbline.flow.artifacts.repositories import check_digest, place_of, repository_of
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.registry import RepositoryBlob, Upload

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.access import Actor
    from plumbline.flow.artifacts.tools import ArtifactTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.ports.blobs import BlobInfo

HOUR = 3600 * 1_000_000
LASTS = 24 * HOUR  # an upload that nobody goes on with


class OpenUpload(NamedTuple):
    """One that its owner goes on with. ``offset``: how many bytes are there."""

    tools: ArtifactTools
    id: str
    offset: int

    def write(self, data: Iterable[bytes]) -> OpenUpload:
        """Append these; PlumblineErrors of the store of blobs."""
        return self._replace(offset=self.tools.blobs.write(self.id, self.offset, data))


class OffsetError(PlumblineError):
    """A part does not begin where the upload ends: ``offset`` says where that is."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__(
            "offset-wrong",
            t("The upload has {count} bytes, and the next part begins there.", count=offset),
            kind=ErrorKind.REFUSED,
        )


def begin_upload(actor: Actor, tools: ArtifactTools, name: str, algorithm: str = "sha256") -> OpenUpload:
    """``algorithm``: of the digest that it will have, as far as that is known. Raises PlumblineError as
    :func:`plumbline.flow.artifacts.repositories.place_of`, and ``digest-invalid``."""
    if algorithm not in ALGORITHMS:
        raise PlumblineError(
            "digest-invalid", t("{algorithm} is no algorithm of digests here.", algorithm=algorithm[:50]),
            t("Take one of these: {names}.", names=", ".join(ALGORITHMS)), kind=ErrorKind.REFUSED,
        )  # fmt: skip
    with tools.units.view(actor) as unit:
        place_of(unit, use_cases.PUSH_ARTIFACT, name)
    upload = tools.blobs.begin(algorithm)
    try:
        with tools.units.change(actor) as unit:
            place = place_of(unit, use_cases.PUSH_ARTIFACT, name)
            repository = unit.tx.repositories.take(place.project, place.name, unit.now)
            unit.tx.repositories.add_upload(
                Upload(id=upload, repository=repository.id, owner=actor.key, begun=unit.now, used=unit.now)
            )
    except BaseException:
        tools.blobs.abandon(upload)
        raise
    return OpenUpload(tools, upload, 0)


def open_upload(actor: Actor, tools: ArtifactTools, name: str, upload: str, start: int | None = None) -> OpenUpload:
    """To go on with it. ``start``: where the next part says it begins; None: where the upload ends.

    Raises :class:`OffsetError`, and PlumblineError ``upload-unknown`` beside those of ``place_of``.
    """
    with tools.units.view(actor) as unit:
        _upload(unit, name, upload)
    offset = tools.blobs.written(upload)
    if offset is None:
        raise _unknown(upload)
    if start is not None and start != offset:
        raise OffsetError(offset)
    return OpenUpload(tools, upload, offset)


def note_upload(actor: Actor, tools: ArtifactTools, name: str, upload: str) -> None:
    """That a part of it came in, so that it lasts."""
    with tools.units.change(actor) as unit:
        if unit.now - _upload(unit, name, upload).used > HOUR:
            unit.tx.repositories.use_upload(upload, unit.now)


def finish_upload(actor: Actor, tools: ArtifactTools, name: str, upload: str, digest: str) -> int:
    """Make it a blob of the repository; its size. Raises PlumblineError ``digest-invalid``, ``digest-wrong`` (the
    upload is gone then), ``upload-unknown`` beside those of ``place_of``."""
    check_digest(digest)
    with tools.units.view(actor) as unit:
        _upload(unit, name, upload)
    try:
        size = tools.blobs.finish(upload, digest)
    except PlumblineError as error:
        if error.code in ("digest-wrong", "digest-malformed"):
            with tools.units.change(actor) as unit:
                place_of(unit, use_cases.PUSH_ARTIFACT, name)
                unit.tx.repositories.remove_upload(upload)
        raise
    with tools.units.change(actor) as unit:
        found = _upload(unit, name, upload)
        unit.tx.repositories.put_blob(
            RepositoryBlob(repository=found.repository, digest=digest, size=size, used=unit.now)
        )
        unit.tx.repositories.remove_upload(upload)
    return size


def cancel_upload(actor: Actor, tools: ArtifactTools, name: str, upload: str) -> None:
    """Bytes go first: where they filled the disk, nothing else can be written before. Raises PlumblineError
    ``upload-unknown`` beside those of ``place_of``."""
    with tools.units.view(actor) as unit:
        _upload(unit, name, upload)
    tools.blobs.abandon(upload)
    with tools.units.change(actor) as unit:
        _upload(unit, name, upload)
        unit.tx.repositories.remove_upload(upload)


def mount_blob(actor: Actor, tools: ArtifactTools, name: str, digest: str, source: str) -> bool:
    """Take a blob over from another repository, where the actor may pull it. False where it is not there for them: it
    has to be pushed then."""
    check_digest(digest)
    try:
        with tools.units.view(actor) as unit:
            other = repository_of(unit, use_cases.PULL_ARTIFACT, source)
            found = unit.tx.repositories.blob(other.id, digest)
    except PlumblineError as error:
        if error.code not in ("not-found", "not-allowed", "name-invalid"):
            raise
        found = None
    there = found is not None and tools.blobs.info(digest) is not None
    with tools.units.change(actor) as unit:
        place = place_of(unit, use_cases.PUSH_ARTIFACT, name)
        if not there or found is None or unit.tx.repositories.blob(found.repository, digest) is None:
            return False
        into = unit.tx.repositories.take(place.project, place.name, unit.now)
        unit.tx.repositories.put_blob(RepositoryBlob(repository=into.id, digest=digest, size=found.size, used=unit.now))
    return True


def find_blob(actor: Actor, tools: ArtifactTools, name: str, digest: str) -> BlobInfo:
    """One that may be pulled. Whoever may push may be about to refer to it, so that it stays a while.

    Raises PlumblineError ``digest-invalid``, ``blob-unknown``, and those of ``place_of``.
    """
    check_digest(digest)
    with tools.units.view(actor) as unit:
        repository = repository_of(unit, use_cases.PULL_ARTIFACT, name)
        found = unit.tx.repositories.blob(repository.id, digest)
        pushes = unit.may(use_cases.PUSH_ARTIFACT, repository.project)
        stale = found is not None and unit.now - found.used > HOUR
    info = tools.blobs.info(digest) if found is not None else None
    if info is None:
        raise PlumblineError(
            "blob-unknown", t("The repository {name} has no blob {digest}.", name=name, digest=digest),
            kind=ErrorKind.REFUSED,
        )  # fmt: skip
    if stale and pushes:
        with tools.units.change(actor) as unit:
            place_of(unit, use_cases.PUSH_ARTIFACT, name)
            unit.tx.repositories.use_blobs(repository.id, [digest], unit.now)
    return info


def delete_blob(actor: Actor, tools: ArtifactTools, name: str, digest: str) -> None:
    """From one repository, where no manifest of it names it. Raises PlumblineError ``blob-unknown``, ``blob-in-use``,
    and as :func:`find_blob`."""
    check_digest(digest)
    with tools.units.change(actor) as unit:
        repository = repository_of(unit, use_cases.DELETE_ARTIFACT, name)
        if unit.tx.repositories.blob(repository.id, digest) is None:
            raise PlumblineError(
                "blob-unknown", t("The repository {name} has no blob {digest}.", name=name, digest=digest),
                kind=ErrorKind.REFUSED,
            )  # fmt: skip
        if not unit.tx.repositories.remove_blob(repository.id, digest, unit.now + 1):
            raise PlumblineError(
                "blob-in-use",
                t("Manifests of {name} are made of {digest}.", name=name, digest=digest),
                t("Delete those manifests first."),
                kind=ErrorKind.REFUSED,
            )


def _upload(unit: UnitOfWork, name: str, upload: str) -> Upload:
    place = place_of(unit, use_cases.PUSH_ARTIFACT, name)
    found = unit.tx.repositories.upload(upload)
    repository = unit.tx.repositories.get(place.project, place.name)
    if found is None or repository is None or (found.repository, found.owner) != (repository.id, unit.actor.key):
        raise _unknown(upload)
    return found


def _unknown(upload: str) -> PlumblineError:
    return PlumblineError(
        "upload-unknown",
        t("There is no upload {upload}.", upload=upload[:100]),
        t("It ended, or it lasted too long: begin another one."),
        kind=ErrorKind.REFUSED,
    )
