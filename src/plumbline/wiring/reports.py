"""Reads what jobs left as reports, and stores what they say; no rule lives here."""

from __future__ import annotations

import hashlib
import logging
from functools import partial
from typing import TYPE_CHECKING, Protocol

from plumbline.access import settings as node_settings
from plumbline.flow.reports import subject
from plumbline.flow.reports.finding_key import finding_key
from plumbline.flow.reports.interface import has_contract, tell_of_calls
from plumbline.flow.reports.layers import layer_of
from plumbline.flow.reports.read_files import read_files
from plumbline.flow.reports.sign import paths_of, sign
from plumbline.flow.reports.spoken import spoken
from plumbline.flow.reports.take_in import Intake
from plumbline.kernel import Masker
from plumbline.model.report import Contract, Coverage, Findings, Report, Unreadable
from plumbline.model.reported import ReadFile, ReadReports
from plumbline.model.server import StoredJob

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from plumbline.flow.jobs.job_log import FileLog
    from plumbline.flow.pipelines.tools import Left, TakeReports
    from plumbline.model.change import Change
    from plumbline.model.job import JobOrder, JobResult, KeptFile
    from plumbline.model.pipeline import Job
    from plumbline.model.ports.jobs import Repository
    from plumbline.model.ports.transaction import Store, Transaction
    from plumbline.model.ports.vault import Vault
    from plumbline.model.reported import ChangedLines, ReadFile
    from plumbline.model.server import StoredPipeline

_log = logging.getLogger(__name__)


class Repositories(Protocol):
    """What of a project's repository reports are held against."""

    def changed_lines(self, change: Change) -> ChangedLines | None: ...

    def contracts(self, change: Change) -> list[tuple[str, bytes]]: ...

    def files_at(self, change: Change) -> Repository | None: ...


class JobReports:
    """What the report files of a job of this server say; called in the thread that ran the job."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        repositories: Repositories,
        left_of: Callable[[StoredJob, KeptFile], Left | None],
    ) -> None:
        """``left_of``: the bytes of what a job left."""
        self._store, self._vault, self._repositories, self._left_of = store, vault, repositories, left_of

    def read(self, order: JobOrder, result: JobResult, log: FileLog) -> ReadReports:
        with self._store.view() as tx:
            pipeline = tx.pipelines.get(order.pipeline_id)
            ancestors = tx.tree.ancestors(pipeline.project) if pipeline is not None else ()
        layer = layer_of(node_settings.TEST_LAYERS.at(ancestors), order.name)
        kept = [one for one in result.kept if is_read(one.kind)]
        job = StoredJob(id=order.id, pipeline=order.pipeline_id, name=order.name)
        files = read_files(kept, partial(self._open, job), partial(read_report, layer), hides(order))
        read = told(files, log)
        return self._held_against(read, pipeline.change) if pipeline is not None else read

    def _held_against(self, read: ReadReports, change: Change) -> ReadReports:
        """With what git knows, as far as a report needs it."""
        if tell_of_calls(read.files) and not has_contract(read.files):
            read = read._replace(files=(*read.files, *self._contracts(change)))
        contents = [one.content.content for one in read.files if isinstance(one.content, Report)]
        covers = any(isinstance(one, Coverage) for one in contents)
        scanned = any(isinstance(one, Findings) for one in contents)
        changed = self._repositories.changed_lines(change) if covers else None
        files = self._repositories.files_at(change) if covers or scanned else None
        if not scanned:
            return read._replace(changed=changed, paths=paths_of(files))
        return sign(read._replace(changed=changed), finding_key(self._store, self._vault), files)

    def _contracts(self, change: Change) -> list[ReadFile]:
        """Those that the commit itself has, where the job told of calls and of no contract."""
        found = []
        for path, data in self._repositories.contracts(change):
            content = read_report("", path, data, "")
            if isinstance(content, Report) and isinstance(content.content, Contract):
                digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
                found.append(ReadFile(kind=content.format, name=path, digest=digest, size=len(data), content=content))
        return found

    def _open(self, job: StoredJob, file: KeptFile, most: int) -> bytes | None:
        left = self._left_of(job, file)
        return beginning_of(left.blocks, most) if left is not None else None


def told(files: tuple[ReadFile, ...], log: FileLog) -> ReadReports:
    """What was read, and in the log what it says."""
    lines = tuple(spoken(files))
    for line in lines:
        log.write(f"{line}\n".encode(errors="replace"))
    return ReadReports(files, lines=lines)


def is_read(kind: str) -> bool:
    """Whether there is a format for what stands under this key of artifacts:reports; others are kept alone."""
    from plumbline.reports.parsers import parsers

    return any(kind == one.name or kind in one.gitlab for one in parsers().values())


DECLARED = {
    "sast": "sast",
    "dependency_scanning": "dependency",
    "secret_detection": "secret",
    "container_scanning": "container",
    "dast": "dast",
    "license_scanning": "licence",
}  # the kind of scan that a key of artifacts:reports stands for


def read_report(layer: str, name: str, data: bytes, kind: str) -> Report | Unreadable:
    """``kind``: the key under artifacts:reports, or the name of a format."""
    from plumbline.reports.parser import Source
    from plumbline.reports.reading import read

    said = {"layer": layer, "declared": DECLARED.get(kind, "")}
    found = read(Source(name=name, data=data, settings={word: one for word, one in said.items() if one}), kind)
    if isinstance(found, Unreadable) and found.code == "fault":
        _log.error("a report could not be read: %s", found.message)
    return found


def beginning_of(blocks: Iterable[bytes], most: int) -> bytes:
    """All of them, or somewhat more than ``most`` bytes."""
    found = bytearray()
    for block in blocks:
        found += block
        if len(found) > most:
            break
    return bytes(found)


def hides(order: JobOrder) -> Callable[[str], str]:
    """Takes the secrets of a job out of a text."""
    return Masker([one.value for one in order.variables if one.masked]).mask_text


def taker(source: str, clock: Callable[[], int]) -> TakeReports:
    """Stores what was read with the end of its job. ``source``: of the events of this installation."""

    def take(tx: Transaction, pipeline: StoredPipeline, job: StoredJob, planned: Job, read: ReadReports, /) -> None:
        Intake(tx, source, subject.of_job(pipeline, job, planned), clock()).take(read)

    return take
