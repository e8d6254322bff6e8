"""Give findings what they are found again by, before anything is stored: secrets go no further than this."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from plumbline.flow.reports.hiding import without_found
from plumbline.flow.reports.read_files import fault
from plumbline.kernel import PlumblineError
from plumbline.model.report import Findings, Report
from plumbline.model.reported import SignedFinding

if TYPE_CHECKING:
    from plumbline.model.ports.jobs import Repository
    from plumbline.model.reported import ReadFile, ReadReports

_log = logging.getLogger(__name__)


def sign(read: ReadReports, key: bytes, files: Repository | None) -> ReadReports:
    """``files``: of the commit that was scanned; None: nobody has them. Asks git outside every transaction."""
    signed = tuple(_signed(one, key, files) for one in read.files)
    return read._replace(files=signed, paths=_paths(files) if files is not None else None)


def lines_of(files: Repository | None, path: str) -> list[str] | None:
    """The lines of a file; None where there is none."""
    if files is None:
        return None
    try:
        data = files.read(path)
    except PlumblineError:
        return None
    return data.decode("utf-8", "replace").splitlines() if data is not None else None


def _paths(files: Repository) -> frozenset[str] | None:
    try:
        return frozenset(files.files())
    except PlumblineError:
        return None


def _signed(file: ReadFile, key: bytes, files: Repository | None) -> ReadFile:
    """With nothing left of the findings but those that are signed."""
    from plumbline.reports.findings.signatures import signed

    report = file.content
    if not isinstance(report, Report) or not isinstance(report.content, Findings):
        return file
    report = without_found(report)
    try:
        found = signed(report, lines_of=partial(lines_of, files), key=key)
    except Exception:  # noqa: BLE001 - told in full; a fault in reading is no fault of the job
        _log.exception("findings could not be signed")
        return msgspec.structs.replace(file, content=fault())
    bare = msgspec.structs.replace(report, content=msgspec.structs.replace(report.content, findings=()))
    return msgspec.structs.replace(
        file,
        content=bare,
        signed=tuple(
            SignedFinding(
                finding=msgspec.structs.replace(one.finding, secret=""),
                signatures=one.signatures,
                places=tuple(msgspec.structs.astuple(place) for place in one.places),
            )
            for one in found
        ),
    )
