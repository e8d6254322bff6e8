"""What the flows about attestations may touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from plumbline.evidence import SigningKey, VerifyingKey
from plumbline.flow.unit_of_work import Units
from plumbline.model.event import Checkpoint
from plumbline.model.job import KeptFile
from plumbline.model.ports.blobs import BlobStore
from plumbline.model.ports.ledger import Ledger
from plumbline.model.ports.vault import Vault
from plumbline.model.server import StoredJob, StoredPipeline


@dataclass(frozen=True, slots=True)
class AttestationTools:
    """Built by ``wiring`` alone; used from many threads. ``keys``: the ledger's, with those that followed one another;
    ``rotations`` says which followed which. ``checkpoint``: of all that there is by now, signed where it has to be.
    ``files``: of the commit of a pipeline, by path, as far as a bill of materials is made of them. ``left``: the bytes
    of what a job left; ``log``: the digest of what it printed; empty and None: it is not there any more."""

    units: Units
    ledger: Ledger
    blobs: BlobStore
    signing_key: Callable[[], SigningKey]
    keys: Callable[[], Sequence[VerifyingKey]]
    rotations: Callable[[], Sequence[bytes]]
    checkpoint: Callable[[], Checkpoint]
    files: Callable[[StoredPipeline], Mapping[str, bytes]]
    left: Callable[[StoredJob, KeptFile], bytes | None]
    log: Callable[[StoredJob], str]
    vault: Vault | None = None  # what opens the variables that pipelines were given, for their names
    version: str = ""  # of Plumbline
