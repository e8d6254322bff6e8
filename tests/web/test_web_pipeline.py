"""The pages of one pipeline and one job: who did what, what led to what, what is asked before production."""

from __future__ import annotations

import re

import msgspec
import pytest

from plumbline.adapters.store import now
from plumbline.flow.pipelines.create_pipeline import create_pipeline
from plumbline.flow.pipelines.events import Asked
from plumbline.flow.pipelines.whence import JobWhence
from plumbline.kernel import t
from plumbline.model.change import Change, Event, Project
from plumbline.model.job import State
from plumbline.model.pipeline import Environment, Plan, Trigger, When
from plumbline.model.problem import Mark, Problem, Severity
from plumbline.model.server import Schedule, StoredJob
from plumbline.web.begun import acted

pytestmark = pytest.mark.slow

PRODUCTION = Environment(name="prod/core", tier="production")
DEPLOY = {"environment": PRODUCTION, "when": When.MANUAL}
NAMES = ["账" * 197 + "一号库", "账" * 197 + "二号库", "🚀👩‍🚀" * 50, "اختبار" * 33, "x" * 200]


@pytest.fixture
def late():
    """Microseconds that the clock of the bank is ahead."""
    return [0]


@pytest.fixture
def clock(late):
    return lambda: now() + late[0]


@pytest.fixture
def mei(bank):
    return bank.browser("mei")


def shown(browser, path):
    """The page as it is read: without tags."""
    answer = browser.ask("GET", path)
    assert answer.status_code == 200, answer.text[-600:]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def deployed(bank, **more):
    """A pipeline whose manual job deploys to production; what is there already."""
    before = bank.add_pipeline(3, {"deploy": ("deploy", None, {"environment": PRODUCTION})}, message="Before")
    bank.end(before.id, "deploy")
    made = bank.add_pipeline(3, {"build": "build", "deploy": ("deploy", None, DEPLOY)}, message="After", **more)
    bank.end(made.id, "build")
    return before, made


class TestWho:
    def test_started_by_stands_on_pipeline_and_job_beside_the_author_of_the_commit(self, bank, mei):
        fang = bank.person("fang", "developer", title="王芳")
        made = bank.add_pipeline(3, {"build": "build"}, event=Event.WEB, by=fang.id)
        for path in (f"/pipelines/{made.id}", f"/jobs/{bank.current(made.id)['build'].id}"):
            text = shown(mei, path)
            assert "Started by 王芳" in text
            assert "by Mei Lin" in text

    def test_played_retried_and_canceled_are_told_of_their_jobs(self, bank, mei):
        made = bank.add_pipeline(
            3, {"a": "one", "b": ("one", None, {"when": When.MANUAL}), "c": "one"}, event=Event.WEB
        )
        bank.end(made.id, "a", State.FAILED)
        for name, act in (("a", "retry"), ("b", "play"), ("c", "cancel")):
            assert mei.post(f"/jobs/{bank.current(made.id)[name].id}/{act}").status_code == 303
        text = shown(mei, f"/pipelines/{made.id}")
        assert [said in text for said in ("Retried by 林梅", "Played by 林梅", "Canceled by 林梅")] == [True] * 3
        for name, said in (("a", "Retried by"), ("b", "Played by"), ("c", "Canceled by")):
            assert f"{said} 林梅" in shown(mei, f"/jobs/{bank.current(made.id)[name].id}")
        mei.post(f"/pipelines/{made.id}/cancel")
        assert "Canceled by 林梅" in shown(mei, f"/pipelines/{made.id}").partition("Jobs")[0]

    def test_a_schedule_is_named(self, bank, mei):
        with bank.store.change() as tx:
            nightly = tx.schedules.add(Schedule(project=3, cron="0 0 * * *", title="Nightly"))
        asked = Asked(schedule=nightly.id)
        made = bank.add_pipeline(3, {"a": "one"}, event=Event.SCHEDULE, asked=asked)
        assert "Schedule Nightly" in shown(mei, f"/pipelines/{made.id}")

    def test_who_pushed_is_called_as_the_forge_does(self, bank, mei):
        with bank.store.change() as tx:
            project = Project(path=tx.tree.get(3).path)
            change = Change(project=project, sha="ab" * 20, branch="main", user_login="wei", user_name="Li Wei")
            made = create_pipeline(
                bank.server.tools.pipelines, tx, 3, Plan(change=change, problems=(wrong("x"),)), by=0
            )
        assert "Pushed by Li Wei" in shown(mei, f"/pipelines/{made.id}")


