"""The key that this server cosigns with as a witness: a file of its own, made when it is first needed."""

from __future__ import annotations

import os
import secrets

from plumbline.adapters.ledger_key import read_private, unusable_key, write_private
from plumbline.evidence.cosignature import WitnessSigner, parse_witness_signer
from plumbline.kernel import PlumblineError

FILE = "witness-key"  # in the data folder


def make_witness_key(folder: str) -> WitnessSigner:
    """The key; makes it where there is none. Raises PlumblineError ``bad-key``, ``key-file-open-to-others``, ..."""
    path = os.path.join(folder, FILE)
    while (text := read_private(path)) is None:
        write_private(path, WitnessSigner.make(f"plumbline-{secrets.token_hex(4)}/witness").text())
    try:
        return parse_witness_signer(text)
    except PlumblineError as error:
        raise unusable_key(path, error) from error
