"""Sign what the ledger is now, and say so in the ledger: whoever holds the event knows that a note was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.evidence import newest_checkpoint, write_event
from plumbline.evidence.vocabulary import own_operations as events
from plumbline.flow.ledger.checkpoints import make_checkpoint
from plumbline.flow.ledger.growth import grew

if TYPE_CHECKING:
    from plumbline.evidence import SigningKey
    from plumbline.flow.ledger.checkpoints import Head
    from plumbline.model.event import Checkpoint
    from plumbline.model.ports.ledger import Ledger


def checkpoint_and_tell(ledger: Ledger, key: SigningKey, source: str, now: int, head: Head) -> Checkpoint | None:
    """None where nothing was added but what became of checkpoints: a ledger does not grow by being looked after.

    Raises PlumblineError as :func:`make_checkpoint` does.
    """
    last = newest_checkpoint(ledger.checkpoints(), key.name)
    if last is not None and not grew(ledger, last.size):
        return None
    made = make_checkpoint(ledger, key, now, head)
    if last is None or made.size > last.size:
        signed_with = f"{key.name}+{key.verifier.id.hex()}"
        content = events.LedgerCheckpointed(size=made.size, root=f"sha256:{made.root.hex()}", key=signed_with)
        name = f"checkpoint:{made.size}:{key.name}"
        ledger.append([write_event(content, id=name, source=source, subject="ledger", time=now)])
    return made
