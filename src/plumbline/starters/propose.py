"""Propose a pipeline from what lies in a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import t
from plumbline.starters.files import Files, around, folder_of
from plumbline.starters.found import Proposal, Seen
from plumbline.starters.starter import starters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from plumbline.kernel import Text
    from plumbline.starters.found import Found, Job

MOST = 10  # stacks that get jobs
_NAMED = 10  # files that no job covers, and are named


def propose(paths: Iterable[str], read: Callable[[str], bytes | None]) -> Proposal:
    """Recognise the stacks of a repository. Pure; a bounded number of files is read, see :class:`Files`."""
    files = Files(paths, read)
    kept: list[tuple[str, Found]] = []
    taken: set[str] = set()
    for name, part in starters().items():
        for found in part.find(files):
            if not (part.yields and not taken.isdisjoint(around(found.folder))):
                kept.append((name, found))
        taken = {found.folder for _, found in kept}
    kept.sort(key=lambda one: (one[1].folder.count("/") + bool(one[1].folder), one[1].folder, one[0]))
    if all(job.manual for _, found in kept for job in found.jobs):
        kept = [(name, _by_itself(found)) for name, found in kept]
    lacking = [*_unmeasured(kept), *_uncovered(files, [found for name, found in kept if starters()[name].program])]
    if len(kept) > MOST:
        rest = ", ".join(found.folder or "." for _, found in kept[MOST:])
        lacking.append(t("More than {most} parts were recognised; these have no jobs: {folders}", most=MOST,
                         folders=rest))  # fmt: skip
    return Proposal(seen=tuple(_named(kept[:MOST])), lacking=tuple(lacking))


def _by_itself(found: Found) -> Found:
    """A pipeline that waits for somebody alone would check nothing."""
    jobs = tuple(msgspec.structs.replace(job, manual=False) for job in found.jobs)
    return msgspec.structs.replace(found, jobs=jobs)


def _unmeasured(kept: list[tuple[str, Found]]) -> Iterable[Text]:
    jobs = [(starters()[name], job) for name, found in kept for job in found.jobs]
    tested = [part.title for part, job in jobs if part.program and job.stage == "test" and not _measures(job)]
    for title in dict.fromkeys(tested):
        yield t("Coverage of {stack}: nothing in the project measures it.", stack=title)


def _measures(job: Job) -> bool:
    return bool(job.coverage or job.coverage_report[1])


def _uncovered(files: Files, found: list[Found]) -> list[Text]:
    manifests = files.named(*(name for part in starters().values() if part.program for name in part.manifests))
    covered = {one.folder for one in found}
    left = [path for path in manifests if covered.isdisjoint(around(folder_of(path)))]
    if not left or not found:
        return []
    names = ", ".join(left[:_NAMED]) + (", …" if len(left) > _NAMED else "")
    return [t("No job looks at: {files}", files=names)]


def _named(kept: list[tuple[str, Found]]) -> Iterable[Seen]:
    """A job is called by what it does, and by as much of where and what as tells it from the others."""
    folders = {found.folder for _, found in kept}
    for name, found in kept:
        here = [other for other, one in kept if one.folder == found.folder]
        words = [found.folder or "."] if len(folders) > 1 else []
        words += [name.replace("_", " ")] if len(here) > 1 else []
        jobs = {}
        for job in found.jobs:
            title = " ".join([job.stage, *words])
            while title in jobs:
                title += " again"
            jobs[title] = job
        yield Seen(name=name, title=starters()[name].title, found=found, jobs=jobs)
