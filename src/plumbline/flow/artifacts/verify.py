"""Verify an artifact of a project here and now, and take along what it takes to verify it anywhere.

1. What is verified here is the very file that would be taken along: both say the same.
2. All that is said of a digest in any repository of the project is in it; keys never are.
3. Of the ledger, the entries about this digest are in it, each with its proof, under a signed checkpoint.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import settings, use_cases
from plumbline.artifacts.manifests import LARGEST
from plumbline.artifacts.names import is_digest
from plumbline.evidence import filed_under, inclusion_proof
from plumbline.evidence.artifact_file import About, ArtifactFile, Piece, artifact_lines
from plumbline.evidence.artifact_verifying import Verified, verify_artifact_file
from plumbline.evidence.attestation import parse_trusted, recorded_by
from plumbline.evidence.selection import Chosen, selection_lines
from plumbline.evidence.vocabulary import own_operations
from plumbline.flow.artifacts.found_attestations import digests_about, pieces_of
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.artifact import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from plumbline.access import Actor, UseCase
    from plumbline.evidence.attestation import TrustedKey
    from plumbline.flow.artifacts.attestation_tools import AttestationTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.artifact import Artifact
    from plumbline.model.event import Entry
    from plumbline.model.registry import Repository
    from plumbline.model.tree import Node

_MOST_ENTRIES = 10_000  # about one digest


class Exported(NamedTuple):
    """A file about an artifact; ``lines`` are made as they are taken."""

    name: str
    lines: Iterator[bytes]


class _Known(NamedTuple):
    """What a project has of a digest."""

    ancestors: Sequence[Node]
    artifacts: Sequence[Artifact]
    places: Sequence[tuple[Repository, Sequence[str]]]  # manifests about it
    entries: Sequence[Entry]


def verify_artifact(actor: Actor, tools: AttestationTools, project: int, digest: str) -> Verified:
    """Each check with its outcome and its reason; all its bytes are read. Raises PlumblineError ``digest-invalid``,
    ``not-found``, ``not-allowed``, ``key-unreadable``, and those of signing a checkpoint."""
    known = _known(actor, tools, use_cases.VERIFY_ARTIFACT, project, digest)
    there = tools.blobs.info(digest) is not None
    bytes_digest = digest if there and tools.blobs.verify(digest) else "" if there or known.artifacts else None
    found = ArtifactFile(about=_about(known, digest), pieces=tuple(_pieces(tools, known, digest)))
    return verify_artifact_file(found, tools.keys(), trusted_at(known.ancestors), bytes_digest=bytes_digest)


def export_artifact(actor: Actor, tools: AttestationTools, project: int, digest: str) -> Exported:
    """Raises as :func:`verify_artifact`."""
    known = _known(actor, tools, use_cases.EXPORT_ARTIFACT, project, digest)
    pieces = list(_pieces(tools, known, digest))
    path, checkpoint = known.ancestors[0].path, tools.checkpoint()
    with tools.units.change(actor) as unit:
        unit.refresh()
        unit.require(use_cases.EXPORT_ARTIFACT, project)
        told = own_operations.LedgerExported(person=actor.name, size=checkpoint.size, nodes=(path,), text=digest)
        unit.record(checkpoint.origin, told, path)
        about = _about(known, digest, by=actor.name, at=unit.now)
    return Exported(f"artifact-{digest.partition(':')[2][:12]}.jsonl", artifact_lines(about, pieces))


def trusted_at(ancestors: Sequence[Node]) -> list[TrustedKey]:
    """Keys of others that a project trusts. Raises PlumblineError ``key-unreadable``."""
    found = []
    for text in settings.TRUSTED_KEYS.at(ancestors):
        try:
            found.append(parse_trusted(text))
        except PlumblineError as error:
            raise PlumblineError(
                "key-unreadable",
                t("The trusted key '{name}' cannot be read: {reason}", name=text.partition(" ")[0],
                  reason=error.message),
                t("Correct it in the setting {key}.", key=settings.TRUSTED_KEYS.key),
                kind=ErrorKind.CONFIGURATION,
            ) from error  # fmt: skip
    return found


def _known(actor: Actor, tools: AttestationTools, use_case: UseCase, project: int, digest: str) -> _Known:
    if not is_digest(digest):
        raise PlumblineError(
            "digest-invalid",
            t("{digest} is no digest.", digest=digest[:200]),
            t("Write sha256: or sha512: and all its digits in lower case."),
            kind=ErrorKind.REFUSED,
        )
    entries = list(tools.ledger.of_subject(digest, limit=_MOST_ENTRIES))
    missing = t("The project has no artifact {digest}.", digest=digest)
    with tools.units.view(actor) as unit:
        ancestors = unit.require(use_case, project, missing)
        artifacts = [one for _, one in unit.tx.artifacts.of_digest(digest) if one.project == project]
        places = _places(unit, project, digest)
    if not artifacts and not any(manifests for _, manifests in places):
        raise not_found(missing)
    return _Known(ancestors, artifacts, places, entries)


def _places(unit: UnitOfWork, project: int, digest: str) -> list[tuple[Repository, Sequence[str]]]:
    return [(one, digests_about(unit.tx, one, digest)) for one in unit.tx.repositories.of([project])]


def _about(known: _Known, digest: str, by: str = "", at: int = 0) -> About:
    names = sorted({one.name or one.repository for one in known.artifacts})
    media_type = next((one.media_type for one in known.artifacts), "")
    return About(digest=digest, media_type=media_type, names=tuple(names), by=by, at=at)


def _pieces(tools: AttestationTools, known: _Known, digest: str) -> Iterator[Piece]:
    seen = set[str]()
    for repository, manifests in known.places:
        for piece in pieces_of(tools, repository, manifests):
            if piece.digest not in seen:
                seen.add(piece.digest)
                yield piece
    artifact = next((one for one in known.artifacts if one.kind is Kind.OCI), None)
    if artifact is not None and tools.blobs.info(digest) is not None:
        yield Piece(kind="manifest", data=tools.blobs.get(digest, LARGEST), type=artifact.media_type)
    entries = [one for one in known.entries if _concerns(one, known.ancestors[0].path, seen)]
    if entries:
        yield Piece(kind="ledger", data=b"".join(_ledger(tools, entries)), type="application/jsonl")


def _concerns(entry: Entry, path: str, envelopes: Collection[str]) -> bool:
    """The same digest may be in other projects, of which nothing is told here."""
    said = recorded_by([entry])
    return any(digest in envelopes for digest in said) or filed_under(entry.body).scope == path


def _ledger(tools: AttestationTools, entries: Sequence[Entry]) -> Iterator[bytes]:
    checkpoint = tools.checkpoint()
    node = lru_cache(maxsize=1 << 12)(tools.ledger.node)

    def proof(entry: Entry) -> Sequence[bytes]:
        return inclusion_proof(entry.seq - 1, checkpoint.size, node)

    covered = [entry for entry in entries if entry.seq <= checkpoint.size]
    chosen = Chosen(by="", at=0, text=entries[0].subject)
    return selection_lines(covered, proof, checkpoint, chosen, tools.rotations())
