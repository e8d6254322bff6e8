"""What the server tells of its own pipelines and deployments: who, after what, why, and what it means."""

from __future__ import annotations

import io
import json
import sys
import time
import uuid
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import commit, make_repository, run_git
from tests.crash.world import World, ahead

from plumbline.adapters.cancellation import PipeCancellation
from plumbline.facts import Evidence, definitions
from plumbline.facts.definition import Question
from plumbline.flow.assessments import assess_ledger
from plumbline.flow.pipelines.cancel_retry_play import play_job, retry_job
from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job, start_downstream
from plumbline.flow.pipelines.due import run_schedules
from plumbline.flow.pipelines.run_pipeline import run_pipeline
from plumbline.flow.pipelines.runner_heartbeats import deregister, send_heartbeat
from plumbline.flow.pipelines.schedules import put_schedule, remove_schedule, switch_schedule
from plumbline.flow.pipelines.tools import RunnerTools
from plumbline.model.assessment import Scope
from plumbline.model.fact import Window
from plumbline.model.job import FailureReason, JobResult, State
from plumbline.model.server import Schedule, Webhook, WebhookKind
from plumbline.trace import Deployment, Seen, derive_runs, read_seen

if TYPE_CHECKING:
    from plumbline.model.server import StoredPipeline

pytestmark = pytest.mark.slow

OK = JobResult(state=State.SUCCESS, exit_code=0)
BAD = JobResult(state=State.FAILED, exit_code=1, reason=FailureReason.SCRIPT)
SHIP = "ship: {script: [make], environment: {name: production}}\n"
BY_HAND = "ship: {when: manual, script: [make], environment: {name: production}}\n"


def told(world: World, word: str = "") -> list[dict[str, Any]]:
    return [json.loads(entry.body) for entry in world.events(word)]


def seen(world: World, *words: str) -> list[Seen]:
    found = [read_seen(entry.body) for word in words for entry in world.events(word)]
    return [one for one in found if one is not None]


def link(event: dict[str, Any], kind: str) -> str:
    [found] = [one for one in event["context"].get("links", ()) if one["linkType"] == kind]
    return str((found.get("from") or found.get("target"))["contextId"])


def run(world: World, name: str, result: JobResult = OK) -> None:
    """Take the one waiting job of this name, and end it."""
    claims = {claim.job.name: claim.job for claim in claim_jobs(world.server, "test/1", 10, 30_000_000)}
    job = claims[name]
    assert finish_job(world.server, job.id, job.lease_owner, job.fence, result)


def trigger_child(world: World, parent: StoredPipeline) -> None:
    """Take the one waiting trigger job, and start what it asks for."""
    [claim] = claim_jobs(world.server, "test/1", 1, 30_000_000)
    tools = world.projects.tools(parent.project, parent.change, (), {})
    bench = tools.job_environment(parent.id)
    start_downstream(world.server, claim, bench, tools)
    bench.close()


def chosen(world: World, path: str) -> set[int]:
    """Numbers of the entries that an assessment of a node rests on."""
    scope = Scope(subject=path, as_of=world.store.ledger.size(), end=world.server.clock())
    return {one.entry.seq for one in assess_ledger._chosen(world.store.ledger, scope)}


def deployments(world: World) -> list[Deployment]:
    return list(Deployment.derive(seen(world, "deployment.")))


