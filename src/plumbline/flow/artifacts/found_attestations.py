"""What is said of an artifact, wherever others keep it: as a referrer of any type, in the index under the fallback tag,
and under the tags ``.att`` and ``.sig`` of cosign.

All places are read, and nothing found in one of them hides what is in another.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from plumbline.artifacts.manifests import LARGEST, read_manifest
from plumbline.artifacts.names import fallback_tag
from plumbline.evidence.attestations import (
    COSIGN_PAYLOAD,
    COSIGN_SIGNATURE,
    ENVELOPE,
    MOST_BYTES,
    PAYLOAD_TYPE,
    Piece,
    join_signature,
)
from plumbline.kernel import PlumblineError
from plumbline.model.artifact import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from plumbline.artifacts.manifests import Manifest
    from plumbline.flow.artifacts.attestation_tools import AttestationTools
    from plumbline.model.artifact import Descriptor
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.registry import Repository

_MOST = 1000  # manifests about one artifact that are read
_ENVELOPES = (ENVELOPE, PAYLOAD_TYPE)
_BUNDLE = "application/vnd.dev.sigstore.bundle"
_TAGS = (".att", ".sig")


def digests_about(tx: Transaction, repository: Repository, digest: str) -> list[str]:
    """Manifests that may say something of a digest, each once, in the order of the places."""
    found = [one.digest for one in tx.artifacts.referrers(repository.id, digest)]
    tag = fallback_tag(digest)
    for name in (tag, *(tag + ending for ending in _TAGS)):
        if (tagged := tx.artifacts.tag(repository.id, name)) is not None:
            found.append(tagged.digest)
    return list(dict.fromkeys(found))[:_MOST]


def pieces_of(tools: AttestationTools, repository: Repository, manifests: Sequence[str]) -> Iterator[Piece]:
    """The attestations in these manifests, and in those that an index among them names. What cannot be read, or is
    none, is passed over here: it says nothing."""
    waiting, seen = list(manifests), set[str]()
    while waiting and len(seen) < _MOST:
        digest = waiting.pop(0)
        if digest in seen:
            continue
        seen.add(digest)
        manifest = _manifest(tools, repository, digest)
        if manifest is not None:
            waiting += [one.digest for one in manifest.children]
            yield from _layers(tools, repository, manifest.layers)


def _manifest(tools: AttestationTools, repository: Repository, digest: str) -> Manifest | None:
    """Only one of this repository: what a manifest of it names may be of anybody."""
    with tools.units.store.view() as tx:
        found = tx.artifacts.find(repository.id, Kind.OCI, digest)
    if found is None:
        return None
    with suppress(PlumblineError):
        return read_manifest(tools.blobs.get(digest, LARGEST), found.media_type)
    return None


def _layers(tools: AttestationTools, repository: Repository, layers: Iterable[Descriptor]) -> Iterator[Piece]:
    for layer in layers:
        attests = layer.media_type in _ENVELOPES or layer.media_type.startswith(_BUNDLE)
        signs = layer.media_type == COSIGN_PAYLOAD
        if not (attests or signs) or layer.size > MOST_BYTES or not _has(tools, repository, layer.digest):
            continue
        with suppress(PlumblineError):
            data = tools.blobs.get(layer.digest, MOST_BYTES)
            if signs:
                data = join_signature(data, layer.annotations.get(COSIGN_SIGNATURE, ""))
            yield Piece(kind="attestation", data=data, type=layer.media_type)


def _has(tools: AttestationTools, repository: Repository, digest: str) -> bool:
    with tools.units.store.view() as tx:
        return tx.repositories.blob(repository.id, digest) is not None
