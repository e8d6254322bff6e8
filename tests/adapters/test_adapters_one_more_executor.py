"""One more way to run jobs is one file: commands, their help, the setting, checks, and the reference know it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.shelf_parts import on_shelf
from tools.command_pages import commands_page

from plumbline.access import check_settings, settings_with
from plumbline.adapters.doctor import check_executors
from plumbline.adapters.executors import Setup, choose_place, executors, isolations
from plumbline.kernel import PlumblineError, t
from plumbline.wiring.server import OpenServer, ServerSettings

pytestmark = pytest.mark.slow

NAME = "polite"
PART = """
from plumbline.adapters.executors._part import ExecutorKind, Isolation
from plumbline.adapters.jobs.places import Host
from plumbline.kernel import t
from plumbline.model.health import Check, Health

TITLE = t("after everybody else")


class Polite(Host):
    def __init__(self, workspace):
        super().__init__(workspace)
        self.title = TITLE

    def start(self, script, environ, name):
        return super().start(script, {**environ, "RUN_BY": "polite"}, name)


PART = ExecutorKind(
    name="polite",
    title=TITLE,
    place=lambda setup: Polite,
    works=lambda: Isolation("politeness", works=WORKS, reason=None if WORKS else t("it is broken")),
    isolates=False,
    check=lambda: Check(name="polite", health=Health.OK, message=t("Jobs wait their turn.")),
)
"""
MAIN = """
import sys
import plumbline.adapters.executors as shelf
shelf.__path__.append(sys.argv.pop(1))
from plumbline.cli import main
main()
"""


@pytest.fixture
def add(tmp_path):
    return lambda works: on_shelf(
        "plumbline.adapters.executors", NAME, f"WORKS = {works}\n{PART}", tmp_path / "more", executors
    )


def plumb(folder, *arguments, cwd):
    return subprocess.run(
        [sys.executable, "-c", MAIN, folder, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=120,
        check=False,
    )


def test_jobs_run_in_it_and_the_command_line_names_it(add, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitlab-ci.yml").write_text("job: {script: ['echo run by $RUN_BY']}\n")
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=home, check=True)
    with add(True) as folder:
        ran = plumb(folder, "run", "--isolation", NAME, "--verbose", "--data", str(tmp_path / "data"), cwd=home)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert "run by polite" in ran.stdout
        assert "after everybody else" in ran.stdout
        for command in ("run", "up"):
            said = " ".join(plumb(folder, command, "--help", cwd=home).stdout.split())
            assert "[auto|bwrap|none|polite]" in said
            assert "polite: after everybody else" in said
        wrong = plumb(folder, "run", "--isolation", "rude", cwd=home)
        assert (wrong.returncode, "'none', 'polite'" in wrong.stderr) == (2, True)


def test_settings_checks_and_the_reference_know_it(add):
    with add(True):
        setting = settings_with(isolations())["ci.isolation"]
        assert setting.takes(NAME)
        assert not setting.takes("rude")
        assert "polite: after everybody else" in str(setting.about)
        assert "Jobs wait their turn." in [str(check.message) for check in check_executors()]
        assert "`[auto\\|bwrap\\|none\\|polite]`" in commands_page("en")
    assert not settings_with(isolations())["ci.isolation"].takes(NAME)


def test_a_server_lets_it_be_set_at_a_node(add, tmp_path):
    with add(True), OpenServer(ServerSettings(data=str(tmp_path / "data"))) as server:
        known = server.tools.tree.settings
        check_settings({"ci.isolation": NAME}, known)
        with pytest.raises(PlumblineError) as refused:
            check_settings({"ci.isolation": "rude"}, known)
    assert str(refused.value.hint) == "Write one of these: auto, bwrap, none, polite."


def test_auto_never_takes_what_has_no_preference_and_what_is_broken_is_refused(add):
    with add(False):
        place, _ = choose_place("auto", Setup("group/app", ("/objects",)), t("mend it"))
        assert "Polite" not in str(place)
        with pytest.raises(PlumblineError) as refused:
            choose_place(NAME, Setup("group/app", ("/objects",)), t("mend it"))
    assert (refused.value.code, str(refused.value.hint)) == ("no-isolation", "mend it")
    assert "politeness: it is broken" in str(refused.value.message)
