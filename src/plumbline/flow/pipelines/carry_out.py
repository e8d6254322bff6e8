"""Carry out deliveries from the queue: fetch, see that what was told is so, plan, and store what comes of it.

A delivery is claimed with a lease and a fencing number, as jobs are. Its outcome is written together with its pipeline,
by whoever holds that number: killed at any moment, it is taken up again, and nothing is made twice.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from plumbline.flow.pipelines.create_pipeline import RefusedWithin, start_pipeline
from plumbline.flow.pipelines.deliveries import (
    Result,
    is_push,
    put_off,
    read_told,
    settle,
    told_commit,
    wanted_of,
    why_none,
)
from plumbline.flow.pipelines.events import delivery_id
from plumbline.flow.pipelines.lease_watch import Lease
from plumbline.flow.pipelines.prepare_pipeline import NoPipeline, live_project
from plumbline.flow.pipelines.receive_webhook import COMMITS
from plumbline.flow.pipelines.transitions import SECOND
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.forge import POLL
from plumbline.model.server import Outcome, RefPlace, WebhookKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from plumbline.flow.pipelines.lease_watch import LeaseWatch
    from plumbline.flow.pipelines.tools import Server, Wanted
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import Delivery, Pushed, StoredPipeline, ToldChange

LEASE = 60 * SECOND
PER_HOST = 4  # at once, on all replicas: a host that hangs holds these places, and no others
PER_PROJECT = 2  # its repository is fetched by one at a time; another one may plan meanwhile
BACK = "back"  # action of a push found by a look: to where the ref was before, which only the tip itself proves
TOLD_BEFORE = "told-before"
REQUEST_ENDED = "request-ended"
NOT_IN_REF = "commit-not-in-ref"
NOT_THERE = "commit-not-there"
FAULT = "fault"
_MOVED_ON = "moved-on"
_INTERRUPTED = 20  # claims that came to no end: it may be what ends the server
_AGAIN = tuple(seconds * SECOND for seconds in (10, 30, 60, 120, 300, 600, 1200, 2400))
_NEVER = _AGAIN[-1] + 300 * SECOND  # nothing is put off for so long
_SOON = tuple(seconds * SECOND for seconds in (5, 20))  # for a forge whose repository is behind its messages
_OUTSIDE = frozenset({"repository-refused", "repository-moved", "host-key-unknown", "host-key-changed"})
_log = logging.getLogger(__name__)


def claim_deliveries(server: Server, owner: str, places: int, busy: Collection[int] = ()) -> list[Delivery]:
    """Take what is due, in order of each ref, as far as hosts and projects have places. ``busy``: deliveries that this
    owner still carries out, though somebody else took it for dead."""
    with server.store.view() as tx:
        now = server.clock()
        if places < 1 or not tx.deliveries.claimable(now, now + _NEVER, (), (), 1):
            return []
    with server.store.change() as tx:
        return _claim(server, tx, owner, places, busy)


def _claim(server: Server, tx: Transaction, owner: str, places: int, busy: Collection[int]) -> list[Delivery]:
    now = server.clock()
    held = tx.deliveries.leased()
    hosts, projects = Counter(one.host for one in held), Counter(one.project for one in held)
    claimed: list[Delivery] = []
    while len(claimed) < places:
        full = [host for host, count in hosts.items() if count >= PER_HOST]
        taken = [project for project, count in projects.items() if count >= PER_PROJECT]
        due = tx.deliveries.claimable(now, now + _NEVER, full, taken, places + len(busy))
        free = [one for one in due if one.id not in busy]
        before = len(claimed)
        for one in free:
            if hosts[one.host] >= PER_HOST or projects[one.project] >= PER_PROJECT or len(claimed) >= places:
                continue
            after = msgspec.structs.replace(
                one, lease_owner=owner, lease_until=now + LEASE, fence=one.fence + 1, begun=one.begun + 1
            )
            if tx.deliveries.change(one, after):
                claimed.append(after)
                hosts[one.host] += 1
                projects[one.project] += 1
        if len(claimed) == before:
            break
    return claimed


def renew_deliveries(server: Server, owner: str, deliveries: Collection[int]) -> None:
    with server.store.change() as tx:
        tx.deliveries.renew(owner, deliveries, server.clock() + LEASE)


def recover_deliveries(server: Server, place: str, owner: str) -> int:
    """What an earlier process of this replica held when it died is free again; how many. Call it before the first
    claim. ``place``: as for :func:`plumbline.flow.pipelines.recover.recover_own`."""
    with server.store.change() as tx:
        return tx.deliveries.give_back(place, owner)


def recover_silent_deliveries(server: Server, watch: LeaseWatch, busy: Collection[int] = ()) -> int:
    """What others hold although their time is over is free again; how many. ``busy``: what this process itself carries
    out."""
    with server.store.view() as tx:
        over = watch.over(map(_lease, tx.deliveries.leased()), busy)
    if not over:
        return 0
    with server.store.change() as tx:
        silent = [one for one in tx.deliveries.leased() if _lease(one) in over]
        free = [msgspec.structs.replace(one, lease_owner="", lease_until=0) for one in silent]
        return sum(tx.deliveries.change(before, after) for before, after in zip(silent, free, strict=True))


def _lease(delivery: Delivery) -> Lease:
    return Lease(delivery.id, delivery.fence, delivery.lease_until)


def carry_out_due(server: Server, owner: str, tell: Callable[[PlumblineError], None] = lambda _error: None) -> int:
    """Carry out in this thread what is due now; how many. The server does this in threads of its own."""
    count = 0
    while claimed := claim_deliveries(server, owner, 1):
        for one in claimed:
            carry_out(server, one, tell)
            count += 1
    return count


def carry_out(server: Server, claim: Delivery, tell: Callable[[PlumblineError], None] = lambda _error: None) -> None:
    """Give a claimed delivery its outcome, or put it off. ``tell`` is called with why. PlumblineErrors of the store
    pass: the delivery is taken up again when its lease is over."""
    try:
        if claim.begun > _INTERRUPTED:
            message = t("It was begun {count} times, and the server ended each time.", count=_INTERRUPTED)
            raise PlumblineError("interrupted", message, kind=ErrorKind.REFUSED)
        _Arrival(server, claim, read_told(claim)).act()
    except RefusedWithin:
        return  # somebody else has it
    except PlumblineError as error:
        tell(error)
        _not_done(server, claim, error)
    except Exception as error:  # noqa: BLE001 - told in full, and the others go on
        _log.exception("fault", extra={"fields": {"where": "deliveries", "delivery": claim.id}})
        message = t("A fault in the server: {reason}", reason=f"{type(error).__name__}: {error}"[:300])
        _not_done(server, claim, PlumblineError(FAULT, message, kind=ErrorKind.REFUSED))


def _not_done(server: Server, claim: Delivery, error: PlumblineError) -> None:
    """What failed for reasons outside is tried again, so often; the rest would be the same again."""
    outside = error.kind is ErrorKind.ENVIRONMENT or error.code in _OUTSIDE
    delays = _SOON if error.code == NOT_THERE else _AGAIN if outside else ()
    with server.store.change() as tx:
        if claim.tries < len(delays):
            put_off(server, tx, claim, error, delays[claim.tries])
            return
        settle(server, tx, claim, Result(Outcome.FAILED, reason=error.code, message=error.message.render("en")))


class _Arrival:
    """A delivery that is carried out, and what is written with what comes of it."""

    def __init__(self, server: Server, claim: Delivery, told: ToldChange) -> None:
        self._server, self._claim, self._told = server, claim, told
        self._pushed: Pushed | None = None
        self._place = RefPlace.NEWEST

    def act(self) -> None:
        server, claim, told = self._server, self._claim, self._told
        served = live_project(server, claim.project)
        wanted = wanted_of(claim.project, told)
        if wanted and wanted.merge_request and wanted.merge_request.fork and not served.forks:
            self._end(Result(Outcome.FORK))
        elif wanted and wanted.merge_request and self._has_ended(wanted.merge_request.iid):
            self._end(Result(Outcome.NOTHING, reason=REQUEST_ENDED))
        elif not self._told_before():
            self._fetch(wanted or told_commit(claim.project, told))
            if self._place is RefPlace.OUTSIDE:
                self._end(self._not_in_ref())
            elif self._claim.sha != claim.sha and self._told_before():
                return  # a tag has an id of its own
            elif wanted is None or (told.action == BACK and self._place is not RefPlace.NEWEST):
                self._end(self._nothing(why_none(told) if wanted is None else _MOVED_ON))
            else:
                newest = self._place is RefPlace.NEWEST
                wanted = msgspec.structs.replace(wanted, cause=delivery_id(claim))
                start_pipeline(server, wanted, by=0, fetch=False, newest=newest, within=self._write)

    def _has_ended(self, request: int) -> bool:
        """This message came late: a newer one told that its merge request is closed or merged."""
        with self._server.store.view() as tx:
            known = tx.merge_requests.get(self._claim.project, request)
        return known is not None and not known.is_open

    def _fetch(self, told: Wanted) -> None:
        server, project, message = self._server, self._claim.project, self._told
        request = told.merge_request
        server.projects.fetch(project, merge_request=request.iid if request else 0)
        self._place, commit = server.projects.place_of(told)
        if self._place is RefPlace.MISSING:
            raise PlumblineError(
                NOT_THERE,
                t("The repository has no commit {sha} in {ref}.", sha=told.sha, ref=told.ref),
                t("It may have been removed by a forced push since."),
                kind=ErrorKind.REFUSED,
            )
        self._claim = msgspec.structs.replace(self._claim, sha=commit)
        if message.kind is WebhookKind.PUSH and self._place is not RefPlace.OUTSIDE:
            self._pushed = server.projects.pushed(project, message.ref, message.before, message.after, COMMITS)

    def _told_before(self) -> bool:
        with self._server.store.view() as tx:
            earlier = _same_push(tx, self._claim) if is_push(self._told) else None
        if earlier is not None:
            self._end(_again(earlier))
        return earlier is not None

    def _not_in_ref(self) -> Result:
        told = t("The commit {sha} is not in {ref}.", sha=self._told.after, ref=self._told.ref)
        return Result(Outcome.REFUSED, reason=NOT_IN_REF, message=told.render("en"))

    def _nothing(self, reason: str) -> Result:
        newest = self._place is RefPlace.NEWEST
        return Result(Outcome.NOTHING, reason=reason, newest=newest, pushed=self._pushed)

    def _end(self, result: Result) -> None:
        with self._server.store.change() as tx:
            settle(self._server, tx, self._claim, result)

    def _write(self, tx: Transaction, made: StoredPipeline | NoPipeline) -> bool:
        """False where it is not ours any more, or the same push was carried out meanwhile: no pipeline is made."""
        if is_push(self._told) and _same_push(tx, self._claim) is not None:
            return False
        result = self._nothing("")
        if isinstance(made, NoPipeline):
            result = result._replace(reason=made.value)
        else:
            result = result._replace(outcome=Outcome.PIPELINE, made=made)
        return settle(self._server, tx, self._claim, result)


def _again(earlier: Delivery) -> Result:
    return Result(earlier.outcome, reason=TOLD_BEFORE, earlier=earlier.pipeline)


def _same_push(tx: Transaction, claim: Delivery) -> Delivery | None:
    """The delivery that told the same push, where one was carried out: the same two commits, unless the ref came back
    to the first one since. What a look found may stand for several pushes, of which the last one counts."""
    since: list[Delivery] = []  # carried out later than the one that is looked at
    for other in tx.deliveries.of_ref(claim):
        if other.sha == claim.sha:
            same = other.before == claim.before and not any(one.sha == claim.before for one in since)
            looked = POLL in (other.forge, claim.forge) and not any(one.newest for one in since)
            if same or looked:
                return other
        since.append(other)
    return None
