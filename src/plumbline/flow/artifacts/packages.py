"""Generic packages: files under a name and a version of one project.

1. A file is published once: the same bytes again change nothing, others are refused, but in versions that may change.
2. What is held, such as by an environment that serves it, is not deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import settings, use_cases
from plumbline.artifacts.packages import file_name, of_stored
from plumbline.artifacts.retention import matches
from plumbline.flow.artifacts.telling import origin_of, tell_deleted, tell_published
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.artifact import Artifact, Kind

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.artifacts.packages import FileName
    from plumbline.flow.artifacts.tools import ArtifactTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.tree import Node

OWN = ""  # the name of the repository that belongs to the project itself
MOST = 10_000  # files of one project that a list looks at


class Package(NamedTuple):
    """A version of a package. ``size``: bytes of its files; ``newest``: when the last of them came, microseconds."""

    name: str
    version: str
    files: Sequence[Artifact]

    @property
    def size(self) -> int:
        return sum(one.size for one in self.files)

    @property
    def newest(self) -> int:
        return max(one.created for one in self.files)


def begin_file(actor: Actor, tools: ArtifactTools, project: int | None, package: str, version: str, file: str) -> str:
    """An upload for it, before any byte is taken. Raises PlumblineError ``package-name-invalid``, ``not-found``,
    ``not-allowed``."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.PUBLISH_PACKAGE, project, t("There is no such project."))
    file_name(package, version, file)
    return tools.blobs.begin()


def write_file(tools: ArtifactTools, upload: str, data: Iterable[bytes]) -> int:
    """Append to an upload that :func:`begin_file` gave to this very request; the bytes there are."""
    return tools.blobs.write(upload, tools.blobs.written(upload) or 0, data)


def publish_file(
    actor: Actor,
    tools: ArtifactTools,
    project: int | None,
    package: str,
    version: str,
    file: str,
    upload: str,
    digest: str = "",
) -> Artifact:
    """Make the file of an upload. ``digest``: what it has to be, where the client says it.

    Raises PlumblineError ``package-immutable``, ``digest-wrong``, ``digest-malformed`` and those of :func:`begin_file`;
    the upload is gone then.
    """
    try:
        with tools.units.view(actor) as unit:
            unit.require(use_cases.PUBLISH_PACKAGE, project, t("There is no such project."))
        name = file_name(package, version, file)
        if digest:
            tools.blobs.finish(upload, digest)
        info = tools.blobs.info(digest) if digest else tools.blobs.seal(upload)
    except PlumblineError:
        tools.blobs.abandon(upload)
        raise
    assert info is not None
    with tools.units.change(actor) as unit:
        ancestors = unit.require(use_cases.PUBLISH_PACKAGE, project, t("There is no such project."))
        return _store(unit, tools, ancestors, name, info.digest, info.size)


def _store(
    unit: UnitOfWork, tools: ArtifactTools, ancestors: Sequence[Node], name: FileName, digest: str, size: int
) -> Artifact:
    repository = unit.tx.repositories.take(ancestors[0].id, OWN, unit.now)
    there = unit.tx.artifacts.named(repository.id, Kind.GENERIC, name.package, name.stored)
    for one in there:
        if one.digest == digest:
            unit.tx.artifacts.touch(repository.id, [digest], unit.now)
            return one
    if there and not matches(name.version, settings.REGISTRY_MUTABLE_VERSIONS.at(ancestors)):
        raise PlumblineError(
            "package-immutable",
            t("{file} of {package} {version} is there already, with other bytes.",
              file=name.file, package=name.package, version=name.version),
            t("Publish another version; the setting {setting} says which versions may change.",
              setting=settings.REGISTRY_MUTABLE_VERSIONS.key),
            kind=ErrorKind.REFUSED,
        )  # fmt: skip
    for one in there:
        _check_not_held(unit, tools, one)
        unit.tx.artifacts.remove(one.id)
        tell_deleted(unit, one, ancestors)
    made = unit.tx.artifacts.add(
        repository.id,
        Artifact(
            project=ancestors[0].id,
            repository=repository.address,
            kind=Kind.GENERIC,
            digest=digest,
            size=size,
            media_type="application/octet-stream",
            name=name.package,
            version=name.stored,
            created=unit.now,
            origin=origin_of(unit),
        ),
    )
    assert made is not None
    tell_published(unit, made, ancestors, digest)
    return made


