"""Repositories, machines and jobs that are not as they should be: a clear word and the right exit status, always."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from tests.small_disk import small_disk

pytestmark = pytest.mark.slow

ONE = "one: {script: echo fine}\n"


def refused(answer: subprocess.CompletedProcess[str], status: int, *words: str) -> None:
    assert answer.returncode == status, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr
    for word in (*words, "error: ", "hint: "):
        assert word in answer.stderr


def test_nothing_to_run_is_not_a_success(plumb):
    repository = plumb("tagged: {script: echo x, only: [tags]}\n")
    for arguments in (["run"], ["run", "--dry-run"]):
        refused(repository(*arguments), 2, "none of the jobs is in it", "plumb plan --event push")
    (repository.folder / ".gitlab-ci.yml").write_text(f"workflow: {{rules: [{{if: $NEVER}}]}}\n{ONE}")
    refused(repository("run"), 2, "its rule does not match")
    assert "No runs yet" in repository("history").stdout


def test_a_detached_head_is_told_of(plumb):
    repository = plumb(ONE)
    repository.git("checkout", "--quiet", "--detach")
    refused(repository("run"), 2, "no branch is checked out", "--ref")
    assert repository("run", "--ref", "main").returncode == 0
    linted = repository("lint")
    assert linted.returncode == 0
    assert "push 1" in linted.stdout


def test_a_repository_without_commits_runs(plumb):
    repository = plumb(ONE)
    subprocess.run(["rm", "-rf", ".git"], cwd=repository.folder, check=True)
    repository.git("init", "--quiet", "--initial-branch=main")
    assert repository("run").returncode == 0
    refused(repository("run", "--committed"), 2, "no commits yet")


@pytest.mark.parametrize("damage", ["HEAD", "config", "index", "objects"])
def test_a_damaged_repository_is_status_3(plumb, damage):
    repository = plumb(ONE)
    home = repository.folder / ".git"
    files = [home / damage] if damage != "objects" else [path for path in home.glob("objects/*/*") if path.is_file()]
    for path in files:
        path.chmod(0o600)
        path.write_text("[nothing that git knows")
    refused(repository("run"), 3, "cannot read" if damage != "HEAD" else "cannot be read")


@pytest.mark.parametrize("kind", ["pipe", "folder", "loop", "outside"])
def test_a_configuration_that_is_no_file(plumb, kind):
    repository = plumb(ONE)
    path = repository.folder / ".gitlab-ci.yml"
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(path.name if kind == "loop" else "/etc/passwd")
    refused(repository("run"), 3 if kind == "loop" else 2)


def test_a_data_folder_that_is_none(plumb, tmp_path):
    repository = plumb(ONE)
    (tmp_path / "file").write_text("")
    for command in ("run", "history"):
        refused(repository(command, "--data", str(tmp_path / "file")), 3, str(tmp_path / "file"), "--data")


def test_a_current_folder_that_is_gone(tmp_path):
    (tmp_path / "gone").mkdir()
    script = "import os, sys; os.rmdir(os.getcwd()); from plumbline.cli import main; main(['run'])"
    answer = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path / "gone", capture_output=True, text=True, check=False
    )
    refused(answer, 2, "current folder")


def test_a_user_without_home(plumb):
    repository = plumb(ONE)
    here = {name: value for name, value in repository.environment().items() if name not in ("HOME", "PLUMBLINE_DATA")}
    script = (
        "import os, pwd\n"
        "def nobody(uid): raise KeyError(uid)\n"
        "pwd.getpwuid = nobody\n"
        "from plumbline.cli import main\n"
        "main({arguments})"
    )
    for arguments, status in (["run"], 3), (["run", "--data", str(repository.data)], 0):
        answer = subprocess.run(
            [sys.executable, "-c", script.format(arguments=arguments)],
            cwd=repository.folder, env=here, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert answer.returncode == status, answer.stderr
        assert "Traceback" not in answer.stderr
    assert not (repository.folder / "~").exists()


def test_what_cannot_be_read_is_told_by_every_job(plumb):
    repository = plumb("one: {script: echo x}\ntwo: {script: echo x}\n")
    (repository.folder / "file").write_text("content that is nowhere else")
    repository.git("add", ".")
    repository.git("commit", "--quiet", "-m", "Second")
    found = subprocess.run(
        ["git", "rev-parse", "HEAD:file"], cwd=repository.folder, capture_output=True, text=True, check=True
    ).stdout.strip()
    (repository.folder / ".git/objects" / found[:2] / found[2:]).unlink()
    answer = repository("run", "--committed")
    assert answer.returncode == 1
    for name in ("one", "two"):
        assert f"✗ {name}: git cannot read the repository" in answer.stdout


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of 3 MiB."""
    with small_disk(tmp_path / "disk", 3) as disk:
        yield disk


