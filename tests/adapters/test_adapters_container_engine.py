"""What engines answer, or do not: clients of ours stand for them."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from plumbline.adapters.cancellation import PipeCancellation
from plumbline.adapters.containers import Engine, EngineContainers, find_engine, finding, forget_engines
from plumbline.adapters.containers import engine as engines
from plumbline.adapters.executors import Setup, open_containers
from plumbline.adapters.jobs import LocalExecutor, LocalSettings
from plumbline.kernel import ErrorKind, PlumblineError
from plumbline.model.job import FailureReason, JobOrder, ScriptStep, State
from plumbline.model.job_setup import ContainerRules, JobSetup
from plumbline.model.pipeline import Image, Variable

pytestmark = pytest.mark.slow
VERSION = '{"Client": {"Version": "9.1"}}'


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Makes a client of a name that does what it is told; no other is found. Its calls are in a file."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def make(name: str, does: str) -> Path:
        path = folder / name
        path.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/asked\n{does}\n')
        path.chmod(0o755)
        return path

    forget_engines()
    yield make
    forget_engines()


@pytest.fixture
def job(tmp_path: Path):
    """Runs a job whose engine is a client of ours; its result."""

    class Home:
        root, scratch = str(tmp_path / "job/project"), str(tmp_path / "job/.scratch")
        text, spoilt = "", False
        notices = ()

        def open(self, _order):
            for folder in (self.root, self.scratch):
                Path(folder).mkdir(parents=True, exist_ok=True)
            return self

        def spoil(self):
            self.spoilt = True

        def close(self):
            return

        def write(self, data):
            self.text += data.decode()

    def run(path: Path, image: str, cancel: PipeCancellation | None = None, **order):
        home = Home()
        containers = EngineContainers(Engine("podman", str(path), "9"), "a/b", JobSetup())
        executor = LocalExecutor(home, None, None, LocalSettings(grace=0.2), containers=containers)
        step = ScriptStep(name="script", lines=("true",))
        order = JobOrder(id=1, name="j", stage="test", steps=(step,), image=Image(name=image), **order)
        return executor.run(order, home, cancel or PipeCancellation())

    return run


def test_a_client_without_an_engine_is_no_engine_and_is_heard(client) -> None:
    for name in ("docker", "podman"):
        client(name, f"echo Cannot connect to the {name} of tcp://127.0.0.1:9 >&2; exit 1")
    with pytest.raises(PlumblineError) as refused:
        find_engine()
    assert "Cannot connect to the docker of tcp://127.0.0.1:9" in str(refused.value)
    assert "Cannot connect to the podman" in str(refused.value)
    assert "--shell" in str(refused.value.hint)


def test_an_engine_that_comes_back_is_found_within_seconds(client, monkeypatch) -> None:
    assert finding.ABSENT < 10
    monkeypatch.setattr(finding, "ABSENT", 0.0)
    client("podman", "exit 1")
    with pytest.raises(PlumblineError):
        find_engine()
    client("podman", f"[ $1 = ps ] || echo '{VERSION}'")
    found = find_engine()
    assert (found.name, found.version) == ("podman", "9.1")


def test_a_name_that_is_none_is_a_typing_error(client) -> None:
    client("docker", "exit 1")
    with pytest.raises(PlumblineError) as refused:
        open_containers(Setup("a/b", (), JobSetup(containers=ContainerRules(engine="dokcer"))))
    assert (refused.value.code, refused.value.kind) == ("unknown-container-engine", ErrorKind.CONFIGURATION)
    assert "docker" in str(refused.value.hint)


@pytest.mark.parametrize(
    "says",
    [
        "exit 0",
        "echo yes",
        "echo '[]'",
        "echo '{}'",
        'echo \'{"Client": 3, "ServerVersion": []}\'',
        "echo null",
        "head -c 9000000 /dev/zero",
    ],
)
@pytest.mark.parametrize("name", ["podman", "docker"])
def test_a_client_that_answers_nonsense_is_no_engine(client, name: str, says: str) -> None:
    client(name, f"PATH=/usr/bin:/bin\n{says}")
    with pytest.raises(PlumblineError) as refused:
        find_engine()
    assert refused.value.code == "no-container-engine"


def test_a_client_that_hangs_is_waited_for_in_bounds(client, monkeypatch) -> None:
    monkeypatch.setattr(finding, "PATIENCE", 0.3)
    client("podman", "exec /bin/sleep 60")
    begun = time.monotonic()
    with pytest.raises(PlumblineError):
        find_engine()
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    "image", ["--help", "-v", "", "a b", "a\nb", "a\0b", "$NOTHING", "${OPTION}", "dir:/etc", "docker-archive:x.tar",
              "OCI:x", "docker://a/b", "./a", "a;b", "x" * 2000]
)  # fmt: skip
def test_names_that_are_none_never_reach_a_client(client, job, tmp_path, image: str) -> None:
    path = client("podman", "exit 0")
    result = job(path, image, variables=(Variable("OPTION", "--help"),))
    assert (result.state, result.reason) == (State.FAILED, FailureReason.IMAGE_PULL)
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize("says", ["exit 0", "echo usage: something", "echo '[1]'", "echo '{'", "printf '\\377'"])
def test_an_engine_that_answers_nonsense_ends_in_a_verdict(client, job, says: str) -> None:
    result = job(client("podman", says), "busybox")
    assert (result.state, result.reason) == (State.FAILED, FailureReason.RUNNER_SYSTEM)
    assert "cannot be understood" in str(result.message)


def test_an_engine_that_hangs_ends_in_a_verdict(client, job, monkeypatch) -> None:
    monkeypatch.setattr(engines.Engine.ask, "__kwdefaults__", {"timeout": 0.5, "cancel": None, "environ": None})
    result = job(client("podman", "echo waiting; exec /bin/sleep 60"), "busybox")
    assert result.reason is FailureReason.RUNNER_SYSTEM
    assert "waiting" in str(result.message)


def test_an_engine_that_refuses_says_why_in_the_verdict(client, job) -> None:
    state = '{"Running": false, "Error": "no space left"}'
    path = client("podman", f"case $1 in image) echo '{{}}';; run) exit 126;; container) echo '{state}';; esac")
    result = job(path, "busybox")
    assert (result.reason, result.exit_code) == (FailureReason.RUNNER_SYSTEM, None)
    assert "no space left" in str(result.message)


def test_an_engine_that_is_gone_later_is_no_missing_image(client, job, tmp_path) -> None:
    result = job(client("podman", "echo Cannot connect >&2; exit 125"), "busybox")
    assert result.reason is FailureReason.RUNNER_SYSTEM
    assert "Cannot connect" in str(result.message)
    assert "pull" not in (tmp_path / "asked").read_text()


@pytest.mark.parametrize("status", [0, 1, 125, 126, 127])
def test_a_container_that_ends_before_its_script_is_no_failure_of_the_script(client, job, status: int) -> None:
    path = client("podman", f"case $1 in image) echo '{{}}';; run) exit {status};; esac")
    result = job(path, "busybox")
    assert result.reason is FailureReason.RUNNER_SYSTEM


def test_a_registry_that_hangs_ends_with_the_job(client, job) -> None:
    path = client("podman", "case $1 in image) exit 1;; ps) exit 0;; pull) exec /bin/sleep 60;; esac")
    begun = time.monotonic()
    result = job(path, "busybox", timeout=0.5)
    assert (result.state, result.reason) == (State.FAILED, FailureReason.IMAGE_PULL)
    assert "timeout" in str(result.message)
    cancel = PipeCancellation()
    threading.Timer(0.3, cancel.cancel, (1,)).start()
    result = job(path, "busybox", cancel)
    cancel.close()
    assert result.state is State.CANCELED
    assert time.monotonic() - begun < 30
