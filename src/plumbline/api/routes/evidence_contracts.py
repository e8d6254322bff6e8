"""Evidence contracts: what has to be there, at which occasion, by whose word."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Count, Line, Name, NodeId, Time, Words
from plumbline.api.route import route
from plumbline.contracts import Dead
from plumbline.flow.contracts import listing, save
from plumbline.flow.contracts.save import LARGEST, KeptContract
from plumbline.kernel import t
from plumbline.model.problem import Problem
from plumbline.model.rule_set import RuleSet

ContractText = Annotated[str, Meta(min_length=1, max_length=LARGEST, description="YAML.")]


class ContractProblem(msgspec.Struct, frozen=True, kw_only=True):
    """``line``, ``column``: from 1; 0: not known."""

    code: str
    message: str
    hint: str
    line: Count
    column: Count


class DeadLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line that nobody could ever fill. ``need`` empty: the contract as a whole."""

    need: str
    code: str
    message: str
    hint: str


class EvidenceContractView(msgspec.Struct, frozen=True, kw_only=True):
    """``node`` 0: the whole installation; ``here``: it stands at the node that was asked for. ``occasion`` empty: it
    cannot be read, and ``problems`` says why."""

    node: NodeId
    path: str
    here: bool
    name: str
    version: Count
    digest: str
    text: str
    saved: Time
    saved_by: str
    reason: str
    retired: Time
    retired_by: str
    occasion: str
    needs: list[str]
    problems: list[ContractProblem]
    dead: list[DeadLine]


class EvidenceContractList(msgspec.Struct, frozen=True, kw_only=True):
    contracts: list[EvidenceContractView]


class ContractGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The name of the contract stands in its text."""

    text: ContractText


class ContractWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The name of the contract stands in its text; one more version of it is kept. ``reason``: why it changes."""

    text: ContractText
    reason: Words = ""


class RetiringReason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: Line


class ContractChecked(msgspec.Struct, frozen=True, kw_only=True):
    """It can be saved where there are neither ``problems`` nor ``weaker``: what it would take away from those above.
    ``dead``: lines that nobody could ever fill."""

    name: str
    problems: list[ContractProblem]
    weaker: list[ContractProblem]
    dead: list[DeadLine]


@route("GET", "/nodes/{node}/evidence-contracts", t("Contracts that hold at a node: its own and those above; 0: all."),
       use_case=use_cases.LIST_EVIDENCE_CONTRACTS)  # fmt: skip
def list_evidence_contracts(call: Call, node: NodeId) -> EvidenceContractList:
    found = listing.list_contracts(call.actor, call.tools.contracts, node)
    return EvidenceContractList(contracts=[_view(one) for one in found])


@route("PUT", "/nodes/{node}/evidence-contracts", t("Save a contract at a node, as its next version."),
       refusals=(409, 422), use_case=use_cases.SAVE_EVIDENCE_CONTRACT)  # fmt: skip
def save_evidence_contract(call: Call, node: NodeId, body: ContractWrite) -> EvidenceContractView:
    return _view(save.save_contract(call.actor, call.tools.contracts, node, body.text, body.reason))


@route("POST", "/nodes/{node}/evidence-contracts/check", t("Check the text of a contract; nothing is written."),
       use_case=use_cases.LIST_EVIDENCE_CONTRACTS)  # fmt: skip
def check_evidence_contract(call: Call, node: NodeId, body: ContractGiven) -> ContractChecked:
    found = save.check_contract(call.actor, call.tools.contracts, node, body.text)
    return ContractChecked(
        name=found.contract.name if found.contract is not None else "",
        problems=[_problem(one) for one in found.problems],
        weaker=[_problem(one) for one in found.weaker],
        dead=[_dead(one) for one in found.dead],
    )


@route("GET", "/nodes/{node}/evidence-contracts/{name}", t("Every version of a contract of a node, the newest first."),
       use_case=use_cases.LIST_EVIDENCE_CONTRACTS)  # fmt: skip
def list_evidence_contract_versions(call: Call, node: NodeId, name: Name) -> EvidenceContractList:
    found = listing.contract_versions(call.actor, call.tools.contracts, node, name)
    return EvidenceContractList(contracts=[_version(one) for one in found])


@route("POST", "/nodes/{node}/evidence-contracts/{name}/retire", t("Retire a contract of a node, with a reason."),
       refusals=(422,), use_case=use_cases.SAVE_EVIDENCE_CONTRACT)  # fmt: skip
def retire_evidence_contract(call: Call, node: NodeId, name: Name, body: RetiringReason) -> EvidenceContractView:
    return _version(save.retire_contract(call.actor, call.tools.contracts, node, name, body.reason))


def _version(one: RuleSet) -> EvidenceContractView:
    return _view(KeptContract(kept=one, contract=None, path=""))


def _view(one: KeptContract) -> EvidenceContractView:
    kept, contract = one.kept, one.contract
    return EvidenceContractView(
        node=kept.node,
        path=one.path,
        here=one.here,
        name=kept.name,
        version=kept.version,
        digest=kept.digest,
        text=kept.text,
        saved=kept.saved,
        saved_by=kept.saved_by,
        reason=kept.reason,
        retired=kept.retired,
        retired_by=kept.retired_by,
        occasion=contract.occasion.kind.value if contract is not None else "",
        needs=[need.id for need in contract.needs] if contract is not None else [],
        problems=[_problem(each) for each in one.problems],
        dead=[_dead(each) for each in one.dead],
    )


def _problem(one: Problem) -> ContractProblem:
    line, column = (one.where.line, one.where.column) if one.where is not None else (0, 0)
    hint = str(one.hint) if one.hint is not None else ""
    return ContractProblem(code=one.code, message=str(one.message), hint=hint, line=line, column=column)


def _dead(one: Dead) -> DeadLine:
    hint = str(one.hint) if one.hint is not None else ""
    return DeadLine(need=one.need, code=one.code, message=str(one.message), hint=hint)


PART = (
    list_evidence_contracts,
    save_evidence_contract,
    check_evidence_contract,
    list_evidence_contract_versions,
    retire_evidence_contract,
)
