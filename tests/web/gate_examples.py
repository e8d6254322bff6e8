"""Policies of an installation and of a system, a pipeline that they judged, and waivers in each state: what pages of
gates are looked at with."""

from __future__ import annotations

import re

from plumbline.model.job import State

POLICY = """policy: builds
title:
  en: What a build has to show
  zh: 构建须达到的要求
owner: quality
for:
  act: [pipeline]
checks:
  - id: tests-pass
    title:
      en: Tests pass
      zh: 测试通过
    check: tests-passed
    with: {at_least: 1}
    maps: [continuous-delivery/cd.3.3.3]
  - id: no-failed-job
    title:
      en: No job failed
      zh: 没有失败的作业
    reason:
      en: A job of this pipeline failed.
      zh: 此流水线有作业失败。
    remedy:
      en: Mend the job, or take it out of the pipeline.
      zh: 修复该作业，或将其移出流水线。
    needs: [pipeline.failed_jobs]
    when: "size(pipeline.failed_jobs) == 0"
  - id: few-jobs
    title:
      en: Not more than ten jobs
      zh: 作业不超过十个
    reason:
      en: There are more than ten.
      zh: 超过十个。
    remedy:
      en: Put some of them together.
      zh: 合并部分作业。
    needs: [pipeline.jobs]
    when: "pipeline.jobs <= 10"
    advisory_from: 2026-01-01
    enforced_from: 2099-01-01
"""
WRONG = POLICY.replace("tests-passed", "tests-pased").replace("pipeline.failed_jobs]", "pipeline.faild_jobs]")
UNTIL = "2026-12-31"


def save_policy(browser, node, text=POLICY):
    answer = browser.post(f"/nodes/{node}/policy", text=text, reason="As agreed.")
    assert answer.status_code == 303, answer.text[-2000:]
    return answer.headers["location"]


def judged_pipeline(bank, project=3):
    """A pipeline with a job that failed, and what gates say of it now."""
    made = bank.add_pipeline(project, {"compile": "build", "check": "test"}, message="Judge it")
    bank.end(made.id, "compile")
    bank.end(made.id, "check", State.FAILED, exit_code=1)
    evaluate(bank.browser("mei"), made, project)
    return made


def evaluate(browser, pipeline, project=3):
    answer = browser.post(f"/projects/{project}/gates", act="pipeline", pipeline=str(pipeline.id), commit=pipeline.sha)
    assert answer.status_code == 303, answer.text[-2000:]


def ask_waiver(browser, node, line="no-failed-job", until=UNTIL, **more):
    """Its number."""
    fields = {"rule_set": "builds", "line": line, "of_contract": "0", "reason": "The job is wrong, not the code."}
    answer = browser.post(f"/nodes/{node}/waivers", until=until, **(fields | more))
    assert answer.status_code == 303, answer.text[-2000:]
    return answer.headers["location"].rpartition("/")[2]


def evaluation_of(browser, pipeline):
    """The id of the newest one."""
    return re.search(r'href="/evaluations/([\w-]+)"', browser.ask("GET", f"/pipelines/{pipeline.id}/gates").text)[1]


def furnish_gates(bank, second):
    """The names in braces of page_examples.EXAMPLES. ``second``: the browser of another person who may agree."""
    mei = bank.browser("mei")
    save_policy(mei, 1)
    save_policy(mei, 1, POLICY.replace("at_least: 1", "at_least: 2"))
    pipeline = judged_pipeline(bank)
    agreed = ask_waiver(mei, 3, commit=pipeline.sha)
    assert second.post(f"/waivers/{agreed}/decide", agree="1").status_code == 303
    evaluate(mei, pipeline)
    waits = ask_waiver(mei, 3, line="tests-pass", commit=pipeline.sha)
    refused = ask_waiver(mei, 3, line="few-jobs", commit=pipeline.sha)
    assert second.post(f"/waivers/{refused}/decide", agree="0").status_code == 303
    return {
        "judged": pipeline.id, "judged_sha": pipeline.sha, "evaluation": evaluation_of(mei, pipeline),
        "agreed_waiver": agreed, "asked_waiver": waits,
    }  # fmt: skip
