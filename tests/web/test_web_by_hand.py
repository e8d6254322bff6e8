"""Pipelines, jobs, schedules and runners on the pages of a real server: what is done there, and what comes of it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from web_structure import flaws

from plumbline.api import make_app
from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job
from plumbline.model.job import FailureReason, JobResult, KeptFile, State
from plumbline.web import pages_for

CI = "build: {script: [make], artifacts: {paths: [out]}}\nlater: {script: [make], when: manual}\n"
FAILED = JobResult(
    state=State.FAILED,
    reason=FailureReason.SCRIPT,
    exit_code=1,
    kept=(KeptFile(kind="archive", name="artifacts.zip", files=1, size=5),),
)


@pytest.fixture
def mei(browser, server, tmp_path):
    """The first person, with an organisation (1) and a project (2) that has a repository."""
    browser.app = make_app(server.tools, pages_for(server.tools))
    browser.post("/tree", kind="organisation", name="bank", title="Harbour Bank")
    browser.post("/tree", kind="project", parent="1", name="core", url=str(repository(tmp_path, CI)))
    return browser


def repository(folder, text):
    home = folder / "repo"
    home.mkdir(exist_ok=True)
    (home / ".gitlab-ci.yml").write_text(text)
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-qm", "Build it"]):
        subprocess.run(["git", "-C", str(home), *words], check=True)
    return home


def run(server, result=FAILED):
    """A job that printed something and left something; its id."""
    tools = server.runner_tools()
    [claim] = claim_jobs(tools.server, tools.owner, 1, 60_000_000)
    with tools.open_log(claim.pipeline.id, claim.job.id) as log:
        log.write(b"begun\nmake: *** error 1\nended\n")
    path = Path(server._pipelines.data, "artifacts", "0", str(claim.job.id), "artifacts.zip")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"a zip")
    assert finish_job(tools.server, claim.job.id, tools.owner, claim.job.fence, result)
    return claim.job.id


def place(answer):
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_pipeline_is_started_looked_at_canceled_and_tried_again(mei, server):
    started = place(mei.post("/projects/2/run", ref="main", variables="A='1 2'"))
    page = mei.ask("GET", started).text
    assert "Build it" in page
    assert f'action="{started}/cancel"' in page
    assert started in mei.ask("GET", "/pipelines").text
    listed = mei.ask("GET", "/projects/2").text
    assert started in listed
    assert 'href="/projects/2/run"' in listed
    assert place(mei.post(f"{started}/cancel")) == started
    assert place(mei.post(f"{started}/retry")) == started
    job = run(server)
    attempt = place(mei.post(f"/jobs/{job}/retry"))
    assert attempt != f"/jobs/{job}"
    assert place(mei.post(f"{attempt}/cancel")) == attempt
    again = mei.post(f"/jobs/{job}/retry")
    assert again.status_code == 409
    assert f"The job {job} has been run again since." in again.text


def test_a_wrong_configuration_is_a_failed_pipeline_at_both_doors(mei, server, tmp_path):
    repository(tmp_path, "build: {scrip: [make]}\n")
    page = mei.ask("GET", place(mei.post("/projects/2/run"))).text
    assert "scrip" in page
    csrf = mei.ask("GET", "/api/v1/me").json()["csrf"]
    made = mei.ask("POST", "/api/v1/projects/2/pipelines", json={}, headers={"X-CSRF-Token": csrf})
    assert made.status_code == 201
    assert (made.json()["state"], "scrip" in made.json()["message"]) == ("failed", True)


def test_nothing_to_run_is_said_in_the_same_words_at_both_doors(mei, tmp_path):
    repository(tmp_path, "build: {script: [make], rules: [{when: never}]}\n")
    csrf = mei.ask("GET", "/api/v1/me").json()["csrf"]
    told = mei.ask("POST", "/api/v1/projects/2/pipelines", json={}, headers={"X-CSRF-Token": csrf})
    shown = mei.post("/projects/2/run")
    assert (told.status_code, shown.status_code) == (409, 409)
    assert told.json()["type"] == "nothing-to-run"
    for words in (told.json()["detail"], told.json()["hint"].partition("`")[0]):
        assert words in shown.text
    assert "plumb why" not in told.json()["hint"] + shown.text


def test_looks_that_come_to_nothing_are_told_with_the_repository(mei, server):
    with server.tools.units.store.change() as tx:
        for _ in range(2):
            tx.bindings.end_look(2, heads=None, fault="The repository <x> cannot be fetched")
    page = mei.ask("GET", "/projects/2/settings").text
    assert "The last 2 looks at it came to nothing. The repository &lt;x&gt; cannot be fetched" in page
    assert mei.ask("GET", "/api/v1/projects/2/repository").json()["faults"] == 2
    with server.tools.units.store.change() as tx:
        tx.bindings.end_look(2, heads={})
    assert "came to nothing" not in mei.ask("GET", "/projects/2/settings").text


def test_a_tag_is_no_branch_of_the_project(mei, tmp_path):
    subprocess.run(["git", "-C", str(tmp_path / "repo"), "tag", "v9"], check=True)
    for ref in ("main", "v9"):
        assert mei.post("/projects/2/run", ref=ref).status_code == 303
    page = mei.ask("GET", "/projects/2").text
    assert re.findall(r'<a class="chip[^>]*>.*?<code>(.*?)</code>', page) == ["main"]
    assert '<option value="v9">' in page


@pytest.mark.parametrize("ref", ["nowhere-at-all", "HEAD"])
def test_what_is_no_branch_is_refused_in_the_words_of_the_door(mei, tmp_path, ref):
    """A page and the API know neither options nor commands of a terminal."""
    if ref == "HEAD":
        ref = subprocess.check_output(["git", "-C", str(tmp_path / "repo"), "rev-parse", "HEAD"], text=True).strip()
    csrf = mei.ask("GET", "/api/v1/me").json()["csrf"]
    told = mei.ask("POST", "/api/v1/projects/2/pipelines", json={"ref": ref}, headers={"X-CSRF-Token": csrf})
    shown = mei.post("/projects/2/run", ref=ref)
    assert (told.status_code, shown.status_code) == (422, 422)
    assert ref in told.json()["detail"]
    for text in (told.json()["hint"], shown.text):
        assert not [word for word in ("git branch", "git fetch", "plumb why", "--file", "--ref") if word in text]
    assert told.json()["hint"] in shown.text


def test_a_missing_file_is_told_in_the_words_of_the_door(mei, tmp_path):
    home = tmp_path / "repo"
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["rm", "-q", ".gitlab-ci.yml"], [*who, "commit", "-qm", "Remove it"]):
        subprocess.run(["git", "-C", str(home), *words], check=True)
    page = mei.ask("GET", place(mei.post("/projects/2/run"))).text
    assert "Add the file, or name another one in the settings of the project." in page
    assert "--file" not in page


def test_a_job_shows_its_log_and_what_it_left(mei, server):
    mei.post("/projects/2/run")
    job = run(server)
    page = mei.ask("GET", f"/jobs/{job}").text
    assert "artifacts.zip" in page
    assert f'action="/jobs/{job}/retry"' in page
    assert mei.ask("GET", f"/jobs/{job}/lines?first=1&count=2").json()["lines"] == ["begun", "make: *** error 1"]
    assert mei.ask("GET", f"/jobs/{job}/search?q=END").json() == {"lines": [3], "more": False}
    assert mei.ask("GET", f"/jobs/{job}/error").json() == {"line": 2}
    assert mei.ask("GET", f"/jobs/{job}/raw").text.startswith("begun\n")
    assert mei.ask("GET", f"/jobs/{job}/artifacts/file?name=artifacts.zip").content == b"a zip"
    assert mei.ask("GET", f"/jobs/{job}/artifacts/file?name=none").status_code == 404
    assert "event: ended" in mei.ask("GET", f"/jobs/{job}/live").text
    other = job + 1  # it has not begun
    assert mei.ask("GET", f"/jobs/{other}/lines").json()["total"] == 0
    assert mei.ask("GET", f"/jobs/{other}/raw").status_code == 404
    assert mei.ask("GET", f"/jobs/{other}/live").status_code == 204
    assert mei.ask("GET", "/jobs/77/live").status_code == 404


WITH_INPUTS = """
ship:
  when: manual
  inputs:
    where: {default: test, options: [test, live], description: "Which <one>"}
    count: {type: number, default: 1}
    dry: {type: boolean, default: true}
    text: {default: "a\\nb"}
  script: ["go ${{ job.inputs.where }}"]
