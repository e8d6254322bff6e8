"""The artifacts of jobs, a folder for each: ``artifacts.zip``, and ``reports/<kind>/<path>``."""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from plumbline.adapters.artifacts.dotenv import DotenvError, parse_dotenv
from plumbline.adapters.beneath import open_inside, open_root
from plumbline.adapters.file_selection import select
from plumbline.adapters.folders import private_folder, remove_tree, storing, write_whole
from plumbline.kernel import PlumblineError, Text, t
from plumbline.model.job import KeptFile, When
from plumbline.model.ports.jobs import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

    from plumbline.model.pipeline import Artifacts, Report, Variable

ARCHIVE = "artifacts.zip"


class LocalArtifacts:
    """Implements :class:`plumbline.model.ArtifactStore`. ``folder_of`` gives the folder of a job's artifacts by the
    job's id; it is made when something is kept. ``tracked``: the paths that git tracked when the pipeline began."""

    def __init__(self, folder_of: Callable[[int], str], tracked: Callable[[], Container[str]] = frozenset) -> None:
        self._folder_of = folder_of
        self._tracked = tracked

    def keep(self, job_id: int, artifacts: Artifacts, root: str, *, succeeded: bool) -> Kept:
        """Raises PlumblineError ``disk-full`` or ``storage-failed``; nothing is kept then."""
        if not (artifacts.paths or artifacts.untracked or artifacts.reports):
            return Kept()
        files: list[KeptFile] = []
        warnings: list[Text] = []
        dotenv: tuple[Variable, ...] = ()
        failure: Text | None = None
        folder = self._folder_of(job_id)
        with storing(folder), _whole_or_not(folder):
            if (artifacts.paths or artifacts.untracked) and _wanted(artifacts.when, succeeded=succeeded):
                files += self._keep_archive(folder, artifacts, root, warnings)
            for report in artifacts.reports:
                kept = self._keep_report(folder, report, root, warnings)
                files += kept
                if report.kind == "dotenv" and kept:
                    try:
                        dotenv += _read_dotenv(folder, kept)
                    except DotenvError as error:
                        failure = error.message
        return Kept(files=tuple(files), dotenv=dotenv, warnings=tuple(warnings), failure=failure)

    def unpack(self, job_id: int, root: str) -> int:
        """Raises PlumblineError ``artifacts-missing``, ``artifacts-corrupt``, ``disk-full`` or ``storage-failed``."""
        path = f"{self._folder_of(job_id)}/{ARCHIVE}"
        if not os.path.exists(path):
            raise PlumblineError(
                "artifacts-missing",
                t("the artifacts of job {job} are not there any more", job=job_id),
                t("Run that job again, and then this one."),
            )
        from plumbline.adapters.artifacts.archive import unpack

        with storing(root):
            return unpack(path, root)

    def read(self, job_id: int, path: str) -> bytes | None:
        """One file of a job's archive; None where there is none."""
        from zipfile import BadZipFile, ZipFile

        try:
            with ZipFile(f"{self._folder_of(job_id)}/{ARCHIVE}") as archive:
                return archive.read(path.removeprefix("./"))
        except (OSError, KeyError, BadZipFile):
            return None

    def _keep_archive(self, folder: str, artifacts: Artifacts, root: str, warnings: list[Text]) -> list[KeptFile]:
        tracked = self._tracked() if artifacts.untracked else None
        selected = select(root, artifacts.paths, artifacts.exclude, tracked=tracked)
        warnings += selected.warnings
        if not selected.files:
            warnings.append(t("No files to keep as artifacts."))
            return []
        from plumbline.adapters.artifacts.archive import pack

        private_folder(folder)
        packed = pack(root, selected.files, f"{folder}/{ARCHIVE}")
        warnings += packed.warnings
        return [KeptFile(kind="archive", name=ARCHIVE, files=packed.files, size=packed.size, digest=packed.digest)]

    def _keep_report(self, folder: str, report: Report, root: str, warnings: list[Text]) -> list[KeptFile]:
        selected = select(root, report.paths)
        warnings += selected.warnings
        kept = []
        for path, info in selected.files.items():
            if not stat.S_ISREG(info.st_mode):
                continue
            try:
                data = _read_inside(root, path)
            except OSError as error:
                reason = error.strerror or str(error)
                warnings.append(t("{path}: left out: {reason}", path=path, reason=reason))
                continue
            name = f"reports/{report.kind}/{path}"
            private_folder(os.path.dirname(f"{folder}/{name}"))
            write_whole(f"{folder}/{name}", data, 0o600)
            digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
            kept.append(KeptFile(kind=report.kind, name=name, files=1, size=len(data), digest=digest))
        return kept


def _read_inside(root: str, path: str) -> bytes:
    top = open_root(root)
    try:
        with open(open_inside(top, os.path.realpath(root), path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            return file.read()
    finally:
        os.close(top)


@contextmanager
def _whole_or_not(folder: str) -> Iterator[None]:
    """What is kept by halves, nobody would know of, and nobody remove."""
    try:
        yield
    except BaseException:
        remove_tree(folder)
        raise


def _wanted(when: When, *, succeeded: bool) -> bool:
    return when is When.ALWAYS or (when is When.ON_FAILURE) is not succeeded


def _read_dotenv(folder: str, kept: list[KeptFile]) -> tuple[Variable, ...]:
    found: list[Variable] = []
    for file in kept:
        with open(f"{folder}/{file.name}", "rb") as source:
            found += parse_dotenv(source.read(), file.name.partition("/dotenv/")[2])
    return tuple(found)
