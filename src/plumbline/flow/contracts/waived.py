"""Which lines of contracts two persons set aside for what a collection is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from plumbline.gates import Scope, waived
from plumbline.model.contract import SlotState
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.model.contract import Collection, Subjects
    from plumbline.model.gate import Waiver
    from plumbline.model.ports.transaction import Transaction


def active_names(tx: Transaction, waivers: Iterable[Waiver]) -> frozenset[str]:
    """Of the persons of these waivers, those whose account is in use."""
    names = {name for one in waivers for name in (one.asked_by, one.agreed_by) if name}
    return frozenset(name for name in names if (found := tx.people.named(name)) is not None and found.active)


def waived_lines(tx: Transaction, collection: Collection, subjects: Subjects, at: int) -> dict[str, str]:
    """Id of each line of a contract that is set aside now, with the uid of its waiver; of a contract that cannot be
    read, what :func:`whole` says."""
    ancestors = tx.tree.ancestors(collection.project)
    waivers = tx.waivers.of_nodes([*(node.id for node in ancestors), INSTANCE], since=at)
    if not waivers:
        return {}
    scope = Scope(
        path=ancestors[0].path if ancestors else collection.path,
        commit=subjects.commit,
        change=subjects.change,
        digests=subjects.artifacts,
    )
    found = waived(waivers, scope, at=at, active=active_names(tx, waivers), of_contract=True)
    lines = {(one.contract, one.need.id.removeprefix(f"{one.contract}/")): one.need.id for one in collection.due.needs}
    lines |= {(one.contract, one.contract): whole(one.contract) for one in collection.broken}
    return {lines[name]: uid for name, uid in found.items() if name in lines}


def whole(contract: str) -> str:
    """A contract that cannot be read, among ids of lines: none of them is like it."""
    return f"contract {contract}"


def count_waivers(tx: Transaction, closed: Collection) -> None:
    """Each waiver that set a line of a collection aside when it was closed was used once more."""
    used = {one.rule for one in closed.slots if one.state is SlotState.WAIVED}
    if not used:
        return
    nodes = [*(node.id for node in tx.tree.ancestors(closed.project)), INSTANCE]
    for waiver in tx.waivers.of_nodes(nodes, since=closed.closed):
        if waiver.uid in used:
            tx.waivers.put(replace(waiver, used=waiver.used + 1), waiver)
