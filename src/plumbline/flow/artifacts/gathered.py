"""All that is said of an artifact in some projects, as one file.

1. All that is said of a digest in any repository of the projects is in it; keys never are.
2. Of the ledger, the entries about this digest are in it, each with its proof, under a signed checkpoint; not those
   that tell of other projects alone.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from plumbline.artifacts.manifests import LARGEST
from plumbline.artifacts.names import is_digest
from plumbline.evidence import filed_under, inclusion_proof
from plumbline.evidence.attestations import About, ArtifactFile, Piece, recorded_by
from plumbline.evidence.selection import Chosen, selection_lines
from plumbline.flow.artifacts.found_attestations import digests_about, pieces_of
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.artifact import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from plumbline.flow.artifacts.attestation_tools import AttestationTools
    from plumbline.model.artifact import Artifact
    from plumbline.model.event import Checkpoint, Entry
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.registry import Repository

NOBODY = ("", 0)  # exported it
_MOST_ENTRIES = 10_000  # about one digest


class Gathered(NamedTuple):
    """What projects have of a digest. ``paths``: theirs; None: all projects are asked."""

    digest: str
    paths: Collection[str] | None
    artifacts: Sequence[Artifact]
    places: Sequence[tuple[Repository, Sequence[str]]]  # manifests about it

    @property
    def is_known(self) -> bool:
        return bool(self.artifacts) or any(manifests for _, manifests in self.places)


def check_digest(digest: str) -> None:
    """Raises PlumblineError ``digest-invalid``."""
    if not is_digest(digest):
        raise PlumblineError(
            "digest-invalid",
            t("{digest} is no digest.", digest=digest[:200]),
            t("Write sha256: or sha512: and all its digits in lower case."),
            kind=ErrorKind.REFUSED,
        )


def gather(tx: Transaction, digest: str, projects: dict[int, str] | None) -> Gathered:
    """``projects``: path by id; None: all."""
    artifacts = [one for _, one in tx.artifacts.of_digest(digest) if projects is None or one.project in projects]
    repositories = tx.repositories.of(list(projects) if projects is not None else None)
    places = [(one, digests_about(tx, one, digest)) for one in repositories]
    return Gathered(digest, set(projects.values()) if projects is not None else None, artifacts, places)


def file_of(
    tools: AttestationTools, found: Gathered, checkpoint: Checkpoint | None, exported: tuple[str, int]
) -> ArtifactFile:
    """``checkpoint`` None: one is made where there is something to prove. ``exported``: by whom, and when."""
    names = sorted({one.name or one.repository for one in found.artifacts})
    media_type = next((one.media_type for one in found.artifacts), "")
    about = About(digest=found.digest, media_type=media_type, names=tuple(names), by=exported[0], at=exported[1])
    return ArtifactFile(about=about, pieces=tuple(_pieces(tools, found, checkpoint)))


def _pieces(tools: AttestationTools, found: Gathered, checkpoint: Checkpoint | None) -> Iterator[Piece]:
    seen = set[str]()
    for repository, manifests in found.places:
        for piece in pieces_of(tools, repository, manifests):
            if piece.digest not in seen:
                seen.add(piece.digest)
                yield piece
    manifest = next((one for one in found.artifacts if one.kind is Kind.OCI), None)
    if manifest is not None:
        with suppress(PlumblineError):  # whoever looks at the bytes says that they are not there
            yield Piece(kind="manifest", data=tools.blobs.get(found.digest, LARGEST), type=manifest.media_type)
    entries = [
        entry
        for entry in tools.ledger.of_subject(found.digest, limit=_MOST_ENTRIES)
        if _concerns(entry, found.paths, seen)
    ]
    if entries:
        lines = _ledger(tools, entries, checkpoint or tools.checkpoint())
        yield Piece(kind="ledger", data=b"".join(lines), type="application/jsonl")


def _concerns(entry: Entry, paths: Collection[str] | None, envelopes: Collection[str]) -> bool:
    """The same digest may be in other projects, of which nothing is told here."""
    if paths is None or any(digest in envelopes for digest in recorded_by([entry])):
        return True
    return filed_under(entry.body).scope in paths


def _ledger(tools: AttestationTools, entries: Sequence[Entry], checkpoint: Checkpoint) -> Iterator[bytes]:
    node = lru_cache(maxsize=1 << 12)(tools.ledger.node)

    def proof(entry: Entry) -> Sequence[bytes]:
        return inclusion_proof(entry.seq - 1, checkpoint.size, node)

    covered = [entry for entry in entries if entry.seq <= checkpoint.size]
    chosen = Chosen(by="", at=0, text=entries[0].subject)
    return selection_lines(covered, proof, checkpoint, chosen, tools.rotations())