def test_events_follow_each_other_on_one_chain(world: World, tmp_path: Path) -> None:
    text = "a: {stage: build, script: [m]}\nb: {stage: test, script: [m]}\nc: {stage: test, needs: [b], script: [m]}\n"
    world.start(world.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": text})))
    for name in ("a", "b", "c"):
        run(world, name)
    events = told(world)
    [chain] = {event["context"]["chainId"] for event in events}
    assert uuid.UUID(chain)
    by_id = {event["context"]["id"]: event for event in events}
    for event in events:
        for one in event["context"].get("links", ()):
            assert (one.get("from") or one["target"])["contextId"] in by_id
    started = {event["subject"]["content"]["taskName"]: event for event in told(world, "taskrun.started")}
    finished = {event["subject"]["content"]["taskName"]: event for event in told(world, "taskrun.finished")}
    assert by_id[link(started["a"], "PATH")]["context"]["type"].startswith("dev.cdevents.pipelinerun.queued")
    assert link(started["b"], "PATH") == finished["a"]["context"]["id"]
    assert link(started["c"], "PATH") == finished["b"]["context"]["id"]
    assert link(finished["c"], "PATH") == started["c"]["context"]["id"]
    [end] = told(world, "pipelinerun.finished")
    assert link(end, "END") == link(end, "PATH") == finished["c"]["context"]["id"]


def test_another_attempt_follows_the_one_before_it_and_names_who_wanted_it(world: World, tmp_path: Path) -> None:
    project = world.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": "a: {script: [make]}\n"}))
    made = run_pipeline(world.actor(), world.server, project)
    run(world, "a", BAD)
    retry_job(world.actor("bob"), world.server, world.jobs(made.id)[0].id)
    run(world, "a")
    [queued] = told(world, "pipelinerun.queued")
    assert queued["customData"]["person"] == "ada"
    first, second = told(world, "taskrun.started")
    assert "person" not in first["customData"]
    assert second["customData"]["person"] == "bob"
    assert link(second, "PATH") == told(world, "taskrun.finished")[0]["context"]["id"]


def test_a_child_pipeline_names_its_parent_and_shares_its_chain(world: World, tmp_path: Path) -> None:
    files = {
        ".gitlab-ci.yml": "go: {trigger: {include: child.yml, strategy: depend}}\n",
        "child.yml": SHIP,
    }
    parent = world.start(world.add_project(make_repository(tmp_path / "repo", files)))
    trigger_child(world, parent)
    run(world, "ship")
    above, below = told(world, "pipelinerun.queued")
    assert below["customData"]["parent"] == above["subject"]["id"]
    assert "parent" not in above["customData"]
    assert link(below, "RELATION") == above["context"]["id"]
    trigger, _ = told(world, "taskrun.started")
    assert link(below, "PATH") == trigger["context"]["id"]
    assert len({event["context"]["chainId"] for event in told(world)}) == 1
    ends = {event["subject"]["id"]: event["context"] for event in told(world, "pipelinerun.finished")}
    assert [one["linkType"] for one in ends[below["subject"]["id"]]["links"]] == ["PATH"]
    assert [one["linkType"] for one in ends[above["subject"]["id"]]["links"]] == ["PATH", "END"]
    last = told(world, "taskrun.finished")[-1]
    followed = {one["from"]["contextId"] for one in last["context"]["links"]}
    assert followed == {trigger["context"]["id"], ends[below["subject"]["id"]]["id"]}
    first, second = derive_runs(seen(world, "pipelinerun."), ())
    assert (first.child, second.child) == (False, True)
    of_child = [event for event in told(world, "pipelinerun.") if event["subject"]["id"] == below["subject"]["id"]]
    assert [event["customData"]["parent"] for event in of_child] == [above["subject"]["id"]] * 3  # each by itself


def test_builds_are_counted_without_the_children_that_they_start(world: World, tmp_path: Path) -> None:
    """A pipeline with a child, pushed three times and started by hand once, within two days of work."""
    files = {
        ".gitlab-ci.yml": "go: {trigger: {include: child.yml, strategy: depend}}\n",
        "child.yml": "c: {script: [m]}",
    }
    home = make_repository(tmp_path / "repo", files)
    project = world.add_project(home)
    monday = datetime.fromisoformat("2030-04-01T08:00:00+00:00").timestamp()
    world.late = int((monday - time.time()) * 1_000_000)
    for number in range(4):
        if number < 3:
            sha = commit(home, {"n": str(number)})
            push = Webhook(forge="git", delivery=f"d{number}", kind=WebhookKind.PUSH, ref="main", after=sha)
            made = world.made(project, push)
        else:
            made = run_pipeline(world.actor(), world.server, project)
        assert made is not None
        trigger_child(world, made)
        run(world, "c")
        assert world.pipeline(made.id).state is State.SUCCESS
    end = world.server.clock() + 15 * 3_600_000_000
    evidence = Evidence(seen(world, ""), end)
    window = Window(end - 86_400_000_000, end)
    assert len(evidence.runs) == 8

    def counted(name: str) -> tuple[float | None, float | None]:
        found = definitions()[name].answer(Question(name=name, evidence=evidence, window=window))
        return found.numerator, found.denominator

    assert counted("builds-per-working-day-and-application") == (4, 1)
    assert counted("working-days-with-any-build") == (1, 1)


def test_files_of_the_configuration_that_come_from_elsewhere_are_told(world: World, tmp_path: Path) -> None:
    world.add_project(make_repository(tmp_path / "shared", {"build.yml": "a: {script: [make]}\n"}), "shared")
    text = "include: [{project: bank/shared, file: build.yml}, {local: more.yml}]\n"
    files = {".gitlab-ci.yml": text, "more.yml": "b: {script: [make]}\n"}
    run_pipeline(world.actor(), world.server, world.add_project(make_repository(tmp_path / "repo", files)))
    [queued] = told(world, "pipelinerun.queued")
    assert queued["customData"]["templates"] == ["bank/shared@HEAD:build.yml"]


def test_a_component_that_comes_with_the_server_is_told_with_its_exact_version(world: World, tmp_path: Path) -> None:
    text = "include: [{component: $CI_SERVER_FQDN/plumbline/static-web@1, inputs: {runs_in: machine}}]\n"
    run_pipeline(world.actor(), world.server, world.add_project(make_repository(tmp_path, {".gitlab-ci.yml": text})))
    [queued] = told(world, "pipelinerun.queued")
    assert queued["customData"]["templates"] == ["plumbline@1.0.0:templates/static-web.yml"]


def test_a_schedule_is_told_of_and_its_pipelines_name_it(world: World, tmp_path: Path) -> None:
    project = world.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": "a: {script: [make]}\n"}))
    ada = world.actor()
    made = put_schedule(ada, world.server, Schedule(project=project, cron="0 * * * *", title="hourly"))
    ahead(world, 3601)
    [pipeline] = run_schedules(world.server)
    assert pipeline.change.user_login == "ada"
    put_schedule(ada, world.server, Schedule(id=made.id, project=project, cron="5 * * * *", title="hourly"))
    switch_schedule(ada, world.server, made.id, active=False)
    switch_schedule(ada, world.server, made.id, active=True)
    remove_schedule(ada, world.server, made.id)
    [queued] = told(world, "pipelinerun.queued")
    events = told(world, "-schedule.")
    assert {event["subject"]["id"] for event in events} == {queued["customData"]["schedule"]}
    assert queued["customData"]["person"] == "ada"
    words = [event["context"]["type"].split("-", 1)[1].rsplit(".", 3)[0] for event in events]
    assert words == ["schedule.created", *["schedule.changed"] * 3, "schedule.removed"]
    assert all(event["customData"]["project"] == "bank/core" for event in events)
    contents = [event["subject"]["content"] for event in events]
    assert [one.get("fields") for one in contents[1:4]] == [["cron"], ["active"], ["active"]]
    assert [one.get("active") for one in contents[:4]] == [True, True, False, True]
    assert {one["by"] for one in contents} == {"ada"}


def test_a_deployment_is_queued_started_and_finished(world: World, tmp_path: Path) -> None:
    project = world.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": BY_HAND}))
    made = run_pipeline(world.actor(), world.server, project)
    assert not told(world, "deployment.")  # it waits for somebody
    play_job(world.actor("bob"), world.server, world.jobs(made.id)[0].id)
    [queued] = told(world, "deployment.queued")
    run(world, "ship")
    [_, started, finished] = told(world, "deployment.")
    for event in (queued, started, finished):
        content = event["subject"]["content"]
        assert (content["intent"], content["person"], content["attempt"]) == ("deploy", "bob", 1)
        assert content["service"]["id"] == "bank/core"
        assert content["commit"] == made.sha
        assert "digest" not in content
        assert "remediates" not in content
    assert link(started, "PATH") == told(world, "taskrun.started")[0]["context"]["id"]
    assert link(finished, "PATH") == told(world, "taskrun.finished")[0]["context"]["id"]


@pytest.mark.parametrize("action", ["prepare", "verify", "access"])
def test_what_only_looks_at_an_environment_is_no_deployment(world: World, tmp_path: Path, action: str) -> None:
    text = f"look: {{script: [make], environment: {{name: production, action: {action}}}}}\n"
    world.start(world.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": text})))
    run(world, "look")
    assert not told(world, "deployment.")


def test_an_older_commit_is_a_rollback(world: World, tmp_path: Path) -> None:
    """Of three commits the second and the third are deployed; then the first, which never was, and the third again."""
    home = make_repository(tmp_path / "repo", {".gitlab-ci.yml": SHIP})
    project = world.add_project(home)
    first = run_git(home, "rev-parse", "HEAD")
    shas = [first, commit(home, {"x": "1"}), commit(home, {"x": "2"})]
    for at in (1, 2, 0, 2, 2):
        world.start(project, sha=shas[at])
        run(world, "ship")
    found = deployments(world)
    assert [(one.commit, one.intent) for one in found] == [
        (shas[1], "deploy"),
        (shas[2], "deploy"),
        (shas[0], "rollback"),
        (shas[2], "rollback"),  # it was there before, and was left
        (shas[2], "deploy"),  # it is there
    ]
    assert [one.remediates for one in found] == ["", "", found[1].id, found[2].id, ""]


def test_a_commit_of_another_line_is_no_rollback(world: World, tmp_path: Path) -> None:
    home = make_repository(tmp_path / "repo", {".gitlab-ci.yml": SHIP})
    project = world.add_project(home)
    run_git(home, "checkout", "-q", "-b", "side")
    side = commit(home, {"y": "1"})
    run_git(home, "checkout", "-q", "main")
    main = commit(home, {"x": "1"})
    for sha in (main, side):
        world.start(project, sha=sha, ref="side" if sha == side else "main")
        run(world, "ship")
    assert [one.intent for one in deployments(world)] == ["deploy", "deploy"]


def test_what_was_stopped_cannot_be_gone_back_from(world: World, tmp_path: Path) -> None:
    text = SHIP + "halt: {when: manual, script: [make], environment: {name: production, action: stop}}\n"
    home = make_repository(tmp_path / "repo", {".gitlab-ci.yml": text})
    project = world.add_project(home)
    first = run_git(home, "rev-parse", "HEAD")
    second = commit(home, {"x": "1"})
    for sha in (first, second):
        made = world.start(project, sha=sha)
        run(world, "ship")
    [halt] = [job for job in world.jobs(made.id) if job.name == "halt"]
    play_job(world.actor(), world.server, halt.id)
    run(world, "halt")
    world.start(project, sha=first)
    run(world, "ship")
    assert [one.intent for one in deployments(world)] == ["deploy"] * 3


def test_the_next_that_succeeds_mends_the_one_that_failed(world: World, tmp_path: Path) -> None:
    home = make_repository(tmp_path / "repo", {".gitlab-ci.yml": SHIP})
    project = world.add_project(home)
    shas = [run_git(home, "rev-parse", "HEAD"), *(commit(home, {"x": str(n)}) for n in range(4))]
    for sha, result in zip(shas, (OK, BAD, BAD, OK, OK), strict=True):
        world.start(project, sha=sha)
        run(world, "ship", result)
    found = deployments(world)
    assert [one.outcome for one in found] == ["success", "failure", "failure", "success", "success"]
    assert [one.intent for one in found] == ["deploy"] * 5
    assert [one.remediates for one in found] == ["", "", "", found[2].id, ""]


def test_going_back_after_a_failure_is_a_rollback_that_mends_it(world: World, tmp_path: Path) -> None:
    home = make_repository(tmp_path / "repo", {".gitlab-ci.yml": SHIP})
    project = world.add_project(home)
    first = run_git(home, "rev-parse", "HEAD")
    second = commit(home, {"x": "1"})
    for sha, result in ((first, OK), (second, BAD), (first, OK)):
        world.start(project, sha=sha)
        run(world, "ship", result)
    found = deployments(world)
    assert (found[2].intent, found[2].remediates) == ("rollback", found[1].id)


def test_what_git_cannot_tell_does_not_stop_a_deployment(world: World, tmp_path: Path) -> None:
    home = make_repository(tmp_path / "repo", {".gitlab-ci.yml": SHIP})
    project = world.add_project(home)
    made = [world.start(project, sha=run_git(home, "rev-parse", "HEAD"))]
    run(world, "ship")
    made.append(world.start(project, sha=commit(home, {"x": "1"})))
    world.projects.contains = lambda *_: None  # type: ignore[method-assign]
    run(world, "ship")
    assert [one.intent for one in deployments(world)] == ["deploy", "deploy"]


def runner(world: World, replica: str, start: str) -> RunnerTools:
    return RunnerTools(
        server=world.server,
        replica=replica,
        place=f"{replica}/",
        owner=f"{replica}/{start}",
        threads=2,
        new_cancellation=PipeCancellation,
        open_log=lambda _pipeline, _job: io.BytesIO(),
        clean_up=lambda: None,
        complain=lambda _error: None,
        tags=frozenset({"fast", "amd64"}),
        isolation="bubblewrap",
        system="Some Linux, x86_64",
        version="1",
    )


def test_runners_are_told_of_when_they_come_and_go(world: World) -> None:
    first, again, other = runner(world, "one", "a"), runner(world, "one", "b"), runner(world, "two", "a")
    for _ in range(2):
        send_heartbeat(first, 1)
    send_heartbeat(again, 2)  # the first ended without a word
    send_heartbeat(other, 3)
    deregister(other)
    deregister(other)
    ahead(world, 25 * 3600)
    send_heartbeat(runner(world, "three", "a"), 4)
    events = [
        (one["context"]["type"].split("-")[1].rsplit(".", 3)[0], one["subject"]["id"], one["subject"]["content"])
        for one in told(world, "-runner.")
    ]
    came = {
        "tags": ["amd64", "fast"],
        "threads": 2,
        "isolation": "bubblewrap",
        "system": "Some Linux, x86_64",
        "version": "1",
    }
    assert events == [
        ("runner.registered", "one/a", came),
        ("runner.removed", "one/a", {"reason": "replaced"}),
        ("runner.registered", "one/b", came),
        ("runner.registered", "two/a", came),
        ("runner.removed", "two/a", {"reason": "stopped"}),
        ("runner.removed", "one/b", {"reason": "silent"}),
        ("runner.registered", "three/a", came),
    ]


def test_jobs_name_the_runner_that_was_registered(world: World, tmp_path: Path) -> None:
    home = make_repository(tmp_path / "repo", {".gitlab-ci.yml": "a: {script: [make]}\n"})
    made = world.start(world.add_project(home))
    owner = runner(world, "one", "a")
    send_heartbeat(owner, 1)
    [claim] = claim_jobs(world.server, owner.owner, 1, 30_000_000)
    assert claim.job.pipeline == made.id
    [registered] = told(world, "runner.registered")
    [started] = told(world, "taskrun.started")
    assert started["customData"]["runner"] == registered["subject"]["id"]
    assert {entry.seq for entry in world.events("runner.registered")} <= chosen(world, "bank/core")
