"""How long artifacts stay: their time, and what keeps them although it is over."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import settings
from plumbline.model.change import Event
from plumbline.model.job import State
from plumbline.model.keeping import FOR_EVER, Hold, KeptArtifacts

if TYPE_CHECKING:
    from collections.abc import Collection

    from plumbline.model.pipeline import Job
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredJob, StoredPipeline

SECOND = 1_000_000
DAY = 24 * 3600 * SECOND
ABANDONED = DAY  # after which nobody writes any more for an attempt that ended with its process


class ArtifactsNow(NamedTuple):
    """``expires``: when their time is over, or was; 0: never. ``hold``: why they stay nevertheless."""

    kept: KeptArtifacts
    expires: int
    hold: Hold


def kept_artifacts(pipeline: StoredPipeline, job: StoredJob, planned: Job) -> KeptArtifacts:
    """Of an attempt that left some."""
    seconds = planned.artifacts.expire_in if planned.artifacts is not None else None
    expires = 0
    if seconds is not None:
        expires = FOR_EVER if math.isinf(seconds) else min(FOR_EVER, job.finished + int(seconds * SECOND))
    return KeptArtifacts(
        job=job.id,
        project=pipeline.project,
        pipeline=pipeline.id,
        size=sum(file.size for file in job.result.kept) if job.result else 0,
        ended=job.finished,
        expires=expires,
    )


def artifacts_now(tx: Transaction, pipeline: StoredPipeline) -> dict[int, ArtifactsNow]:
    """What the attempts at the jobs of a pipeline left, by job. Whether its branch is still there is not looked at."""
    found = tx.keeping.of(pipeline.id)
    if not found:
        return {}
    ancestors = tx.tree.ancestors(pipeline.project)
    days, latest = settings.ARTIFACTS_DAYS.at(ancestors), settings.KEEP_LATEST_ARTIFACTS.at(ancestors)
    hold = Holds(tx, latest=latest).of(pipeline)
    return {kept.job: ArtifactsNow(kept, _expiry(kept, days), hold) for kept in found}


def _expiry(kept: KeptArtifacts, days: int) -> int:
    if kept.kept_by or kept.expires >= FOR_EVER or not (kept.expires or days):
        return 0
    return kept.expires or kept.ended + days * DAY


class Holds:
    """What keeps the artifacts of pipelines, inside one transaction. ``latest``: whether those of the newest ones of
    each branch, tag and merge request stay. ``refs``: full names of branches and tags that there are; None: nobody
    knows, so all."""

    def __init__(self, tx: Transaction, *, latest: bool, refs: Collection[str] | None = None) -> None:
        self._tx = tx
        self._latest = latest
        self._refs = refs
        self._newest: dict[tuple[int, str, str], tuple[int, int]] = {}
        self._found: dict[int, Hold] = {}

    def of(self, pipeline: StoredPipeline) -> Hold:
        if pipeline.id not in self._found:
            self._found[pipeline.id] = self._look(pipeline)
        return self._found[pipeline.id]

    def _look(self, pipeline: StoredPipeline) -> Hold:
        """One that waits for a person alone keeps them while it is the newest, and else for their time: most are never
        played."""
        family = self._family(pipeline)
        root = family[-1]
        newest, good = self._newest_of(root)
        if any(not one.finished and (one.state is not State.MANUAL or root.id == newest) for one in family):
            return Hold.UNFINISHED
        if self._latest and root.id in (newest, good) and self._is_there(root):
            return Hold.LATEST
        return Hold.NONE

    def _family(self, pipeline: StoredPipeline) -> list[StoredPipeline]:
        """A child, and those above it up to the one that is no child: they stay and go together."""
        family = [pipeline]
        while family[-1].event is Event.PARENT:
            job = self._tx.jobs.get(family[-1].upstream)
            above = self._tx.pipelines.get(job.pipeline) if job else None
            if above is None:
                break
            family.append(above)
        return family

    def _newest_of(self, root: StoredPipeline) -> tuple[int, int]:
        key = (root.project, root.ref, root.change.full_ref)
        if key not in self._newest:
            self._newest[key] = self._tx.keeping.newest(root.project, root.change)
        return self._newest[key]

    def _is_there(self, root: StoredPipeline) -> bool:
        """The branch or the tag; a merge request as long as it is open, and its branch is there, which of a fork nobody
        here can tell."""
        request = root.change.merge_request
        if request is None:
            return self._refs is None or root.change.full_ref in self._refs
        known = self._tx.merge_requests.get(root.project, request.iid)
        if known is not None and not known.is_open:
            return False
        return bool(request.fork) or self._refs is None or f"refs/heads/{root.ref}" in self._refs