def open_file(
    actor: Actor,
    tools: ArtifactTools,
    project: int | None,
    package: str,
    version: str,
    file: str,
    *,
    head: bool = False,
) -> Artifact:
    """The newest file of this name: its bytes are read from the store of blobs, by its digest. ``head``: nobody is
    handed them.

    Raises PlumblineError ``package-unknown``, ``blob-missing``, ``package-name-invalid``, ``not-found``,
    ``not-allowed``.
    """
    with tools.units.view(actor) as unit:
        ancestors = unit.require(use_cases.DOWNLOAD_PACKAGE, project, t("There is no such project."))
        name = file_name(package, version, file)
        repository = unit.tx.repositories.get(ancestors[0].id, OWN)
        found = (
            unit.tx.artifacts.named(repository.id, Kind.GENERIC, name.package, name.stored)
            if repository is not None else ()
        )  # fmt: skip
        if not found:
            raise _unknown(name.package, name.version, name.file)
    if tools.blobs.info(found[0].digest) is None:
        raise PlumblineError(
            "blob-missing",
            t("The bytes of {file} are not there any more, or were found corrupt.", file=name.file),
            t("Publish it again, which heals it."),
            kind=ErrorKind.ENVIRONMENT,
        )
    if not head:
        tools.keepers.pulled(actor, found[0])
    return found[0]


def list_packages(actor: Actor, tools: ArtifactTools, project: int | None, package: str = "") -> list[Package]:
    """By name, of each the newest version first; ``package``: of this name alone."""
    with tools.units.view(actor) as unit:
        ancestors = unit.require(use_cases.DOWNLOAD_PACKAGE, project, t("There is no such project."))
        repository = unit.tx.repositories.get(ancestors[0].id, OWN)
        every = unit.tx.artifacts.of(repository.id, Kind.GENERIC, MOST) if repository is not None else ()
    return [one for one in packages_of(every) if package in ("", one.name)]


def packages_of(files: Iterable[Artifact]) -> list[Package]:
    """The versions that these files are of; by name, of each the newest version first."""
    found: dict[tuple[str, str], list[Artifact]] = {}
    for one in files:
        name = of_stored(one.name, one.version)
        found.setdefault((name.package, name.version), []).append(one)
    packages = [Package(*key, sorted(each, key=lambda one: one.version)) for key, each in found.items()]
    return sorted(packages, key=lambda one: (one.name, -one.newest, one.version))


def delete_package(
    actor: Actor, tools: ArtifactTools, project: int | None, package: str, version: str, file: str = ""
) -> int:
    """A version with all its files, or one of them; how many. Raises PlumblineError ``package-unknown``,
    ``artifact-held``, ``not-found``, ``not-allowed``."""
    with tools.units.change(actor) as unit:
        ancestors = unit.require(use_cases.DELETE_PACKAGE, project, t("There is no such project."))
        repository = unit.tx.repositories.get(ancestors[0].id, OWN)
        every = unit.tx.artifacts.of(repository.id, Kind.GENERIC, MOST) if repository is not None else ()
        wanted = [one for one in every if _is(one, package, version, file)]
        if not wanted:
            raise _unknown(package, version, file)
        for one in wanted:
            _check_not_held(unit, tools, one)
        for one in wanted:
            unit.tx.artifacts.remove(one.id)
            tell_deleted(unit, one, ancestors)
        return len(wanted)


def _is(artifact: Artifact, package: str, version: str, file: str) -> bool:
    name = of_stored(artifact.name, artifact.version)
    return (name.package, name.version) == (package, version) and file in ("", name.file)


def _check_not_held(unit: UnitOfWork, tools: ArtifactTools, artifact: Artifact) -> None:
    why = tools.keepers.held(unit, artifact)
    if why is not None:
        raise PlumblineError(
            "artifact-held", t("{name} {version} stays: {why}", name=artifact.name, version=artifact.version, why=why),
            kind=ErrorKind.REFUSED,
        )  # fmt: skip


def _unknown(package: str, version: str, file: str) -> PlumblineError:
    return PlumblineError(
        "package-unknown",
        t("The project has no {file} of {package} {version}.", file=file or "*", package=package, version=version),
        kind=ErrorKind.REFUSED,
    )
