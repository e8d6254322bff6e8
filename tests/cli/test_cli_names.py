"""Every name on a command line is checked, and answered with the nearest; the exit status says what happened."""

from __future__ import annotations

import json

import pytest

from plumbline.adapters.store import StoreSettings, open_store

pytestmark = pytest.mark.slow

TWO = """
stages: [build, deploy]
build: {stage: build, script: echo one}
left: {script: echo two, stage: deploy, variables: {A: b}, rules: [{if: $CI_COMMIT_TAG}]}
play: {stage: deploy, script: echo three, when: manual, inputs: {level: {default: low, options: [low, high]}}}
"""


@pytest.fixture
def project(plumb):
    return plumb(TWO)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("run", "--manual", "plya"), "did you mean play?"),
        (("run", "--manual", "build"), "is not manual"),
        (("run", "buidl"), "did you mean build?"),
        (("run", "--stage", "biuld"), "did you mean build?"),
        (("run", "--isolation", "bwarp"), "did you mean bwrap?"),
        (("plan", "--variables", "lfet"), "did you mean left?"),
        (("plan", "--var", "A B=1"), "cannot be the name of a variable"),
        (("plan", "--secret", "A-B=1"), "cannot be the name of a variable"),
        (("plan", "--map", "nope=/does/not/exist"), "neither the path of a project"),
        (("plan", "--map", "templats=/tmp"), "did you mean templates?"),
        (("plan", "--map", "g/p=/does/not/exist"), "there is nothing at"),
        (("plan", "--input", "a=1"), "there is no input a"),
        (("plan", "--ref", "mian"), "did you mean main?"),
        (("plan", "--file", ".gitlab-ci.yaml"), "did you mean .gitlab-ci.yml?"),
        (("plan", "--event", "pussh"), "did you mean push?"),
        (("why", "paly"), "did you mean play?"),
        (("run", "--job-input", "paly.a=1"), "did you mean play?"),
        (("run", "--job-input", "play.lvel=1"), "did you mean level?"),
        (("run", "--job-input", "play.level=hgih"), "it is one of: low, high"),
        (("run", "--job-input", "level=1"), "expected JOB.NAME=VALUE"),
        (("run", "--event", "schedul"), "did you mean schedule?"),
        (("observe", ".", "--ref", "mian"), "did you mean main?"),
        (("assess", "nwo"), "did you mean now?"),
        (("assess", "--ref", "mian"), "did you mean main?"),
        (("assess", "--pack", "continuous-delivry"), "did you mean continuous-delivery?"),
        (("assess", "--explain", "cd.1.1.11"), "did you mean cd.1.1.1?"),
        (("assess", "--level", "6"), "there are: 1, 2, 3, 4, 5"),
        (("assess", "--language", "zn"), "'en', 'zh'"),
        (("completion", "bsh"), "did you mean bash?"),
        (("up", "--isolation", "bwarp"), "did you mean bwrap?"),
        (("ledger", "verfy"), "verify"),
        (("--language", "zn", "lint"), "'en', 'zh'"),
        (("lint", "--evnt", "push"), "--event"),
        (("lnit",), "did you mean lint?"),
    ],
)
def test_a_wrong_name(project, words, says):
    answer = project(*words)
    assert answer.returncode == 2, answer.stdout
    assert says in answer.stderr


def test_a_wrong_name_of_a_store(project):
    open_store(StoreSettings(data=str(project.data), create=True)).close()
    assert project("observe").returncode == 0
    assert project("assess", "now", "local/project").returncode == 0
    (project.folder / "events.json").write_text("{}\n")
    for words, says in (
        (("assess", "now", "local/projct"), "did you mean local/project?"),
        (("assess", "list", "local/projct"), "did you mean local/project?"),
        (("assess", "compare", "1", "2"), "is no assessment"),
        (("assess", "export", "77", "-o", "x.zip"), "The nearest is"),
        (("ledger", "import-events", "events.json", "--source", "nobody"), "There is no source named nobody"),
        (("ledger", "prove", "99", "-o", "x"), "are not all there"),
    ):
        answer = project(*words)
        assert (answer.returncode, says in answer.stderr) == (2, True), (words, answer.stderr)


def test_an_input_keeps_its_text(plumb):
    top = "spec: {inputs: {version: {default: x}, count: {type: number, default: 1}}}\n---\n"
    project = plumb(top + "j: {script: [\"echo 'got $[[ inputs.version ]] $[[ inputs.count ]]'\"]}\n")
    answer = project("run", "-v", "--input", "version=1.10", "--input", "count=3")
    assert "got 1.10 3" in answer.stdout, answer.stderr


