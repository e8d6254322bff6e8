"""Jobs with an image, in containers of the engine that answers."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import threading
import time
from pathlib import Path
from uuid import uuid4

import pytest

from plumbline.adapters.cancellation import PipeCancellation
from plumbline.adapters.executors._engine import container_engine, no_container_engine
from plumbline.adapters.executors._services import aliases_of
from plumbline.adapters.executors.container import EngineContainers
from plumbline.adapters.jobs import LocalExecutor, LocalSettings
from plumbline.adapters.processes import kill_marked
from plumbline.model.job import FailureReason, JobOrder, ScriptStep, State
from plumbline.model.pipeline import Image, Service, Variable

MORE = ("test", "touch", "true", "wget", "wc")
IMAGE = "localhost/plumbline-test:1"
BUSYBOX = next((path for path in ("/bin/busybox", "/usr/bin/busybox") if Path(path).exists()), "")


@pytest.mark.parametrize(
    ("image", "aliases"),
    [
        ("postgres", ("postgres",)),
        ("postgres:15", ("postgres",)),
        ("tutum/wordpress:latest", ("tutum__wordpress", "tutum-wordpress")),
        ("r.example:5000/a/b@sha256:0", ("r.example__a__b", "r.example-a-b")),
    ],
)
def test_names_of_services(image: str, aliases: tuple[str, ...]) -> None:
    assert aliases_of(image) == aliases


def test_without_an_engine_the_refusal_says_what_to_do() -> None:
    assert "--shell" in str(no_container_engine())


def test_a_client_without_an_engine_is_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("docker", "podman"):
        (tmp_path / name).write_text("#!/bin/sh\necho 1.0; echo Cannot connect >&2; exit 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    container_engine.cache_clear()
    assert container_engine() is None
    container_engine.cache_clear()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory):
    """An engine with a 2 MB image of busybox."""
    with pytest.MonkeyPatch.context() as patch:
        conf = tmp_path_factory.mktemp("conf") / "containers.conf"
        conf.write_text('[containers]\ndefault_ulimits = ["nofile=1024:4096", "nproc=1024:4096"]\n')
        if os.geteuid() == 0 and "CONTAINERS_CONF" not in os.environ and shutil.which("runc"):
            conf.write_text(conf.read_text() + '[engine]\nruntime = "runc"\n')
            patch.setenv("CONTAINERS_CONF", str(conf))
        container_engine.cache_clear()
        engine = container_engine()
        if engine is None or not BUSYBOX:
            pytest.skip("no container engine answers, or no static busybox to make an image of")
        made = subprocess.run(
            [engine.client, "import", "--change", "EXPOSE 8000/tcp", "-", IMAGE],
            input=root(),
            capture_output=True,
            check=False,
        )
        tried = subprocess.run([engine.client, "run", "--rm", IMAGE, "true"], capture_output=True, check=False)
        if made.returncode or tried.returncode:
            pytest.skip(f"containers do not run here: {made.stderr!r} {tried.stderr!r}")
        yield engine
        subprocess.run([engine.client, "rmi", "-f", IMAGE], capture_output=True, check=False)


def root() -> bytes:
    """A root file system with busybox alone."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        tar.add(BUSYBOX, "bin/busybox")
        for name in ("sh", "cat", "echo", "env", "id", "kill", "ls", "httpd", "mkdir", "pwd", "sleep", *MORE):
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        for folder in ("tmp", "etc", "proc", "dev", "sys"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777
            tar.addfile(entry)
        for name, text in (
            ("etc/passwd", "root:x:0:0::/:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n"),
            ("etc/group", "root:x:0:\n"),
        ):
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return stream.getvalue()


class Boxed:
    """An executor with an engine."""

    def __init__(self, home: Path, engine) -> None:
        self.home, self.engine, self.cancel = home / "work", engine, PipeCancellation()
        self.root, self.scratch = str(self.home / "project"), str(self.home / ".scratch")
        self.text = ""
        self.prefix = f"ct{uuid4().hex[:8]}-1-"
        self.options: dict = {}

    def open(self, _: JobOrder):
        Path(self.root).mkdir(parents=True)
        Path(self.scratch).mkdir(mode=0o700)
        return self

    def close(self) -> None:
        shutil.rmtree(self.home)

    def write(self, data: bytes) -> None:
        self.text += data.decode(errors="replace")

    def run(self, *script: str, after: tuple[str, ...] = (), **order):
        containers = EngineContainers(self.engine, "group/app", **self.options)
        settings = LocalSettings(marker=self.prefix, grace=1.0)
        executor = LocalExecutor(self, None, None, settings, containers=containers)
        steps = [ScriptStep(name="script", lines=script)]
        if after:
            steps.append(ScriptStep(name="after_script", lines=after, always=True))
        order = {"image": Image(name=IMAGE), "steps": tuple(steps), **order}
        return executor.run(JobOrder(id=3, name="j", stage="test", **order), self, self.cancel)

    def left(self) -> str:
        listed = [("ps", "-a", "--format", "{{.Names}}"), ("network", "ls", "--format", "{{.Name}}")]
        return " ".join(name for ask in listed for name in self.engine.ask(*ask).text.split() if self.prefix in name)


@pytest.fixture
def box(tmp_path: Path, engine):
    box = Boxed(tmp_path, engine)
    yield box
    box.cancel.close()
    assert box.left() == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_job_in_a_container(box: Boxed) -> None:
    secret = "correct-horse-battery"
    result = box.run(
        "pwd; echo $CI_PROJECT_DIR; touch made",
        'cat "$KEY"; echo "$LINES2"; echo "token $TOKEN"; ls / | wc -l',
        'echo "${PATH#*/usr/local/sbin-of-the-host}" >/dev/null; test -z "$SSH_AUTH_SOCK"',
        after=("ls; echo after $CI_JOB_STATUS",),
        variables=(
            Variable("KEY", "inside\n", file=True),
            Variable("LINES2", "one\ntwo 'x'"),
            Variable("TOKEN", secret, masked=True),
            Variable("NAME", IMAGE.partition(":")[0]),
        ),
        image=Image(name="${NAME}:1"),
    )
    assert result.state is State.SUCCESS, box.text
    assert "/builds/group/app\n/builds/group/app\n" in box.text
    assert "inside\none\ntwo 'x'\n" in "".join(line for line in box.text.splitlines(True) if "\033" not in line)
    assert "token [MASKED]\n" in box.text
    assert "made\nafter success\n" in box.text


@pytest.mark.slow
def test_failure_entrypoint_and_user(box: Boxed) -> None:
    assert box.run("exit 42").exit_code == 42
    result = box.run(
        "id -u; touch mine; echo $WRAP; cat $KEY",
        image=Image(name=IMAGE, user="1000", entrypoint=("env", "WRAP=yes")),
        variables=(Variable("KEY", "key\n", file=True),),
    )
    assert result.state is State.SUCCESS, box.text
    assert "1000\nyes\nkey\n" in "".join(line for line in box.text.splitlines(True) if "\033" not in line)


@pytest.mark.slow
def test_pull_policies(box: Boxed) -> None:
    result = box.run("true", image=Image(name="localhost/absent:1", pull_policy=("never",)))
    assert (result.state, result.reason) == (State.FAILED, FailureReason.IMAGE_PULL)
    result = box.run("true", image=Image(name=IMAGE, pull_policy=("always", "if-not-present")))
    assert result.state is State.SUCCESS, box.text


@pytest.mark.slow
def test_services_answer_by_their_names(box: Boxed) -> None:
    web = Service(
        name=IMAGE,
        aliases=("web",),
        entrypoint=("sh", "-c"),
        command=('mkdir /www; echo "hello $WHO" > /www/x; exec httpd -f -p 8000 -h /www',),
        variables=(Variable("WHO", "$ME"),),
    )
    result = box.run("wget -q -O - http://web:8000/x", services=(web,), variables=(Variable("ME", "you"),))
    if result.reason is FailureReason.RUNNER_SYSTEM and "network" in str(result.message):
        pytest.skip(f"no container networks here: {result.message}")
    assert result.state is State.SUCCESS, box.text
    assert "hello you\n" in box.text


@pytest.mark.slow
def test_a_service_that_dies_is_a_warning_with_its_last_words(box: Boxed) -> None:
    dead = Service(name=IMAGE, entrypoint=("sh", "-c"), command=("echo no luck; exit 1",))
    result = box.run("echo ran", services=(dead,))
    if result.reason is FailureReason.RUNNER_SYSTEM:
        pytest.skip(f"no container networks here: {result.message}")
    assert result.state is State.SUCCESS, box.text
    assert "no luck" in box.text


@pytest.mark.slow
def test_a_polite_cancel_reaches_the_script(box: Boxed) -> None:
    threading.Timer(1.5, box.cancel.cancel, (1,)).start()
    result = box.run("trap 'echo bye; exit 1' TERM; sleep 60 & wait", after=("echo after $CI_JOB_STATUS",))
    assert result.state is State.CANCELED
    assert "bye\n" in box.text
    assert "after canceled\n" in box.text


@pytest.mark.slow
def test_what_will_not_stop_is_removed(box: Boxed) -> None:
    begun = time.monotonic()
    result = box.run("trap '' TERM; while :; do sleep 1; done", timeout=1.5)
    assert result.reason is FailureReason.TIMEOUT
    assert time.monotonic() - begun < 30


@pytest.mark.slow
def test_kill_marked_removes_containers_of_a_dead_owner(box: Boxed) -> None:
    name = f"plumbline-{box.prefix}3-dead-script"
    ran = box.engine.ask("run", "--detach", "--name", name, IMAGE, "sleep", "60")
    assert ran.status == 0, ran
    assert kill_marked(box.prefix, "/nowhere") == 1
