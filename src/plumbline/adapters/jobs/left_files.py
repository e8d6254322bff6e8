"""Look through what a job left for reports that nobody asked for: near the top, where tools put theirs, briefly.

A job wrote what is looked at. Names decide where is looked, links are not followed, and what takes long is left.
"""

from __future__ import annotations

import os
import stat
import tempfile
import time
from typing import TYPE_CHECKING, NamedTuple

from plumbline.adapters.beneath import open_beneath, open_root
from plumbline.pipeline import GlobError, doublestar, literal_prefix
from plumbline.reports.discovery import HEAD, MOST, Left, discover, place_of
from plumbline.reports.report_paths import OUTPUT, SKIPPED, SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.model.pipeline import Artifacts
    from plumbline.model.report import FoundReport
    from plumbline.reports.discovery import Matches

BUDGET = 0.25  # seconds
MOST_ENTRIES = 20_000  # of folders that are looked at
_NEAR = 3  # levels, the first one among them, that are looked at whatever they are called: modules of a build
_DEEP = 5  # levels below a folder that tools write into
_CONTRACTS = (".yaml", ".yml", ".graphql", ".graphqls", ".proto")  # when they are artifacts


class _Folder(NamedTuple):
    path: str
    depth: int  # levels that may still be gone down


def find_reports(root: str, artifacts: Artifacts | None, since: float) -> list[FoundReport]:
    """What looks like a report and was written after ``since``, a time of :func:`now_at`, or is among the artifacts of
    the job, whose paths are expanded. Raises OSError and PlumblineError where the root is no folder any more."""
    kept = _any_of(artifacts.paths if artifacts is not None else ())
    asked = _any_of([path for report in (artifacts.reports if artifacts is not None else ()) for path in report.paths])
    top = open_root(root)
    try:
        starts = [literal_prefix(path) for path in artifacts.paths] if artifacts is not None else []
        end = time.monotonic() + BUDGET
        left = [file for path, info in _files(top, starts, end) if (file := _left(top, path, info, since, kept, asked))]
        return discover(left[: 2 * MOST], asked)
    finally:
        os.close(top)


def now_at(folder: str) -> float:
    """Seconds since the epoch by the clock of the folder's file system, which may be coarser than that of the system:
    what is there already is no younger. Raises OSError."""
    handle, path = tempfile.mkstemp(dir=folder)
    try:
        return os.fstat(handle).st_mtime
    finally:
        os.close(handle)
        os.unlink(path)


def _files(top: int, starts: Sequence[str], end: float) -> Iterator[tuple[str, os.stat_result]]:
    """Regular files with a name that a report may have, until the time is over."""
    pending = [_Folder("", _NEAR), *(_Folder(start, _DEEP) for start in starts if _inside(start))]
    seen: set[str] = set()
    entries = 0
    while pending:
        folder = pending.pop()
        if folder.path in seen:
            continue
        seen.add(folder.path)
        for path, entry in _listed(top, folder.path):
            entries += 1
            if entries > MOST_ENTRIES or time.monotonic() > end:
                return
            if entry.is_dir(follow_symlinks=False):
                depth = max(folder.depth - 1, _DEEP if entry.name in OUTPUT else 0)
                if depth > 0 and entry.name not in SKIPPED:
                    pending.append(_Folder(path, depth))
            elif entry.name.endswith(SUFFIXES + _CONTRACTS) and entry.is_file(follow_symlinks=False):
                yield path, entry.stat(follow_symlinks=False)


def _listed(top: int, folder: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    try:
        descriptor = open_beneath(top, folder, os.O_RDONLY | os.O_DIRECTORY)
    except (OSError, ValueError):
        return
    try:
        with os.scandir(descriptor) as entries:
            for entry in entries:
                yield (f"{folder}/{entry.name}" if folder else entry.name), entry
    except OSError:
        return
    finally:
        os.close(descriptor)


def _left(
    top: int, path: str, info: os.stat_result, since: float, kept: Matches, asked: Matches
) -> Left | None:  # fmt: skip
    """The file with its beginning, where it may be a report that is not asked for."""
    is_kept = kept(path)
    old = min(info.st_mtime, info.st_ctime) <= since
    by_place = not old and path.endswith(SUFFIXES) and bool(place_of(path)[0])
    if asked(path) or not info.st_size or not (is_kept or by_place):
        return None
    try:
        handle = open_beneath(top, path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    with open(handle, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        return Left(path, info.st_size, file.read(HEAD) or b"", is_kept, old)


def _inside(path: str) -> bool:
    return bool(path) and not path.startswith("/") and ".." not in path.split("/")


def _any_of(globs: Sequence[str]) -> Matches:
    """Whether a path is any of these; a glob that is none matches nothing."""
    matchers: list[Matches] = []
    for glob in globs:
        try:
            matchers.append(doublestar(glob))
        except GlobError:
            continue
    return lambda path: any(matches(path) for matches in matchers)
