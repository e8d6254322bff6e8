"""What of the registry need not be kept any longer: tags and versions that expire, manifests that nothing keeps, bytes
that no repository is made of, and at last bytes that nothing rests on.

1. Every step looks again in the transaction in which something goes: what was taken up meanwhile stays.
2. Bytes go last, and only those that nobody stored or touched for the grace; who takes up others touches them before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec import UNSET

from plumbline.access import settings
from plumbline.artifacts.retention import expired_files, expired_tags, matches, sweepable
from plumbline.evidence import write_event
from plumbline.evidence.vocabulary import cdevents_core, own_platform
from plumbline.flow.artifacts.referrers import renew_fallback
from plumbline.flow.artifacts.telling import package_url
from plumbline.flow.pipelines.artifacts import DAY
from plumbline.flow.storage.retention import Deletion, Step
from plumbline.kernel import PlumblineError
from plumbline.model.artifact import Kind
from plumbline.model.keeping import KeptKind

if TYPE_CHECKING:
    from plumbline.evidence import Content
    from plumbline.flow.storage.retention import CleanupTools
    from plumbline.model.ports.blobs import BlobStore
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.registry import Repository, Standing, Tag
    from plumbline.model.tree import Node

GRACE = DAY  # in which whoever stored or touched bytes writes down what rests on them
_AT_ONCE = 50
_LOOKED_AT = 300  # blobs whose use is asked for at once


def old_registry(tools: CleanupTools, ancestors: Sequence[Node]) -> Iterator[Step | None]:
    """Tags, manifests and files of packages of one project."""
    with tools.store.view() as tx:
        repositories = tx.repositories.of([ancestors[0].id])
    for repository in repositories:
        yield from _old_tags(tools, ancestors, repository)
        yield from _unkept(tools, ancestors, repository)
        yield from _old_files(tools, ancestors, repository)


def _old_tags(tools: CleanupTools, ancestors: Sequence[Node], repository: Repository) -> Iterator[Step | None]:
    forms = settings.REGISTRY_EXPIRING.at(ancestors)
    if not forms:
        return
    before = tools.server.clock() - settings.REGISTRY_EXPIRE_DAYS.at(ancestors) * DAY
    newest, immutable = settings.REGISTRY_KEEP_NEWEST.at(ancestors), settings.REGISTRY_IMMUTABLE_TAGS.at(ancestors)
    with tools.store.view() as tx:
        expired = expired_tags(tx.artifacts.tags(repository.id), forms, before, newest)
        gone = [tag for tag in expired if not matches(tag.name, immutable)]
    for at in range(0, len(gone), _AT_ONCE):
        yield Step(KeptKind.PACKAGES, partial(_remove_tags, tools, repository, gone[at : at + _AT_ONCE]))


def _unkept(tools: CleanupTools, ancestors: Sequence[Node], repository: Repository) -> Iterator[Step | None]:
    """Of a repository without a tag that expires, only what is older than its setting says; with such, what lost its
    last tag goes after the same time as tags do."""
    now = tools.server.clock()
    days = settings.REGISTRY_UNTAGGED_DAYS.at(ancestors)
    if not days and settings.REGISTRY_EXPIRING.at(ancestors):
        days = settings.REGISTRY_EXPIRE_DAYS.at(ancestors)
    before = now - days * DAY if days else -1
    gone = _sweepable(tools, ancestors, repository, before)
    for _ in range(0, len(gone), _AT_ONCE):
        yield Step(KeptKind.PACKAGES, partial(_remove_unkept, tools, ancestors, repository, before))


def _old_files(tools: CleanupTools, ancestors: Sequence[Node], repository: Repository) -> Iterator[Step | None]:
    forms = settings.REGISTRY_EXPIRING.at(ancestors)
    if not forms:
        return
    before = tools.server.clock() - settings.REGISTRY_EXPIRE_DAYS.at(ancestors) * DAY
    newest = settings.REGISTRY_KEEP_NEWEST.at(ancestors)

    def gone(tx: Transaction) -> list[Standing]:
        found = expired_files(tx.artifacts.standing(repository.id, Kind.GENERIC), forms, before, newest)
        return [one for one in found if tools.held(tx, repository.project, one.digest, one.commit) is None]

    def note(tx: Transaction) -> Deletion:
        _remove(tools, tx, repository, gone(tx)[:_AT_ONCE])
        return Deletion(())

    with tools.store.view() as tx:
        count = len(gone(tx))
    for _ in range(0, count, _AT_ONCE):
        yield Step(KeptKind.PACKAGES, note)


def _sweepable(
    tools: CleanupTools, ancestors: Sequence[Node], repository: Repository, before: int, tx: Transaction | None = None
) -> list[Standing]:
    if before < 0:
        return []
    if tx is None:
        with tools.store.view() as found:
            return _sweepable(tools, ancestors, repository, before, found)

    def held(one: Standing) -> bool:
        held = tools.held(tx, repository.project, one.digest, one.commit) is not None
        return held or _stays_with_its_subject(tx, one)

    return sweepable(tx.artifacts.standing(repository.id, Kind.OCI), before, held)


def _stays_with_its_subject(tx: Transaction, one: Standing) -> bool:
    """What is said of a file of a package, or of what a job left, stays as long as that."""
    if not one.subject:
        return False
    files = (found for _, found in tx.artifacts.of_digest(one.subject) if found.kind is not Kind.OCI)
    return next(files, None) is not None or bool(tx.keeping.of_digest(one.subject, 1))


def _remove_tags(tools: CleanupTools, repository: Repository, gone: Sequence[Tag], tx: Transaction) -> Deletion:
    for tag in gone:
        now = tx.artifacts.tag(repository.id, tag.name)
        if now is None or now.moved != tag.moved:  # it was pushed again
            continue
        tx.artifacts.remove_tag(repository.id, tag.name)
        content = own_platform.TagRemoved(digest=tag.digest)
        _tell(tools, tx, repository, f"{repository.address}:{tag.name}", content)
    return Deletion(())


def _remove_unkept(
    tools: CleanupTools, ancestors: Sequence[Node], repository: Repository, before: int, tx: Transaction
) -> Deletion:
    """Looks at all of the repository again: a tag may have come since. Parents go before what they are made of."""
    gone = _sweepable(tools, ancestors, repository, before, tx)
    made_of = {digest for one in gone for digest in one.parts}
    first = sorted(gone, key=lambda one: (one.digest in made_of, one.id))
    _remove(tools, tx, repository, first[:_AT_ONCE])
    return Deletion(())


def _remove(tools: CleanupTools, tx: Transaction, repository: Repository, gone: Sequence[Standing]) -> None:
    for one in gone:
        artifact = tx.artifacts.get(one.id)
        if artifact is None or not tx.artifacts.remove(one.id):
            continue
        if artifact.subject:
            renew_fallback(tx, repository, artifact.subject)
        _tell(tools, tx, repository, package_url(artifact), cdevents_core.ArtifactDeleted(user=UNSET))


def _tell(tools: CleanupTools, tx: Transaction, repository: Repository, subject: str, content: Content) -> None:
    server = tools.server
    tx.record(
        write_event(
            content,
            id=server.new_uid(),
            source=server.source,
            subject=subject,
            time=server.clock(),
            project=repository.path,
        )
    )


def unused_bytes(tools: CleanupTools, blobs: BlobStore) -> Iterator[None]:
    """Uploads that nobody goes on with, bytes that no manifest of their repository names, and bytes that nothing rests
    on. Stops after each step."""
    before = tools.server.clock() - GRACE
    yield from _dead_uploads(tools, blobs, before)
    yield from _unnamed(tools, before)
    part: list[str] = []
    for info in blobs.all():
        if info.stored < before:
            part.append(info.digest)
        if len(part) == _LOOKED_AT:
            _sweep(tools, blobs, part, before)
            part.clear()
            yield
    _sweep(tools, blobs, part, before)
    blobs.tidy()


def _dead_uploads(tools: CleanupTools, blobs: BlobStore, before: int) -> Iterator[None]:
    while True:
        with tools.store.change() as tx:
            dead = tx.repositories.old_uploads(before, _AT_ONCE)
            for upload in dead:
                tx.repositories.remove_upload(upload.id)
        yield
        if len(dead) < _AT_ONCE:
            break
    for name, written in blobs.uploads():
        if written < before:
            blobs.abandon(name)


def _unnamed(tools: CleanupTools, before: int) -> Iterator[None]:
    while True:
        with tools.store.change() as tx:
            unused = tx.repositories.unused_blobs(before, _AT_ONCE)
            gone = sum(tx.repositories.remove_blob(one.repository, one.digest, before) for one in unused)
        yield
        if not gone:
            return


def _sweep(tools: CleanupTools, blobs: BlobStore, digests: Sequence[str], before: int) -> None:
    if not digests:
        return
    with tools.store.view() as tx:
        named = tx.artifacts.bytes_named(digests)
    for digest in digests:
        if digest not in named:
            try:
                tools.freed(KeptKind.PACKAGES, blobs.remove(digest, unused_since=before))
            except PlumblineError:  # the disk has its troubles, and the next round tries again
                continue
