"""Which runners there are: each says now and then that it is alive, and goodbye when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import UNSET

from plumbline.evidence.vocabulary import own_platform as events
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from plumbline.flow.pipelines.tools import RunnerTools, Server
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import StoredJob

SIGN_OF_LIFE = 30_000_000  # microseconds between two
SILENT = 3 * SIGN_OF_LIFE  # after which it is taken for gone
FORGOTTEN = 24 * 3600 * 1_000_000
_KEY = "runners"  # setting


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """A runner as it described itself. Times are microseconds since the epoch."""

    owner: str  # "<replica>/<start of its process>", as it stands in the jobs it holds
    threads: int  # jobs at the same time
    tags: tuple[str, ...] = ()
    started: int = 0
    seen: int = 0

    @property
    def replica(self) -> str:
        return self.owner.partition("/")[0]


class RunnerStatus(NamedTuple):
    """``alive``: it gave a sign of life lately. One that only its jobs tell of has no threads."""

    heartbeat: Heartbeat
    alive: bool
    jobs: tuple[StoredJob, ...]


def send_heartbeat(tools: RunnerTools, started: int) -> None:
    server = tools.server
    now = server.clock()
    mine = Heartbeat(
        owner=tools.owner, threads=tools.threads, tags=tuple(sorted(tools.tags)), started=started, seen=now
    )
    with server.store.change() as tx:
        tell = server.units.writer()
        known = _known(tx)
        others = [one for one in known if one.replica != mine.replica and _lately(one, now, FORGOTTEN)]
        for one in known:
            if one.owner != mine.owner and one not in others:
                tell.record(
                    tx, one.owner, events.RunnerRemoved(reason="replaced" if one.replica == mine.replica else "silent")
                )
        if all(one.owner != mine.owner for one in known):
            tell.record(tx, mine.owner, _registered(tools))
        _write(tx, [*others, mine])


def deregister(tools: RunnerTools) -> None:
    with tools.server.store.change() as tx:
        known = _known(tx)
        others = [one for one in known if one.owner != tools.owner]
        if len(others) < len(known):
            tools.server.units.writer().record(tx, tools.owner, events.RunnerRemoved(reason="stopped"))
        _write(tx, others)


def runner_statuses(server: Server) -> list[RunnerStatus]:
    """All that are known."""
    with server.store.view() as tx:
        return statuses(tx, server.clock())


def statuses(tx: Transaction, now: int) -> list[RunnerStatus]:
    """All that are known, by name, with the jobs they hold."""
    found = {one.owner: one for one in _known(tx)}
    held: dict[str, list[StoredJob]] = {owner: [] for owner in found}
    for job in tx.jobs.leased():
        held.setdefault(job.lease_owner, []).append(job)
    return [
        RunnerStatus(
            found.get(owner) or Heartbeat(owner=owner, threads=0),
            alive=owner in found and _lately(found[owner], now, SILENT),
            jobs=tuple(jobs),
        )
        for owner, jobs in sorted(held.items())
    ]


def _lately(heartbeat: Heartbeat, now: int, within: int) -> bool:
    """A sign of life that is as far in the future is as old as that: the clock was ahead then."""
    return abs(now - heartbeat.seen) < within


def _registered(tools: RunnerTools) -> events.RunnerRegistered:
    return events.RunnerRegistered(
        tags=tuple(sorted(tools.tags)) or UNSET,
        threads=tools.threads,
        isolation=tools.isolation or UNSET,
        system=tools.system or UNSET,
        version=tools.version or UNSET,
    )


def _known(tx: Transaction) -> list[Heartbeat]:
    found = tx.settings.get(_KEY)
    return msgspec.json.decode(found, type=ready(list[Heartbeat])) if found else []


def _write(tx: Transaction, runners: list[Heartbeat]) -> None:
    tx.settings.put(_KEY, msgspec.json.encode(sorted(runners, key=lambda one: one.owner)))
