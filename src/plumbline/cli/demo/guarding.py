"""What has to be there, what a gate says, and what two persons let through: the part of the story that the rules of
the bank play."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from plumbline.cli.demo.client import Client

CONTRACT = """\
contract: quotes
title:
  en: Due of each build of the quote service
  zh: 报价服务每次构建应交的证据
owner: security
for: {occasion: pipeline, branches: [main]}
window: {grace: 0m, deadline: 1h}
need:
  - id: unit-tests
    title: {en: Unit tests, zh: 单元测试}
    kind: test-report
    of: commit
    layer: unit
    min: {cases: 1}
  - id: source-scan
    title: {en: Scan of the source, zh: 源代码扫描}
    kind: scan.sast
    of: commit
"""
POLICY = """\
policy: quotes
title:
  en: Red lines of the quote service
  zh: 报价服务红线
owner: security
for: {act: [pipeline], branches: [main]}
checks:
  - id: due-is-there
    title: {en: Everything due is there, zh: 应交的证据都已齐备}
    check: contract-complete
  - id: tests-pass
    title: {en: Tests pass, zh: 测试通过}
    check: tests-passed
    with: {at_least: 1}
  - id: no-new-findings
    title: {en: No new severe findings, zh: 没有新增严重发现}
    check: no-new-findings
    with: {severity: high, kinds: [sast]}
"""
SCANNED = """
scan:
  extends: .source-only
  script: python3 ci/scan.py
  artifacts:
    reports:
      sast: scan.sarif
"""
FORMULA = '''\
"""Rates that product managers write as a formula."""


def rate_by_formula(formula: str, months: int) -> float:
    """The rate in percent that a formula gives, such as ``3.1 + months / 100``."""
    return float(eval(formula, {"__builtins__": {}}, {"months": months}))
'''
LINE = "no-new-findings"
_WEEK = 7 * 24 * 3600 * 1_000_000  # microseconds
_PATIENCE = 45.0  # seconds
_BETWEEN = 0.2


def set_rules(security: Client, node: int) -> None:
    """Somebody who writes rules says what has to be there, and what is good enough."""
    security.ask("PUT", f"/api/v1/nodes/{node}/evidence-contracts", {"text": CONTRACT, "reason": "red lines"})
    security.ask("PUT", f"/api/v1/nodes/{node}/policies", {"text": POLICY, "reason": "red lines"})


def closed(client: Client, pipeline: int) -> dict[str, Any]:
    """The newest collection of a pipeline, as soon as it is closed."""
    end = time.monotonic() + _PATIENCE
    while True:
        found = client.get(f"/api/v1/pipelines/{pipeline}/evidence")["collections"]
        if found and all(one["closed"] for one in found):
            last: dict[str, Any] = max(found, key=lambda one: one["opened"])
            return last
        _wait(end, pipeline)


def judged(client: Client, pipeline: int, outcomes: tuple[str, ...]) -> dict[str, Any]:
    """What the gates say of a pipeline, as soon as it is one of these."""
    end = time.monotonic() + _PATIENCE
    while True:
        said: dict[str, Any] = client.get(f"/api/v1/pipelines/{pipeline}/gates")
        if said["outcome"] in outcomes and not said["waits"]:
            return said
        _wait(end, pipeline)


def _wait(end: float, pipeline: int) -> None:
    if time.monotonic() > end:
        raise PlumblineError(
            "demo-too-slow", t("Nothing was decided about pipeline {pipeline} in time.", pipeline=pipeline)
        )
    time.sleep(_BETWEEN)


def outcomes(said: dict[str, Any]) -> dict[str, str]:
    """Of the checks, by their ids."""
    return {check["id"]: check["outcome"] for policy in said["policies"] for check in policy["checks"]}


def missing(collection: dict[str, Any]) -> list[str]:
    return [slot["need"] for slot in collection["slots"] if slot["state"] == "missing"]


def waive(asker: Client, second: Client, node: int, commit: str) -> dict[str, Any]:
    """One person asks, for this commit and a week; another one agrees."""
    wanted = {
        "rule_set": "quotes",
        "line": LINE,
        "reason": str(t("Formulas are written by two product managers; a parser replaces it this week.")),
        "ends": int(time.time() * 1_000_000) + _WEEK,
        "commit": commit,
    }
    asked = asker.ask("POST", f"/api/v1/nodes/{node}/waivers", wanted)
    decided: dict[str, Any] = second.ask("POST", f"/api/v1/waivers/{asked['id']}/decide", {"agree": True})
    return decided


def statement(client: Client, collection: str, path: Path) -> None:
    """Take the signed statement about a run along, as soon as it is there."""
    end = time.monotonic() + _PATIENCE
    address = f"/api/v1/collections/{collection}/statement/export"
    while (answer := client.send("POST", address)).status != 200:
        if time.monotonic() > end:
            raise PlumblineError("demo-no-statement", t("There is no statement about the run: {status}.",
                                                        status=answer.status))  # fmt: skip
        time.sleep(_BETWEEN)
    path.write_bytes(answer.body)


def verified_elsewhere(data: Path, path: Path) -> str:
    """What is wrong when another process, with nothing but the file and the public key, verifies a statement, and when
    it verifies one of which a byte was changed."""
    plumb = [sys.executable, "-m", "plumbline"]
    shown = subprocess.run(
        [*plumb, "ledger", "checkpoint", "--show-key", "--data", str(data)], capture_output=True, text=True, check=False
    )
    with tempfile.TemporaryDirectory() as elsewhere:
        verify = [*plumb, "evidence", "verify", "--key", shown.stdout.strip()]
        done = subprocess.run([*verify, str(path)], capture_output=True, text=True, check=False, cwd=elsewhere)
        changed = Path(elsewhere) / "changed"
        changed.write_bytes(_another(path.read_bytes()))
        forged = subprocess.run([*verify, str(changed)], capture_output=True, text=True, check=False, cwd=elsewhere)
    if done.returncode != 0:
        return (done.stdout + done.stderr).strip()[:500]
    return "" if forged.returncode == 1 else f"{forged.returncode}: {(forged.stdout + forged.stderr)[-200:]}"


def _another(told: bytes) -> bytes:
    """The same with one sign of what was signed changed."""
    at = told.index(b'"data":"') + 400
    return told[:at] + (b"B" if told[at : at + 1] == b"A" else b"A") + told[at + 1 :]
