"""What people do with pipelines: started by hand, seen, played, kept; and refused in one way."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "adapters"))
from local_repositories import make_repository, run_git
from tests.crash.world import World, ahead

from plumbline.flow.pipelines import read, schedules
from plumbline.flow.pipelines.cancel_retry_play import cancel_job, cancel_pipeline, play_job, retry_job, retry_pipeline
from plumbline.flow.pipelines.claim_jobs import claim_jobs
from plumbline.flow.pipelines.due import run_schedules
from plumbline.flow.pipelines.keep_artifacts import artifact_file, keep_artifacts
from plumbline.flow.pipelines.list_pipelines import PipelineChoice, list_pipelines
from plumbline.flow.pipelines.run_pipeline import run_pipeline
from plumbline.flow.pipelines.standings import project_standings
from plumbline.kernel import PlumblineError
from plumbline.model.change import Event, MergeRequest
from plumbline.model.job import State
from plumbline.model.person import Role
from plumbline.model.server import Schedule, Webhook, WebhookKind

if TYPE_CHECKING:
    from plumbline.access import Actor

pytestmark = pytest.mark.slow

ONE = "a: {script: [make]}\n"
WRONG = "a: {scrip: [make]}\n"
BY_HAND = [Event.WEB, Event.API]


def project(world: World, tmp_path: Path, text: str = ONE) -> int:
    return world.add_project(make_repository(tmp_path / "repo", {".gitlab-ci.yml": text}))


def refusal(act: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(PlumblineError) as caught:
        act()
    return caught.value.code, str(caught.value.message)


def scheduled(world: World, number: int) -> Schedule:
    return schedules.put_schedule(world.actor(), world.server, Schedule(project=number, cron="0 * * * *"))


class TestStartingByHand:
    @pytest.mark.parametrize("event", BY_HAND)
    def test_says_who_started_it(self, world: World, tmp_path: Path, event: Event) -> None:
        number, dev = project(world, tmp_path), world.actor("dev", Role.DEVELOPER)
        made = run_pipeline(dev, world.server, number, "main", variables={"A": "1"}, event=event)
        assert (made.by, made.event, made.change.user_login) == (dev.person.id, event, "dev")
        assert made.state is State.PENDING

    @pytest.mark.parametrize("event", BY_HAND)
    def test_keeps_a_wrong_configuration_as_a_failed_pipeline(self, world: World, tmp_path: Path, event: Event) -> None:
        made = run_pipeline(world.actor(), world.server, project(world, tmp_path, WRONG), event=event)
        assert (made.state, bool(made.message), bool(made.finished)) == (State.FAILED, True, True)
        assert world.events("pipelinerun.finished")
        assert read.view_plan(world.actor(), world.server, made.id).errors

    @pytest.mark.parametrize("event", BY_HAND)
    def test_says_that_there_is_nothing_to_run(self, world: World, tmp_path: Path, event: Event) -> None:
        number = project(world, tmp_path, "a: {script: [make], rules: [{when: never}]}\n")
        assert refusal(lambda: run_pipeline(world.actor(), world.server, number, event=event)) == (
            "nothing-to-run",
            "The rules of the configuration leave no job for this pipeline.",
        )

    @pytest.mark.parametrize(
        "words",
        ["[ci skip]", "[Skip CI]", "[skip-ci]", "[ci-skip]", "[skip_ci]", "[ci_skip]", "[SKIP-ci]", "[Ci_Skip]"],
    )
    def test_runs_what_a_push_skips(self, world: World, tmp_path: Path, words: str) -> None:
        """As on GitLab: the words are those of whoever pushed."""
        number = project(world, tmp_path)
        home = tmp_path / "repo"
        run_git(home, "commit", "--allow-empty", "-qm", f"Mend the text {words}")
        sha = run_git(home, "rev-parse", "HEAD")
        request = MergeRequest(iid=1, source_branch="main", target_branch="main")
        told = [
            Webhook(forge="git", delivery="1", kind=WebhookKind.PUSH, ref="main", after=sha),
            Webhook(
                forge="git", delivery="2", kind=WebhookKind.MERGE_REQUEST, ref="main", after=sha, action="open",
                merge_request=request,
            ),
        ]  # fmt: skip
        for webhook in told:
            assert world.made(number, webhook) is None
        assert run_pipeline(world.actor(), world.server, number).sha == sha
        schedule = scheduled(world, number)
        assert schedules.play_schedule(world.actor(), world.server, schedule.id).sha == sha
        ahead(world, 3601)
        assert [made.sha for made in run_schedules(world.server)] == [sha]

    @pytest.mark.parametrize("words", ["skip ci", "[skip  ci]", "[skipci]", "[no ci]", "[skip.ci]", "(skip ci)"])
    def test_other_words_skip_nothing(self, world: World, tmp_path: Path, words: str) -> None:
        number = project(world, tmp_path)
        run_git(tmp_path / "repo", "commit", "--allow-empty", "-qm", f"Mend the text {words}")
        sha = run_git(tmp_path / "repo", "rev-parse", "HEAD")
        assert world.made(number, Webhook(forge="git", delivery="1", kind=WebhookKind.PUSH, ref="main", after=sha))


class TestWhatChangesBetweenCheckAndAct:
    """Fetching and planning take their time: who may is asked again in the transaction that makes the pipeline."""

    @pytest.fixture
    def number(self, world: World, tmp_path: Path) -> int:
        return project(world, tmp_path)

    def meanwhile(self, world: World, monkeypatch: pytest.MonkeyPatch, act: Callable[[Any], None]) -> None:
        keep = world.projects.keep

        def kept(project: int, sha: str) -> None:
            keep(project, sha)
            with world.store.change() as tx:
                act(tx)

        monkeypatch.setattr(world.projects, "keep", kept)

    @pytest.mark.parametrize("play", [False, True])
    def test_a_role_that_went(self, world: World, number: int, monkeypatch: pytest.MonkeyPatch, play: bool) -> None:
        dev, schedule = world.actor("dev", Role.DEVELOPER, number), scheduled(world, number)
        act: Callable[[], object] = lambda: (  # noqa: E731
            schedules.play_schedule(dev, world.server, schedule.id) if play else run_pipeline(dev, world.server, number)
        )
        self.meanwhile(world, monkeypatch, lambda tx: tx.grants.remove(dev.person.id, number, dev.grants[0].role))
        missing = f"There is no schedule {schedule.id}." if play else f"There is no node {number}."
        assert refusal(act) == ("not-found", missing)
        assert not list_pipelines(world.actor(), world.server, 10)

    def test_a_person_who_was_switched_off(self, world: World, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
        dev = world.actor("dev", Role.DEVELOPER, number)
        off = msgspec.structs.replace(dev.person, active=False)
        self.meanwhile(world, monkeypatch, lambda tx: tx.people.save(off))
        assert refusal(lambda: run_pipeline(dev, world.server, number))[0] == "not-found"
        assert not list_pipelines(world.actor(), world.server, 10)

    def test_a_project_that_was_archived(self, world: World, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
        dev = world.actor("dev", Role.DEVELOPER)
        archive = lambda tx: tx.tree.save(msgspec.structs.replace(tx.tree.get(number), archived=True))  # noqa: E731
        self.meanwhile(world, monkeypatch, archive)
        assert refusal(lambda: run_pipeline(dev, world.server, number))[0] == "not-allowed"
        assert not list_pipelines(world.actor(), world.server, 10)

    def test_a_schedule_that_was_removed(self, world: World, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
        schedule = scheduled(world, number)
        self.meanwhile(world, monkeypatch, lambda tx: tx.schedules.remove(schedule.id))
        act = lambda: schedules.play_schedule(world.actor(), world.server, schedule.id)  # noqa: E731
        assert refusal(act) == ("not-found", f"There is no schedule {schedule.id}.")

    def test_the_owner_of_a_schedule_who_lost_the_role(
        self, world: World, number: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dev = world.actor("dev", Role.MAINTAINER, number)
        schedules.put_schedule(dev, world.server, Schedule(project=number, cron="0 * * * *"))
        self.meanwhile(world, monkeypatch, lambda tx: tx.grants.remove(dev.person.id, number, dev.grants[0].role))
        ahead(world, 3601)
        assert run_schedules(world.server) == []
        assert not list_pipelines(world.actor(), world.server, 10)
        assert b"not-allowed" in world.events("delivery.refused")[0].body


ABOUT_A_PIPELINE = [read.view_pipeline, read.view_plan, cancel_pipeline, retry_pipeline]
ABOUT_A_JOB: list[Callable[..., Any]] = [
    read.view_job,
    read.read_log,
    play_job,
    retry_job,
    cancel_job,
    keep_artifacts,
    lambda actor, server, job: artifact_file(actor, server, job, "artifacts.zip"),
]
ABOUT_A_PROJECT: list[Callable[..., Any]] = [
    run_pipeline,
    schedules.list_schedules,
    lambda actor, server, project: list_pipelines(actor, server, 10, PipelineChoice(node=project)),
    lambda actor, server, project: schedules.put_schedule(actor, server, Schedule(project=project, cron="0 * * * *")),
]

ABOUT_A_SCHEDULE: list[Callable[..., Any]] = [
    schedules.play_schedule,
    schedules.remove_schedule,
    lambda actor, server, schedule: schedules.switch_schedule(actor, server, schedule, active=False),
    lambda actor, server, schedule: schedules.put_schedule(
        actor, server, Schedule(id=schedule, project=0, cron="0 * * * *")
    ),
]


class TestWhoMayNot:
    @pytest.fixture
    def job(self, world: World, tmp_path: Path) -> Any:
        world.start(project(world, tmp_path))
        [claim] = claim_jobs(world.server, "test/1", 1, 60_000_000)
        return claim.job

    def stranger(self, world: World) -> Actor:
        with world.store.change() as tx:
            other = tx.tree.add(msgspec.structs.replace(tx.tree.at("bank"), id=0, name="other", path="other"))
        return world.actor("sam", Role.ADMIN, other.id)

    @pytest.mark.parametrize(
        ("verbs", "what"),
        [
            (ABOUT_A_PIPELINE, "pipeline"),
            (ABOUT_A_JOB, "job"),
            (ABOUT_A_PROJECT, "node"),
            (ABOUT_A_SCHEDULE, "schedule"),
        ],
    )
    def test_see_is_told_as_of_what_is_not_there(
        self, world: World, job: Any, verbs: list[Callable[..., Any]], what: str
    ) -> None:
        sam, project = self.stranger(world), world.pipeline(job.pipeline).project
        numbers = {"pipeline": job.pipeline, "job": job.id, "node": project, "schedule": scheduled(world, project).id}
        number = numbers[what]
        for verb in verbs:
            for actor, asked in ((sam, number), (sam, 999), (world.actor(), 999)):
                found = refusal(lambda verb=verb, actor=actor, asked=asked: verb(actor, world.server, asked))
                assert found == ("not-found", f"There is no {what} {asked}."), verb
        assert list_pipelines(sam, world.server, 10) == []
        assert project_standings(sam, world.server) == {}
        assert read.projects_of(sam, world.server, [world.pipeline(job.pipeline)]) == {}

    def test_do_it_is_refused_and_nothing_happens(self, world: World, job: Any) -> None:
        vic, number = world.actor("vic", Role.VIEWER), world.pipeline(job.pipeline).project
        schedule = scheduled(world, number).id
        before = len(world.events())
        for verb, asked in (
            *((verb, job.pipeline) for verb in (cancel_pipeline, retry_pipeline)),
            *((verb, job.id) for verb in ABOUT_A_JOB[2:]),
            *((verb, number) for verb in (run_pipeline, ABOUT_A_PROJECT[-1])),
            *((verb, schedule) for verb in ABOUT_A_SCHEDULE),
        ):
            found = refusal(lambda verb=verb, asked=asked: verb(vic, world.server, asked))
            assert found[0] == "not-allowed", verb
        assert not any(read.pipeline_acts(vic, world.server, number))
        assert all(read.pipeline_acts(world.actor(), world.server, number))
        assert len(world.events()) == before


def test_a_paused_schedule_is_whose_who_paused_it(world: World, tmp_path: Path) -> None:
    kept = scheduled(world, project(world, tmp_path))
    mei = world.actor("mei", Role.MAINTAINER)
    paused = schedules.switch_schedule(mei, world.server, kept.id, active=False)
    assert (paused.active, paused.owner, paused.cron) == (False, mei.person.id, kept.cron)
    [seen] = schedules.list_schedules(mei, world.server, kept.project)
    assert (seen.schedule, seen.owner, seen.runs) == (paused, "mei", True)
    said = msgspec.structs.replace(kept, cron="1 * * * *", project=77)  # the project stays what it is
    changed = schedules.put_schedule(world.actor(), world.server, said)
    assert (changed.project, changed.cron, changed.active) == (kept.project, "1 * * * *", True)
    schedules.remove_schedule(mei, world.server, kept.id)
    assert refusal(lambda: schedules.remove_schedule(mei, world.server, kept.id))[0] == "not-found"
    assert [len(world.events(f"schedule.{word}")) for word in ("created", "changed", "removed")] == [1, 2, 1]
