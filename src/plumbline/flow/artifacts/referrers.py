"""What refers to a digest: signatures, attestations, lists of components. Whoever asks is told all of them, with what
each is for; clients without the referrers API find the same under a tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.artifacts.manifests import OCI_INDEX
from plumbline.artifacts.names import fallback_tag, sha256_of
from plumbline.flow.artifacts.repositories import check_digest, place_of
from plumbline.model.artifact import Descriptor
from plumbline.model.coding import json_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.artifacts.tools import ArtifactTools
    from plumbline.model.artifact import Artifact
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.registry import Repository


def list_referrers(actor: Actor, tools: ArtifactTools, name: str, digest: str, artifact_type: str = "") -> bytes:
    """An image index of those that are about a digest, whether that is there or not; ``artifact_type``: of these alone.
    Where nothing was pushed yet there are none. Raises PlumblineError ``digest-invalid`` and those of ``place_of``."""
    check_digest(digest)
    with tools.units.view(actor) as unit:
        place = place_of(unit, use_cases.PULL_ARTIFACT, name)
        repository = unit.tx.repositories.get(place.project, place.name)
        found = referrers_of(unit.tx, repository, digest) if repository is not None else ()
    return index_of([one for one in found if artifact_type in ("", one.artifact_type)])


def referrers_of(tx: Transaction, repository: Repository, digest: str) -> Sequence[Descriptor]:
    """In order of their coming."""
    return [_descriptor(tx, one) for one in tx.artifacts.referrers(repository.id, digest)]


def renew_fallback(tx: Transaction, repository: Repository, subject: str) -> None:
    """Bring the index under the fallback tag up to what refers to the subject now."""
    found = referrers_of(tx, repository, subject)
    if not found:
        tx.artifacts.remove_fallback(repository.id, subject)
        return
    content = index_of(found)
    digest = sha256_of(content)
    tx.artifacts.put_fallback(repository.id, subject, fallback_tag(subject), digest, content)


def index_of(found: Sequence[Descriptor]) -> bytes:
    return json_of({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": found})


def _descriptor(tx: Transaction, artifact: Artifact) -> Descriptor:
    """Of the manifest itself, with what it is for and its annotations pulled up."""
    made_of = sum(one.size for one in tx.artifacts.links(artifact.id) if one.here)
    return Descriptor(
        media_type=artifact.media_type,
        digest=artifact.digest,
        size=artifact.size - made_of,
        artifact_type=artifact.artifact_type,
        annotations=artifact.annotations,
    )
