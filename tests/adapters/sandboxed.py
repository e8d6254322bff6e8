"""Runs a job in a real sandbox, as the embedded executor does."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from plumbline.adapters.cancellation import PipeCancellation
from plumbline.adapters.executors import Setup
from plumbline.adapters.executors.bwrap import Bubblewrap
from plumbline.adapters.jobs import LocalExecutor, LocalSettings
from plumbline.model.job import JobOrder, ScriptStep
from plumbline.model.job_setup import JobLimits, JobSetup, JobView


def refused(command: str) -> str:
    """A line of a script that fails where a command succeeds; the shell goes on after a line with ``!``."""
    return f"if {{ {command}; }} 2>/dev/null; then echo 'it was let'; exit 1; fi"


class Copy:
    """A working copy with these files."""

    notices = ()

    def __init__(self, home: Path, files: dict[str, str]) -> None:
        self.home, self.root, self.scratch, self._files = home, str(home / "project"), str(home / ".scratch"), files

    def open(self, _: JobOrder) -> Copy:
        Path(self.root).mkdir(parents=True)
        Path(self.scratch).mkdir()
        for name, text in self._files.items():
            Path(self.root, name).write_text(text)
        return self

    def close(self) -> None:
        shutil.rmtree(self.home)


class Log:
    text = ""

    def write(self, data: bytes) -> None:
        self.text += data.decode(errors="replace")


class Sandboxed:
    """``view``, ``readable`` and ``hidden`` as in :class:`Setup`; ``files``: of the working copy."""

    def __init__(self, home: Path) -> None:
        self.home, self.log, self.cancel = home, Log(), PipeCancellation()
        self.view, self.readable, self.hidden = JobView(), (), ()
        self.files: dict[str, str] = {}
        self.limits = JobLimits()
        self.marker = f"sb-{os.getpid()}-"  # others run such jobs at the same time

    def run(self, *script: str, after: tuple[str, ...] = (), **order):
        place = Bubblewrap(Setup("group/app", self.readable, JobSetup(view=self.view), self.hidden))
        nothing = None
        settings = LocalSettings(marker=self.marker, grace=1.0, limits=self.limits)
        executor = LocalExecutor(Copy(self.home / "work", self.files), nothing, nothing, settings, place=place)
        steps = [ScriptStep(name="script", lines=script)]
        if after:
            steps.append(ScriptStep(name="after_script", lines=after, always=True))
        return executor.run(JobOrder(id=3, name="j", stage="test", steps=tuple(steps), **order), self.log, self.cancel)
