"""A contract, pipelines that brought what it asks for and pipelines that did not, and collections in each state: what
pages of evidence are looked at with."""

from __future__ import annotations

import re

from report_examples import case, junit

from plumbline.model.job import State

CONTRACT = """contract: core-builds
title:
  en: Due of every build
  zh: 每次构建应交
owner: quality
for:
  occasion: pipeline
window: {grace: 30m, deadline: 24h}
need:
  - id: unit-tests
    title:
      en: Unit tests
      zh: 单元测试
    kind: test-report
    of: commit
    min: {cases: 1}
    maps: [continuous-delivery/cd.3.3.3]
  - id: sast
    title:
      en: Scan of the code
      zh: 静态代码扫描
    kind: scan.sast
    of: commit
  - id: build
    title:
      en: A build that ended
      zh: 已结束的构建
    kind: build
    of: commit
"""
WRONG = CONTRACT.replace("kind: scan.sast", "kind: scan.sats").replace("of: commit\n    min", "of: comit\n    min")


def save_contract(browser, node, text=CONTRACT):
    answer = browser.post(f"/nodes/{node}/evidence-contract", text=text, reason="As agreed.")
    assert answer.status_code == 303, answer.text[-2000:]


def pipeline_of(bank, *, tests=True, state=State.SUCCESS, ends=True, project=3, ref="main"):
    """A pipeline of which something is due; ``tests``: it brings some of it."""
    made = bank.add_pipeline(project, {"compile": "build", "check": "test"}, message="Collect it", ref=ref)
    if ends:
        bank.end(made.id, "compile")
        reports = [("junit", "unit.xml", junit(case("adds"), case("takes")))] if tests else []
        bank.end(made.id, "check", state, reports=reports, layer="unit")
    return made


def collection_of(browser, pipeline):
    """The id of its first one."""
    return re.search(r'href="/collections/([\w-]+)"', browser.ask("GET", f"/pipelines/{pipeline.id}/evidence").text)[1]


def close(browser, uid, reason="The scanner is away until Monday."):
    answer = browser.post(f"/collections/{uid}/close", reason=reason)
    assert answer.status_code == 303, answer.text[-2000:]


def furnish_evidence(bank):
    """The names in braces of page_examples.EXAMPLES."""
    mei = bank.browser("mei")
    save_contract(mei, 2)
    save_contract(mei, 2, CONTRACT.replace("min: {cases: 1}", "min: {cases: 2}"))
    collected = pipeline_of(bank)
    bare = pipeline_of(bank, tests=False, state=State.FAILED)
    running = pipeline_of(bank, ends=False, ref="feature/collect")
    closed, failed = collection_of(mei, collected), collection_of(mei, bare)
    for uid in (closed, failed):
        close(mei, uid)
    for _ in bank.server.attest():
        pass
    return {
        "collected": collected.id, "closed_collection": closed, "failed_collection": failed,
        "open_collection": collection_of(mei, running),
    }  # fmt: skip
