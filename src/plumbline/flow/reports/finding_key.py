"""The key of this installation by which a found secret is known again without being kept."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plumbline.model.ports.transaction import Store
    from plumbline.model.ports.vault import Vault

SETTING = "reports.finding_key"
PLACE = "reports/finding-key"  # what the sealed key is bound to
_LENGTH = 32  # bytes


def finding_key(store: Store, vault: Vault) -> bytes:
    """Made when it is needed first; the same for ever, or findings of secrets would all be new."""
    with store.view() as tx:
        sealed = tx.settings.get(SETTING)
    if sealed is None:
        with store.change() as tx:
            sealed = tx.settings.get(SETTING)
            if sealed is None:
                sealed = vault.seal(secrets.token_bytes(_LENGTH), PLACE)
                tx.settings.put(SETTING, sealed)
    return vault.open(sealed, PLACE)
