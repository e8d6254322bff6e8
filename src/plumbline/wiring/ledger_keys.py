"""Which key signs a ledger: the one that did so far, and another only where somebody says so."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from plumbline.adapters.ledger_key import FILE
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.wiring.local import data_folder
from plumbline.wiring.stores import ledger_key

if TYPE_CHECKING:
    from plumbline.evidence import SigningKey
    from plumbline.model.ports.ledger import Ledger


def own_ledger_key(data: str | None, ledger: Ledger) -> SigningKey:
    """The key that signs this ledger: a new one only where none has signed it. Raises PlumblineError
    ``ledger-key-gone``."""
    check_ledger_key(data, ledger)
    key = ledger_key(data, create=True)
    assert key is not None
    return key


def check_ledger_key(data: str | None, ledger: Ledger) -> None:
    """Nothing is signed in a new name without a word: whoever took the key away could have it signed what they
    rewrote, and nobody would miss the old name. Raises PlumblineError ``ledger-key-gone``."""
    if ledger_key(data) is None and (signed := ledger.checkpoints()):
        raise PlumblineError(
            "ledger-key-gone",
            t("The ledger key {path} is not there, and the ledger was signed with it up to entry {size}.",
              path=os.path.join(data_folder(data), FILE), size=signed[-1].size),
            t("Put it back: every backup has it, and replicas share one. If it is lost for good, `plumb up "
              "--new-ledger-key` makes another; what was signed before is verified with the old public key, --key "
              "KEY."),
            kind=ErrorKind.REFUSED,
        )  # fmt: skip


def new_ledger_key(data: str | None) -> SigningKey:
    """In the place of one that is lost for good. Raises PlumblineError ``ledger-key-there``."""
    if ledger_key(data) is not None:
        raise PlumblineError(
            "ledger-key-there",
            t("There is a ledger key in {folder}: no other takes its place.", folder=data_folder(data)),
            t("Start without --new-ledger-key. `plumb ledger rotate-key` lets another key follow it."),
            kind=ErrorKind.REFUSED,
        )
    key = ledger_key(data, create=True)
    assert key is not None
    return key
