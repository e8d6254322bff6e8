"""A repository that somebody else wrote: its settings narrow the user's alone, and its jobs do not break out."""

from __future__ import annotations

import os
import stat

import pytest

from plumbline.adapters.executors import executors
from plumbline.adapters.repository_trust import narrowed

WIDE = """
isolation = "none"
pass_environment = ["AWS_SECRET_ACCESS_KEY"]
allow_network = true
shell = true
jobs = 10000
keep_runs = 0
variable_files = ["secret.env"]
container_engine = "docker"
container_options = ["--privileged"]
pull_policy = ["never"]
hosts = ["localhost"]
[map]
"group/templates" = "/etc"
"""
SPY = "spy: {script: ['env | grep AWS || echo closed', 'echo VALUE-$MINE']}\n"
SETTINGS = (
    "allow_network, container_engine, container_options, hosts, isolation, jobs, keep_runs, map, pass_environment, "
    "pull_policy, shell, variable_files"
)


@pytest.mark.parametrize(
    ("user", "own", "counts"),
    [
        ({}, {"isolation": "bwrap"}, True),
        ({"isolation": "none"}, {"isolation": "bwrap"}, True),
        ({"isolation": "bwrap"}, {"isolation": "auto"}, False),
        ({"isolation": "bwrap"}, {"isolation": "bwrap"}, True),
        ({"isolation": "other"}, {"isolation": "bwrap"}, False),
        ({}, {"isolation": "none"}, False),
        ({}, {"isolation": "auto"}, False),
        ({}, {"isolation": ["none"]}, False),
        ({"jobs": 4}, {"jobs": 2}, True),
        ({"jobs": 4}, {"jobs": 5}, False),
        ({"jobs": 4}, {"jobs": 0}, False),
        ({"jobs": 4}, {"jobs": "2"}, False),
        ({"allow_network": True}, {"allow_network": False}, True),
        ({}, {"allow_network": 1}, False),
        ({"shell": True}, {"shell": False}, True),
        ({"pass_environment": ["A", "B"]}, {"pass_environment": ["A"]}, True),
        ({"pass_environment": ["A"]}, {"pass_environment": ["A", "B"]}, False),
        ({}, {"default_timeout": 7200.0}, True),
        ({}, {"container_options": []}, True),
        ({"container_options": ["--cap-drop=ALL"]}, {"container_options": []}, False),
        ({}, {"map": {"x": "/"}}, False),
        ({}, {"anything_new": 1}, False),
    ],
)
def test_only_what_narrows_counts(user: dict, own: dict, counts: bool) -> None:
    assert narrowed(user, own, {"bwrap", "other"}) == ((own, ()) if counts else ({}, tuple(own)))


@pytest.mark.slow
def test_settings_of_a_repository_do_not_widen_those_of_the_user(plumb) -> None:
    repository = plumb(SPY)
    secret = {"AWS_SECRET_ACCESS_KEY": "WIDE-OPEN"}
    (repository.data / ".config/plumbline").mkdir(parents=True)
    (repository.data / ".config/plumbline/config.toml").write_text('isolation = "none"\n')
    (repository.folder / "plumbline.toml").write_text(WIDE)
    (repository.folder / "secret.env").write_text("MINE=taken\n")
    ran = repository("run", **secret)
    assert ran.returncode == 0, ran.stderr
    assert f"is not trusted, so this of it is ignored: {SETTINGS.replace(' isolation,', '')}" in ran.stderr
    assert "plumb trust" in ran.stderr
    log = repository("logs", "spy").stdout
    assert ("closed" in log, "WIDE-OPEN" in log, "VALUE-taken" in log) == (True, False, False)
    assert "not trusted" in repository("lint").stderr
    assert "not trusted" not in repository("history").stderr

    trusted = repository("trust")
    assert trusted.returncode == 0, trusted.stderr
    assert SETTINGS in trusted.stdout
    kept = repository.data / "local/trusted"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    (repository.folder / "plumbline.toml").write_text(WIDE.replace("keep_runs = 0", ""))  # is not what was trusted
    assert "not trusted" in repository("lint").stderr
    assert repository("trust").returncode == 0
    ran = repository("run", **secret)
    assert "not trusted" not in ran.stderr
    log = repository("logs", "spy").stdout
    assert ("WIDE-OPEN" in log, "VALUE-taken" in log) == (True, True)
    assert "not trusted any longer" in repository("trust", "--forget").stdout
    assert "was not trusted" in repository("trust", "--forget").stdout
    assert "not trusted" in repository("run", **secret).stderr
    (repository.folder / "plumbline.toml").unlink()
    nothing = repository("trust")
    assert nothing.returncode != 0
    assert "there is no" in nothing.stderr


@pytest.mark.slow
def test_a_trusted_file_of_one_repository_is_none_of_another(plumb) -> None:
    repository = plumb(SPY)
    (repository.folder / "plumbline.toml").write_text("allow_network = true\n")
    assert repository("trust").returncode == 0
    assert "not trusted" not in repository("lint").stderr
    copy = repository.folder.parent / "copy"
    os.rename(repository.folder, copy)
    repository.folder = copy
    assert "not trusted" in repository("lint").stderr


@pytest.mark.slow
def test_settings_of_a_job_do_not_run_outside_its_sandbox(plumb) -> None:
    works = executors()["bwrap"].works
    assert works is not None
    if not (found := works()).works:
        pytest.skip(f"no sandbox: {found.reason}")
    repository = plumb("")
    mark = repository.data / "pwned"
    (repository.folder / ".gitlab-ci.yml").write_text(
        f"""esc:
  script:
    - printf '#!/bin/sh\\nid > {mark}\\n' > evil.sh; chmod +x evil.sh
    - git config core.fsmonitor "$PWD/evil.sh"; git update-index --fsmonitor || true
    - mkdir -p .git/hooks; cp evil.sh .git/hooks/post-index-change
    - git config filter.x.clean "$PWD/evil.sh"; echo '* filter=x' > .gitattributes
    - echo hi > new.txt
  cache: {{key: k, untracked: true}}
  artifacts: {{untracked: true}}
next:
  stage: deploy
  dependencies: []
  script:
    - test ! -e .git/hooks/post-index-change
    - test "$(git config core.fsmonitor)" = false
    - git status --porcelain
"""
    )
    ran = repository("run", "--isolation", "bwrap", "--jobs", "1")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert not mark.exists()
