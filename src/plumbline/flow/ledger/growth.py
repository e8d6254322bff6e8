"""Whether a ledger grew by more than what it is told of its own checkpoints: a ledger does not grow by being looked
after, and two servers that witness each other rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.evidence.vocabulary import own_operations as events

if TYPE_CHECKING:
    from plumbline.model.ports.ledger import Ledger

_OF_CHECKPOINTS = frozenset(
    kind.TYPE for kind in (events.CheckpointDelivered, events.CheckpointCosigned, events.LedgerCheckpointed)
)
_LOOKED_AT = 1000  # entries at most, to find one that counts


def grew(ledger: Ledger, since: int) -> bool:
    """Whether there is an entry after this size that is about more than what became of checkpoints."""
    for seen, entry in enumerate(ledger.read(since + 1), 1):
        if entry.type not in _OF_CHECKPOINTS or seen > _LOOKED_AT:
            return True
    return False