class TestDownstream:
    def below(self, bank):
        parent = bank.add_pipeline(3, {"child": ("one", None, {"trigger": Trigger(strategy="depend")})})
        trigger = bank.begin(parent.id, "child")
        child = bank.add_pipeline(3, {"inner": "x"}, event=Event.PARENT, upstream=trigger, depth=1)
        return parent, trigger, child

    def test_trigger_job_and_pipeline_lead_to_each_other(self, bank, mei):
        parent, trigger, child = self.below(bank)
        above = mei.ask("GET", f"/pipelines/{parent.id}").text
        assert above.count(f'href="/pipelines/{child.id}"') == 2  # in the graph, and in the list of jobs
        assert f'href="/jobs/{bank.current(child.id)["inner"].id}"' not in above
        opened = mei.ask("GET", f"/pipelines/{parent.id}?open=p{child.id}").text
        assert f'href="/jobs/{bank.current(child.id)["inner"].id}"' in opened
        assert f'href="/pipelines/{child.id}"' in mei.ask("GET", f"/jobs/{trigger}").text
        under = mei.ask("GET", f"/pipelines/{child.id}").text
        assert f'href="/jobs/{trigger}"' in under
        assert f'href="/pipelines/{parent.id}"' in under
        assert "Triggered by #1" in under
        inner = bank.current(child.id)["inner"].id
        assert f'href="/pipelines/{parent.id}"' in mei.ask("GET", f"/jobs/{inner}").text

    def test_what_one_may_not_see_is_not_there(self, bank):
        other = bank.node("project", "bank/core/other")
        parent = bank.add_pipeline(3, {"there": ("one", None, {"trigger": Trigger(project="bank/core/other")})})
        trigger = bank.begin(parent.id, "there")
        child = bank.add_pipeline(other.id, {"inner": "x"}, event=Event.PIPELINE, upstream=trigger)
        bank.person("here", "viewer", node=3)
        bank.person("there", "viewer", node=other.id)
        here, there = bank.browser("here"), bank.browser("there")
        assert f"/pipelines/{child.id}" not in here.ask("GET", f"/pipelines/{parent.id}?open=p{child.id}").text
        assert "Triggered by a pipeline that you may not see" in shown(there, f"/pipelines/{child.id}")


class TestTime:
    def test_waiting_for_a_person_is_told_apart(self, bank, mei, late):
        made = bank.add_pipeline(3, {"build": "one", "deploy": ("two", None, {"when": When.MANUAL}), "after": "three"})
        bank.begin(made.id, "build")
        late[0] += 72_000_000
        bank.end(made.id, "build")
        late[0] += 520_000_000
        mei.post(f"/jobs/{bank.current(made.id)['deploy'].id}/play")
        bank.end(made.id, "deploy")
        bank.end(made.id, "after")
        text = shown(mei, f"/pipelines/{made.id}")
        head, _, path = text.partition("Critical path")
        assert re.search(r"took 1m 1[2-9]s waited 8m 4\ds for a person", head)
        assert re.search(r"deploy .{1,40} a person came after 8m 4\ds", path)

    def test_while_it_waits_the_page_says_so(self, bank, mei, late):
        made = bank.add_pipeline(3, {"build": "one", "deploy": ("two", None, {"when": When.MANUAL}), "after": "three"})
        bank.end(made.id, "build")
        late[0] += 130_000_000
        assert re.search(r"waited 2m 1\ds for a person", shown(mei, f"/pipelines/{made.id}"))


