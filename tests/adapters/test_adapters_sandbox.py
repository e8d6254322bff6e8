"""Jobs in a bubblewrap sandbox see the machine and cannot change it."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

import pytest

from plumbline.adapters.cancellation import PipeCancellation
from plumbline.adapters.executors import Setup
from plumbline.adapters.executors.bwrap import Bubblewrap, bubblewrap
from plumbline.adapters.jobs import LocalExecutor, LocalSettings
from plumbline.adapters.processes.table import marker_of
from plumbline.model.job import JobOrder, ScriptStep, State
from plumbline.model.job_setup import JobSetup, JobView
from plumbline.model.pipeline import Variable

isolation = bubblewrap()
pytestmark = pytest.mark.skipif(not isolation.works, reason=f"no sandbox: {isolation.reason}")


class Copy:
    def __init__(self, home: Path) -> None:
        self.home, self.root, self.scratch = home, str(home / "project"), str(home / ".scratch")

    def open(self, _: JobOrder) -> Copy:
        Path(self.root).mkdir(parents=True)
        Path(self.scratch).mkdir()
        return self

    def close(self) -> None:
        shutil.rmtree(self.home)


class Log:
    text = ""

    def write(self, data: bytes) -> None:
        self.text += data.decode()


class Sandboxed:
    def __init__(self, home: Path) -> None:
        self.home, self.log, self.cancel = home, Log(), PipeCancellation()
        self.view, self.readable, self.hidden = JobView(), (), ()

    def run(self, *script: str, after: tuple[str, ...] = (), **order):
        place = Bubblewrap(Setup("group/app", self.readable, JobSetup(view=self.view), self.hidden))
        nothing = None
        executor = LocalExecutor(
            Copy(self.home / "work"), nothing, nothing, LocalSettings(marker="sb-1-", grace=1.0), place=place
        )
        steps = [ScriptStep(name="script", lines=script)]
        if after:
            steps.append(ScriptStep(name="after_script", lines=after, always=True))
        return executor.run(JobOrder(id=3, name="j", stage="test", steps=tuple(steps), **order), self.log, self.cancel)


@pytest.fixture
def box(tmp_path: Path):
    box = Sandboxed(tmp_path)
    yield box
    box.cancel.close()
    assert not [p for p in Path("/proc").iterdir() if p.name.isdigit() and marker_of(int(p.name)).startswith("sb-1-")]


def test_the_working_copy_is_at_a_stable_path_and_writable(box: Sandboxed) -> None:
    result = box.run("pwd; echo $CI_PROJECT_DIR $CI_BUILDS_DIR; echo x > made; cat made; touch $HOME/y $TMPDIR/z")
    assert result.state is State.SUCCESS, box.log.text
    assert "/builds/group/app\n/builds/group/app /builds/group\nx\n" in box.log.text


def test_the_machine_is_read_only_and_private(box: Sandboxed, tmp_path: Path) -> None:
    (tmp_path / "seen").write_text("x")
    result = box.run(
        "! touch /usr/x || ! touch /etc/x || ! touch /x",
        f"! test -e {tmp_path}/seen",
        "touch /tmp/x /var/tmp/x",
        '[ "$(ls /tmp)" = x ]',
        "! mount -o remount,rw /usr 2>/dev/null",
        "echo x > /dev/null; ls /proc/self/fd > /dev/null",
        '[ "$(ls -d /proc/[0-9]* | wc -l)" -lt 8 ]',
    )
    assert result.state is State.SUCCESS, box.log.text


def test_file_variables_long_scripts_and_after_script(box: Sandboxed) -> None:
    result = box.run(
        'cat "$KEY"; x="' + "y" * 200_000 + '"; echo ${#x}; echo kept > kept',
        after=("cat kept; echo $CI_JOB_STATUS",),
        variables=(Variable("KEY", "inside\n", file=True),),
    )
    assert result.state is State.SUCCESS, box.log.text[-500:]
    assert "inside\n200000\n" in box.log.text
    assert "kept\nsuccess\n" in box.log.text


def test_the_network_can_be_cut(box: Sandboxed) -> None:
    box.view = JobView(network=False)
    result = box.run("[ $(ls /sys/class/net | wc -l) -le 1 ] || [ $(tail -n +3 /proc/net/dev | wc -l) -eq 1 ]")
    assert result.state is State.SUCCESS, box.log.text


def test_folders_can_be_shown(box: Sandboxed, tmp_path: Path) -> None:
    (tmp_path / "objects").mkdir()
    (tmp_path / "objects/one").write_text("seen")
    box.readable = (str(tmp_path / "objects"),)
    result = box.run(f"cat {tmp_path}/objects/one; ! touch {tmp_path}/objects/made 2>/dev/null")
    assert result.state is State.SUCCESS, box.log.text
    assert "seen" in box.log.text


def test_a_polite_cancel_reaches_the_script(box: Sandboxed) -> None:
    threading.Timer(0.4, box.cancel.cancel, (1,)).start()
    result = box.run("trap 'echo bye; exit 1' TERM; sleep 30 & wait", after=("echo after $CI_JOB_STATUS",))
    assert result.state is State.CANCELED
    assert "bye\n" in box.log.text
    assert "after canceled\n" in box.log.text


def test_daemons_and_the_deaf_end_with_the_job(box: Sandboxed) -> None:
    begun = time.monotonic()
    box.run("setsid -f sleep 60; trap '' TERM; sleep 60", timeout=0.4)
    assert time.monotonic() - begun < 15
