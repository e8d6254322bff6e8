"""After a crash: end what nobody runs any more, exactly once, and begin it anew where that may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.pipelines.lease_watch import Lease
from plumbline.flow.pipelines.transitions import HELD, PipelineTransition
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from plumbline.flow.pipelines.lease_watch import LeaseWatch
    from plumbline.flow.pipelines.tools import Server
    from plumbline.kernel import Text
    from plumbline.model.server import StoredJob

_STOPPED = t("the server was stopped")
_LEASE = t("its lease ran out")


def recover_own(server: Server, place: str, owner: str) -> list[StoredJob]:
    """What an earlier process of this replica left when it died; call it before the first claim. ``place``: what its
    owners begin with, if they ran where this one does, so that they are known to be dead. The jobs, as they were."""
    return _recover(server, lambda job: job.lease_owner.startswith(place) and job.lease_owner != owner, _STOPPED)


def recover_expired(server: Server, watch: LeaseWatch, ours: Collection[int] = ()) -> list[StoredJob]:
    """What others hold although their time is over. ``ours``: the jobs that this process runs itself."""
    with server.store.view() as tx:
        leased = tx.jobs.leased()
    over = watch.over(map(_lease, leased), ours)
    if not over:
        return []
    return _recover(server, lambda job: _lease(job) in over, _LEASE)


def give_up(server: Server, job: StoredJob) -> bool:
    """End an attempt of our own that was stopped because the server ends. False where it is not ours any more."""
    return _end(server, job, lambda now: now.lease_owner == job.lease_owner, _STOPPED)


def _lease(job: StoredJob) -> Lease:
    return Lease(job.id, job.fence, job.lease_until)


def _recover(server: Server, dead: Callable[[StoredJob], bool], reason: Text) -> list[StoredJob]:
    with server.store.view() as tx:
        found = [job for job in tx.jobs.leased() if dead(job)]
    return [job for job in found if _end(server, job, dead, reason)]


def _end(server: Server, job: StoredJob, dead: Callable[[StoredJob], bool], reason: Text) -> bool:
    with server.store.change() as tx:
        now = tx.jobs.get(job.id)
        if now is None or now.state not in HELD or now.fence != job.fence or not dead(now):
            return False
        pipeline = tx.pipelines.get(now.pipeline)
        assert pipeline is not None
        transition = PipelineTransition(server, tx, pipeline)
        transition.interrupt(now, reason)
        transition.close()
    server.wake()
    return True
