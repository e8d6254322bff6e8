"""The proofs that assessors ask to see: produced from records, asked for as a statement, or to be shown live."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from plumbline.judging import STATEMENTS
from plumbline.kernel import t
from plumbline.model.assessment import Judgement
from plumbline.model.fact import Cited
from plumbline.model.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.maturity.pack import Ask, Pack
    from plumbline.model.assessment import Assessment, Finding, Verdict


class ProofState(StrEnum):
    SHOWN = "shown"  # the records answer it: these events are the proof
    ON_FILE = "on_file"  # a valid statement is there
    WANTED = "wanted"  # a statement has to be written
    NO_RECORDS = "no_records"  # records could answer it, but there are none
    LIVE = "live"  # has to be shown on the running system


PROOF_STATES = {
    ProofState.SHOWN: t("shown by records"),
    ProofState.ON_FILE: t("statement on file"),
    ProofState.WANTED: t("statement wanted"),
    ProofState.NO_RECORDS: t("no records"),
    ProofState.LIVE: t("to be shown live"),
}


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """One proof for one criterion; a code may stand for several criteria."""

    code: str  # of the assessors' evidence list; empty where the list has none
    kind: str  # document, screenshot, demo
    shows: Words
    item: str
    criterion: str
    level: str
    state: ProofState
    cited: tuple[Cited, ...] = ()
    events: int = 0


def proofs(pack: Pack, made: Assessment) -> tuple[Proof, ...]:
    """Every proof that the pack lists, in its order, as the assessment leaves it."""
    verdicts = {one.criterion: one for item in made.every_item() for one in item.verdicts}
    return tuple(
        _proof(ask, item.id, criterion.id, level, verdicts[criterion.id])
        for item in pack.every_item()
        for level, criteria in item.levels.items()
        for criterion in criteria
        for ask in criterion.asks
    )


def _proof(ask: Ask, item: str, criterion: str, level: str, verdict: Verdict) -> Proof:
    findings = [one for one in verdict.findings if (one.probe in STATEMENTS) == (ask.answered_by == "statement")]
    cited = tuple(dict.fromkeys(one for finding in findings for one in finding.fact.cited))
    return Proof(
        code=ask.code or "",
        kind=ask.kind,
        shows=ask.shows,
        item=item,
        criterion=criterion,
        level=level,
        state=_state(ask.answered_by, findings),
        cited=() if ask.answered_by == "live" else cited,
        events=0 if ask.answered_by == "live" else sum(one.fact.events for one in findings),
    )


def _state(answered_by: str, findings: Iterable[Finding]) -> ProofState:
    """A proof from records shows what was found, whether or not it was enough."""
    if answered_by == "live":
        return ProofState.LIVE
    if answered_by == "statement":
        good = any(one.outcome is Judgement.MET and one.probe == "statement" for one in findings)
        return ProofState.ON_FILE if good else ProofState.WANTED
    shown = any(one.lack is None and one.fact.events for one in findings)
    return ProofState.SHOWN if shown else ProofState.NO_RECORDS
