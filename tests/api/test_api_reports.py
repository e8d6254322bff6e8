"""Reports through the API: what a job left, what a person or a source brought, and whose word each is."""

from __future__ import annotations

import hashlib
import subprocess

import msgspec
import pytest

from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job
from plumbline.flow.pipelines.create_pipeline import start_pipeline
from plumbline.flow.pipelines.tools import Wanted
from plumbline.model.job import JobResult, State
from plumbline.model.report import CaseOutcome, Report, TestCase, TestRun
from plumbline.model.reported import ReadFile, ReadReports
from plumbline.model.server import Binding
from plumbline.model.tree import NodeKind

pytestmark = pytest.mark.slow

CI = "test: {script: [make]}"
JUNIT = (
    b'<testsuite name="s"><testcase classname="T" name="a"/>'
    b'<testcase classname="T" name="b"><failure/></testcase></testsuite>'
)
SARIF = msgspec.json.encode(
    {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "bandit", "version": "1.8", "rules": [{"id": "B1"}]}},
                "invocations": [{"executionSuccessful": True}],
                "artifacts": [{"location": {"uri": "a.py"}}],
                "results": [
                    {
                        "ruleId": "B1",
                        "level": "note",
                        "message": {"text": "weak"},
                        "locations": [
                            {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 3}}}
                        ],
                    }
                ],
            }
        ],
    }
)


@pytest.fixture
def project(api, tmp_path):
    home = tmp_path / "repo"
    home.mkdir()
    (home / ".gitlab-ci.yml").write_text(CI)
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-qm", "one"]):
        subprocess.run(["git", "-C", str(home), *words], check=True)
    made = api.node("core", NodeKind.PROJECT, parent=api.node("bank").id)
    with api.tools.units.store.change() as tx:
        tx.bindings.put(Binding(project=made.id, kind="git", url=str(home)))
    return made


@pytest.fixture
def mei(api, project):
    return api.token(api.person("mei", "developer"))


def ran(api, project, **outcomes):
    """A pipeline whose job left a report."""
    server = api.server.server
    made = start_pipeline(server, Wanted(project=project.id), by=0)
    [claim] = claim_jobs(server, "test/1", 5, 60_000_000)
    cases = tuple(TestCase(name=name, class_name="T", outcome=CaseOutcome(how)) for name, how in outcomes.items())
    content = Report(format="junit", content=TestRun(cases=cases))
    digest = f"sha256:{hashlib.sha256(repr(cases).encode()).hexdigest()}"
    read = ReadReports((ReadFile(kind="junit", name="a.xml", digest=digest, size=9, content=content),))
    result = JobResult(state=State.SUCCESS)
    assert finish_job(server, claim.job.id, "test/1", claim.job.fence, result, read)
    return made.id


def told(api, kind):
    return [
        msgspec.json.decode(one.body) for one in api.tools.ledger.ledger.read() if f".plumbline-{kind}." in one.type
    ]


def add(api, token, body=JUNIT, **query):
    return api.post("/reports", token=token, content=body, params={"kind": "junit", "name": "x.xml", **query})


def test_what_a_pipeline_comes_to_is_one_answer(api, project, mei):
    pipeline = ran(api, project, a="passed", b="failed")
    seen = api.get(f"/pipelines/{pipeline}/summary", token=mei).json()
    assert (seen["tests"]["total"], seen["tests"]["failed"], seen["failures"][0]["name"]) == (2, 1, "T.b")
    assert (seen["coverage"], seen["scans"]) == ([], [])
    cases = api.get(f"/pipelines/{pipeline}/tests", token=mei, params={"outcome": "passed"}).json()
    assert (cases["reported"], cases["found"], cases["cases"][0]["name"]) == (True, 1, "T.a")
    story = api.get(f"/projects/{project.id}/tests/{cases['cases'][0]['id']}", token=mei).json()
    assert [one["outcome"] for one in story["runs"]] == ["passed"]
    [one] = api.get(f"/nodes/{project.id}/standings", token=mei).json()["standings"]
    assert (one["total"], one["bad"], one["coverage"], one["findings"]) == (2, 1, None, None)


