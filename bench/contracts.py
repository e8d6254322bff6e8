"""How long it takes to close a collection of 200 slots, from what the ledger's entries told to their states."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.measure import Figure, within
from plumbline.contracts import Asked, Placed, due, read_contract, slots
from plumbline.model.contract import Contract, Evidence, OccasionKind, Subjects
from plumbline.model.rule_set import RuleKind, RuleSet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from plumbline.model.contract import DueContract

SLOTS, ARTIFACTS, PIECES, ROUNDS, MOST = 200, 50, 2000, 7, 0.05
_SHA = "a" * 40
_DIGESTS = tuple(f"sha256:{number:064x}" for number in range(ARTIFACTS))
SUBJECTS = Subjects(commit=_SHA, run="1f", artifacts=_DIGESTS)


def closing(_scratch: Path) -> Iterator[Figure]:
    what, told = contract(), evidence()
    took = min(_once(what, told) for _ in range(ROUNDS))
    note = f"{SLOTS} slots of {len(what.needs)} lines, {PIECES} pieces of evidence, {ARTIFACTS} artifacts"
    yield within("closing 200 slots", "s", took, MOST, note)


def _once(what: DueContract, told: tuple[Evidence, ...]) -> float:
    began = time.perf_counter()
    found = slots(what, SUBJECTS, told, closed=True, at=10, deadline=10, conditions={}, waived={})
    took = time.perf_counter() - began
    assert len(found) == SLOTS
    return took


def contract() -> DueContract:
    """Three lines for each of 50 artifacts, and 50 about the commit."""
    lines = [f"  - {{id: a{n}, kind: {kind}, of: artifact, each: true}}" for n, kind in enumerate(
        ("sbom.cyclonedx", "provenance", "scan.container"))]  # fmt: skip
    lines += [f"  - {{id: c{n}, kind: test-report, of: commit, min: {{cases: {n}}}}}" for n in range(ARTIFACTS)]
    text = "contract: large\nowner: bench\nfor: {occasion: pipeline}\nneed:\n" + "\n".join(lines)
    read = read_contract(text)
    assert isinstance(read, Contract), read
    rules = RuleSet(node=1, kind=RuleKind.CONTRACT, name="large", text=text, digest="sha256:0")
    made = due([Placed(contract=read, path="bank", rules=rules)], Asked(kind=OccasionKind.PIPELINE))
    assert made is not None
    return made


def evidence() -> tuple[Evidence, ...]:
    kinds = ("sbom.cyclonedx", "provenance", "scan.container", "test-report")
    return tuple(
        Evidence(
            kind=kinds[number % 4],
            event=f"e{number}",
            source="urn:plumbline:1",
            seq=number + 1,
            received=1 + number % 20,
            word="own" if number % 3 else "person:ann",
            about=(("commit", _SHA), ("artifact", _DIGESTS[number // 4 % ARTIFACTS])),
            counts=(("components", 4.0), ("cases", float(number % 60)), ("executed", 3.0)),
        )
        for number in range(PIECES)
    )
