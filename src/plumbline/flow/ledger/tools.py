"""What the flows about the ledger may touch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plumbline.access import Actor, UseCase
from plumbline.evidence import SigningKey, VerifyingKey
from plumbline.flow.ledger.outside import Outside
from plumbline.flow.ledger.sight import SeenLedger, seen_ledger
from plumbline.flow.ledger.verify_onwards import Verification, verify_onwards
from plumbline.flow.unit_of_work import Units
from plumbline.model.ports.ledger import Ledger


@dataclass(frozen=True, slots=True)
class LedgerTools:
    """Built by ``wiring`` alone; used from many threads."""

    units: Units
    ledger: Ledger
    keys: Callable[[], Sequence[VerifyingKey]] = tuple  # by which this server signs its ledger
    outside: Callable[[], Outside] = Outside  # where its checkpoints go; PlumblineError where that cannot be read
    signing_key: Callable[[], SigningKey | None] = lambda: None

    def opened(self, actor: Actor, use_case: UseCase) -> Ledger:
        """The ledger, for an actor who may. Raises PlumblineError as :meth:`UnitOfWork.require` does."""
        with self.units.view(actor) as unit:
            unit.require(use_case)
        return self.ledger

    def seen(self, actor: Actor, use_case: UseCase) -> SeenLedger:
        """What of the ledger an actor may see. Raises as :meth:`opened` does."""
        with self.units.view(actor) as unit:
            unit.require(use_case)
            return seen_ledger(unit, self.ledger, use_case)

    def verify(self, *, whole: bool = False) -> Verification:
        """What is new in the ledger, or all of it."""
        return verify_onwards(self.units.store, self.ledger, self.keys(), self.units.clock(), whole=whole)