"""


@pytest.mark.slow
def test_inputs_of_a_job_are_given_as_it_is_played_and_retried(mei, server, tmp_path):
    home = tmp_path / "repo"
    (home / ".gitlab-ci.yml").write_text(WITH_INPUTS)
    subprocess.run(
        ["git", "-C", str(home), "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qam", "x"], check=True
    )
    page = mei.ask("GET", place(mei.post("/projects/2/run"))).text
    job = re.search(r'action="/jobs/(\d+)/play"', page)[1]
    shown = mei.ask("GET", f"/jobs/{job}").text
    assert flaws(shown) == []
    assert "Play with other inputs" in shown
    assert "Which &lt;one&gt;" in shown
    assert '<option value="test" selected>' in shown
    assert '<option value="true" selected>' in shown
    assert '<textarea name="input.text" rows="2">a\nb</textarea>' in shown
    assert "where=live" not in shown
    refused = mei.post(f"/jobs/{job}/play", **{"input.count": "many"})
    assert refused.status_code == 422
    assert "takes a number" in refused.text
    given = {"input.where": "live", "input.count": "1", "input.dry": "true", "input.text": "a\r\nb"}
    assert place(mei.post(f"/jobs/{job}/play", **given)) == f"/jobs/{job}"
    assert "<code>where=live</code>" in mei.ask("GET", f"/jobs/{job}").text
    run(server)
    ended = mei.ask("GET", f"/jobs/{job}").text
    assert "Retry with other inputs" in ended
    assert "text=" not in ended  # the default
    attempt = place(mei.post(f"/jobs/{job}/retry", **{"input.where": "test", "input.count": "7"}))
    assert "<code>count=7</code>" in mei.ask("GET", attempt).text
    assert "where=live" not in mei.ask("GET", attempt).text.replace("<option", "")


def test_a_schedule_is_added_paused_played_and_removed(mei):
    page = "/projects/2/schedules"
    assert place(mei.post(page, title="Nightly", cron="30 2 * * *", time_zone="UTC")) == page
    shown = mei.ask("GET", page).text
    [number] = set(re.findall(r'name="schedule" value="(\d+)"', shown))
    assert ">Run now<" in shown
    assert place(mei.post(f"{page}/switch", schedule=number, active="0")) == page
    assert "paused" in mei.ask("GET", page).text
    assert place(mei.post(f"{page}/play", schedule=number)).startswith("/pipelines/")
    assert place(mei.post(f"{page}/remove", schedule=number)) == page
    assert "Nightly" not in mei.ask("GET", page).text
    assert mei.post(f"{page}/play", schedule=number).status_code == 404


def test_runners_are_shown_with_the_jobs_they_hold(mei, server):
    assert "No job waits for a runner." in mei.ask("GET", "/runners").text
    mei.post("/projects/2/run")
    tools = server.runner_tools()
    waiting = mei.ask("GET", "/runners").text
    assert "1 job waits for a runner." in waiting
    assert re.search(r'id="waiting".*href="/jobs/\d+">build<.*href="/pipelines/\d+">#1<', waiting, re.DOTALL)
    [claim] = claim_jobs(tools.server, tools.owner, 1, 60_000_000)
    page = mei.ask("GET", "/runners").text
    assert tools.owner in page
    assert f'href="/jobs/{claim.job.id}"' in page
