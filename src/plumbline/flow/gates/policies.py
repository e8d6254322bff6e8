"""Policies kept at nodes of the tree, in versions that never change. Rules:

1. A policy holds at its node and at every node below it. All that hold there are asked: none below takes the place of
   one above, so whoever writes one below can only add.
2. A name is one policy along a line of the tree: what is called as one above, or below, is refused.
3. Retiring one, or writing it anew, takes a reason, and stays in the ledger.
4. What this version cannot read any more stays in force, and is an error at the gate.

All raise PlumblineError ``not-found`` or ``not-allowed``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import UNSET

from plumbline.access import use_cases
from plumbline.evidence.vocabulary import own_gates as events
from plumbline.flow.unit_of_work import not_found
from plumbline.gates import Policy, Standing, digest_of, doubts, read_policy, standing
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.rule_set import RuleKind, RuleSet
from plumbline.model.tree import INSTANCE, is_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.gates.tools import GateTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.kernel import Text
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.problem import Problem
    from plumbline.model.tree import Node

LONGEST = 200_000  # characters of a policy
LONGEST_REASON = 2000


class KeptPolicy(NamedTuple):
    """One version where it stands. ``policy`` None: this version of the server cannot read it. ``here``: at the node
    that was asked about, and not above it."""

    kept: RuleSet
    policy: Policy | None
    problems: Sequence[Problem]
    path: str  # of its node; empty: the installation
    here: bool


class CheckedPolicy(NamedTuple):
    """``doubts``: what it will probably not do as meant, though it can be read."""

    policy: Policy | None
    problems: Sequence[Problem]
    doubts: Sequence[Problem] = ()


def list_policies(actor: Actor, tools: GateTools, node: int) -> Sequence[KeptPolicy]:
    """Those that hold at a node, its own and those of the nodes above it, from the top; retired ones of its own as
    well."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_POLICIES, node)
        places = _places(unit.tx, node)
        kept = unit.tx.rule_sets.newest(list(places), RuleKind.POLICY)
        order = {one: at for at, one in enumerate(places)}
        found = [_shown(one, places[one.node], node) for one in kept if not one.retired or one.node == node]
        return sorted(found, key=lambda one: (order[one.kept.node], one.kept.name))


def view_policy(actor: Actor, tools: GateTools, node: int, name: str, version: int = 0) -> KeptPolicy:
    """``version`` 0: the newest."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_POLICIES, node)
        found = unit.tx.rule_sets.versions(node, RuleKind.POLICY, name)
        kept = next((one for one in found if version in (0, one.version)), None)
        if kept is None:
            raise _missing(name)
        return _shown(kept, _places(unit.tx, node)[node], node)


def policy_versions(actor: Actor, tools: GateTools, node: int, name: str) -> Sequence[RuleSet]:
    """The newest first."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_POLICIES, node)
        found = unit.tx.rule_sets.versions(node, RuleKind.POLICY, name)
        if not found:
            raise _missing(name)
        return found


def check_policy(actor: Actor, tools: GateTools, node: int, text: str) -> CheckedPolicy:
    """What a text says, or everything that is wrong with it; nothing is kept."""
    with tools.units.view(actor) as unit:
        unit.require(use_cases.LIST_POLICIES, node)
        read = read_policy(text[: LONGEST + 1])
        return CheckedPolicy(read, (), doubts(read)) if isinstance(read, Policy) else CheckedPolicy(None, read)


def save_policy(actor: Actor, tools: GateTools, node: int, text: str, reason: str = "") -> KeptPolicy:
    """As the next version of the policy that the text names. PlumblineError ``policy-wrong``, ``policy-too-long``,
    ``policy-name-taken``, ``policy-unchanged``, ``reason-missing``."""
    reason = reason.strip()[:LONGEST_REASON]
    with tools.units.change(actor) as unit:
        unit.require(use_cases.SAVE_POLICY, node)
        policy = _read(text)
        _check_name(unit.tx, node, policy.name)
        before = next(iter(unit.tx.rule_sets.versions(node, RuleKind.POLICY, policy.name)), None)
        if before is not None and not before.retired and before.text == text:
            raise _refused("policy-unchanged", t("The policy '{name}' says this already.", name=policy.name))
        if before is not None and not reason:
            raise _refused("reason-missing", t("A change of a policy needs a reason."))
        kept = unit.tx.rule_sets.add(
            RuleSet(
                node=node,
                kind=RuleKind.POLICY,
                name=policy.name,
                text=text,
                digest=digest_of(text),
                saved=unit.now,
                saved_by=actor.name,
                reason=reason,
            )
        )
        path = _places(unit.tx, node)[node]
        _tell(unit, events.RuleSetSaved, kept, path, reason)
        return KeptPolicy(kept, policy, (), path, here=True)


