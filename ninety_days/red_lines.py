"""What the steady team's work has to leave, and what may be merged: its contracts of evidence and its policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ninety_days.clock import DAY

if TYPE_CHECKING:
    from ninety_days.place import System

_MERGE = """\
contract: quotes-merge
title: {en: Due before a merge, zh: 合并前应交}
owner: quotes
for: {occasion: merge}
window: {grace: 30m, deadline: 7d}
need:
  - {id: unit-tests, title: {en: Unit tests, zh: 单元测试}, kind: test-report, of: commit, min: {cases: 1}}
  - {id: review, title: {en: Review, zh: 评审}, kind: change.reviewed, of: change, made_by: [forge]}
"""
_BUILD = """\
contract: quotes-build
title: {en: Due of a build of the trunk, zh: 主干构建应交}
owner: quotes
for: {occasion: pipeline, branches: [main], sources: [push]}
window: {grace: 30m, deadline: 1d}
need:
  - {id: build, title: {en: Build, zh: 构建}, kind: build, of: commit}
  - {id: unit-tests, title: {en: Unit tests, zh: 单元测试}, kind: test-report, of: commit, min: {cases: 1}}
"""
_POLICY = """\
policy: quotes-merge
title: {en: What may be merged, zh: 可以合并的}
owner: quotes
for: {act: [merge]}
checks:
  - id: tests-pass
    title: {en: Tests pass, zh: 测试通过}
    check: tests-passed
    with: {at_least: 1}
  - id: reviewed-by-another
    title: {en: Reviewed by another person, zh: 经他人评审}
    check: reviewed-by-another
    with: {at_least: 1}
"""
CHECK, POLICY = "tests-pass", "quotes-merge"


def lay_down(system: System, project: int, person: str) -> None:
    """At the project whose pipeline leaves all that."""
    door = system.bank.doors[person]
    for text in (_MERGE, _BUILD):
        door.ask("PUT", f"/api/v1/nodes/{project}/evidence-contracts", {"text": text, "reason": "As agreed."})
    door.ask("PUT", f"/api/v1/nodes/{project}/policies", {"text": _POLICY, "reason": "As agreed."})


def waive(system: System, project: int, change: int, asking: str, agreeing: str) -> None:
    """For one change and a day, since its tests need a machine that is not there."""
    wanted = {"rule_set": POLICY, "line": CHECK, "reason": "The machine with the market data is down.",
              "ends": system.bank.clock.now + DAY, "change": str(change)}  # fmt: skip
    made = system.bank.doors[asking].ask("POST", f"/api/v1/nodes/{project}/waivers", wanted)
    system.bank.doors[agreeing].ask("POST", f"/api/v1/waivers/{made['id']}/decide", {"agree": True})