def test_a_run_that_is_not_there(project):
    assert project("run", "build").returncode == 0
    answer = project("logs", "7", "build")
    assert answer.returncode == 2
    assert "The newest is 1" in answer.stderr


def test_a_manual_job_that_no_pipeline_below_has(plumb):
    project = plumb("t: {trigger: {include: child.yml, strategy: depend}}\n")
    (project.folder / "child.yml").write_text("play: {script: echo one, when: manual}\n")
    answer = project("run", "--manual", "plya")
    assert answer.returncode == 2
    assert "did you mean play?" in answer.stderr
    assert project("run", "--manual", "play").returncode == 0


def test_the_variables_of_a_job_that_the_rules_leave_out(project):
    answer = project("plan", "--variables", "left", "--json")
    assert answer.returncode == 0, answer.stderr
    assert "'left' is not in this pipeline" in answer.stderr
    rows = {row["name"]: row["value"] for row in json.loads(answer.stdout)}
    assert rows["A"] == "b"


def test_every_problem_has_the_same_keys(plumb):
    answer = plumb("variables: {A: b}\nstages: [x]\n.j: {script: [1], retry: 9}\n")("lint", "--json")
    problems = json.loads(answer.stdout)["problems"]
    assert problems
    assert {tuple(problem) for problem in problems} == {
        ("code", "severity", "file", "line", "column", "keyword", "message", "hint")
    }


def test_a_file_left_out_is_a_note(plumb):
    project = plumb("include: [{project: g/p, file: a.yml}, {remote: 'https://a.example/b.yml'}]\nj: {script: make}\n")
    assert project("lint").returncode == 2
    answer = project("lint", "--map", "g/p=", "--map", "https://a.example/=")
    assert answer.returncode == 0, answer.stdout
    assert "incomplete: 2 included files were not read" in answer.stdout


def test_the_variables_that_gitlab_has_are_there(plumb):
    names = "GITLAB_USER_LOGIN GITLAB_USER_ID CI_JOB_URL CI_PIPELINE_URL CI_REGISTRY CI_REGISTRY_IMAGE"
    names += " CI_SERVER_SHELL_SSH_PORT CI_TEMPLATE_REGISTRY_HOST"
    shown = " ".join(f"${{{name}}}" for name in names.split())
    project = plumb(f"j: {{script: ['set -u', 'echo \"seen {shown}\"']}}\n")
    project.git("remote", "add", "origin", "ssh://git@git.example:2222/Group/project.git")
    answer = project("run", "-v")
    assert answer.returncode == 0, answer.stdout
    assert "registry.git.example registry.git.example/group/project 2222" in answer.stdout
    assert "https://git.example/Group/project/-/jobs/" in answer.stdout


def test_the_shell_says_what_it_leaves_out(plumb):
    project = plumb("j: {services: [{name: 'postgres:15', alias: db}], image: 'alpine:3', script: [echo x]}\n")
    answer = project("run", "--shell", "-v", "--isolation", "none")
    assert answer.returncode == 0, answer.stderr
    assert "The image alpine:3 is left out" in answer.stdout
    assert "These services are left out" in answer.stdout
    assert "postgres:15" in answer.stdout


def test_what_a_pipeline_below_cannot_do_is_told(plumb):
    project = plumb("t: {trigger: {include: child.yml, strategy: depend}}\n")
    (project.folder / "child.yml").write_text("c: {script: echo one, artifacts: {reports: {lsif: a.json}}}\n")
    answer = project("run")
    assert "artifacts:reports:lsif (c): kept with the job" in answer.stdout, answer.stderr


def test_a_job_by_itself_is_told_what_it_is_not_handed(plumb):
    project = plumb("""
stages: [build, test]
a: {stage: build, script: [echo A=1 > d.env], artifacts: {paths: [d.env], reports: {dotenv: d.env}}}
plain: {stage: build, script: echo one}
b: {stage: test, script: ['echo "A is $A"; cat d.env']}
""")
    first = project("run", "b")
    assert "'a' has not succeeded in a run yet" in first.stdout
    assert "plain" not in first.stdout
    assert project("run", "a").returncode == 0
    second = project("run", "b")
    assert "Artifacts of 'a' are from run 2" in second.stdout
    assert "Variables that 'a' handed on are not kept" in second.stdout
    assert "A is 1" in project("run", "b", "--needs", "-v").stdout


def test_a_job_that_failed_counts_although_a_manual_one_waits(plumb):
    wait = "wait: {script: echo one, when: manual, allow_failure: false}\n"
    project = plumb(wait + "bad: {script: exit 1}\n")
    assert project("run").returncode == 1
    (project.folder / ".gitlab-ci.yml").write_text(wait + "bad: {script: exit 1, allow_failure: true}\n")
    assert project("run").returncode == 0
