"""A real container engine with a small image of its own, and jobs that run in it. Without one, tests are skipped for a
reason that is said here."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from uuid import uuid4

import pytest

from plumbline.adapters.cancellation import PipeCancellation
from plumbline.adapters.containers import Engine, EngineContainers, find_engine, forget_engines
from plumbline.adapters.jobs import LocalExecutor, LocalSettings
from plumbline.kernel import PlumblineError
from plumbline.model.job import JobOrder, ScriptStep
from plumbline.model.job_setup import ContainerRules, JobLimits, JobSetup, JobView
from plumbline.model.pipeline import Image

_OWN = f"localhost/plumbline-test-{os.getpid()}"  # tests may run beside each other
IMAGE = f"{_OWN}:1"
ECHOING = f"{_OWN}-echo:1"  # an entry point that runs nothing of what it is given
DROPPING = f"{_OWN}-user:1"  # runs as a user of its own
BUSYBOX = next((path for path in ("/bin/busybox", "/usr/bin/busybox") if Path(path).exists()), "")
_LINKS = (
    "sh cat chmod chown cp date dd echo env false find grep head hostname httpd id kill killall ln ls mkdir mknod mv "
    "nc nslookup ping ps pwd rm seq setsid sleep stat su tar test touch true tr tail wc wget"
)


def working_engine(folder: Path, patch: pytest.MonkeyPatch) -> Engine:
    """An engine in which a container of ours has really run; the test is skipped where there is none."""
    settings = '[containers]\ndefault_ulimits = ["nofile=1024:4096", "nproc=1024:4096"]\n'
    if os.geteuid() == 0 and "CONTAINERS_CONF" not in os.environ:
        if shutil.which("runc"):  # crun runs none where both versions of control groups are mounted
            settings += '[engine]\nruntime = "runc"\n'
        conf = folder / "containers.conf"
        conf.write_text(settings)
        patch.setenv("CONTAINERS_CONF", str(conf))
    forget_engines()
    if not BUSYBOX:
        pytest.skip("no static busybox to make an image of")
    try:
        engine = find_engine()
    except PlumblineError as error:
        pytest.skip(f"no container engine: {error}")
    for name, changes in (
        (IMAGE, ("EXPOSE 8000/tcp",)),
        (ECHOING, ('ENTRYPOINT ["/bin/echo","entry"]',)),
        (DROPPING, ("USER 1000",)),
    ):
        said = [part for change in changes for part in ("--change", change)]
        made = subprocess.run(
            [engine.client, "import", *said, "-", name], input=root(), capture_output=True, check=False
        )
        assert made.returncode == 0, made.stderr
    tried = subprocess.run([engine.client, "run", "--rm", IMAGE, "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"containers do not run here: {tried.stderr!r}")
    return engine


def remove_images(engine: Engine) -> None:
    for name in (IMAGE, ECHOING, DROPPING):  # one at a time: of several of which one is gone, some may stay
        subprocess.run([engine.client, "rmi", "-f", name], capture_output=True, check=False)


def root() -> bytes:
    """A root file system with busybox alone."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        tar.add(BUSYBOX, "bin/busybox")
        for name in _LINKS.split():
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        for folder in ("tmp", "etc", "proc", "dev", "sys", "root"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777
            tar.addfile(entry)
        for name, text in (
            ("etc/passwd", "root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n"),
            ("etc/group", "root:x:0:\n"),
        ):
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return stream.getvalue()


class Boxed:
    """An executor with an engine; it is its own working copies and its own log."""

    notices = ()

    def __init__(self, home: Path, engine: Engine) -> None:
        self.home, self.engine, self.cancel = home / "work", engine, PipeCancellation()
        self.root, self.scratch = str(self.home / "project"), str(self.home / ".scratch")
        self.text = ""
        self.prefix = f"ct{uuid4().hex[:8]}-1-"
        self.rules, self.limits, self.view = ContainerRules(), JobLimits(), JobView()
        self.options: dict = {}
        self.settings: dict = {}
        self.stores: tuple = (None, None)
        self.spoilt = False

    def open(self, _: JobOrder):
        Path(self.root).mkdir(parents=True)
        Path(self.scratch).mkdir(mode=0o700)
        return self

    def spoil(self) -> None:
        self.spoilt = True

    def close(self) -> None:
        shutil.rmtree(self.home)

    def write(self, data: bytes) -> None:
        self.text += data.decode(errors="replace")

    @property
    def said(self) -> str:
        """What scripts printed, without the lines that are shown before they run."""
        return "".join(line for line in self.text.splitlines(True) if "\033" not in line)

    def containers(self) -> EngineContainers:
        setup = JobSetup(view=self.view, limits=self.limits, containers=self.rules)
        return EngineContainers(self.engine, "group/app", setup, **self.options)

    def run(self, *script: str, before: tuple[str, ...] = (), after: tuple[str, ...] = (), **order):
        settings = LocalSettings(**{"marker": self.prefix, "grace": 1.0, **self.settings})
        executor = LocalExecutor(self, *self.stores, settings, containers=self.containers())
        steps = [ScriptStep(name="script", lines=(*before, *script))]
        if after:
            steps.append(ScriptStep(name="after_script", lines=after, always=True))
        order = {"image": Image(name=IMAGE), "steps": tuple(steps), **order}
        return executor.run(JobOrder(id=3, name="j", stage="test", **order), self, self.cancel)

    def left(self) -> str:
        listed = [("ps", "-a", "--format", "{{.Names}}"), ("network", "ls", "--format", "{{.Name}}")]
        return " ".join(name for ask in listed for name in self.engine.ask(*ask).text.split() if self.prefix in name)
