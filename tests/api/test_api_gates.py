"""Gates over the API: a policy is written, a pipeline is judged, a job asks with its own token, two persons waive, the
judgement is done again; and the same in the terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository
from tests.flow.gate_world import DAY, policy
from tests.flow.report_world import BAD, ran, read

from plumbline.cli.app import plumb
from plumbline.cli.errors import status_of
from plumbline.flow.artifacts.guests import job_token
from plumbline.flow.gates.turns import judge_due
from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job
from plumbline.flow.pipelines.create_pipeline import start_pipeline
from plumbline.flow.pipelines.tools import Wanted
from plumbline.kernel.text import in_language
from plumbline.model.reported import ReadReports
from plumbline.model.server import Binding
from plumbline.model.tree import NodeKind

pytestmark = pytest.mark.slow
CI = "test: {script: [make]}\ngate: {script: [ask], needs: [test], rules: [{when: always}]}\n"


class Bank:
    """A project whose test failed, and whose gate job runs. ``job``: what it shows; ``may``: tokens of people."""

    def __init__(self, api, folder):
        self.api = api
        repository = make_repository(folder / "repo", {".gitlab-ci.yml": CI})
        self.node = api.node("bank").id
        self.project = api.node("core", NodeKind.PROJECT, self.node).id
        with api.tools.units.store.change() as tx:
            tx.bindings.put(Binding(project=self.project, kind="git", url=str(repository)))
        self.may = {
            name: api.token(api.person(name, role))
            for name, role in (("wu", "security"), ("li", "developer"), ("mei", "release_manager"))
        }
        made = start_pipeline(api.tools.pipelines, Wanted(project=self.project), by=0)
        assert made is not None
        self.pipeline = made.id
        self._end("test", BAD, read(ran(a="p", b="f")))
        self.job = job_token(api.tools.artifacts, self._claim("gate"))

    def _claim(self, name):
        [claim] = claim_jobs(self.api.tools.pipelines, "test/1", 1, 10**12)
        assert claim.job.name == name
        return claim.job

    def _end(self, name, result, *files):
        job = self._claim(name)
        assert finish_job(self.api.tools.pipelines, job.id, job.lease_owner, job.fence, result, ReadReports(files))

    def ask(self, method, path, who, **more):
        answer = self.api.ask(method, f"/api/v1{path}", token=self.may[who], **more)
        return SimpleNamespace(status=answer.status_code, said=answer.json() if answer.content else None)

    def as_job(self, token, **body):
        answer = self.api.post("/jobs/gate", headers={"JOB-TOKEN": token}, json=body)
        return SimpleNamespace(status=answer.status_code, said=answer.json())


@pytest.fixture
def bank(api, tmp_path):
    return Bank(api, tmp_path)


def write(bank, *checks, reason="first"):
    text = policy("build", *checks)
    return bank.ask("PUT", f"/nodes/{bank.node}/policies", "wu", json={"text": text, "reason": reason})


def test_a_job_asks_with_its_own_token_and_is_told_why(bank):
    assert bank.as_job(bank.job).said["reason"] == "no-policy"
    assert write(bank, "tests.failed == 0").status == 200
    said = bank.as_job(bank.job).said
    assert (said["outcome"], said["passes"], said["waits"]) == ("fail", False, False)
    [check] = said["policies"][0]["checks"]
    assert check["remedy"] == {"en": "Mend it.", "zh": "修复。"}
    [fact] = check["facts"]
    assert (fact["name"], fact["value"], fact["lack"], len(fact["events"])) == ("tests.failed", 1, "", 1)
    assert said["page"].endswith(f"/pipelines/{bank.pipeline}/gates")
    assert bank.as_job("plumbj_nothing").status == 401
    assert bank.as_job(bank.may["wu"]).status == 401
    assert bank.as_job(bank.job, act="merge").said["type"] == "no-merge-request"


def test_a_policy_is_written_checked_tried_and_retired(bank):
    wrong = bank.ask("PUT", f"/nodes/{bank.node}/policies", "wu", json={"text": policy("build", "tests.fialed == 0")})
    assert (wrong.status, wrong.said["type"]) == (409, "policy-wrong")
    text = {"text": policy("build", "tests.fialed == 0")}
    checked = bank.ask("POST", f"/nodes/{bank.node}/policies/check", "li", json=text).said
    assert checked["problems"][0]["line"] > 1
    assert "tests.failed" in json.dumps(checked["problems"])
    empty = {"text": policy("build", "tests.failed >= 0")}
    doubted = bank.ask("POST", f"/nodes/{bank.node}/policies/check", "li", json=empty).said
    assert (doubted["problems"], [one["code"] for one in doubted["doubts"]]) == ([], ["always-holds"])
    tried = bank.ask(
        "POST", f"/pipelines/{bank.pipeline}/policies/try", "li", json={"text": policy("x", "tests.executed == 2")}
    )
    assert tried.said["outcome"] == "pass"
    assert write(bank, "tests.failed == 0").said["kept"]["version"] == 1
    assert bank.ask("PUT", f"/nodes/{bank.node}/policies", "li", json=text).status == 403
    listed = bank.ask("GET", f"/nodes/{bank.project}/policies", "li").said["policies"]
    assert [(one["kept"]["name"], one["here"], one["path"]) for one in listed] == [("build", False, "bank")]
    gone = bank.ask("POST", f"/nodes/{bank.node}/policies/build/retire", "wu", json={"reason": "Not needed."})
    assert gone.status == 204
    detail = bank.ask("GET", f"/nodes/{bank.node}/policies/build", "li").said
    assert detail["versions"][0]["retired_by"] == "wu"


def test_two_persons_waive_over_the_api(bank):
    write(bank, "tests.failed == 0")
    assert bank.as_job(bank.job).said["outcome"] == "fail"
    ends = bank.api.tools.units.clock() + DAY
    wanted = {"rule_set": "build", "line": "t1", "reason": "Mended tomorrow.", "ends": ends}
    made = bank.ask("POST", f"/nodes/{bank.project}/waivers", "li", json=wanted).said
    assert (made["state"], made["may_decide"]) == ("asked", False)
    assert bank.ask("POST", f"/waivers/{made['id']}/decide", "li", json={"agree": True}).status == 403
    agreed = bank.ask("POST", f"/waivers/{made['id']}/decide", "mei", json={"agree": True}).said
    assert (agreed["state"], agreed["agreed_by"], agreed["may_end"]) == ("in_force", "mei", True)
    said = bank.as_job(bank.job).said
    assert (said["outcome"], said["passes"]) == ("waived", True)
    [listed] = bank.ask("GET", f"/nodes/{bank.node}/waivers", "wu").said["waivers"]
    assert listed["used"] == 1
    assert bank.ask("POST", f"/waivers/{made['id']}/end", "mei").said["state"] == "ended"
    assert bank.as_job(bank.job).said["outcome"] == "fail"


def test_the_server_judges_by_itself_and_shows_what_it_said(bank):
    write(bank, "tests.failed == 0")
    for _ in judge_due(bank.api.tools.gates):
        pass
    asked = bank.ask("POST", f"/projects/{bank.project}/gates", "li", json={"pipeline": bank.pipeline}).said
    uid = asked["policies"][0]["evaluation"]
    assert bank.ask("GET", f"/pipelines/{bank.pipeline}/gates", "li").said["policies"][0]["evaluation"] == uid
    assert bank.ask("POST", f"/evaluations/{uid}/replay", "li").said["same"]
    assert bank.ask("GET", f"/nodes/{bank.node}/evaluations", "li").said["evaluations"][0]["evaluation"] == uid
    nothing = bank.ask("POST", f"/projects/{bank.project}/gates", "li", json={})
    assert (nothing.status, nothing.said["type"]) == (409, "nothing-to-judge")


def test_the_terminal_explains_lists_and_does_it_again(bank, served, tmp_path, monkeypatch, capsys):
    write(bank, "tests.failed == 0")
    uid = bank.as_job(bank.job).said["policies"][0]["evaluation"]
    monkeypatch.setenv("PLUMBLINE_TOKEN", bank.may["li"])
    monkeypatch.setenv("PLUMBLINE_SERVER", served)

    def gate(*words):
        given = ["gate", *words]
        with in_language("en"):
            status = status_of(lambda: plumb.main(given, prog_name="plumb", standalone_mode=False))
        return status, capsys.readouterr().out

    status, said = gate("explain", "--pipeline", str(bank.pipeline))
    assert (status, "Mend it." in said, "tests.failed = 1" in said, uid in said) == (1, True, True, True), said
    assert gate("explain", uid)[0] == 1
    assert uid in gate("history", "--node", str(bank.node))[1]
    kept = str(tmp_path / "judgement.json")
    status, said = gate("replay", "--evaluation", uid, "--save", kept)
    assert (status, "to the byte" in said) == (0, True), said
    monkeypatch.delenv("PLUMBLINE_TOKEN")
    status, said = gate("replay", kept)
    assert (status, "to the byte" in said) == (0, True), said
    Path(kept).write_text(Path(kept).read_text().replace('"value": 1', '"value": 0'))
    assert gate("replay", kept)[0] == 1