def retire_policy(actor: Actor, tools: GateTools, node: int, name: str, reason: str) -> None:
    """It holds no longer; a newer version takes that back. PlumblineError ``reason-missing``, ``policy-retired``."""
    reason = reason.strip()[:LONGEST_REASON]
    with tools.units.change(actor) as unit:
        unit.require(use_cases.SAVE_POLICY, node)
        kept = next(iter(unit.tx.rule_sets.versions(node, RuleKind.POLICY, name)), None)
        if kept is None:
            raise _missing(name)
        if not reason:
            raise _refused("reason-missing", t("A change of a policy needs a reason."))
        if not unit.tx.rule_sets.retire(kept.id, actor.name, unit.now):
            raise _refused("policy-retired", t("The policy '{name}' is retired already.", name=name))
        _tell(unit, events.RuleSetRetired, kept, _places(unit.tx, node)[node], reason)


def policies_at(tx: Transaction, ancestors: Sequence[Node]) -> list[Standing]:
    """All that hold at the first of these nodes, from the top of the tree down."""
    paths = {INSTANCE: "", **{one.id: one.path for one in reversed(ancestors)}}
    kept = [one for one in tx.rule_sets.newest(list(paths), RuleKind.POLICY) if not one.retired]
    order = {node: at for at, node in enumerate(paths)}
    kept.sort(key=lambda one: (order[one.node], one.name))
    return [standing(one, paths[one.node]) for one in kept]


def _places(tx: Transaction, node: int) -> dict[int, str]:
    """The nodes whose policies hold at a node, with their paths, from the top."""
    ancestors = tx.tree.ancestors(node) if node != INSTANCE else ()
    return {INSTANCE: "", **{one.id: one.path for one in reversed(ancestors)}}


def _shown(kept: RuleSet, path: str, node: int) -> KeptPolicy:
    found = standing(kept, path)
    return KeptPolicy(kept, found.policy, found.problems, path, here=kept.node == node)


def _read(text: str) -> Policy:
    if len(text) > LONGEST:
        raise _refused("policy-too-long", t("A policy has at most {most} characters.", most=LONGEST))
    read = read_policy(text)
    if isinstance(read, Policy):
        return read
    first = read[0]
    line = first.where.line if first.where is not None else 0
    raise PlumblineError(
        "policy-wrong",
        t("The policy cannot be read. Line {line}: {message}", line=line, message=first.message),
        first.hint or t("`check` names all that is wrong with it."),
        kind=ErrorKind.REFUSED,
    )


def _check_name(tx: Transaction, node: int, name: str) -> None:
    """That no policy above or below has it: there would be two of one name, and a waiver for one of them."""
    nodes = {one.id: one for one in tx.tree.all()}
    here = nodes[node].path if node in nodes else ""
    above = _places(tx, node)
    along = [one for one in nodes if one in above or not here or is_within(nodes[one].path, here)]
    for kept in tx.rule_sets.newest([INSTANCE, *along], RuleKind.POLICY):
        if kept.name == name and kept.node != node and not kept.retired:
            place = nodes[kept.node].path if kept.node in nodes else "-"
            raise PlumblineError(
                "policy-name-taken",
                t("There is a policy '{name}' at {place}, which holds for the same projects.", name=name, place=place),
                t("Give this one another name: all of them hold, and none takes the place of another."),
                kind=ErrorKind.REFUSED,
            )


def _tell(
    unit: UnitOfWork,
    content: type[events.RuleSetSaved | events.RuleSetRetired],
    kept: RuleSet,
    path: str,
    reason: str,
) -> None:
    said = content(
        kind="policy",
        name=kept.name,
        version=kept.version,
        digest=kept.digest,
        person=unit.actor.name,
        reason=reason or UNSET,
    )
    unit.record(f"{path or 'installation'}/policies/{kept.name}", said, path)


def _missing(name: str) -> PlumblineError:
    return not_found(t("There is no policy '{name}' at this node.", name=name))


def _refused(code: str, message: Text) -> PlumblineError:
    return PlumblineError(code, message, kind=ErrorKind.REFUSED)
