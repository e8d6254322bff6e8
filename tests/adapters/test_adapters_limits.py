"""What a job may take: processes, memory, processor time and disk, held by what this machine has.

Every hostile program here is bounded a second time by its own counts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plumbline.adapters.cancellation import PipeCancellation
from plumbline.adapters.jobs import LocalExecutor, LocalSettings
from plumbline.adapters.jobs.usage import Usage, unlinked_of, usage_of
from plumbline.adapters.jobs.warden import Space, Warden
from plumbline.adapters.processes import Cage, Cages, cgroups, kill_marked, limits
from plumbline.model.job import FailureReason, JobOrder, JobResult, ScriptStep, State
from plumbline.model.job_setup import JobLimits

pytestmark = pytest.mark.slow

HELD = {"pids", "memory"} <= cgroups.homes().keys()
grouped = pytest.mark.skipif(not HELD, reason="no control groups for processes and memory may be made here")
UNHELD = JobLimits(processes=0, workspace=0, log=100_000)


class Folder:
    notices = ()

    def __init__(self, home: Path) -> None:
        self.home, self.root, self.scratch = home, str(home / "project"), str(home / ".scratch")

    def open(self, _: JobOrder) -> Folder:
        Path(self.root).mkdir(parents=True)
        Path(self.scratch).mkdir()
        return self

    def close(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)


class Log:
    data = b""

    def write(self, data: bytes) -> None:
        self.data += data


class Held:
    """Runs scripts under limits."""

    def __init__(self, home: Path) -> None:
        self.home, self.log, self.seconds = home, Log(), 0.0

    def __call__(self, *script: str, limits: JobLimits, after: tuple[str, ...] = (), timeout: float = 60) -> JobResult:
        nothing = None
        settings = LocalSettings(marker=f"held-{os.getpid()}-", grace=0.5, limits=limits)
        executor = LocalExecutor(Folder(self.home / "work"), nothing, nothing, settings)  # type: ignore[arg-type]
        steps = [ScriptStep(name="script", lines=script)]
        steps += [ScriptStep(name="after_script", lines=after, always=True)] if after else []
        cancel, begun = PipeCancellation(), time.monotonic()
        try:
            order = JobOrder(id=3, name="j", stage="test", steps=tuple(steps), timeout=timeout)
            return executor.run(order, self.log, cancel)
        finally:
            self.seconds = time.monotonic() - begun
            cancel.close()
            executor.close()

    @property
    def said(self) -> str:
        return self.log.data.decode()


@pytest.fixture
def held(tmp_path: Path):
    yield Held(tmp_path)
    assert groups(f"held-{os.getpid()}-") == []


def groups(prefix: str) -> list[str]:
    return [name for home in set(cgroups.homes().values()) for name in os.listdir(home) if name.startswith(prefix)]


@grouped
def test_processes(held: Held) -> None:
    many = "sh -c 'for i in $(seq 60); do sleep 20 & done; echo all'"  # bash would try again and again
    result = held(many, limits=JobLimits(processes=20))
    assert result.state is State.FAILED
    assert "it ran into the limit of processes (20)" in str(result.message)
    assert "it ran into the limit of processes (20)" in held.said
    assert held.seconds < 15


@grouped
def test_a_limit_that_a_job_survives_is_a_warning(held: Held) -> None:
    result = held("sh -c 'for i in $(seq 60); do sleep 20 & done' || true", limits=JobLimits(processes=20))
    assert result.state is State.SUCCESS
    assert "limit of processes" in str(result.warnings[0])


@grouped
def test_memory(held: Held) -> None:
    hog = f"{sys.executable} -c 'b = bytearray(200_000_000)'"
    result = held(hog, limits=JobLimits(memory=60_000_000), after=("echo afterwards",))
    assert (result.state, result.reason, result.exit_code) == (State.FAILED, FailureReason.SCRIPT, 137)
    assert "it ran into the limit of memory (60 MB)" in str(result.message)
    assert "\nafterwards\n" in held.said


def test_memory_of_each_process_where_there_are_no_groups(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_homes", dict)
    hog = f"{sys.executable} -c 'b = bytearray(200_000_000)'"
    result = held(hog, limits=JobLimits(memory=60_000_000))
    assert result.state is State.FAILED
    assert "MemoryError" in held.said
    assert "Not limited, since this user may make no control groups here: the number of processes; memory" in held.said


def test_processor_time(held: Held) -> None:
    result = held("while :; do :; done", limits=JobLimits(cpu_seconds=1), after=("echo afterwards",))
    assert result.state is State.FAILED
    assert "it used up its processor time (1 s)" in str(result.message)
    assert held.seconds < 30


def test_processor_time_without_groups(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_homes", dict)
    result = held("(while :; do :; done)", limits=JobLimits(cpu_seconds=1))
    assert "it used up its processor time (1 s)" in str(result.message)


@grouped
def test_processors(held: Held) -> None:
    if "cpu" not in cgroups.homes():
        pytest.skip("no control groups for processors may be made here")
    spin = "timeout 1 bash -c 'while :; do :; done' & timeout 1 bash -c 'while :; do :; done' & wait; times"
    held(spin, limits=JobLimits(cpus=1))
    minutes = [part for part in held.said.split() if part.endswith("s") and "m" in part]
    used = sum(int(part.split("m")[0]) * 60 + float(part.split("m")[1][:-1]) for part in minutes[-2:])
    assert used < 1.5


def test_jobs_go_first_where_memory_runs_out(held: Held) -> None:
    result = held("test $(cat /proc/self/oom_score_adj) = 500", "test $(ulimit -c) = 0", limits=JobLimits())
    assert result.state is State.SUCCESS, held.said


def test_nothing_is_said_where_all_is_held(held: Held) -> None:
    held("true", limits=JobLimits())
    assert ("Not limited" in held.said) is not HELD


def test_a_file_may_not_be_larger_than_the_working_copy(held: Held) -> None:
    result = held("exec head -c 3000000 /dev/zero >large", limits=JobLimits(workspace=1_000_000))
    assert result.exit_code == 153
    assert "a file may have 1 MB at most" in str(result.message)


def test_the_working_copy(held: Held) -> None:
    fill = "for i in $(seq 100); do head -c 900000 /dev/zero >file-$i; sleep 0.05; done; sleep 30"
    result = held(fill, limits=JobLimits(workspace=8_000_000), after=("echo afterwards",))
    assert (result.state, result.reason) == (State.FAILED, FailureReason.SCRIPT)
    assert "exceed the limit of 8 MB" in str(result.message)
    assert "\nafterwards\n" not in held.said
    assert held.seconds < 20


@grouped
def test_files_without_a_name_count(held: Held) -> None:
    hide = 'for i in 1 2 3 4 5 6; do eval "exec $((i+3))>f"; rm f; head -c 3000000 /dev/zero >&$((i+3)); done; sleep 30'
    result = held(hide, limits=JobLimits(workspace=8_000_000))
    assert "exceed the limit of 8 MB" in str(result.message)
    assert held.seconds < 20


def test_temporary_files_count(held: Held) -> None:
    fill = "for i in $(seq 30); do head -c 900000 /dev/zero >$TMPDIR/file-$i; done; sleep 30"
    result = held(fill, limits=JobLimits(workspace=8_000_000))
    assert "exceed the limit of 8 MB" in str(result.message)


class TestTheEnd:
    """Nothing of a job outlives it, however it goes away."""

    @grouped
    def test_what_leaves_session_environment_and_folder(self, held: Held) -> None:
        daemon = "import os, time; os.fork() and os._exit(0); os.setsid(); os.chdir('/'); time.sleep(60)"
        result = held(f'env -i {sys.executable} -c "{daemon}"; sleep 0.2', limits=JobLimits())
        assert result.state is State.SUCCESS
        assert held.seconds < 10

    @grouped
    def test_what_ignores_the_polite_signal(self, held: Held) -> None:
        deaf = "trap '' TERM; while :; do sleep 0.1; done"
        result = held(deaf, limits=JobLimits(), timeout=1)
        assert result.reason is FailureReason.TIMEOUT
        assert held.seconds < 10

    @grouped
    def test_a_fork_bomb(self, held: Held) -> None:
        # The group holds it at 40; without one it ends by itself after some hundreds.
        bomb = "f() { test $1 -gt 0 && { f $(($1-1)) & f $(($1-1)) & }; sleep 5; }; f 7"
        held(bomb, limits=JobLimits(processes=40), timeout=3)
        assert held.seconds < 20

    @grouped
    def test_groups_of_an_owner_that_was_killed(self, tmp_path: Path) -> None:
        prefix = f"killed-{os.getpid()}-"
        cage = Cage(f"{prefix}1", JobLimits(), cgroups.homes())
        cage.open()
        sleeper = subprocess.Popen([*cage.prefix, "/bin/sleep", "60"], env={}, cwd="/")
        until = time.monotonic() + 20
        while not cage.processes() and time.monotonic() < until:
            time.sleep(0.01)
        other = Cage(f"other-{os.getpid()}-1", JobLimits(), cgroups.homes())
        other.open()
        kill_marked(prefix, str(tmp_path / "nowhere"))
        assert sleeper.wait(10) == -9
        assert groups(prefix) == []
        assert groups(f"other-{os.getpid()}-") != []
        other.close()

    def test_nothing_empty_is_taken(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="empty"):
            limits.remove_groups("")
        with pytest.raises(ValueError, match="empty"):
            kill_marked("", str(tmp_path))


class TestCages:
    @grouped
    def test_are_used_again_and_forget(self) -> None:
        cages = Cages(f"again-{os.getpid()}-")
        small = JobLimits(processes=5)
        first = cages.take(small)
        subprocess.run([*first.prefix, "/bin/sh", "-c", "for i in $(seq 20); do sleep 3 & done"], check=False)
        assert first.exceeded() is not None
        cages.give_back(first)
        second = cages.take(small)
        assert second is first
        assert second.exceeded() is None
        assert second.is_empty()
        third = cages.take(JobLimits(processes=6))
        assert third is not first
        cages.give_back(second)
        cages.give_back(third)
        cages.close()
        assert groups(f"again-{os.getpid()}-") == []

    @grouped
    def test_all_jobs_together_leave_the_server_its_memory(self) -> None:
        cages = Cages(f"share-{os.getpid()}-")
        cages.give_back(cages.take(JobLimits()))
        home = cgroups.homes()["memory"]
        name = "memory.max" if cgroups.is_unified("memory") else "memory.limit_in_bytes"
        assert int(cgroups.read(f"{home}/{name}")) <= cgroups.room() * 3 // 4
        cages.close()

    def test_what_a_job_exports_does_not_stand_in_for_what_is_called(self) -> None:
        cage = Cages(f"export-{os.getpid()}-").take(JobLimits())
        environ = {"BASH_FUNC_echo%%": "() { :; }", "BASH_FUNC_ulimit%%": "() { :; }", "PATH": os.environ["PATH"]}
        argv = [*cage.prefix, "/bin/cat", "/proc/self/oom_score_adj"]
        assert subprocess.run(argv, env=environ, capture_output=True, text=True, check=True).stdout == "500\n"
        cage.close()


class TestVersion2:
    """A hierarchy of version 2, as a folder of files: what is written where."""

    @pytest.fixture
    def top(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        own = tmp_path / "system.slice" / "plumbline.service"
        for folder in (tmp_path, own.parent, own):
            folder.mkdir(exist_ok=True)
            (folder / "cgroup.subtree_control").write_text("")
            (folder / "cgroup.procs").write_text("")
        mounts = {cgroups.UNIFIED: cgroups.Mounted(str(tmp_path), str(own), unified=True)}
        monkeypatch.setattr(cgroups, "mounted", lambda: mounts)
        self.written: list[tuple[str, str]] = []

        def write(path: str, text: str) -> None:
            place = Path(path)
            self.written.append((str(place.relative_to(tmp_path)), text))
            if place.name == "cgroup.subtree_control":
                place.write_text(f"{place.read_text() if place.exists() else ''} {text.removeprefix('+')}")

        monkeypatch.setattr(cgroups, "write", write)
        cgroups.homes.cache_clear()
        yield own
        cgroups.homes.cache_clear()

    def test_a_group_of_our_own_is_left_to_groups(self, top: Path) -> None:
        (top / "cgroup.procs").write_text(f"{os.getpid()}\n")
        homes = cgroups.homes()
        own = "system.slice/plumbline.service"
        assert self.written[0] == (f"{own}/plumbline-main/cgroup.procs", str(os.getpid()))
        assert (f"{own}/cgroup.subtree_control", "+memory") in self.written
        assert set(homes) == {"", "pids", "memory", "cpu", "cpuacct"}
        assert set(homes.values()) == {f"{top}/plumbline-jobs"}

    def test_a_group_with_others_in_it_is_left_alone(self, top: Path) -> None:
        (top / "cgroup.procs").write_text(f"{os.getpid()}\n1\n")
        assert cgroups.homes() == {}
        assert not (top / "plumbline-main").exists()

    def test_the_nearest_above_that_hands_on_is_taken(self, top: Path) -> None:
        (top / "cgroup.procs").write_text("1\n")
        (top.parent / "cgroup.subtree_control").write_text("cpu memory pids\n")
        (top.parent / "plumbline-jobs").mkdir()
        (top.parent / "plumbline-jobs" / "cgroup.subtree_control").write_text("memory pids\n")
        homes = cgroups.homes()
        assert homes["pids"] == f"{top.parent}/plumbline-jobs"


class TestUsage:
    def test_counts_what_is_on_the_disk(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"x" * 100_000)
        os.link(tmp_path / "a", tmp_path / "b")
        with (tmp_path / "sparse").open("wb") as file:
            file.truncate(1 << 30)
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "c").write_bytes(b"x" * 50_000)
        (tmp_path / "out").symlink_to("/usr")
        size, entries = list(usage_of([str(tmp_path)]))[-1]
        assert entries == 6
        assert 150_000 < size < 180_000

    def test_deeper_than_a_path(self, tmp_path: Path) -> None:
        inside = os.open(tmp_path, os.O_RDONLY)
        for _ in range(50):
            os.mkdir("d" * 200, dir_fd=inside)
            inside, old = os.open("d" * 200, os.O_RDONLY, dir_fd=inside), inside
            os.close(old)
        with open(os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=inside), "wb") as file:
            file.write(b"x" * 100_000)
        os.close(inside)
        before = len(os.listdir("/proc/self/fd"))
        size, entries = list(usage_of([str(tmp_path)]))[-1]
        assert entries == 51
        assert size > 100_000
        assert len(os.listdir("/proc/self/fd")) == before

    def test_a_link_in_the_place_of_the_folder_counts_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to("/usr/bin")
        assert list(usage_of([str(tmp_path / "link"), str(tmp_path / "gone")])) == [Usage(0, 0)]

    def test_what_has_no_name_any_more(self, tmp_path: Path) -> None:
        with (tmp_path / "f").open("wb") as file:
            (tmp_path / "f").unlink()
            file.write(b"x" * 100_000)
            file.flush()
            assert unlinked_of([os.getpid()]) >= 100_000


class TestADiskThatGetsFull:
    """The disk is a simulated one; the folders are real."""

    @pytest.fixture
    def space(self, monkeypatch: pytest.MonkeyPatch) -> list[Space]:
        now = [Space(0, 1, 1_000_000, low=True, few_places=False)]
        monkeypatch.setattr("plumbline.adapters.jobs.warden.space_of", lambda *_: now[0])
        monkeypatch.setattr("plumbline.adapters.jobs.warden._BLAMED", 1_000_000)
        return now

    def job(self, warden: Warden, folder: Path, size: int):
        folder.mkdir()
        (folder / "f").write_bytes(b"x" * size)
        return warden.watch((str(folder),), JobLimits(), None)

    def test_the_largest_job_has_to_go_and_then_the_disk_is_given_time(
        self, tmp_path: Path, space: list[Space]
    ) -> None:
        warden = Warden()
        jobs = [self.job(warden, tmp_path / str(size), size) for size in (10, 5_000_000, 2_000_000)]
        for _ in range(5):
            warden.round(jobs)
        assert [job.halted() for job in jobs] == [False, True, False]
        assert jobs[1].reason is FailureReason.RUNNER_SYSTEM
        jobs[1].halted_at -= 60
        for _ in range(5):
            warden.round(jobs)
        assert [job.halted() for job in jobs] == [False, True, True]
        for job in jobs:
            warden.forget(job)

    def test_who_wrote_little_is_left_alone(self, tmp_path: Path, space: list[Space]) -> None:
        warden = Warden()
        job = self.job(warden, tmp_path / "a", 1000)
        warden.round([job])
        assert not job.halted()
        warden.forget(job)

    def test_a_job_without_a_folder_hides_nothing(self, tmp_path: Path) -> None:
        warden = Warden()
        gone, filler = self.job(warden, tmp_path / "a", 10), self.job(warden, tmp_path / "b", 5_000_000)
        shutil.rmtree(tmp_path / "a")
        (tmp_path / "a").symlink_to("/proc")
        filler.limits, filler.looked = JobLimits(workspace=1_000_000), 0.0
        warden.round([gone, filler])
        assert filler.halted()
        for job in (gone, filler):
            warden.forget(job)
