"""How far somebody who follows the ledger is: the number of the last entry that was dealt with, kept under a name.
Several servers may follow under the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plumbline.model.ports.transaction import Store


def dealt_with(store: Store, name: str) -> int:
    """0: nothing yet."""
    with store.view() as tx:
        return int(tx.settings.get(name) or 0)


def went_on(store: Store, name: str, seq: int) -> None:
    with store.change() as tx:
        if int(tx.settings.get(name) or 0) < seq:  # another server may be further
            tx.settings.put(name, str(seq).encode())
