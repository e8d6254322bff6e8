"""After a crash: end what nobody runs any more, exactly once, and begin it anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.pipelines.claim_jobs import interrupted_result
from plumbline.flow.pipelines.transitions import HELD, PipelineTransition

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.server import StoredJob


def recover_own(server: Server, replica: str, owner: str) -> list[StoredJob]:
    """What an earlier process of this replica left when it died; call it before the first claim. The jobs, as they
    were."""
    mine = f"{replica}/"
    return _recover(
        server,
        lambda job: job.lease_owner.startswith(mine) and job.lease_owner != owner,
        "the server was stopped",
    )


def recover_expired(server: Server) -> list[StoredJob]:
    """What other replicas hold although their time is over."""
    return _recover(server, lambda job: job.lease_until < server.clock(), "its lease ran out")


def _recover(server: Server, dead: Callable[[StoredJob], bool], reason: str) -> list[StoredJob]:
    with server.store.view() as tx:
        found = [job for job in tx.jobs.leased() if dead(job)]
    return [job for job in found if _end(server, job, dead, reason)]


def _end(server: Server, job: StoredJob, dead: Callable[[StoredJob], bool], reason: str) -> bool:
    with server.store.change() as tx:
        now = tx.jobs.get(job.id)
        if now is None or now.state not in HELD or now.fence != job.fence or not dead(now):
            return False
        pipeline = tx.pipelines.get(now.pipeline)
        assert pipeline is not None
        transition = PipelineTransition(server, tx, pipeline, person="")
        transition.end(now, interrupted_result(now, server.clock(), reason), interrupted=True)
        transition.close()
    server.wake()
    return True
