"""What the flows about artifacts may touch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from plumbline.flow.artifacts.keepers import Keepers
from plumbline.flow.unit_of_work import Units
from plumbline.model.event import Entry
from plumbline.model.ports.blobs import BlobStore
from plumbline.model.ports.vault import Vault


@dataclass(frozen=True, slots=True)
class ArtifactTools:
    """Built by ``wiring`` alone; used from many threads. ``entries``: those of the ledger that name a digest, the
    newest first; ``deciding``: of these, those on which its stages rest, however many others there are."""

    units: Units
    blobs: BlobStore
    vault: Vault
    secret: Callable[[int], bytes]  # random bytes
    url: str = ""  # how clients reach the server
    keepers: Keepers = field(default_factory=Keepers)
    entries: Callable[[str], Sequence[Entry]] = lambda _digest: ()
    deciding: Callable[[str], Sequence[Entry]] = lambda _digest: ()
