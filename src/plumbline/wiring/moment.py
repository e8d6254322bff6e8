"""What an installation knows of itself: what names it and the present moment in its events, and its certificate."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from plumbline.flow.event_writer import EventWriter
from plumbline.wiring.installation import make_source

if TYPE_CHECKING:
    from plumbline.adapters.store import Store

_CERTIFICATE = "certificate"  # setting: the file that the server speaks HTTPS with


def moment_of(store: Store) -> EventWriter:
    """The present one, for commands that work without a server."""
    return EventWriter(store.clock(), make_source(store), new_id)


def new_id() -> str:
    return secrets.token_hex(16)


def remember_certificate(store: Store, path: str | None) -> None:
    """For the doctor, who is not told. None: the server speaks no HTTPS itself."""
    told = os.path.abspath(path).encode() if path else b""
    with store.view() as tx:
        known = tx.settings.get(_CERTIFICATE) or b""
    if told != known:
        with store.change() as tx:
            tx.settings.put(_CERTIFICATE, told)


def known_certificate(store: Store) -> str:
    """The file; empty where the server speaks no HTTPS itself."""
    with store.view() as tx:
        return (tx.settings.get(_CERTIFICATE) or b"").decode(errors="replace")
