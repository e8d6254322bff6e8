"""Names for digests: given, moved, taken away, listed.

1. A tag that the project says is immutable is given once.
2. A tag that the project says is protected is given by jobs of protected refs, and by whoever may delete artifacts.
3. A job that runs what another repository says gives no tag at all.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from msgspec import UNSET

from plumbline.access import settings, use_cases
from plumbline.artifacts.names import is_tag
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.flow.artifacts.repositories import place_of, repository_of
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.registry import Tag

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.artifacts.repositories import Place
    from plumbline.flow.artifacts.tools import ArtifactTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.registry import Repository


def list_tags(actor: Actor, tools: ArtifactTools, name: str, last: str, limit: int | None) -> tuple[list[str], bool]:
    """Those that follow ``last``, at most so many, and whether there are more. In order whatever their case. Raises
    PlumblineErrors of ``repository_of``."""
    with tools.units.view(actor) as unit:
        repository = repository_of(unit, use_cases.PULL_ARTIFACT, name)
        every = [tag.name for tag in unit.tx.artifacts.tags(repository.id)]
    found = [one for one in every if (one.lower(), one) > (last.lower(), last)]
    return (found, False) if limit is None else (found[:limit], len(found) > limit > 0)


def delete_tag(actor: Actor, tools: ArtifactTools, name: str, tag: str) -> None:
    """The manifest stays. Raises PlumblineError ``manifest-unknown``, ``tag-immutable`` and those of ``place_of``."""
    with tools.units.change(actor) as unit:
        place = place_of(unit, use_cases.DELETE_ARTIFACT, name)
        repository = repository_of(unit, use_cases.DELETE_ARTIFACT, name)
        found = unit.tx.artifacts.tag(repository.id, tag)
        if found is None:
            raise PlumblineError(
                "manifest-unknown", t("The repository {name} has no tag {tag}.", name=name, tag=tag),
                kind=ErrorKind.REFUSED,
            )  # fmt: skip
        check_tag_stays(place, tag)
        unit.tx.artifacts.remove_tag(repository.id, tag)
        unit.tx.artifacts.touch(repository.id, [found.digest], unit.now)
        content = events.TagRemoved(digest=found.digest, by=unit.actor.name)
        unit.record(f"{repository.address}:{tag}", content, repository.path)


def check_tag_free(unit: UnitOfWork, place: Place, repository: Repository | None, tag: str, digest: str) -> None:
    """Whether the actor may let this tag mean this digest. Raises PlumblineError ``tag-invalid``, ``tag-immutable``,
    ``not-allowed``."""
    if not is_tag(tag):
        raise PlumblineError("tag-invalid", t("{tag} is no tag.", tag=tag[:200]), kind=ErrorKind.REFUSED)
    before = unit.tx.artifacts.tag(repository.id, tag) if repository is not None else None
    if before is not None and before.digest == digest:
        return
    if before is not None:
        check_tag_stays(place, tag)
    if _is_one_of(tag, settings.REGISTRY_PROTECTED_TAGS.at(place.ancestors)):
        _check_protected(unit, place, tag)


def check_tag_stays(place: Place, tag: str) -> None:
    """Raises PlumblineError ``tag-immutable``."""
    if _is_one_of(tag, settings.REGISTRY_IMMUTABLE_TAGS.at(place.ancestors)):
        raise PlumblineError(
            "tag-immutable",
            t("The tag {tag} is immutable here.", tag=tag),
            t("Push under another tag; the setting {setting} says which stay.",
              setting=settings.REGISTRY_IMMUTABLE_TAGS.key),
            kind=ErrorKind.REFUSED,
        )  # fmt: skip


def move_tag(unit: UnitOfWork, repository: Repository, tag: str, digest: str) -> None:
    """Let it mean this digest from now on, and tell it where that is new."""
    before = unit.tx.artifacts.tag(repository.id, tag)
    if before is not None and before.digest == digest:
        return
    known = [digest] if before is None else [digest, before.digest]
    unit.tx.artifacts.touch(repository.id, known, unit.now)  # what loses its last tag stays a while from now on
    unit.tx.artifacts.put_tag(
        Tag(repository=repository.id, name=tag, digest=digest, moved=unit.now, by=unit.actor.name)
    )
    content = events.TagMoved(
        digest=digest, previous=before.digest if before is not None else UNSET, by=unit.actor.name
    )
    unit.record(f"{repository.address}:{tag}", content, repository.path)


def _check_protected(unit: UnitOfWork, place: Place, tag: str) -> None:
    job = unit.actor.job
    if job is None:
        unit.require_also(use_cases.PUSH_ARTIFACT, place.project)
    elif not job.protected:
        raise PlumblineError(
            "not-allowed",
            t("The tag {tag} is protected, and the job is not one of a protected branch or tag.", tag=tag),
            t("The setting {setting} says which tags are.", setting=settings.REGISTRY_PROTECTED_TAGS.key),
            kind=ErrorKind.REFUSED,
        )


def _is_one_of(tag: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(tag, pattern) for pattern in patterns)
