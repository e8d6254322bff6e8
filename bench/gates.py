"""Evaluations of a policy: eight built-in checks, as shipped, and as many conditions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from bench.measure import CommandError, Figure, within
from plumbline.gates import Asked, evaluate, evaluation, read_standing, starters
from plumbline.model.contract import Subjects
from plumbline.model.gate import FactValue, GateAct, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIMES, ROUNDS, MOST = 5000, 5, 100  # microseconds: 10,000 a second
_AT = 1_790_000_000_000_000
_CONDITION = """
  - id: c{number}
    title: {{en: Title, zh: 标题}}
    reason: {{en: Wrong, zh: 不对}}
    remedy: {{en: Mend it, zh: 修好它}}
    needs: [tests.executed, tests.failed, coverage.changed]
    when: tests.executed > {number} && tests.failed == 0 && coverage.changed >= 80.0"""
_HEAD = "policy: c\ntitle: {en: Title, zh: 标题}\nowner: quality\nfor: {act: [merge], branches: [main]}\nchecks:"
_FACTS: dict[str, Any] = {
    "contract.due": 9, "contract.open": 0, "contract.complete": True, "contract.missing_ids": (),
    "tests.executed": 2000, "tests.failed": 0, "tests.errors": 0,
    **{f"findings.new.{one}": 0 for one in ("critical", "high", "medium", "low", "info", "unknown")},
    "findings.scanned": ("sast", "dependency", "secret"), "findings.secrets": 0,
    "licences.names": ("MIT", "Apache-2.0", "BSD-3-Clause"), "licences.components": 300, "licences.unknown": 0,
    "coverage.changed": 86.5, "interface.declared": 30, "interface.tested": 30,
    "change.authors": ("ada",), "change.reviewers": ("ben", "cleo"),
    "change.other_reviewers": ("ben", "cleo"), "change.target": "main", "system.class": "A",
}  # fmt: skip


def of_policies(scratch: Path) -> Iterator[Figure]:  # noqa: ARG001
    conditions = _HEAD + "".join(_CONDITION.format(number=number) for number in range(8))
    for name, text in (("built-in checks", starters()["policy-merge-a"]), ("conditions", conditions)):
        best = min(_evaluated(text) for _ in range(ROUNDS))
        note = f"8 {name}: {1e6 / best:,.0f} a second, best of {ROUNDS} rounds of {TIMES:,}"
        yield within(f"evaluation, {name}", "us", best, MOST, note)


def _evaluated(text: str) -> float:
    """Microseconds for one."""
    standing = read_standing(text, "merge-a", 1, "bank")
    if standing.policy is None:
        raise CommandError("the policy cannot be read")
    facts = {name: FactValue(value=value) for name, value in _FACTS.items()}
    asked = Asked(act=GateAct.MERGE, branch="main", system_class="A")
    began = time.perf_counter()
    for _ in range(TIMES):
        found = evaluate([standing], facts, at=_AT, asked=asked)
        kept = evaluation(found.judged[0], project=1, path="bank/core", act=GateAct.MERGE, subjects=Subjects(),
                          facts=facts, at=_AT, wanted=standing.policy.wanted)  # fmt: skip
    took = time.perf_counter() - began
    if kept.outcome is not Outcome.PASS:
        raise CommandError("the policy does not pass")
    return took / TIMES * 1e6
