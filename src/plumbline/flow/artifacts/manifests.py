"""Manifests come in and go out.

1. What a manifest is made of is in its repository before it, bytes and all; only what it is about (its subject) and
   layers that may not be handed on may be elsewhere.
2. The same manifest once more changes nothing but its tag.
3. A manifest stays while an index of its repository names it, while an immutable tag means it, and while somebody holds
   it, such as an environment where it runs.
4. Whoever pulls by a digest gets those bytes, whatever becomes of the tag meanwhile.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.artifacts.manifests import LARGEST, Form, read_manifest
from plumbline.artifacts.names import algorithm_of, is_digest, is_tag, sha256_of
from plumbline.flow.artifacts.referrers import renew_fallback
from plumbline.flow.artifacts.repositories import Place, check_digest, place_of, repository_of
from plumbline.flow.artifacts.tags import check_tag_free, check_tag_stays, move_tag
from plumbline.flow.artifacts.telling import origin_of, tell_deleted, tell_published
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.artifact import Artifact, Kind
from plumbline.model.registry import Link, Part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.access import Actor
    from plumbline.artifacts.manifests import Manifest
    from plumbline.flow.artifacts.tools import ArtifactTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.kernel import Text
    from plumbline.model.registry import Repository


class Stored(NamedTuple):
    """What came in: its digest, and that of what it is about."""

    digest: str
    subject: str = ""


class _Named(NamedTuple):
    """The bytes of a manifest, and the digest that they are stored under."""

    digest: str
    data: bytes


class Found(NamedTuple):
    """A manifest that may be pulled. ``data`` is empty where only its head was asked for."""

    digest: str
    media_type: str
    size: int
    data: bytes = b""


def put_manifest(
    actor: Actor,
    tools: ArtifactTools,
    name: str,
    reference: str,
    media_type: str,
    data: bytes,
    tags: Sequence[str] = (),
) -> Stored:
    """``reference``: a tag or a digest; ``tags``: that it gets besides.

    Raises PlumblineError ``manifest-invalid``, ``tag-invalid``, ``digest-invalid``, ``digest-wrong``,
    ``manifest-blob-unknown``, ``tag-immutable``, ``not-allowed`` and those of ``place_of``.
    """
    named = [*([] if ":" in reference else [reference]), *tags]
    digest = _digest_of(reference, data)
    with tools.units.view(actor) as unit:
        place = place_of(unit, use_cases.PUSH_ARTIFACT, name)
        repository = unit.tx.repositories.get(place.project, place.name)
        for tag in named:
            check_tag_free(unit, place, repository, tag, digest)
        manifest = read_manifest(data, media_type)
        missing = _missing(unit, repository, manifest)
    missing += [one.digest for one in manifest.blobs if not missing and tools.blobs.info(one.digest) is None]
    if missing:
        raise _lacks(missing)
    tools.blobs.put(data, algorithm_of(digest))
    with tools.units.change(actor) as unit:
        place = place_of(unit, use_cases.PUSH_ARTIFACT, name)
        repository = unit.tx.repositories.take(place.project, place.name, unit.now)
        for tag in named:
            check_tag_free(unit, place, repository, tag, digest)
        if missing := _missing(unit, repository, manifest):
            raise _lacks(missing)
        _store(unit, place, repository, manifest, _Named(digest, data))
        for tag in named:
            move_tag(unit, repository, tag, digest)
    return Stored(digest, manifest.subject.digest if manifest.subject else "")


def find_manifest(actor: Actor, tools: ArtifactTools, name: str, reference: str, *, head: bool = False) -> Found:
    """Raises PlumblineError ``manifest-unknown``, ``digest-invalid``, ``tag-invalid``, ``blob-corrupt`` and those of
    ``place_of``."""
    by_digest = ":" in reference
    check_digest(reference) if by_digest else _check_tag(reference)
    with tools.units.view(actor) as unit:
        repository = repository_of(unit, use_cases.PULL_ARTIFACT, name)
        tag = None if by_digest else unit.tx.artifacts.tag(repository.id, reference)
        digest = reference if by_digest else tag.digest if tag else ""
        artifact = unit.tx.artifacts.find(repository.id, Kind.OCI, digest) if digest else None
        if artifact is None:
            return _fallback(unit, repository, reference, by_digest=by_digest)
    if head:
        info = tools.blobs.info(digest)
        if info is None:
            raise _unknown(name, reference)
        return Found(digest, artifact.media_type, info.size)
    data = tools.blobs.get(digest, LARGEST)
    tools.keepers.pulled(actor, artifact)
    return Found(digest, artifact.media_type, len(data), data)


def delete_manifest(actor: Actor, tools: ArtifactTools, name: str, digest: str) -> None:
    """With the tags that mean it. Raises PlumblineError ``manifest-unknown``, ``artifact-held``, ``tag-immutable``,
    ``digest-invalid`` and those of ``place_of``."""
    check_digest(digest)
    with tools.units.change(actor) as unit:
        place = place_of(unit, use_cases.DELETE_ARTIFACT, name)
        repository = repository_of(unit, use_cases.DELETE_ARTIFACT, name)
        artifact = unit.tx.artifacts.find(repository.id, Kind.OCI, digest)
        if artifact is None:
            raise _unknown(name, digest)
        tags = unit.tx.artifacts.tags_of(repository.id, digest)
        for tag in tags:
            check_tag_stays(place, tag)
        _check_not_held(unit, tools, repository, artifact)
        unit.tx.artifacts.remove(artifact.id)
        if artifact.subject:
            renew_fallback(unit.tx, repository, artifact.subject)
        tell_deleted(unit, artifact, place.ancestors)


def _store(unit: UnitOfWork, place: Place, repository: Repository, manifest: Manifest, named: _Named) -> None:
    """Where it is new: it, its links, the index of what refers to its subject, and the event."""
    links = _links(manifest)
    unit.tx.repositories.use_blobs(repository.id, [one.digest for one in links], unit.now)
    made = unit.tx.artifacts.add(
        repository.id,
        Artifact(
            project=place.project,
            repository=repository.address,
            kind=Kind.OCI,
            digest=named.digest,
            size=len(named.data) + sum(one.size for one in links if one.here),
            media_type=manifest.media_type,
            artifact_type=manifest.artifact_type,
            subject=manifest.subject.digest if manifest.subject else "",
            created=unit.now,
            origin=origin_of(unit),
            annotations=manifest.annotations,
        ),
        links,
    )
    if made is None:
        unit.tx.artifacts.touch(repository.id, [named.digest], unit.now)
        return
    if made.subject:
        renew_fallback(unit.tx, repository, made.subject)
    tell_published(unit, made, place.ancestors, sha256_of(named.data))


def _links(manifest: Manifest) -> list[Link]:
    here = {one.digest for one in manifest.blobs}
    config = (manifest.config,) if manifest.config is not None else ()
    parts = ((Part.CONFIG, config), (Part.LAYER, manifest.layers), (Part.CHILD, manifest.children))
    links = [
        Link(digest=one.digest, part=part, size=one.size, media_type=one.media_type,
             here=part is Part.CHILD or one.digest in here)
        for part, each in parts for one in each
    ]  # fmt: skip
    return list({(one.digest, one.part): one for one in links}.values())


def _missing(unit: UnitOfWork, repository: Repository | None, manifest: Manifest) -> list[str]:
    """What the manifest is made of and the repository does not have. Some clients keep layers in an index, so there a
    blob will do."""
    children = [one.digest for one in manifest.children] if manifest.form is Form.INDEX else []
    needed = [*(one.digest for one in manifest.blobs), *children]
    if repository is None:
        return needed
    sizes = unit.tx.repositories.blobs(repository.id, needed)
    _check_sizes(manifest, sizes)
    there = sizes.keys() | unit.tx.artifacts.known(repository.id, [one for one in children if one not in sizes])
    return [one for one in needed if one not in there]


def _check_sizes(manifest: Manifest, sizes: Mapping[str, int]) -> None:
    """Whoever pulls holds what comes against what the manifest says of it."""
    for one in manifest.blobs:
        if sizes.get(one.digest, one.size) != one.size:
            raise PlumblineError(
                "manifest-invalid",
                t("The manifest says that {digest} has {said} bytes, and it has {size}.",
                  digest=one.digest, said=one.size, size=sizes[one.digest]),
                kind=ErrorKind.REFUSED,
            )  # fmt: skip


def _check_not_held(unit: UnitOfWork, tools: ArtifactTools, repository: Repository, artifact: Artifact) -> None:
    parents = unit.tx.artifacts.parents(repository.id, artifact.digest)
    if parents:
        why: Text | None = t("The index {digest} names it.", digest=parents[0].digest)
    else:
        why = tools.keepers.held(unit, artifact)
    if why is not None:
        raise PlumblineError(
            "artifact-held", t("{digest} stays: {why}", digest=artifact.digest, why=why), kind=ErrorKind.REFUSED
        )


def _fallback(unit: UnitOfWork, repository: Repository, reference: str, *, by_digest: bool) -> Found:
    """The index that clients without the referrers API look for."""
    wanted = {"digest": reference} if by_digest else {"tag": reference}
    found = unit.tx.artifacts.fallback(repository.id, **wanted)
    if found is None:
        raise _unknown(repository.address, reference)
    return Found(found[0], "application/vnd.oci.image.index.v1+json", len(found[1]), found[1])


def _digest_of(reference: str, data: bytes) -> str:
    if ":" not in reference:
        return sha256_of(data)
    check_digest(reference)
    algorithm = algorithm_of(reference)
    found = f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"
    if found != reference:
        raise PlumblineError(
            "digest-wrong",
            t("The manifest has the digest {found}, not {digest}.", found=found, digest=reference),
            kind=ErrorKind.REFUSED,
        )
    return found


def _check_tag(tag: str) -> None:
    if not is_tag(tag):
        raise PlumblineError("tag-invalid", t("{tag} is no tag.", tag=tag[:200]), kind=ErrorKind.REFUSED)


def _lacks(missing: Sequence[str]) -> PlumblineError:
    assert all(map(is_digest, missing))
    return PlumblineError(
        "manifest-blob-unknown",
        t("The repository does not have {digest}, which the manifest is made of.", digest=missing[0]),
        t("Push that first."),
        kind=ErrorKind.REFUSED,
    )


def _unknown(name: str, reference: str) -> PlumblineError:
    return PlumblineError(
        "manifest-unknown",
        t("The repository {name} has no manifest {reference}.", name=name, reference=reference),
        kind=ErrorKind.REFUSED,
    )
