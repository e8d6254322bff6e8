"""What a backup holds."""

from __future__ import annotations

import msgspec


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """The first file inside a backup: what was kept, and where its ledger ended."""

    format: int = 1
    database: str  # sqlite or postgresql
    revision: str  # of its tables
    entries: int  # of the ledger
    chain: str  # of the last entry, in hexadecimal
    made: int  # microseconds since the epoch
    version: str = ""  # of Plumbline
    blobs: int = 0  # artifacts and parts of them that are in it, by digest
    blobs_at: str = ""  # the object store that they are in instead; empty: none
