"""Builds what flows about artifacts are handed."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING

from plumbline.flow.artifacts.evidence_of import DECIDING
from plumbline.flow.artifacts.holds import Holds
from plumbline.flow.artifacts.keepers import Keepers
from plumbline.flow.artifacts.pulls import Pulls
from plumbline.flow.artifacts.tools import ArtifactTools

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.flow.unit_of_work import UnitOfWork, Units
    from plumbline.kernel import Text
    from plumbline.model.artifact import Artifact
    from plumbline.model.event import Entry
    from plumbline.model.ports.blobs import BlobStore
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.ports.vault import Vault

MOST_ENTRIES = 200


def artifact_tools(units: Units, ledger: Ledger, blobs: BlobStore, vault: Vault, url: str) -> ArtifactTools:
    """With what keeps artifacts from going, and hears who pulls them."""
    holds = Holds(ledger)

    def held(unit: UnitOfWork, artifact: Artifact) -> Text | None:
        return holds.of(unit.tx, artifact.project, artifact.digest, artifact.origin.commit)

    keepers = Keepers(held=held, pulled=Pulls(units).note)
    return ArtifactTools(units, blobs, vault, secrets.token_bytes, url, keepers, partial(_entries, ledger),
                         partial(_deciding, ledger))  # fmt: skip


def _entries(ledger: Ledger, digest: str) -> Sequence[Entry]:
    """Those that name a digest; the ledger is searched by SHA-256 alone."""
    algorithm, _, value = digest.partition(":")
    return ledger.of_digest(bytes.fromhex(value), MOST_ENTRIES) if algorithm == "sha256" and len(value) == 64 else ()


def _deciding(ledger: Ledger, digest: str) -> Sequence[Entry]:
    algorithm, _, value = digest.partition(":")
    if algorithm != "sha256" or len(value) != 64:
        return ()
    return ledger.naming(bytes.fromhex(value), DECIDING, MOST_ENTRIES)