class TestProduction:
    def test_play_and_retry_ask_first_naming_what_from_and_to(self, bank, mei):
        before, made = deployed(bank)
        job = bank.current(made.id)["deploy"].id
        answer = mei.post(f"/jobs/{job}/play")
        assert answer.status_code == 200
        text = re.sub(r"<[^>]+>", " ", answer.text)
        assert "This reaches production" in text
        assert [one in text for one in ("deploy", "prod/core", made.sha[:8], before.sha[:8], "#1", "main")] == [
            True
        ] * 6
        assert bank.current(made.id)["deploy"].state is State.MANUAL
        [seen] = re.findall(r'name="seen" value="([^"]+)"', answer.text)
        assert mei.post(f"/jobs/{job}/play", sure="1", seen=seen).status_code == 303
        bank.end(made.id, "deploy", State.FAILED)
        job = bank.current(made.id)["deploy"].id
        again = mei.post(f"/jobs/{job}/retry")
        assert "A deployment of" in again.text  # it failed there since
        for path in (f"/jobs/{job}/retry", f"/pipelines/{made.id}/retry"):
            asked = mei.post(path)
            assert asked.status_code == 200
            assert "prod/core" in asked.text
        [seen] = re.findall(r'name="seen" value="([^"]+)"', asked.text)
        assert mei.post(f"/pipelines/{made.id}/retry", sure="1", seen=seen).status_code == 303

    def test_an_answer_counts_only_for_what_was_shown(self, bank, mei):
        """Two windows: meanwhile another commit was brought there."""
        _, made = deployed(bank)
        job = bank.current(made.id)["deploy"].id
        [seen] = re.findall(r'name="seen" value="([^"]+)"', mei.post(f"/jobs/{job}/play").text)
        other = bank.add_pipeline(3, {"deploy": ("deploy", None, {"environment": PRODUCTION})})
        bank.end(other.id, "deploy")
        answer = mei.post(f"/jobs/{job}/play", sure="1", seen=seen)
        assert answer.status_code == 200
        assert "has changed since you were asked" in answer.text
        assert other.sha[:8] in answer.text
        assert bank.current(made.id)["deploy"].state is State.MANUAL

    def test_nothing_that_was_recorded_is_said(self, bank, mei):
        made = bank.add_pipeline(3, {"deploy": ("deploy", None, DEPLOY)})
        assert "nothing that was recorded" in mei.post(f"/jobs/{bank.current(made.id)['deploy'].id}/play").text

    @pytest.mark.parametrize("tier", ["staging", "testing", "development", "other"])
    def test_other_tiers_are_not_asked_about(self, bank, mei, tier):
        given = {"environment": Environment(name="x", tier=tier), "when": When.MANUAL}
        made = bank.add_pipeline(3, {"deploy": ("deploy", None, given)})
        assert mei.post(f"/jobs/{bank.current(made.id)['deploy'].id}/play").status_code == 303

    @pytest.mark.parametrize("action", ["stop", "prepare", "verify", "access"])
    def test_what_deploys_nothing_is_not_asked_about(self, bank, mei, action):
        environment = msgspec.structs.replace(PRODUCTION, action=action)
        made = bank.add_pipeline(3, {"deploy": ("deploy", None, {"environment": environment, "when": When.MANUAL})})
        assert mei.post(f"/jobs/{bank.current(made.id)['deploy'].id}/play").status_code == 303

    def test_the_question_of_the_configuration_is_asked(self, bank, mei):
        given = {"when": When.MANUAL, "manual_confirmation": "Is the change approved?"}
        made = bank.add_pipeline(3, {"go": ("x", None, given)})
        job = bank.current(made.id)["go"].id
        answer = mei.post(f"/jobs/{job}/play")
        assert "Is the change approved?" in answer.text
        [seen] = re.findall(r'name="seen" value="([^"]+)"', answer.text)
        assert mei.post(f"/jobs/{job}/play", sure="1", seen=seen).status_code == 303

    def test_who_may_not_is_refused_and_not_asked(self, bank):
        _, made = deployed(bank)
        answer = bank.browser("omar").post(f"/jobs/{bank.current(made.id)['deploy'].id}/play")
        assert answer.status_code == 403
        assert "prod/core" not in answer.text


def wrong(name, line=3, severity=Severity.ERROR):
    return Problem(
        code="unknown-keyword", message=t("The keyword '{word}' is not known.", word="scrip"), severity=severity,
        where=Mark(".gitlab-ci.yml", line, 3), keyword=f"{name}:scrip", hint=t("Did you mean '{word}'?", word="script"),
    )  # fmt: skip


