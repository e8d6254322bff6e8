"""What names an installation in its events."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plumbline.adapters.store import Store

_INSTALLATION = "installation"  # setting: the id that is in the source of our events


def installation_source(store: Store) -> str:
    """The source of a store that belongs to a server; empty: no server has ever used it."""
    with store.view() as tx:
        found = tx.settings.get(_INSTALLATION)
    return _named(found) if found is not None else ""


def make_source(store: Store) -> str:
    """As :func:`installation_source`, made once where there is none."""
    found = installation_source(store)
    if found:
        return found
    with store.change() as tx:
        made = tx.settings.get(_INSTALLATION) or secrets.token_hex(8).encode()
        tx.settings.put(_INSTALLATION, made)
    return _named(made)


def _named(installation: bytes) -> str:
    return f"urn:plumbline:{installation.decode()}"
