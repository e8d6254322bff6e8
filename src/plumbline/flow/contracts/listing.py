"""The contracts that hold at a node, and their versions.

All raise PlumblineError ``not-found`` or ``not-allowed``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.contracts import dead_lines
from plumbline.flow.contracts.holding import read_once, standing
from plumbline.flow.contracts.known import known_at
from plumbline.flow.contracts.save import KeptContract
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import t
from plumbline.model.contract import Contract
from plumbline.model.rule_set import RuleKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.contracts import Known
    from plumbline.flow.contracts.tools import ContractTools
    from plumbline.model.rule_set import RuleSet


def list_contracts(actor: Actor, tools: ContractTools, node: int) -> Sequence[KeptContract]:
    """Those of the node and of the nodes above it, with the lines that nobody there could ever fill."""
    with tools.units.view(actor) as unit:
        ancestors = unit.require(use_cases.LIST_EVIDENCE_CONTRACTS, node)
        found = standing(unit.tx, ancestors)
        known = known_at(unit.tx, tools, node) if found else None
    return [_kept(one, path, node, known) for one, path in found]


def _kept(kept: RuleSet, path: str, node: int, known: Known | None) -> KeptContract:
    read, here = read_once(kept.text, kept.name), kept.node == node
    if not isinstance(read, Contract):
        return KeptContract(kept=kept, contract=None, path=path, here=here, problems=read)
    dead = dead_lines(read, known) if known is not None else ()
    return KeptContract(kept=kept, contract=read, path=path, here=here, dead=dead)


def contract_versions(actor: Actor, tools: ContractTools, node: int, name: str) -> Sequence[RuleSet]:
    """Of the one that stands at exactly this node, the newest first."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_EVIDENCE_CONTRACTS, node)
        found = unit.tx.rule_sets.versions(node, RuleKind.CONTRACT, name)
    if not found:
        raise not_found(t("There is no contract {name} at this node.", name=name[:100]))
    return found
