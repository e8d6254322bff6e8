"""The artifacts of jobs: ``artifacts.zip``, and ``reports/<kind>/<path>``; a folder for each job, or on a server the
store of blobs, where older jobs have a folder still."""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from plumbline.adapters.artifacts.dotenv import MAX_BYTES, DotenvError, parse_dotenv, too_large
from plumbline.adapters.artifacts.reading import TooLargeError, regular
from plumbline.adapters.beneath import open_inside, open_root
from plumbline.adapters.file_selection import TooManyFilesError, select
from plumbline.adapters.folders import private_folder, remove_tree, storing, temporary_name, write_all
from plumbline.kernel import ErrorKind, PlumblineError, Text, legible, t
from plumbline.model.job import KeptFile, When
from plumbline.model.ports.jobs import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from typing import BinaryIO

    from plumbline.model.pipeline import Artifacts, Report, Variable
    from plumbline.model.ports.blobs import BlobStore

ARCHIVE = "artifacts.zip"
MOST_FILES = 200_000  # of one job; each costs memory while they are packed
_BLOCK = 1 << 18
_MOST_READ = 32 << 20  # bytes of one file; a job decides on them, and they are held in memory


class LocalArtifacts:
    """Implements :class:`plumbline.model.ArtifactStore`. ``folder_of`` gives the folder of a job's artifacts by the
    job's id; it is made when something is kept. ``tracked``: the paths that git tracked when the pipeline began.
    ``limit``: bytes that one job may leave, 0: any number. A job that leaves more, or more than :data:`MOST_FILES`, has
    failed, and nothing of it is kept.

    ``blobs``: where everything goes that is kept, so that the folders are empty afterwards. ``digest_of``: what is
    known of a file of a job, by its name; empty: nothing, and it is looked for in the folder."""

    def __init__(
        self,
        folder_of: Callable[[int], str],
        tracked: Callable[[], Container[str]] = frozenset,
        *,
        limit: int = 0,
        blobs: BlobStore | None = None,
        digest_of: Callable[[int, str], str] = lambda _job, _name: "",
    ) -> None:
        self._folder_of, self._tracked, self._limit = folder_of, tracked, limit
        self._blobs, self._digest_of = blobs, digest_of

    def keep(self, job_id: int, artifacts: Artifacts, root: str, *, succeeded: bool) -> Kept:
        """Raises PlumblineError ``disk-full`` or ``storage-failed``; nothing is kept then."""
        if not (artifacts.paths or artifacts.untracked or artifacts.reports):
            return Kept()
        folder = self._folder_of(job_id)
        try:
            return self._keep(folder, artifacts, root, succeeded=succeeded)
        except TooManyFilesError:
            return Kept(failure=t("its artifacts are more than {count} files", count=MOST_FILES))
        except TooLargeError:
            return Kept(failure=t("its artifacts exceed the limit of {size} MB", size=self._limit // 1_000_000))

    def _keep(self, folder: str, artifacts: Artifacts, root: str, *, succeeded: bool) -> Kept:
        files: list[KeptFile] = []
        warnings: list[Text] = []
        dotenv: tuple[Variable, ...] = ()
        failure: Text | None = None
        with storing(folder), _whole_or_not(folder):
            if (artifacts.paths or artifacts.untracked) and _wanted(artifacts.when, succeeded=succeeded):
                files += self._keep_archive(folder, artifacts, root, warnings)
            for report in artifacts.reports:
                room = max(1, self._limit - sum(file.size for file in files)) if self._limit else 0
                kept = self._keep_report(folder, report, root, warnings, room)
                files += kept
                if report.kind == "dotenv" and kept:
                    try:
                        dotenv += _read_dotenv(folder, kept)
                    except DotenvError as error:
                        failure = error.message
            if self._blobs is not None:
                for file in files:
                    self._blobs.take(f"{folder}/{file.name}", file.digest)
                remove_tree(folder)
        return Kept(files=tuple(files), dotenv=dotenv, warnings=tuple(warnings), failure=failure)

    def unpack(self, job_id: int, root: str) -> int:
        """Raises PlumblineError ``artifacts-missing``, ``artifacts-corrupt``, ``disk-full`` or ``storage-failed``."""
        from plumbline.adapters.artifacts.archive import unpack

        with self._opened(job_id) as archive:
            if archive is None:
                raise PlumblineError(
                    "artifacts-missing",
                    t("the artifacts of job {job} are not there any more", job=job_id),
                    t("Run that job again, and then this one."),
                )
            with storing(root):
                return unpack(archive, root, f"{self._folder_of(job_id)}/{ARCHIVE}")

    def read(self, job_id: int, path: str) -> bytes | None:
        """One file of a job's archive; None where there is none. Raises PlumblineError ``artifact-too-large``."""
        from zipfile import BadZipFile, ZipFile

        try:
            with self._opened(job_id) as opened:
                if opened is None:
                    return None
                with ZipFile(opened) as archive:
                    entry = archive.getinfo(path.removeprefix("./"))
                    if entry.file_size > _MOST_READ:
                        raise _too_large(path, entry.file_size)
                    return archive.read(entry)
        except (OSError, KeyError, BadZipFile):
            return None

    @contextmanager
    def _opened(self, job_id: int) -> Iterator[BinaryIO | None]:
        """The archive of a job, verified where it is a blob. Raises PlumblineError ``artifacts-corrupt``."""
        path, digest = f"{self._folder_of(job_id)}/{ARCHIVE}", self._digest_of(job_id, ARCHIVE)
        try:
            if self._blobs is not None and digest and (self._blobs.info(digest) or self._blobs.adopt(path, digest)):
                file = self._blobs.open(digest)
            else:
                file = open(path, "rb")  # noqa: SIM115 - closed below
        except FileNotFoundError:
            yield None
            return
        except PlumblineError as error:
            if error.code != "blob-corrupt":
                raise
            raise PlumblineError(
                "artifacts-corrupt",
                t("the artifacts {path} cannot be unpacked: {reason}", path=path, reason=str(error.message)),
                t("run the job again that made them"),
            ) from error
        with file:
            yield file

    def _keep_archive(self, folder: str, artifacts: Artifacts, root: str, warnings: list[Text]) -> list[KeptFile]:
        tracked = self._tracked() if artifacts.untracked else None
        selected = select(root, artifacts.paths, artifacts.exclude, tracked=tracked, most=MOST_FILES)
        warnings += selected.warnings
        if not selected.files:
            warnings.append(t("No files to keep as artifacts."))
            return []
        from plumbline.adapters.artifacts.archive import pack

        private_folder(folder)
        packed = pack(root, selected.files, f"{folder}/{ARCHIVE}", self._limit)
        warnings += packed.warnings
        return [KeptFile(kind="archive", name=ARCHIVE, files=packed.files, size=packed.size, digest=packed.digest)]

    def _keep_report(self, folder: str, report: Report, root: str, warnings: list[Text], room: int) -> list[KeptFile]:
        """``room``: bytes that the files may have together, 0: any number."""
        selected = select(root, report.paths, most=MOST_FILES)
        if room and sum(info.st_size for info in selected.files.values() if stat.S_ISREG(info.st_mode)) > room:
            raise TooLargeError
        warnings += selected.warnings
        kept = []
        for path, info in selected.files.items():
            if not stat.S_ISREG(info.st_mode):
                continue
            try:
                handle = _open_inside(root, path)
            except OSError as error:
                reason = error.strerror or str(error)
                warnings.append(t("{path}: left out: {reason}", path=path, reason=reason))
                continue
            name = f"reports/{report.kind}/{path}"
            private_folder(os.path.dirname(f"{folder}/{name}"))
            with open(handle, "rb", buffering=0) as source:
                size, digest = _copy(source, f"{folder}/{name}")
            kept.append(KeptFile(kind=report.kind, name=name, files=1, size=size, digest=f"sha256:{digest}"))
        return kept


def _too_large(path: str, size: int) -> PlumblineError:
    return PlumblineError(
        "artifact-too-large",
        t("{path} has {size} bytes; what is read of artifacts may have {limit}",
          path=legible(path), size=size, limit=_MOST_READ),
        kind=ErrorKind.CONFIGURATION,
    )  # fmt: skip


def _copy(source: BinaryIO, target: str) -> tuple[int, str]:
    """Copy a file of any size; its size and SHA-256. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    temporary = temporary_name(target)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        while block := source.read(_BLOCK):
            digest.update(block)
            size += len(block)
            write_all(handle, block)
    finally:
        os.close(handle)
    os.rename(temporary, target)
    return size, digest.hexdigest()


def _open_inside(root: str, path: str) -> int:
    """A descriptor of a regular file. Raises OSError."""
    top = open_root(root)
    try:
        return regular(open_inside(top, os.path.realpath(root), path, os.O_RDONLY | os.O_NONBLOCK), path)
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
        if file.size > MAX_BYTES:
            raise too_large(file.name.partition("/dotenv/")[2], file.size)
        with open(f"{folder}/{file.name}", "rb") as source:
            found += parse_dotenv(source.read(), file.name.partition("/dotenv/")[2])
    return tuple(found)
