"""Do an evaluation again from what is stored of it, and hand it out so that others can.

All raise PlumblineError ``not-found`` or ``not-allowed``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.flow.gates.history import evaluation_for
from plumbline.flow.gates.keep import facts_digest
from plumbline.gates import canonical, exported, replayed
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.rule_set import RuleKind
from plumbline.trace import read_seen

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.flow.gates.tools import GateTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.kernel import Text
    from plumbline.model.gate import Evaluation


class Replayed(NamedTuple):
    """``same``: it came to the same bytes, and the ledger says the same of it. ``why``: what differs."""

    same: bool
    evaluation: Evaluation
    again: Evaluation
    why: Text | None


def replay_evaluation(actor: Actor, tools: GateTools, uid: str) -> Replayed:
    """By the text of the policy that it was judged by, and its own facts. PlumblineError ``policy-gone``."""
    with tools.units.view(actor) as unit:
        kept = evaluation_for(unit, uid)
        text = _text(unit, kept)
    again = replayed(kept, text)
    return Replayed(*_compared(tools, kept, again))


def exported_evaluation(actor: Actor, tools: GateTools, uid: str) -> bytes:
    """A file with all it takes to do it again without a server. PlumblineError ``policy-gone``."""
    with tools.units.view(actor) as unit:
        kept = evaluation_for(unit, uid)
        return exported(kept, _text(unit, kept))


def _compared(
    tools: GateTools, kept: Evaluation, again: Evaluation
) -> tuple[bool, Evaluation, Evaluation, Text | None]:
    if canonical(kept) != canonical(again):
        return False, kept, again, t("The same facts under the same policy come to something else.")
    entry = tools.ledger.find(tools.units.source, kept.event)
    seen = read_seen(entry.body, entry.sender) if entry is not None else None
    if seen is None:
        return False, kept, again, t("The ledger has no event of this evaluation.")
    said = (seen.content.get("rules"), seen.content.get("facts"))
    if said != (kept.policy_digest, facts_digest(kept.facts)):
        return False, kept, again, t("The ledger tells of another policy, or of other facts.")
    return True, kept, again, None


def _text(unit: UnitOfWork, kept: Evaluation) -> str:
    found = unit.tx.rule_sets.of_digest(RuleKind.POLICY, kept.policy_digest)
    if found is None:
        raise PlumblineError(
            "policy-gone",
            t("No policy with the digest {digest} is stored.", digest=kept.policy_digest),
            t("Restore the database from a backup that has it."),
            kind=ErrorKind.REFUSED,
        )
    return found.text
