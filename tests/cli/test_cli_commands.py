"""The commands as a person meets them: a real process in a real repository."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytestmark = pytest.mark.slow

GREEN = """
stages: [build, test]
build: {stage: build, script: echo building}
unit: {stage: test, script: ["echo testing", "echo 'covered: 80%'"], coverage: '/covered: (\\d+)%/'}
deploy: {stage: test, script: echo deploying, when: manual}
release: {stage: test, script: echo releasing, rules: [{if: $CI_COMMIT_TAG}]}
"""
RED = """
good: {script: echo fine}
bad: {script: ["echo the reason", "exit 3"]}
soft: {script: exit 1, allow_failure: true}
"""


def test_a_green_pipeline(plumb):
    answer = plumb(GREEN)("run")
    assert answer.returncode == 0, answer.stderr
    assert re.search(r"✓ build  success  \d", answer.stdout)
    assert "1 job did not run, manual" in answer.stdout
    assert "coverage: unit 80%" in answer.stdout
    assert "critical path" in answer.stdout
    assert answer.stdout.splitlines()[-1] == "logs: plumb logs 1 build"
    assert "\x1b" not in answer.stdout


def test_a_red_pipeline_shows_the_failed_jobs_last_lines(plumb):
    answer = plumb(RED)("run")
    assert answer.returncode == 1
    assert "✗ bad: " in answer.stdout
    assert "  │ the reason" in answer.stdout
    assert "! soft" in answer.stdout


def test_a_wrong_configuration_is_status_2_with_all_problems(plumb):
    answer = plumb("a: {scirpt: x}\nb: {script: y, stage: nowhere}\n")("run")
    assert answer.returncode == 2
    assert re.search(r"^\.gitlab-ci\.yml:1:\d+: error: ", answer.stderr, re.M)
    assert re.search(r"^\.gitlab-ci\.yml:2:\d+: error: ", answer.stderr, re.M)
    assert "Traceback" not in answer.stderr


def test_no_repository_is_status_2_and_no_git_is_status_3(plumb, tmp_path):
    (tmp_path / "empty").mkdir()
    repository = plumb(GREEN)
    for arguments, path, status in ((["-C", str(tmp_path / "empty")], os.environ["PATH"], 2), ([], "/nowhere", 3)):
        answer = repository("run", *arguments, PATH=path)
        assert answer.returncode == status
        assert answer.stderr.startswith("error: ")
        assert "hint: " in answer.stderr


def test_wrong_usage_is_status_2(plumb):
    repository = plumb(GREEN)
    for arguments in (["run", "--nope"], ["nope"], ["run", "--var", "x"], ["run", "nobody"], ["logs", "build"]):
        answer = repository(*arguments)
        assert answer.returncode == 2, arguments
        assert "Traceback" not in answer.stderr
        assert answer.stdout == ""


def test_one_job_prints_as_it_runs(plumb):
    repository = plumb(GREEN)
    answer = repository("run", "unit")
    assert "\ntesting\n" in answer.stdout
    answer = repository("run", "unit", "build", "--verbose")
    assert "unit | testing\n" in answer.stdout
    assert "build | building\n" in answer.stdout
    assert "section_start" not in answer.stdout


def test_needs_brings_what_a_job_needs(plumb):
    repository = plumb(GREEN)
    alone = repository("run", "unit", "--json")
    with_needs = repository("run", "unit", "--needs", "--json")
    assert {"unit"} == {event["job"] for event in map(json.loads, alone.stdout.splitlines()) if event.get("job")}
    started = [e["job"] for e in map(json.loads, with_needs.stdout.splitlines()) if e["kind"] == "taskrun.started"]
    assert started == ["build", "unit"]


def test_json_is_nothing_but_json(plumb):
    answer = plumb(RED)("run", "--json", "--verbose")
    events = [json.loads(line) for line in answer.stdout.splitlines()]
    assert events[-1]["kind"] == "pipelinerun.finished"
    assert events[-1]["state"] == "failed"
    finished = {event["job"]: event for event in events if event["kind"] == "taskrun.finished"}
    assert (finished["bad"]["state"], finished["bad"]["exit_code"]) == ("failed", 3)
    assert finished["soft"]["allowed_failure"] is True
    assert any("the reason" in event["log"] for event in events if event["kind"] == "taskrun.log")


def test_a_secret_shows_nowhere(plumb, tmp_path):
    repository = plumb("leak: {script: ['echo \"it is $TOKEN\"', 'exit 1']}\n")
    answer = repository("run", "--secret", "TOKEN", "--junit", str(tmp_path / "report.xml"), TOKEN="hush-hush-12345")
    log = repository("logs", "leak", "--raw")
    report = (tmp_path / "report.xml").read_text()
    events = repository("run", "--json", "--verbose", "--secret", "TOKEN=hush-hush-12345")
    history = repository("history", "--json")
    for text in (answer.stdout, answer.stderr, log.stdout, report, events.stdout, history.stdout):
        assert "hush-hush" not in text
    for text in (answer.stdout, log.stdout, report, events.stdout):
        assert "it is [MASKED]" in text


def test_junit_has_one_case_for_each_job(plumb, tmp_path):
    path = tmp_path / "report.xml"
    assert plumb(RED)("run", "--junit", str(path)).returncode == 1
    suite = ElementTree.parse(path).getroot()[0]
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "3",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
    }
    cases = {case.get("name"): case for case in suite}
    assert "the reason" in cases["bad"].find("failure").text
    assert cases["soft"].find("skipped") is not None
    assert len(cases["good"]) == 0


def test_a_report_that_cannot_be_written_is_status_3(plumb):
    answer = plumb(GREEN)("run", "--junit", "/nowhere/report.xml")
    assert answer.returncode == 3
    assert "/nowhere/report.xml" in answer.stderr


def test_dry_run_starts_nothing(plumb):
    repository = plumb(GREEN)
    answer = repository("run", "--dry-run")
    assert answer.stdout.splitlines()[:2] == ["  1. build (build)", "  2. unit (test)"]
    assert "deploy" in answer.stdout.splitlines()[2]
    assert "No runs yet" in repository("history").stdout


def test_a_manual_job_runs_when_asked_for(plumb):
    answer = plumb(GREEN)("run", "--manual", "deploy")
    assert re.search(r"✓ deploy  success", answer.stdout)


def test_plan_lists_jobs_and_those_left_out(plumb):
    repository = plumb(GREEN)
    answer = repository("plan")
    assert "push of main: 3 jobs, 2 stages" in answer.stdout
    assert re.search(r"^  release: .*gitlab-ci\.yml:6", answer.stdout, re.M)
    plan = json.loads(repository("plan", "--json").stdout)
    assert [job["name"] for job in plan["jobs"]] == ["build", "unit", "deploy"]
    assert plan["left_out"][0]["job"] == "release"


def test_plan_shows_variables_with_their_source(plumb):
    repository = plumb("variables: {A: top}\njob: {script: x, variables: {A: own}}\n")
    shown = {}
    for arguments in ([], ["--var", "A=given"], ["--secret", "A=hush-hush-12345"]):
        rows = json.loads(repository("plan", "--variables", "job", "--json", *arguments).stdout)
        shown[tuple(arguments)] = next((row["value"], row["source"]) for row in rows if row["name"] == "A")
    assert list(shown.values()) == [("own", "job"), ("given", "pipeline"), ("[MASKED]", "pipeline")]


def test_plan_shows_the_expanded_configuration(plumb):
    repository = plumb(".base: {script: [echo base]}\njob: {extends: .base}\n")
    (repository.folder / ".gitlab-ci.yml").write_text(repository("plan", "--expanded").stdout)
    assert json.loads(repository("plan", "--json").stdout)["jobs"][0]["script"] == ["echo base"]


def test_lint(plumb):
    repository = plumb(GREEN)
    answer = repository("lint")
    assert answer.returncode == 0, answer.stdout
    assert "push 3" in answer.stdout
    assert "tag 4" in answer.stdout
    unreachable = repository("lint", "--event", "push")
    assert "warning: release: " in unreachable.stdout
    assert repository("lint", "--event", "push", "--strict").returncode == 2
    (repository.folder / ".gitlab-ci.yml").write_text("a: {scirpt: x}\n")
    wrong = repository("lint", "--json")
    assert wrong.returncode == 2
    report = json.loads(wrong.stdout)
    assert report["valid"] is False
    assert report["problems"][0]["line"] == 1


def test_why(plumb):
    repository = plumb(GREEN)
    out = repository("why", "release").stdout
    assert "release is not in the pipeline" in out
    assert "$CI_COMMIT_TAG = not defined" in out
    assert "unit waits for all jobs of earlier stages: build" in repository("why", "unit").stdout
    why = json.loads(repository("why", "release", "--json").stdout)
    assert why["included"] is False
    assert repository("why", "nobody").returncode == 2


def test_logs_and_history(plumb):
    repository = plumb(RED)
    assert repository("run").returncode == 1
    assert "the reason" in repository("logs", "bad").stdout
    assert repository("logs", "1", "bad").stdout == repository("logs", "bad", "--run", "1").stdout
    assert "\x1b" not in repository("logs", "bad").stdout
    wrong = repository("logs", "bda")
    assert (wrong.returncode, "did you mean bad?" in wrong.stderr) == (2, True)
    assert repository("logs", "9", "bad").returncode == 2
    absent = repository("logs", "bad", "--attempt", "5")
    assert (absent.returncode, "has no attempt 5" in absent.stderr, "last one is 1" in absent.stderr) == (2, True, True)
    history = repository("history").stdout.splitlines()
    assert "failed" in history[1]
    assert json.loads(repository("history", "--json").stdout)["id"] == 1


def test_logs_of_a_parallel_job_want_one_of_its_instances(plumb):
    repository = plumb("u: {script: echo $CI_NODE_INDEX, parallel: 2}")
    assert repository("run").returncode == 0
    wrong = repository("logs", "u")
    assert (wrong.returncode, "It ran as 'u 1/2', 'u 2/2'; name one of these." in wrong.stderr) == (2, True)
    assert "2" in repository("logs", "u 2/2").stdout


def test_chinese(plumb):
    repository = plumb(RED)
    for arguments, extra in (
        (["--language", "zh"], {}),
        ([], {"PLUMBLINE_LANGUAGE": "zh"}),
        ([], {"LC_ALL": "zh_CN.UTF-8"}),
    ):
        answer = repository("run", *arguments, **extra)
        assert "失败" in answer.stdout
        assert "✗ bad  失败" in answer.stdout
    assert "用法" in repository("run", "--help", "--language=zh").stdout
    assert "没有命令" in repository("--language", "zh", "nope").stderr
    assert "failed" in repository("run", "--language", "en", LANG="zh_CN.UTF-8").stdout


def test_the_language_of_plumb_is_not_the_language_of_jobs(plumb):
    answer = plumb("job: {script: 'echo \"language=$LANGUAGE.\"'}\n")("run", "--language", "zh")
    assert "language=." in answer.stdout


def test_help_names_every_command(plumb):
    out = plumb(GREEN)("--help").stdout
    for name in ("completion", "history", "lint", "logs", "plan", "run", "why"):
        assert re.search(rf"^  {name}  +\w", out, re.M)


def test_completion_knows_commands_and_jobs(plumb):
    repository = plumb(GREEN)
    for shell in ("bash", "zsh", "fish"):
        assert "_PLUMB_COMPLETE" in repository("completion", shell).stdout
    jobs = repository(_PLUMB_COMPLETE="bash_complete", COMP_WORDS="plumb run un", COMP_CWORD="2")
    assert jobs.stdout.strip() == "plain,unit"


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.02)


SLEEPER = """
sleeper:
  script: ["touch {folder}/started", "sleep 60"]
  after_script: ["touch {folder}/after"]