class TestBrokenConfiguration:
    def made(self, bank, *problems):
        with bank.store.change() as tx:
            change = Change(project=Project(path=tx.tree.get(3).path), sha="ab" * 20, branch="main")
            plan = Plan(change=change, problems=problems, files=(".gitlab-ci.yml", "template:Jobs/Build.gitlab-ci.yml"))
            return create_pipeline(bank.server.tools.pipelines, tx, 3, plan, by=0)

    def test_each_error_stands_there_once_with_its_job_and_a_way_to_its_line(self, bank, mei):
        made = self.made(bank, wrong("build"), wrong("test", 8), wrong("test", 8))
        answer = mei.ask("GET", f"/pipelines/{made.id}").text
        assert answer.count('class="notice bad') == 1
        assert "The configuration has 2 errors" in answer
        assert answer.count('<code class="strong">build:scrip</code>') == 1
        assert answer.count('<code class="strong">test:scrip</code>') == 1
        assert f"/pipelines/{made.id}/file?name=.gitlab-ci.yml&amp;line=8#L8" in answer
        assert "Did you mean" in answer

    def test_warnings_stand_there_once(self, bank, mei):
        warning = wrong("build", severity=Severity.WARNING)
        made = self.made(bank, wrong("test"), warning, warning)
        text = shown(mei, f"/pipelines/{made.id}")
        assert "1 warning about the configuration" in text
        assert text.count("build:scrip") == 1

    def test_a_line_is_not_to_be_had_where_the_repository_is_gone(self, bank, mei):
        made = self.made(bank, wrong("build"))
        assert mei.ask("GET", f"/pipelines/{made.id}").status_code == 200
        answer = mei.ask("GET", f"/pipelines/{made.id}/file?name=.gitlab-ci.yml&line=3")
        assert answer.status_code in (404, 409, 503)
        assert "Traceback" not in answer.text

    @pytest.mark.parametrize("name", ["", "secrets.txt", "../../etc/passwd", "template:Jobs/Build.gitlab-ci.yml"])
    def test_only_files_that_it_was_made_of_are_shown(self, bank, mei, name):
        made = self.made(bank, wrong("build"))
        assert mei.ask("GET", f"/pipelines/{made.id}/file", params={"name": name}).status_code == 404


class TestBadInput:
    def test_names_of_two_hundred_letters_of_all_kinds_are_told_apart(self, bank, mei):
        made = bank.add_pipeline(3, dict.fromkeys(NAMES, "one"))
        answer = mei.ask("GET", f"/pipelines/{made.id}").text
        boxes = re.findall(r"<text>([^<]+)</text>", answer)
        assert len(boxes) == len(set(boxes)) == len(NAMES)
        for name in NAMES:
            assert f"<title>{name}" in answer or f"<title>\u2068{name}" in answer or name in answer
            assert mei.ask("GET", f"/jobs/{bank.current(made.id)[name].id}").status_code == 200

    def test_five_hundred_jobs_are_a_page_that_is_quickly_loaded(self, bank, mei):
        made = bank.add_pipeline(3, {f"job {n} of very many in its stage": f"stage {n % 5}" for n in range(500)})
        answer = mei.ask("GET", f"/pipelines/{made.id}")
        assert len(answer.content) < 110_000
        assert "Show all 500" in answer.text
        whole = mei.ask("GET", f"/pipelines/{made.id}?open=all&jobs=all")
        assert whole.text.count('<tr id="job-') == 500

    @pytest.mark.parametrize("said", ["open=" + "g1." * 5000, "open=%00%ff", "view=x&open=g-1.p0.sx", "jobs=-1"])
    def test_addresses_that_make_no_sense_show_the_page(self, bank, mei, said):
        made = bank.add_pipeline(3, {"a": "one"})
        assert mei.ask("GET", f"/pipelines/{made.id}?{said}").status_code == 200

    def test_a_project_whose_repository_vanished_still_reads_and_retries_nothing(self, bank, mei):
        made = bank.add_pipeline(3, {"a": "one", "b": ("one", None, {"when": When.MANUAL})})
        bank.end(made.id, "a", State.FAILED)
        with bank.store.change() as tx:
            tx.bindings.remove(3)
        jobs = bank.current(made.id)
        for path in (f"/pipelines/{made.id}", f"/jobs/{jobs['a'].id}"):
            assert mei.ask("GET", path).status_code == 200
        for path in (f"/jobs/{jobs['a'].id}/retry", f"/jobs/{jobs['b'].id}/play", f"/pipelines/{made.id}/retry"):
            answer = mei.post(path)
            assert answer.status_code == 409
            assert "has no repository any more" in answer.text
        assert bank.current(made.id)["a"].attempt == 1


def test_a_job_that_was_skipped_ran_on_behalf_of_nobody():
    def said(state):
        job = StoredJob(pipeline=1, name="deploy", stage="deploy", state=state, by=2)
        return acted(job, JobWhence(person="Li Wei"))

    assert str(said(State.SUCCESS)) == "On behalf of Li Wei"
    assert said(State.SKIPPED) is None
