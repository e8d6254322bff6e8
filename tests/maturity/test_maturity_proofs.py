"""The assessors' list: each proof is shown by records, asked for as a statement, or to be shown live."""

from __future__ import annotations

from collections import Counter

import pytest

from plumbline.adapters.packs import load_pack
from plumbline.maturity import ProofState, grade, proofs
from plumbline.model.assessment import Scope
from plumbline.model.fact import Cited, Fact

NOW = 1_780_000_000_000_000
TOPIC = "statement-branch-model-purpose-of-each-branch-merge-policy"


@pytest.fixture(scope="module")
def pack():
    return load_pack("continuous-delivery")


def of(pack, facts):
    made = grade(pack, facts, [], Scope(subject="bank/pay", as_of=9, end=NOW))
    return {(one.code, one.criterion): one for one in proofs(pack.pack, made)}


def test_nothing_on_record_shows_nothing(pack):
    found = of(pack, {})
    states = Counter(one.state for one in found.values())
    assert len({code for code, _ in found if code}) == 180
    assert set(states) == {ProofState.WANTED, ProofState.NO_RECORDS, ProofState.LIVE}


def test_events_are_the_proof_whether_or_not_they_are_enough(pack):
    cited = (Cited("urn:git", "merge:1"),)
    key = "median-life-of-merged-branches/90"
    for days in (1, 90):
        fact = Fact(name=key, values=(days * 86400.0,) * 5, cited=cited, events=1)
        proof = of(pack, {key: fact})["CM-VC-BM-L3-2", "cd.1.1.2-3a"]
        assert (proof.state, proof.cited, proof.events) == (ProofState.SHOWN, cited, 1)


def test_a_statement_counts_once_it_is_accepted(pack):
    for value, state in ((0.0, ProofState.WANTED), (1.0, ProofState.ON_FILE)):
        found = of(pack, {TOPIC: Fact(name=TOPIC, value=value, events=1)})
        assert found["CM-VC-BM-L2-1", "cd.1.1.2-2c"].state is state


def test_what_is_shown_live_has_no_events(pack):
    live = [one for one in of(pack, {}).values() if one.state is ProofState.LIVE]
    assert live
    assert not any(one.events for one in live)
