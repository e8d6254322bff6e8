"""The run store: numbers, records, events, dead owners."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.cost import cost

from plumbline.adapters.runs import LocalRuns, local_folder
from plumbline.kernel import PlumblineError, Text, t, use_language
from plumbline.model.job import CacheUse, FailureReason, State
from plumbline.model.run import JobRecord, RunEvent, RunEventKind, RunRecord

K = RunEventKind


@pytest.fixture
def killed() -> list[str]:
    return []


@pytest.fixture
def runs(tmp_path: Path, killed: list[str]) -> LocalRuns:
    return LocalRuns(f"{tmp_path}/shop-1234", lambda prefix, _: killed.append(prefix) or 0)


def finished(runs: LocalRuns, record: RunRecord, state: State = State.SUCCESS) -> RunRecord:
    record.state, record.finished = state, 100.0
    runs.save(record)
    return record


def abandoned(runs: LocalRuns, **values: object) -> RunRecord:
    """A run whose owner died."""
    return runs.create(RunRecord(**values))  # type: ignore[arg-type]


def die(runs: LocalRuns) -> None:
    for descriptor in runs._owned.values():
        os.close(descriptor)
    runs._owned.clear()


def event(run: int, kind: RunEventKind, at: float, state: State, job: int = 1, **values: object) -> RunEvent:
    return RunEvent(kind=kind, time=at, run=run, job=f"j{job}", job_id=job, stage="s", state=state, **values)  # type: ignore[arg-type]


def test_numbers_have_no_gaps(runs: LocalRuns) -> None:
    assert [runs.create(RunRecord()).id for _ in range(3)] == [1, 2, 3]


def test_numbers_among_many(tmp_path: Path) -> None:
    found: list[int] = []

    def work() -> None:
        store = LocalRuns(f"{tmp_path}/p", lambda *_: 0)
        found.extend(store.create(RunRecord()).id for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(1, 41))


def test_record_there_and_back(runs: LocalRuns) -> None:
    record = runs.create(RunRecord(project="g/p", variables=(("A", "1"),)))
    use = CacheUse(key="k", message=t("the cache {key} is {state}", key="k", state=t("gone")))
    record.jobs.append(
        JobRecord(id=1, name="j", stage="s", state=State.FAILED, reason=FailureReason.SCRIPT, caches=(use,))
    )
    finished(runs, record, State.FAILED)
    assert runs.load(record.id) == record
    assert LocalRuns(os.path.dirname(runs._runs), lambda *_: 0).newest(5) == [record]
    assert runs.load(99) is None


def test_texts_are_kept_for_any_language(runs: LocalRuns) -> None:
    record = runs.create(RunRecord())
    runs.append(
        event(
            1,
            K.TASK_FINISHED,
            2.0,
            State.FAILED,
            message=Text("{count} file", {"count": 2}, plural="{count} files", count=2),
        )
    )
    (kept,) = runs._read_events(record.id)
    assert kept.message == Text("{count} file", {"count": 2}, plural="{count} files", count=2)
    assert str(kept.message) == "2 files"
    use_language("en")


def test_newest_first(runs: LocalRuns) -> None:
    for _ in range(3):
        finished(runs, runs.create(RunRecord()))
    assert [record.id for record in runs.newest(2)] == [3, 2]
    assert LocalRuns("/nonexistent/x", lambda *_: 0).newest(5) == []


def test_only_so_many_are_kept(tmp_path: Path) -> None:
    runs = LocalRuns(f"{tmp_path}/p", lambda *_: 0, keep=3)
    living = runs.create(RunRecord())
    for _ in range(5):
        finished(runs, runs.create(RunRecord()))
    assert runs._ids() == [living.id, 4, 5, 6]
    assert runs.create(RunRecord()).id == 7


def test_keeping_one(tmp_path: Path) -> None:
    runs = LocalRuns(f"{tmp_path}/p", lambda *_: 0, keep=1)
    for _ in range(3):
        finished(runs, runs.create(RunRecord()))
    assert runs._ids() == [3]


def test_a_broken_record_is_told_and_passed_over(runs: LocalRuns) -> None:
    for content in (b"", b"{", b"[1]", b'{"id": "x"}', b"\xff\xfe", b'{"jobs": [{"id": 1}]}'):
        record = finished(runs, runs.create(RunRecord()))
        Path(runs.folder(record.id), "run.json").write_bytes(content)
        with pytest.raises(PlumblineError) as caught:
            runs.load(record.id)
        assert caught.value.code == "run-unreadable"
    (Path(runs._runs) / "notes.txt").write_text("not a run")
    (Path(runs._runs) / "12x").mkdir()
    good = finished(runs, runs.create(RunRecord()))
    assert runs.newest(10) == [good]
    assert runs.sweep() == []


def test_a_living_run_shows_its_jobs(runs: LocalRuns, tmp_path: Path) -> None:
    record = runs.create(RunRecord(created=1.0))
    runs.append(RunEvent(kind=K.RUN_STARTED, time=1.0, run=1, pipeline=1))
    runs.append(event(1, K.TASK_STATE, 1.5, State.PENDING))
    runs.append(event(1, K.TASK_STARTED, 2.0, State.RUNNING))
    runs.append(
        event(1, K.TASK_FINISHED, 3.0, State.FAILED, exit_code=3, reason=FailureReason.SCRIPT, message=t("x {y}", y=1))
    )
    runs.append(event(1, K.TASK_STARTED, 3.5, State.RUNNING, job=2))
    seen = LocalRuns(f"{tmp_path}/shop-1234", lambda *_: 0).load(record.id)
    assert seen is not None
    assert seen.state is State.RUNNING
    first, second = seen.jobs
    assert (first.state, first.queued, first.started, first.finished) == (State.FAILED, 1.5, 2.0, 3.0)
    assert (first.exit_code, first.reason, first.message) == (3, FailureReason.SCRIPT, "x 1")
    assert second.state is State.RUNNING


def test_output_is_no_event(runs: LocalRuns) -> None:
    runs.create(RunRecord())
    runs.append(RunEvent(kind=K.TASK_LOG, time=1.0, run=1, log=b"secret"))
    runs.append(RunEvent(kind=K.NOTICE, time=1.0, run=1))
    assert b"secret" not in Path(runs.folder(1), "events.jsonl").read_bytes()


def test_logs(runs: LocalRuns) -> None:
    runs.create(RunRecord())
    with runs.open_log(1, 100001) as log:
        log.write(b"one\xff\n")
        assert Path(runs.log_path(1, 100001)).read_bytes() == b"one\xff\n"


class TestSweep:
    def test_a_living_run_is_left_alone(self, runs: LocalRuns, tmp_path: Path, killed: list[str]) -> None:
        runs.create(RunRecord())
        other = LocalRuns(f"{tmp_path}/shop-1234", lambda prefix, _: killed.append(prefix) or 0)
        assert other.sweep() == []
        assert runs.sweep() == []
        assert killed == []

    def test_a_finished_run_is_left_alone(self, runs: LocalRuns, killed: list[str]) -> None:
        record = runs.create(RunRecord())
        os.makedirs(f"{runs.work_folder(record.id)}/1")
        finished(runs, record)
        assert not Path(runs.work_folder(record.id)).exists()
        assert runs.sweep() == []
        assert killed == []

    def test_a_folder_in_the_making_is_left_alone(self, runs: LocalRuns, tmp_path: Path) -> None:
        folder = tmp_path / "shop-1234/runs/.new.1.1.tmp"
        folder.mkdir(parents=True)
        (folder / "owner").touch()
        assert runs.sweep() == []
        assert folder.exists()
        os.utime(folder, (0, 0))
        assert runs.sweep() == []
        assert not folder.exists()

    def test_a_dead_one_is_put_in_order(self, runs: LocalRuns, killed: list[str]) -> None:
        abandoned(runs, created=1.0)
        for number, state in ((1, State.SUCCESS), (2, State.FAILED)):
            runs.append(event(1, K.TASK_STARTED, 2.0, State.RUNNING, job=number))
            runs.append(event(1, K.TASK_FINISHED, 3.0, state, job=number))
        runs.append(event(1, K.TASK_STATE, 3.0, State.MANUAL, job=4))
        runs.append(event(1, K.TASK_STARTED, 4.0, State.RUNNING, job=3))
        with runs.open_log(1, 3) as log:
            log.write(b"x")
        os.utime(runs.log_path(1, 3), (9.0, 9.0))
        stubborn = Path(runs.work_folder(1), "3/shop")
        stubborn.mkdir(parents=True)
        (stubborn / "x").write_text("")
        stubborn.chmod(0o500)
        die(runs)
        (swept,) = runs.sweep()
        assert killed == ["shop-1234-1-"]
        assert (swept.id, swept.interrupted, swept.state, swept.finished) == (1, True, State.CANCELED, 9.0)
        states = {job.name: job.state for job in swept.jobs}
        assert states == {"j1": State.SUCCESS, "j2": State.FAILED, "j3": State.CANCELED, "j4": State.MANUAL}
        assert not Path(runs.work_folder(1)).exists()
        assert runs.load(1) == swept
        assert runs.sweep() == []

    def test_without_a_record(self, runs: LocalRuns) -> None:
        abandoned(runs)
        die(runs)
        Path(runs.folder(1), "run.json").write_bytes(b"broken")
        Path(runs.folder(1), "events.jsonl").write_bytes(b'{"kind":"taskrun.started","time":1,"run":1\nbroken')
        (swept,) = runs.sweep()
        assert swept.interrupted

    def test_dead_before_its_number(self, runs: LocalRuns, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(runs, "_claim", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                runs.create(RunRecord())
        (left,) = [name for name in os.listdir(runs._runs) if name.startswith(".")]
        _close_lock(runs)
        os.utime(f"{runs._runs}/{left}", (0, 0))
        assert runs.sweep() == []
        assert os.listdir(runs._runs) == []

    def test_after_a_real_kill(self, tmp_path: Path, killed: list[str]) -> None:
        program = (
            "import sys, time\n"
            "from plumbline.adapters.runs import LocalRuns\n"
            "from plumbline.model.run import RunRecord\n"
            f"LocalRuns({str(tmp_path / 'shop-1')!r}, lambda *_: 0).create(RunRecord(created=5.0))\n"
            "print('ready', flush=True)\n"
            "time.sleep(60)\n"
        )
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as owner:
            assert owner.stdout is not None
            owner.stdout.readline()
            runs = LocalRuns(f"{tmp_path}/shop-1", lambda prefix, _: killed.append(prefix) or 0)
            assert runs.sweep() == []
            owner.send_signal(signal.SIGKILL)
            owner.wait()
        assert [record.id for record in runs.sweep()] == [1]
        assert killed == ["shop-1-1-"]


def _close_lock(runs: LocalRuns) -> None:
    """Close what a create that failed half-way still holds, as the end of its process would."""
    for name in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{name}").startswith(runs._runs):
                os.close(int(name))
        except OSError:
            continue


class TestFullDisk:
    def test_at_the_start(self, runs: LocalRuns, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "mkdir", full)
        with pytest.raises(PlumblineError) as caught:
            runs.create(RunRecord())
        assert caught.value.code == "disk-full"

    def test_a_run_that_cannot_begin_leaves_nothing(self, runs: LocalRuns, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("plumbline.adapters.runs.store.write_whole", full)
            with pytest.raises(PlumblineError):
                runs.create(RunRecord())
        assert os.listdir(runs._runs) == []
        assert runs.create(RunRecord()).id == 1

    def test_events_wait_for_room(self, runs: LocalRuns, monkeypatch: pytest.MonkeyPatch) -> None:
        runs.create(RunRecord())
        real = os.write

        def full(descriptor: int, data: bytes) -> int:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", full)
            runs.append(event(1, K.TASK_STARTED, 2.0, State.RUNNING))
        assert os.write is real
        runs.append(event(1, K.TASK_FINISHED, 3.0, State.SUCCESS))
        assert [kept.kind for kept in runs._read_events(1)] == [K.TASK_STARTED, K.TASK_FINISHED]


def test_the_books_of_300_jobs_are_cheap(runs: LocalRuns) -> None:
    def keep() -> None:
        record = runs.create(RunRecord())
        for number in range(300):
            record.jobs.append(JobRecord(id=number, name=f"j{number}", stage="s"))
            runs.append(event(record.id, K.TASK_STATE, 1.0, State.PENDING, job=number))
            runs.append(event(record.id, K.TASK_STARTED, 1.0, State.RUNNING, job=number))
            runs.append(event(record.id, K.TASK_FINISHED, 1.0, State.SUCCESS, job=number))
        finished(runs, record)

    assert cost(keep) < 4  # seen: 0.2


def test_folder_of_a_project() -> None:
    one, other = local_folder("/data", "/srv/My Shop"), local_folder("/data", "/home/My Shop")
    assert one.startswith("/data/local/my-shop-")
    assert one != other
    assert local_folder("/data", "/srv/商店").startswith("/data/local/project-")
