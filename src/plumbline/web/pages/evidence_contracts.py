"""Evidence contracts of a node: what holds, what could never come, and the editor with its versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.contracts import OCCASIONS, kinds
from plumbline.flow.contracts.listing import contract_versions, list_contracts
from plumbline.flow.contracts.save import check_contract, retire_contract, save_contract
from plumbline.flow.tree.read_tree import permitted
from plumbline.gates import starters
from plumbline.kernel import PlumblineError, t
from plumbline.web.done import Done
from plumbline.web.gate_words import ABOUT, word_said
from plumbline.web.page import Ask, Redirect, Shown, api_command, does, shows
from plumbline.web.panels import keeps
from plumbline.web.places import Entry, Group, Where
from plumbline.web.rule_texts import LONGEST_TEXT, check_seen, editor, way_to, written_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_DRAWN = "M3.5 2h6l3 3v9h-9zM9.5 2v3h3M5.5 8h5M5.5 10.5h3"


@shows("/nodes/{node:int}/evidence-contracts", use_case=use_cases.LIST_EVIDENCE_CONTRACTS, entries=(
    Entry("evidence-contracts", t("Evidence contracts"), Group.EVIDENCE, order=2, drawn=_DRAWN),
    Entry("evidence-contracts", t("Evidence contracts"), Group.EVIDENCE, Where.INSTALLATION,
          "/nodes/0/evidence-contracts", order=2, drawn=_DRAWN)))  # fmt: skip
def contracts(ask: Ask) -> Shown:
    number = ask.numbers["node"]
    node, ancestors = way_to(ask, number)
    values = {
        "node": node,
        "number": number,
        "ancestors": ancestors,
        "links_itself": True,
        "contracts": list_contracts(ask.actor, ask.tools.contracts, number),
        "occasions": OCCASIONS,
        "writes": _writes(ask, number),
        "command": api_command(f"/nodes/{number}/evidence-contracts"),
    }
    return Shown("evidence_contracts.html", values)


def _writes(ask: Ask, node: int) -> bool:
    return permitted(ask.actor, ask.tools.tree, node, use_cases.SAVE_EVIDENCE_CONTRACT)[0]


def contract_starters() -> Mapping[str, str]:
    """Those that ship, by name."""
    return {name: text for name, text in starters().items() if name.startswith("contract")}


@shows("/nodes/{node:int}/evidence-contract", use_case=use_cases.LIST_EVIDENCE_CONTRACTS, inside="evidence-contracts")
def one(ask: Ask) -> Shown:
    """``name``: one that is kept at this node or above it; ``starter``: what to begin from."""
    return Shown("evidence_contract.html", _values(ask))


def _values(ask: Ask) -> dict[str, object]:
    number, tools = ask.numbers["node"], ask.tools.contracts
    found = list_contracts(ask.actor, tools, number)
    shown = editor(ask, found, lambda node, name: contract_versions(ask.actor, tools, node, name), contract_starters())
    return shown | {
        "occasions": OCCASIONS,
        "about": ABOUT,
        "word_said": word_said,
        "kinds": kinds(),
        "writes": _writes(ask, number),
        "command": api_command(f"/nodes/{number}/evidence-contracts"),
    }


@does("/nodes/{node:int}/evidence-contract/check", use_case=use_cases.LIST_EVIDENCE_CONTRACTS, largest=LONGEST_TEXT,
      done=Done.NOTHING, inside="evidence-contracts")  # fmt: skip
def check(ask: Ask) -> Shown:
    """What is wrong in it, and what could never come; nothing is saved."""
    text = written_text(ask)
    checked = check_contract(ask.actor, ask.tools.contracts, ask.numbers["node"], text)
    return Shown("evidence_contract.html", _values(ask) | {"checked": checked, "typed": ask.form, "text": text})


@does("/nodes/{node:int}/evidence-contract", use_case=use_cases.SAVE_EVIDENCE_CONTRACT, largest=LONGEST_TEXT)
def save(ask: Ask) -> Shown | Redirect:
    """Where something is wrong in it, the page says at which line, with what was typed."""
    try:
        return _save(ask)
    except PlumblineError as error:
        shown = _kept.refused(ask, error)
        if error.code != "contract-wrong":
            return shown
    text = written_text(ask)
    checked = check_contract(ask.actor, ask.tools.contracts, ask.numbers["node"], text)
    values = {"checked": checked, "typed": ask.form, "text": text}
    return Shown("evidence_contract.html", {**shown.values, **values}, status=422)


def _save(ask: Ask) -> Redirect:
    number = ask.numbers["node"]
    if name := ask.text("name"):
        check_seen(ask, contract_versions(ask.actor, ask.tools.contracts, number, name))
    kept = save_contract(ask.actor, ask.tools.contracts, number, written_text(ask), ask.text("reason").strip())
    return Redirect(f"/nodes/{number}/evidence-contract?name={kept.kept.name}")


@does("/nodes/{node:int}/evidence-contract/retire", use_case=use_cases.SAVE_EVIDENCE_CONTRACT)
@keeps(contracts)
def retire(ask: Ask) -> Redirect:
    number = ask.numbers["node"]
    retire_contract(ask.actor, ask.tools.contracts, number, ask.text("name"), ask.text("reason").strip())
    return Redirect(f"/nodes/{number}/evidence-contracts")


_kept = keeps(one)(_save)

PART = (contracts, one, check, save, retire)
