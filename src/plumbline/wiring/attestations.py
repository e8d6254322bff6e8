"""Builds what attestations are made and verified with."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from plumbline import __version__
from plumbline.artifacts.sbom.bill import wanted
from plumbline.artifacts.sbom.lockfile import MOST_BYTES
from plumbline.flow.artifacts.attestation_tools import AttestationTools
from plumbline.flow.ledger.key_rotation import known_keys, rotations
from plumbline.flow.ledger.verify_onwards import sign_onwards
from plumbline.flow.unit_of_work import Units
from plumbline.kernel import PlumblineError
from plumbline.wiring.blobs import known_address, open_blobs
from plumbline.wiring.installation import installation_source
from plumbline.wiring.ledger_keys import own_ledger_key
from plumbline.wiring.local import data_folder
from plumbline.wiring.moment import new_id
from plumbline.wiring.stores import open_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from plumbline.adapters.store import Store
    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.job import KeptFile
    from plumbline.model.ports.blobs import BlobStore
    from plumbline.model.server import StoredJob, StoredPipeline

_MOST_FILES = 500  # lock files of one commit


def attestation_tools(
    folder: str, store: Store, server: Server, blobs: BlobStore, left: Callable[[StoredJob, KeptFile], bytes | None]
) -> AttestationTools:
    """``folder``: the data folder."""

    def files(pipeline: StoredPipeline) -> Mapping[str, bytes]:
        repository = server.projects.tools(pipeline.project, pipeline.change, (), {}, by=0).repository
        found = {}
        for path in wanted(repository.files())[:_MOST_FILES]:
            data = repository.read(path)
            if data is not None:
                found[path] = data[: MOST_BYTES + 1]
        return found

    def log(job: StoredJob) -> str:
        path = server.log_of(job)
        try:
            with open(path or "", "rb") as file:
                return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        except OSError:
            return ""

    made = _reading(folder, store, server.units, blobs)
    return replace(made, vault=server.vault, files=files, left=left, log=log, version=__version__)


def _reading(folder: str, store: Store, units: Units, blobs: BlobStore) -> AttestationTools:
    """For what is there already: nothing is known of jobs and commits."""
    ledger = store.ledger
    return AttestationTools(
        units=units,
        ledger=ledger,
        blobs=blobs,
        signing_key=lambda: own_ledger_key(folder, ledger),
        keys=lambda: known_keys(ledger, [own_ledger_key(folder, ledger).verifier]),
        rotations=lambda: rotations(ledger),
        checkpoint=lambda: sign_onwards(store, ledger, own_ledger_key(folder, ledger), store.clock()),
        files=lambda _pipeline: {},
        left=lambda _job, _kept: None,
        log=lambda _job: "",
    )


@contextmanager
def open_attestations(data: str | None, database: str | None) -> Iterator[AttestationTools]:
    """Of a store that is there already, for whoever works on it. Raises PlumblineError as opening a store does."""
    folder = data_folder(data)
    with open_records(data, database) as store:
        units = Units(store, installation_source(store), store.clock, new_id)
        yield _reading(folder, store, units, open_blobs(folder, address=known_address(store)))


def left_in(server: Server) -> Callable[[StoredJob, KeptFile], bytes | None]:
    """What a job left, as long as it is not larger than is read of it."""

    def left(job: StoredJob, kept: KeptFile) -> bytes | None:
        found = server.left_of(job, kept) if kept.size <= MOST_BYTES else None
        try:
            return b"".join(found.blocks) if found is not None else None
        except (OSError, PlumblineError):
            return None

    return left
