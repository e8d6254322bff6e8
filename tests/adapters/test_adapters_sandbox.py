"""What real programs find in a bubblewrap sandbox: the machine's programs, a home, users, temporary folders."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path

import pytest
from tests.adapters.sandboxed import Sandboxed, refused

from plumbline.adapters.executors.bwrap import bubblewrap
from plumbline.adapters.processes.table import marker_of
from plumbline.model.job import State
from plumbline.model.job_setup import JobLimits, JobView
from plumbline.model.pipeline import Variable

isolation = bubblewrap()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not isolation.works, reason=f"no sandbox: {isolation.reason}"),
]
ROOT = os.geteuid() == 0


@pytest.fixture
def box(tmp_path: Path):
    box = Sandboxed(tmp_path)
    yield box
    box.cancel.close()
    assert not [
        p for p in Path("/proc").iterdir() if p.name.isdigit() and marker_of(int(p.name)).startswith(box.marker)
    ]


def test_the_working_copy_is_at_a_stable_path_and_writable(box: Sandboxed) -> None:
    result = box.run("pwd; echo $CI_PROJECT_DIR $CI_BUILDS_DIR; echo x > made; cat made; touch $HOME/y $TMPDIR/z")
    assert result.state is State.SUCCESS, box.log.text
    assert "/builds/group/app\n/builds/group/app /builds/group\nx\n" in box.log.text


def test_the_machine_is_read_only_and_private(box: Sandboxed, tmp_path: Path) -> None:
    (tmp_path / "seen").write_text("x")
    result = box.run(
        refused("touch /usr/x || touch /etc/x || touch /x"),
        refused(f"test -e {tmp_path}/seen"),
        "touch /tmp/x /var/tmp/x",
        '[ "$(ls /tmp)" = x ]',
        refused("mount -o remount,rw /usr"),
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
    result = box.run(f"cat {tmp_path}/objects/one", refused(f"touch {tmp_path}/objects/made"))
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


def test_the_home_is_the_same_whoever_asks(box: Sandboxed) -> None:
    result = box.run(
        '[ "$(getent passwd $(id -u) | cut -d: -f6)" = "$HOME" ]',
        '[ "$(eval echo ~$(id -un))" = "$HOME" ]',
        '[ "$USER" = "$(id -un)" ] && [ "$LOGNAME" = "$USER" ]',
        'touch "$HOME/made" && [ -z "$XDG_RUNTIME_DIR" ]',
    )
    assert result.state is State.SUCCESS, box.log.text


def test_its_own_name_is_known_with_and_without_a_network(box: Sandboxed) -> None:
    for network in (True, False):
        box.view = JobView(network=network)
        result = box.run('[ "$(hostname)" = job ]; getent hosts "$(hostname)"; getent hosts localhost')
        assert result.state is State.SUCCESS, box.log.text


def test_temporary_folders_are_for_everybody_and_on_the_disk_of_the_job(box: Sandboxed) -> None:
    result = box.run(
        "for f in /tmp /var/tmp /dev/shm /run/lock /run/postgresql; do [ $(stat -c %a $f) = 1777 ] && touch $f/x; done",
        '[ "$(stat -f -c %T /tmp)" = "$(stat -f -c %T .)" ]',
        '[ "$TMPDIR" = /tmp ] && [ -z "$(ls -A /var/lib)" ] && test /var/run/lock -ef /run/lock',
        refused("touch /made || touch /etc/made"),
    )
    assert result.state is State.SUCCESS, box.log.text


@pytest.mark.skipif(not ROOT or not shutil.which("su"), reason="only root becomes another user")
def test_root_can_become_another_user_and_give_files_away(box: Sandboxed) -> None:
    result = box.run(
        "su nobody -s /bin/sh -c 'touch /tmp/of-nobody /dev/shm/x && cd /builds/group/app && ! touch y 2>/dev/null'",
        "touch mine && chown nobody mine && [ $(stat -c %U mine) = nobody ]",
        "[ $(stat -c %a /etc) = 755 ] && su nobody -s /bin/sh -c '! cat /etc/shadow 2>/dev/null'",
        refused("grep -v ':[*]:' /etc/shadow"),
    )
    assert result.state is State.SUCCESS, box.log.text


@pytest.mark.skipif(not shutil.which("unshare"), reason="no unshare here")
def test_a_program_can_make_a_sandbox_of_its_own(box: Sandboxed) -> None:
    result = box.run("unshare --user --map-root-user --mount --pid --fork true")
    assert result.state is State.SUCCESS, box.log.text


def test_tools_of_the_home_run_and_cannot_be_changed(
    box: Sandboxed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gadget = tmp_path / "user/.gadget/bin/gadget"
    gadget.parent.mkdir(parents=True)
    gadget.write_text(f"#!/bin/sh\necho gadget in {gadget.parent}; ls {gadget.parent}\n")
    gadget.chmod(0o755)
    (tmp_path / "user/.npmrc").write_text("registry=mirror\n")
    (tmp_path / "user/secret").write_text("private")
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    box.view = JobView(tools=("~/.gadget", "~/.npmrc"))
    result = box.run(
        "gadget",
        "cat ~/.npmrc; touch ~/other",
        refused("touch ~/.gadget/x || echo x > ~/.npmrc"),
        refused(f"cat {tmp_path}/user/secret"),
        after=("gadget; cat ~/.npmrc ~/other",),
    )
    assert result.state is State.SUCCESS, box.log.text
    assert box.log.text.count("registry=mirror") == 2
    assert "private" not in box.log.text


def test_a_manager_of_versions_behind_a_link_runs_and_installs(
    box: Sandboxed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, own = tmp_path / "elsewhere/pyenv", tmp_path / "user"
    rehash, shim = real / "libexec/pyenv-rehash", real / "shims/gadget"
    for path, text in ((rehash, f"[ -w {real} ]"), (shim, f"{rehash} && echo as it was installed")):
        path.parent.mkdir(parents=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
    own.mkdir()
    (own / ".pyenv").symlink_to(real)
    monkeypatch.setenv("HOME", str(own))
    box.view = JobView(tools=("~/.pyenv",))
    install = "printf '#!/bin/sh\\necho of the job\\n' > ~/.local/bin/gadget && chmod +x ~/.local/bin/gadget"
    result = box.run("gadget", f"mkdir -p ~/.local/bin && {install}", "hash -r; gadget")
    assert result.state is State.SUCCESS, box.log.text
    assert "\nas it was installed\n" in box.log.text
    assert "\nof the job\n" in box.log.text


def test_what_package_managers_fetched_is_there_for_the_next_job(box: Sandboxed, tmp_path: Path) -> None:
    box.view = JobView(caches=str(tmp_path / "caches/7/protected.tools/files"))
    first = box.run('mkdir -p "$PIP_CACHE_DIR" && echo wheel > "$PIP_CACHE_DIR/one"; [ -n "$GOMODCACHE" ]')
    own = (Variable("GOMODCACHE", "mine"),)
    second = box.run('cat "$PIP_CACHE_DIR/one"', variables=own, after=("echo $GOMODCACHE",))
    assert (first.state, second.state) == (State.SUCCESS, State.SUCCESS), box.log.text
    assert "wheel\n" in box.log.text
    assert "mine\n" in box.log.text  # what a job says itself goes first


def test_many_and_odd_variables_arrive(box: Sandboxed) -> None:
    many = tuple(Variable(f"V{number}", str(number), raw=True) for number in range(3500))
    odd = Variable("ODD", "a b\n'c' \"d\" $e 准绳", raw=True)
    result = box.run('[ "$V0-$V2999-$V3499" = 0-2999-3499 ]', 'printf "<%s>" "$ODD"', variables=(*many, odd))
    assert result.state is State.SUCCESS, box.log.text[-500:]
    assert "<a b\n'c' \"d\" $e 准绳>" in box.log.text.replace("\r", "")


@pytest.mark.parametrize("folder", ["/tmp", "/var/tmp"])
def test_what_is_put_into_temporary_folders_counts(box, folder):
    box.limits = JobLimits(workspace=8_000_000)
    result = box.run(f"for i in $(seq 30); do head -c 900000 /dev/zero >{folder}/file-$i; done; sleep 30")
    assert "exceed the limit of 8 MB" in str(result.message)