def test_a_full_disk_keeps_the_results_of_all_jobs(plumb, tiny_disk):
    repository = plumb(f"""
stages: [one, two, three, four]
before: {{stage: one, script: echo kept}}
fill: {{stage: two, script: 'head -c 9000000 /dev/zero > big', artifacts: {{paths: [big], when: always}}}}
log: {{stage: three, script: 'head -c 9000000 /dev/zero'}}
outside: {{stage: four, when: always, resource_group: one, script: 'head -c 9000000 /dev/zero > {tiny_disk}/full'}}
""")
    answer = repository("run", "--isolation", "none", "-j1", "log", "fill", "before", PLUMBLINE_DATA=str(tiny_disk))
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "No space left on device" in answer.stdout
    assert "warning: fill: no space left on the device while writing" in answer.stdout
    answer = repository("run", "--isolation", "none", "outside", PLUMBLINE_DATA=str(tiny_disk))
    assert "✗ outside" in answer.stdout
    listed = repository("history", PLUMBLINE_DATA=str(tiny_disk)).stdout.splitlines()
    assert [line.split()[0] for line in listed[1:]] == ["2", "1"]
    assert "1 failed" in listed[1]
    answer = repository("run", "before", PLUMBLINE_DATA=str(tiny_disk))
    assert answer.returncode in (1, 3)
    assert "no space left on the device" in answer.stdout + answer.stderr


def test_a_log_that_is_not_whole_is_told_of(plumb, tiny_disk):
    repository = plumb("log: {script: 'head -c 9000000 /dev/zero; echo end'}\nother: {script: echo fine}\n")
    answer = repository("run", "-j1", PLUMBLINE_DATA=str(tiny_disk))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "warning: log: the log is not whole: No space left on device" in answer.stdout


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&- <&-"])
def test_closed_streams(plumb, closed):
    repository = plumb(ONE)
    command = f"exec {sys.executable} -m plumbline run {closed}"
    done = subprocess.run(["sh", "-c", command], cwd=repository.folder, env=repository.environment(), check=False)
    assert done.returncode == 0
    assert "fine" in repository("logs", "one").stdout


def test_an_output_that_takes_nothing_is_status_3(plumb):
    repository = plumb(ONE)
    with open("/dev/full", "w", encoding="utf-8") as full:
        for command in ("run", "plan"):
            done = subprocess.run(
                [sys.executable, "-m", "plumbline", command], cwd=repository.folder, env=repository.environment(),
                stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 3
            assert done.stderr == "error: the system refused: No space left on device\n"


def test_a_job_that_closes_its_output_has_its_own_exit_status(plumb):
    repository = plumb("closes: {script: ['exec >&- 2>&-', 'true', 'exit 4']}\n")
    answer = repository("run")
    assert answer.returncode == 1
    assert "✗ closes: exit status 4" in answer.stdout


def test_a_job_that_a_signal_ended_says_which(plumb):
    answer = plumb("dies: {script: kill -9 $$}\n")("run")
    assert "✗ dies: exit status 137 (SIGKILL)" in answer.stdout


def test_names_that_are_no_text(plumb):
    repository = plumb(r"""
stages: [make, use]
make: {stage: make, script: ['printf x > $(printf "lat\377")', touch fine], artifacts: {paths: [fine, lat*]}}
use: {stage: use, script: ["ls -b"]}
""")
    (repository.folder / "new\nline").write_text("")
    (repository.folder / os.fsdecode(b"\xff")).write_text("")
    answer = repository("run")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "warning: make: lat\ufffd: left out: its name is not UTF-8" in answer.stdout
    listed = repository("logs", "use").stdout
    assert "new\\nline" in listed
    assert "\\377" in listed


LOCAL_DIFFERENCES = """
token: {script: "echo got=$TOKEN.", id_tokens: {TOKEN: {aud: x}}}
vault: {script: "true", secrets: {PASSWORD: {vault: a/b/c@d}}}
release: {script: "true", release: {tag_name: v1, description: d}}
"""


def test_what_only_a_server_can_do_is_said(plumb):
    repository = plumb(LOCAL_DIFFERENCES)
    linted = repository("lint")
    assert linted.returncode == 0
    for note in ("token:id_tokens: a local run has no issuer", "vault:secrets: ", "release:release: "):
        assert f"note: {note}" in linted.stdout
    assert repository("run").returncode == 1
    assert "The token 'TOKEN' is empty" in repository("logs", "token").stdout
    assert "a local run does not publish it" in repository("logs", "release").stdout
    given = ("--secret", "TOKEN=abcdefgh", "--secret", "PASSWORD=abcdefgh")
    assert repository("run", *given).returncode == 0
    assert "is empty" not in repository("logs", "token").stdout
    assert "id_tokens" not in repository("lint", *given).stdout


def test_exit_codes_that_are_allowed(plumb):
    repository = plumb("""
stages: [one, two]
allowed: {stage: one, script: exit 3, allow_failure: {exit_codes: [3, 4]}}
next: {stage: two, script: "true"}
""")
    answer = repository("run")
    assert answer.returncode == 0
    assert "! allowed" in answer.stdout
    assert "✓ next" in answer.stdout
    (repository.folder / ".gitlab-ci.yml").write_text("other: {script: exit 5, allow_failure: {exit_codes: 3}}")
    assert repository("run").returncode == 1
