"""Write an evidence contract at a node in a new version, retire one, and check a text before it is saved.

A text that cannot be read, or that takes away from what holds above it, is refused with the lines; lines that nobody
could ever fill are told, and do not keep it from being saved.

All raise PlumblineError ``not-found`` or ``not-allowed``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.access import use_cases
from plumbline.artifacts.names import sha256_of
from plumbline.contracts import Dead, Placed, dead_lines, read_contract
from plumbline.evidence.vocabulary import own_gates as events
from plumbline.flow.contracts.holding import read_once, standing, weaker_than
from plumbline.flow.contracts.known import known_at
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.kernel.text import nt
from plumbline.model.contract import Contract
from plumbline.model.problem import Problem
from plumbline.model.rule_set import RuleKind, RuleSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.contracts.tools import ContractTools
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.kernel import Text
    from plumbline.model.tree import Node

LARGEST = 64 << 10  # characters of a text
LONGEST_REASON = 1000
_SHOWN = 5  # problems in one sentence


class CheckedContract(msgspec.Struct, frozen=True, kw_only=True):
    """``weaker``: what it would take away from those above. It can be saved where there is neither that nor a
    problem."""

    contract: Contract | None
    problems: tuple[Problem, ...] = ()
    weaker: tuple[Problem, ...] = ()
    dead: tuple[Dead, ...] = ()


class KeptContract(msgspec.Struct, frozen=True, kw_only=True):
    """``path``: of the node that it stands at; empty: the installation. ``here``: that is the node that was asked
    for."""

    kept: RuleSet
    contract: Contract | None
    path: str
    here: bool = True
    problems: tuple[Problem, ...] = ()
    dead: tuple[Dead, ...] = ()


def check_contract(actor: Actor, tools: ContractTools, node: int, text: str) -> CheckedContract:
    """Nothing is written."""
    with tools.units.view(actor) as unit:
        ancestors = unit.require(use_cases.LIST_EVIDENCE_CONTRACTS, node)
        return _checked(unit, tools, node, ancestors, text)


def save_contract(actor: Actor, tools: ContractTools, node: int, text: str, reason: str = "") -> KeptContract:
    """As the next version of the one with the same name at the node. PlumblineError ``contract-wrong``,
    ``contract-weaker``, ``contract-unchanged``."""
    reason = reason.strip()[:LONGEST_REASON]
    with tools.units.change(actor) as unit:
        ancestors = unit.require(use_cases.SAVE_EVIDENCE_CONTRACT, node)
        checked = _checked(unit, tools, node, ancestors, text)
        if checked.problems or checked.contract is None:
            raise refused("contract-wrong", checked.problems)
        if checked.weaker:
            raise refused("contract-weaker", checked.weaker)
        name, digest = checked.contract.name, sha256_of(text.encode())
        before = unit.tx.rule_sets.versions(node, RuleKind.CONTRACT, name)
        if before and before[0].digest == digest and not before[0].retired:
            raise PlumblineError(
                "contract-unchanged",
                t("The contract {name} has exactly this text already.", name=name),
                kind=ErrorKind.REFUSED,
            )
        kept = unit.tx.rule_sets.add(
            RuleSet(
                node=node,
                kind=RuleKind.CONTRACT,
                name=name,
                text=text,
                digest=digest,
                saved=unit.now,
                saved_by=actor.name,
                reason=reason,
            )
        )
        path = ancestors[0].path if ancestors else ""
        content = events.RuleSetSaved(
            kind="contract",
            name=name,
            version=kept.version,
            digest=digest,
            person=actor.name,
            reason=reason or msgspec.UNSET,
        )
        unit.record(f"{path}/contracts/{name}".lstrip("/"), content, path)
        return KeptContract(kept=kept, contract=checked.contract, path=path, dead=checked.dead)


def retire_contract(actor: Actor, tools: ContractTools, node: int, name: str, reason: str) -> RuleSet:
    """It holds no longer for what begins from now on. PlumblineError ``reason-missing``."""
    reason = reason.strip()[:LONGEST_REASON]
    with tools.units.change(actor) as unit:
        ancestors = unit.require(use_cases.SAVE_EVIDENCE_CONTRACT, node)
        if not reason:
            raise PlumblineError(
                "reason-missing",
                t("A contract is retired with a reason."),
                t("Say why what it asks for need not be there any more."),
                kind=ErrorKind.REFUSED,
            )
        versions = unit.tx.rule_sets.versions(node, RuleKind.CONTRACT, name)
        if not versions or versions[0].retired:
            raise not_found(t("There is no contract {name} at this node.", name=name[:100]))
        newest = versions[0]
        unit.tx.rule_sets.retire(newest.id, actor.name, unit.now)
        path = ancestors[0].path if ancestors else ""
        content = events.RuleSetRetired(
            kind="contract",
            name=name,
            version=newest.version,
            digest=newest.digest,
            person=actor.name,
            reason=reason,
        )
        unit.record(f"{path}/contracts/{name}".lstrip("/"), content, path)
        return msgspec.structs.replace(newest, retired=unit.now, retired_by=actor.name)


def _checked(
    unit: UnitOfWork, tools: ContractTools, node: int, ancestors: Sequence[Node], text: str
) -> CheckedContract:
    if len(text) > LARGEST:
        message = t("A contract has at most {most} characters.", most=LARGEST)
        return CheckedContract(contract=None, problems=(Problem(code="contract-too-large", message=message),))
    read = read_contract(text)
    if not isinstance(read, Contract):
        return CheckedContract(contract=None, problems=read)
    weaker = weaker_than(read, _above(unit, ancestors, node, read.name))
    return CheckedContract(contract=read, weaker=weaker, dead=dead_lines(read, known_at(unit.tx, tools, node)))


def _above(unit: UnitOfWork, ancestors: Sequence[Node], node: int, name: str) -> list[Placed]:
    """Those that hold at the node, but for the one that is written anew."""
    found = []
    for kept, path in standing(unit.tx, ancestors):
        read = read_once(kept.text, kept.name)
        if isinstance(read, Contract) and (kept.node, kept.name) != (node, name):
            found.append(Placed(rules=kept, contract=read, path=path))
    return found


def refused(code: str, problems: Sequence[Problem]) -> PlumblineError:
    """With all that is wrong in its fields, and the first of it in its message."""
    told = "; ".join(_line(one) for one in problems[:_SHOWN])
    message: Text = (
        nt("The contract has {count} mistake: {told}", "The contract has {count} mistakes: {told}",
           len(problems), told=told)
        if code == "contract-wrong"
        else t("The contract would take away from what holds above it: {told}", told=told)
    )  # fmt: skip
    hint = (
        t("Mend what stands at these lines.")
        if code == "contract-wrong"
        else t("Below another contract one may add lines and ask for more, never for less.")
    )
    return PlumblineError(code, message, hint, kind=ErrorKind.REFUSED)


def _line(problem: Problem) -> str:
    where = problem.where
    place = f"{where.line}:{where.column}: " if where is not None and where.line else ""
    return f"{place}{problem.message}"