def test_a_report_that_a_person_brings_is_that_persons_word(api, project, mei):
    pipeline = ran(api, project)
    before = api.tools.ledger.ledger.size()
    made = add(api, mei, pipeline=pipeline)
    assert made.status_code == 201, made.text
    report = made.json()["report"]
    assert (report["origin"], report["sender"], report["counts"]["failed"]) == ("person", "mei", 1)
    again = add(api, mei, pipeline=pipeline)
    assert (again.status_code, again.json()["known"]) == (200, True)
    assert api.tools.ledger.ledger.size() == before + 1
    [event] = told(api, "report")
    content = event["subject"]["content"]
    assert (content["person"], content["holds"], content["digest"]) == ("mei", "tests", report["digest"])


def test_bad_reports_are_kept_as_unreadable_and_bad_questions_refused(api, project, mei):
    pipeline = ran(api, project)
    kept = add(api, mei, b"<html/>", pipeline=pipeline).json()["report"]
    assert (kept["holds"], kept["problem"]) == ("", "no-mark")
    assert add(api, mei, b"", pipeline=pipeline).json()["type"] == "report-empty"
    assert add(api, mei, kind="../x", pipeline=pipeline).json()["type"] == "report-kind"
    assert add(api, mei, project=project.id, commit="main").json()["type"] == "report-subject"
    assert add(api, mei, pipeline=999).status_code == 404
    viewer = api.token(api.person("li", "viewer"))
    assert add(api, viewer, pipeline=pipeline).status_code == 403


def test_a_source_sends_reports_as_its_own_word(api, project, mei):
    pipeline = ran(api, project)
    keeper = api.token(api.person("wu", "maintainer"))
    body = {"name": "sonar", "kind": "scanner", "projects": {"core-project": project.path}}
    secret = api.post(f"/nodes/{project.id}/sources", token=keeper, json=body).json()["secret"]

    def send(token=secret, **query):
        return api.post("/events/reports", token=token, content=SARIF,
                       params={"kind": "sarif", "project": "core-project", "pipeline": pipeline, **query})  # fmt: skip

    report = send().json()["report"]
    assert (report["origin"], report["sender"], report["counts"]["findings"]) == ("source", "sonar", 1)
    assert send().json()["known"]
    assert send(token="plumbs_" + "0" * 50).status_code == 401
    assert send(project="elsewhere").status_code in (409, 422)
    found = api.get(f"/nodes/{project.id}/findings", token=mei).json()
    assert [one["title"] or one["rule"] for one in found["findings"]] == ["B1"]
    assert told(api, "scan") == []
    [event] = told(api, "report")
    assert event["subject"]["content"]["sender"] == "sonar"


def test_a_case_goes_into_quarantine_and_out_and_is_counted_all_the_while(api, project, mei):
    pipeline = ran(api, project, b="failed")
    case = api.get(f"/pipelines/{pipeline}/tests", token=mei).json()["cases"][0]["id"]
    where, until = f"/api/v1/projects/{project.id}/tests/{case}/quarantine", api.tools.units.clock() + 86_400_000_000
    wrong = api.ask("PUT", where, token=mei, json={"owner": "mei", "reason": "", "until": until})
    assert wrong.json()["type"] == "quarantine-incomplete"
    wrong = api.ask("PUT", where, token=mei, json={"owner": "mei", "reason": "network", "until": 1})
    assert wrong.json()["type"] == "quarantine-end-wrong"
    put = api.ask("PUT", where, token=mei, json={"owner": "mei", "reason": "network", "until": until})
    assert [one["owner"] for one in put.json()["quarantines"]] == ["mei"]
    totals = api.get(f"/pipelines/{pipeline}/summary", token=mei).json()["tests"]
    assert (totals["failed"], totals["quarantined"]) == (1, 1)
    assert api.ask("DELETE", where, token=mei).status_code == 204
    assert api.ask("DELETE", where, token=mei).json()["type"] == "not-in-quarantine"
    assert [one["context"]["type"].split(".")[3] for one in told(api, "test")] == ["quarantined", "released"]
