"""What names this installation, and the present moment, in its events."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from plumbline.adapters.store import now
from plumbline.flow.event_writer import EventWriter
from plumbline.wiring.installation import make_source

if TYPE_CHECKING:
    from plumbline.adapters.store import Store


def moment_of(store: Store) -> EventWriter:
    """The present one, for commands that work without a server."""
    return EventWriter(now(), make_source(store), new_id)


def new_id() -> str:
    return secrets.token_hex(16)
