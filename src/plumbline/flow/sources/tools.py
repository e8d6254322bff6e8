"""What the flows about sources may touch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from plumbline.flow.sources.pace import Pace
from plumbline.flow.sources.proofs import Proofs
from plumbline.flow.unit_of_work import Units
from plumbline.model.ports.ledger import Ledger
from plumbline.model.ports.vault import Vault


@dataclass(frozen=True, slots=True)
class SourceTools:
    """Built by ``wiring`` alone; used from many threads."""

    units: Units
    ledger: Ledger
    vault: Vault | None = None  # None: nothing is signed or registered here
    secret: Callable[[int], bytes] = bytes  # random bytes
    pace: Pace = field(default_factory=Pace)
    proofs: Proofs = field(default_factory=Proofs)
