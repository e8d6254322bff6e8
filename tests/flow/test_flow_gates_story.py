"""A commit that deletes the scan job is stopped by its contract, not by what a scan found; mended; then a gate refuses
for a real reason; two persons set that aside; it passes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository, run_git
from tests.flow.gate_world import CI, DAY, GateWorld, finish, policy
from tests.flow.report_world import ran, read, scan

from plumbline.flow.contracts.closing import close_due
from plumbline.flow.contracts.save import save_contract
from plumbline.flow.gates.evaluate import gates_of
from plumbline.flow.gates.replay import replay_evaluation
from plumbline.flow.gates.waivers import WaiverWanted, ask_waiver, decide_waiver
from plumbline.model.gate import Outcome
from plumbline.model.person import Role
from plumbline.model.tree import INSTANCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.flow.gates.answer import GateAnswer

HOUR = 3600 * 1_000_000
CONTRACT = """contract: build
title: {en: Due of every build, zh: 每次构建应交}
owner: quality
for: {occasion: pipeline}
window: {grace: 30m, deadline: 24h}
need:
  - {id: unit-tests, title: {en: Tests, zh: 测试}, kind: test-report, of: commit, min: {cases: 1}}
  - {id: sast, title: {en: Scan of the code, zh: 代码扫描}, kind: scan.sast, of: commit}
"""
COMPLETE = """policy: complete
title: {en: All that is due is there, zh: 应交的都已提交}
owner: quality
for: {act: [pipeline]}
checks:
  - id: due
    title: {en: Everything due is there, zh: 应交的都已提交}
    check: contract-complete
"""


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[GateWorld]:
    made = GateWorld(tmp_path / "data")
    yield made
    made.close()


def closed(bank: GateWorld) -> None:
    """The grace is over, and everybody had their turn."""
    bank.late += HOUR
    for _ in close_due(bank.contracts):
        pass
    bank.turn()


def said(bank: GateWorld, pipeline: int) -> GateAnswer:
    bank.turn()
    return gates_of(bank.writer(), bank.gates, pipeline=pipeline)


def outcomes(answer: GateAnswer) -> dict[str, str]:
    return {one.policy: one.outcome.value for one in answer.evaluations}


def test_the_deleted_scan_the_real_finding_and_the_waiver_of_two(bank: GateWorld, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "repo", {".gitlab-ci.yml": CI})
    project = bank.add_project(repository)
    save_contract(bank.writer(), bank.contracts, INSTANCE, CONTRACT)
    bank.policy(COMPLETE)
    bank.policy(policy("findings", "findings.new.critical == 0"))

    # A commit deletes the scan job: nothing is found, since nobody looks.
    (repository / ".gitlab-ci.yml").write_text("test: {script: [make]}\n")
    run_git(repository, "commit", "-qam", "Make the build quicker")
    first = bank.start(project).id
    finish(bank, read(ran(a="p")), job="test")
    before = said(bank, first)
    assert (before.passes, before.waits) == (False, True)
    assert [one.need for one in before.missing] == ["sast"]
    closed(bank)
    after = said(bank, first)
    assert outcomes(after) == {"complete": "fail", "findings": "no_data"}
    assert (after.passes, after.waits, [one.state.value for one in after.missing]) == (False, False, ["missing"])
    due = next(one for one in after.evaluations if one.policy == "complete").checks[0]
    assert due.needs["contract.missing_ids"].value
    assert "sast" in str(due.reason)

    # Mended: the scan is there again, and finds something.
    (repository / ".gitlab-ci.yml").write_text(CI)
    run_git(repository, "commit", "-qam", "Scan again")
    second = bank.start(project).id
    assert gates_of(bank.writer(), bank.gates, pipeline=second).reason == "not-evaluated"
    finish(bank, read(ran(a="p")), job="test")
    finish(bank, read(scan("B1:critical:a.py:3"), "sast"), job="scan")
    refused = said(bank, second)
    assert outcomes(refused) == {"complete": "pass", "findings": "fail"}
    assert not refused.passes

    # Two persons set it aside for this commit, until a day.
    asked = ask_waiver(
        bank.actor("li", Role.DEVELOPER),
        bank.gates,
        project,
        WaiverWanted(
            rule_set="findings", line="t1", reason="Not reachable; mended with the next release.",
            ends=bank.clock() + 10 * DAY, commit=bank.pipeline(second).sha,
        ),
    )  # fmt: skip
    assert not said(bank, second).passes
    decide_waiver(bank.actor("mei", Role.RELEASE_MANAGER), bank.gates, asked.id, agree=True)
    passed = said(bank, second)
    assert (passed.outcome, passed.passes) == (Outcome.WAIVED, True)
    assert outcomes(passed) == {"complete": "pass", "findings": "waived"}
    assert not said(bank, first).passes
    assert [answer.passes for answer in bank.told][-1] is True

    # Every judgement stays, and comes to the same again.
    for one in (*after.evaluations, *refused.evaluations, *passed.evaluations):
        assert replay_evaluation(bank.writer(), bank.gates, one.uid).same
