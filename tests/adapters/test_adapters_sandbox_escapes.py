"""A job that looks for a way out of its sandbox finds none. What it tries is read from the real file system."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import tempfile
from pathlib import Path

import pytest
from tests.adapters.sandboxed import Copy, Sandboxed, refused

from plumbline.adapters.executors import Setup
from plumbline.adapters.executors._calls import refused_calls
from plumbline.adapters.executors.bwrap import Bubblewrap, bubblewrap
from plumbline.adapters.processes import MARKER
from plumbline.model.job import JobOrder, State
from plumbline.model.job_setup import JobView

isolation = bubblewrap()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not isolation.works, reason=f"no sandbox: {isolation.reason}"),
]
SECRET = "the-key-of-the-bank"
# Reads paths from a file of the working copy; names what it could open, be it for reading, writing or talking to.
SPY = """
while IFS= read -r path; do
  if [ -S "$path" ] || head -c1 -- "$path" >/dev/null 2>&1; then echo "OPENED $path"; fi
  if ls -- "$path"/ >/dev/null 2>&1; then echo "OPENED $path"; fi
  if [ -w "$path" ]; then echo "WRITABLE $path"; fi
done < paths
grep -las "$SECRET_WORD" /proc/[0-9]*/environ | while read -r path; do echo "OPENED $path"; done || :
echo looked at $(wc -l < paths) paths
"""


@pytest.fixture
def box(tmp_path: Path):
    box = Sandboxed(tmp_path)
    yield box
    box.cancel.close()


def server_in(folder: Path) -> Path:
    """A data folder as a server has it."""
    data = folder / "data"
    for name in ("plumbline.db", "plumbline.db-wal", "keys", "ledger-key", "hooks/5.secret", "logs/7/8.log",
                 "mirrors/5.git/objects/ab/cd", "mirrors/6.git/objects/ab/cd", "artifacts/0/9/artifacts.zip",
                 "work/r1/3/44/app/file", "work/r1/3/44/.scratch/variables/TOKEN", "caches/5/x.cache",
                 "caches/5/protected.tools/files/pip/one"):  # fmt: skip
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(SECRET)
    return data


def below(folder: Path) -> list[str]:
    found = [str(folder)]
    for place, folders, files in os.walk(folder):
        found += [f"{place}/{name}" for name in (*folders, *files)]
    return found


def sockets() -> list[str]:
    """Sockets that programs of this machine listen on."""
    with open("/proc/net/unix", encoding="utf-8", errors="replace") as file:
        listed = [line.split()[7] for line in file if len(line.split()) == 8]
    found = {path for path in listed if path.startswith("/")}
    for place, _, files in os.walk("/run"):
        found |= {f"{place}/{name}" for name in files if stat.S_ISSOCK(os.lstat(f"{place}/{name}").st_mode)}
    return sorted(found)


def processes() -> list[str]:
    """What the machine tells of its processes; low numbers are processes of a sandbox as well."""
    numbers = [name for name in os.listdir("/proc") if name.isdecimal() and int(name) > 99]
    return [f"/proc/{one}/{what}" for one in numbers for what in ("environ", "mem", "fd", "cwd", "root", "maps")]


def test_of_everything_that_is_the_server_s_nothing_opens(box, tmp_path, monkeypatch):
    data = server_in(tmp_path)
    home = tmp_path / "user"
    for name in (".ssh/id_ed25519", ".netrc", ".config/gcloud/key", ".local/share/plumbline/keys", "src/app/main.c"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(SECRET)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PLUMBLINE_SECRET", SECRET)
    own = data / "mirrors/5.git/objects"
    real = Path(os.path.expanduser("~root"))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "engine.sock"))
        listening.listen()
        tried = [path for path in (*below(data), *below(home)) if not f"{path}/".startswith(f"{own}/")]
        tried += [*sockets(), *processes(), "/etc/shadow-", "/etc/gshadow", "/etc/ssl/private", "/var/lib/docker"]
        tried += [str(path) for path in (real.iterdir() if os.access(real, os.R_OK) else ())]
        tried.remove(str(data))  # the folder that its own objects are below
        tried = [path for path in tried if path not in {str(above) for above in own.parents}]
        box.files = {"paths": "\n".join(tried) + "\n"}
        box.readable, box.hidden = (str(own),), (str(data),)
        result = box.run(SPY.replace("$SECRET_WORD", SECRET[:8] + '"' + SECRET[8:] + '"'), f"cat {own}/ab/cd")
    assert result.state is State.SUCCESS, box.log.text[-2000:]
    assert len(tried) > 40
    assert f"looked at {len(tried)} paths" in box.log.text
    assert "OPENED" not in box.log.text.replace('echo "OPENED', ""), box.log.text[-2000:]
    assert "WRITABLE" not in box.log.text.replace('echo "WRITABLE', ""), box.log.text[-2000:]


@pytest.mark.skipif(not os.access("/opt", os.W_OK), reason="only root keeps a data folder in /opt")
def test_a_data_folder_among_the_programs_is_covered(box):
    folder = Path(tempfile.mkdtemp(dir="/opt", prefix="plumbline-test-"))
    try:
        data = server_in(folder)
        (folder / "tool").write_text("tool")
        own = data / "mirrors/5.git/objects"
        box.readable, box.hidden = (str(own),), (str(data),)
        result = box.run(f"cat {folder}/tool {own}/ab/cd; echo; find {data} -type f")
        assert result.state is State.SUCCESS, box.log.text
        assert [line for line in box.log.text.splitlines() if line.startswith(str(data))] == [f"{own}/ab/cd"]
    finally:
        shutil.rmtree(folder)


def test_what_a_job_puts_in_place_of_its_folders_leads_nowhere(box, tmp_path, monkeypatch):
    """The server makes files and views for the next step, where the job could have put links."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "key").write_text(SECRET)
    tool = tmp_path / "user/.tool/bin"
    tool.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    box.view = JobView(tools=("~/.tool",), caches=str(tmp_path / "caches/1/x.tools/files"))
    long = 'x="' + "y" * 200_000 + '"'
    result = box.run(
        f"mv ~ /builds/.scratch/gone; ln -s {outside} /builds/.scratch/home",
        f"ln -s {outside}/key /builds/.scratch/after_script.sh",
        f"ln -s {outside} /tmp/key; ln -s {outside} /tmp/{tmp_path.parts[2]} || :",
        f"ln -sfn {outside} /cache/plumbline/gradle; ln -s {outside} /cache/plumbline/cargo",
        after=(f"{long}; ls -A /tmp /builds/.scratch; ! cat {outside}/key /tmp/key/key",),
    )
    assert result.state is State.SUCCESS, box.log.text[-2000:]
    assert "after_script failed" not in box.log.text
    assert (outside / "key").read_text() == SECRET
    assert os.listdir(outside) == ["key"]
    assert SECRET not in box.log.text


