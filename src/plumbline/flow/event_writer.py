"""When something happens, and how its events are named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.evidence import write_event

if TYPE_CHECKING:
    from plumbline.evidence import Content
    from plumbline.model.ports.transaction import Transaction


@dataclass(frozen=True, slots=True)
class EventWriter:
    """When something happens, and what its events are signed with."""

    now: int  # microseconds since the epoch
    source: str  # CDEvents context.source of this installation
    new_id: Callable[[], str]

    def record(self, tx: Transaction, subject: str, content: Content, project: str = "") -> None:
        """Put an event of ours into the ledger with this transaction. ``project``: path of the node it is about."""
        tx.record(
            write_event(content, id=self.new_id(), source=self.source, subject=subject, time=self.now, project=project)
        )