next: {{script: echo never, needs: [sleeper]}}
"""


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_one_signal_stops_gracefully(plumb, tmp_path, number, status):
    repository = plumb(SLEEPER.format(folder=tmp_path))
    process = repository.start("run", "--isolation", "none")
    wait_for(tmp_path / "started")
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == status
    assert (tmp_path / "after").exists()
    assert "canceled" in out
    assert "Stopping" in err
    assert "Traceback" not in err


def test_a_second_signal_stops_at_once(plumb, tmp_path):
    stubborn = f"job: {{script: [\"trap '' TERM INT\", 'touch {tmp_path}/started', 'sleep 60 & wait; sleep 60']}}\n"
    repository = plumb(stubborn)
    process = repository.start("run", "--isolation", "none")
    wait_for(tmp_path / "started")
    process.send_signal(signal.SIGINT)
    while "Stopping" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    assert process.poll() is None  # as if one signal had arrived twice
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130


def test_after_a_kill_the_next_run_says_what_was_interrupted(plumb, tmp_path):
    repository = plumb(SLEEPER.format(folder=tmp_path) + "quick: {script: echo quick, needs: []}\n")
    process = repository.start("run", "sleeper", "--isolation", "none")
    wait_for(tmp_path / "started")
    process.kill()
    process.communicate(timeout=60)
    answer = repository("run", "quick")
    assert answer.returncode == 0
    assert "note: Run 1 was interrupted" in answer.stdout
    assert "interrupted" in repository("history").stdout
    assert not [path for path in repository.data.rglob("work/*") if "/1/" in str(path)]
    assert "was interrupted" not in repository("run", "quick").stdout


def test_a_reader_that_goes_away_ends_it_quietly(plumb):
    repository = plumb("".join(f"job{number}: {{script: echo x}}\n" for number in range(40)))
    for command in ("plan", "run"):
        process = subprocess.Popen(
            f"{sys.executable} -m plumbline {command} 2>errors | head -n 1",
            shell=True,
            cwd=repository.folder,
            env=repository.environment(),
            stdout=subprocess.PIPE,
        )
        process.communicate(timeout=30)
        assert (repository.folder / "errors").read_text() == ""