def test_variables_reach_neither_the_wrapper_nor_what_others_see(tmp_path):
    """A variable such as LD_PRELOAD would make the wrapper run code of the job outside."""
    place = Bubblewrap(Setup("group/app"))(Copy(tmp_path / "work", {}).open(JobOrder(id=1, name="j", stage="s")))
    start = place.start("true", {"LD_PRELOAD": "/evil.so", "TOKEN": SECRET, MARKER: "m-1"}, "script")
    try:
        assert start.environ == {MARKER: "m-1"}
        assert not any(SECRET in word or "evil" in word for word in start.argv)
    finally:
        for handle in start.handles:
            os.close(handle)


def test_what_others_may_not_read_no_job_reads(box):
    """Files of /etc that root alone reads, below folders that are shown."""
    result = box.run(
        "find / -xdev -path /proc -prune -o -path /sys -prune -o -path /usr -prune -o -path /opt -prune "
        "-o -path '/etc/*' -type f ! -perm -o=r ! -empty ! -path /etc/shadow -print"
    )
    assert result.state is State.SUCCESS, box.log.text
    assert "\n/etc" not in box.log.text


def test_settings_of_the_kernel_and_devices_cannot_be_changed(box):
    result = box.run(
        # What is written is what is there, so that nothing changes where it is let.
        refused("cat /proc/sys/kernel/core_pattern > /proc/sys/kernel/core_pattern"),
        refused("cat /proc/sys/vm/swappiness > /proc/sys/vm/swappiness"),
        refused("[ -e /proc/sysrq-trigger ] && test -w /proc/sysrq-trigger"),
        refused("mount -t tmpfs none /mnt || mount -t tmpfs none /tmp || mknod /tmp/disk b 8 0"),
        "for f in /sys/fs/cgroup/*/release_agent; do [ ! -e $f ] || ! test -w $f || exit 1; done",
        refused("mkdir /sys/fs/cgroup/made || mkdir /sys/fs/cgroup/*/made"),
        "find /proc -maxdepth 3 -path '/proc/[0-9]*' -prune -o -path '/proc/*self' -prune -o -path /proc/pressure "
        '-prune -o -type f -perm /222 -print | while read -r f; do if test -w $f; then echo "WRITABLE $f"; fi; done',
    )
    assert result.state is State.SUCCESS, box.log.text
    assert "\nWRITABLE" not in box.log.text


@pytest.mark.skipif(not shutil.which("unshare"), reason="no unshare here")
@pytest.mark.skipif(not refused_calls(), reason="the system calls of this machine are not known")
def test_a_job_cannot_mount_its_control_groups_to_lift_its_limits(box):
    mount = "mkdir -p /tmp/g; mount -t cgroup -o pids x /tmp/g || mount -t cgroup2 x /tmp/g"
    result = box.run(
        refused("unshare --user --map-root-user --cgroup true"),
        refused(f"unshare --user --map-root-user --mount --cgroup sh -c '{mount}'"),
        refused(f"unshare --user --map-root-user --mount sh -c '{mount}'"),
        "unshare --user --map-root-user --mount --pid --fork true",
    )
    assert result.state is State.SUCCESS, box.log.text


@pytest.mark.skipif(not refused_calls() or not shutil.which("python3"), reason="the system calls are not known")
def test_a_job_cannot_reach_the_keys_that_the_kernel_keeps(box):
    """They belong to a user and a session, and namespaces do not change these."""
    keys = {"x86_64": 248, "aarch64": 217, "riscv64": 217, "ppc64le": 269}[os.uname().machine]
    box.files = {
        "keys.py": "import ctypes, errno, threading\n"
        "call = ctypes.CDLL(None, use_errno=True).syscall\n"
        f"add, ask, look = range({keys}, {keys + 3})\n"
        "for asked in ((add, b'user', b'x', b'y', 1, -3), (ask, b'user', b'x', None, 0), (look, 0, -3, 0)):\n"
        "    assert call(*asked) == -1 and ctypes.get_errno() == errno.EPERM, asked\n"
        "thread = threading.Thread(target=print, args=('a thread',))\nthread.start()\nthread.join()\n"
    }
    result = box.run("python3 keys.py")
    assert result.state is State.SUCCESS, box.log.text
    assert "\na thread\n" in box.log.text
