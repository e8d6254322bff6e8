"""A forge tells of a change: make its pipeline, once, however often it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.flow.pipelines.create_pipeline import RefusedWithin, live_project, start_pipeline
from plumbline.flow.pipelines.events import commits_observed, delivery_accepted, delivery_refused
from plumbline.flow.pipelines.sanitize import usable
from plumbline.flow.pipelines.tools import Wanted
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.change import Event
from plumbline.model.server import Delivery, Outcome, WebhookKind

if TYPE_CHECKING:
    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import Pushed, StoredPipeline, Webhook

COMMITS = 100  # of one push that are named in the ledger
_SKIP = frozenset({"ci.skip"})
_MERGE_REQUEST_ACTIONS = frozenset({"open", "opened", "reopen", "reopened", "update", "synchronize", "synchronized"})


class Received(NamedTuple):
    """What came of it."""

    outcome: Outcome
    pipeline: StoredPipeline | None = None


def receive_change(server: Server, project: int, webhook: Webhook, *, address: str = "") -> Received:
    """Act on a verified message. The same delivery again is refused with PlumblineError ``delivery-replayed``; what
    failed may be sent again. Both are recorded."""
    try:
        webhook = usable(webhook)
    except PlumblineError as error:
        refuse_delivery(server, project, webhook.forge, webhook.delivery, error.code, address=address)
        raise
    arrival = _Arrival(server, project, webhook)
    if arrival.seen():
        raise _replayed(server, project, webhook, address)
    try:
        return arrival.act()
    except RefusedWithin:
        raise _replayed(server, project, webhook, address) from None
    except PlumblineError as error:
        refuse_delivery(server, project, webhook.forge, webhook.delivery, error.code, address=address)
        raise


class _Arrival:
    """A message that is acted on once, and what is written with what comes of it."""

    def __init__(self, server: Server, project: int, webhook: Webhook) -> None:
        self._server, self._project, self._webhook = server, project, webhook
        self._name = f"{project}:{webhook.delivery}"
        self._pushed: Pushed | None = None
        self._path = ""

    def seen(self) -> bool:
        with self._server.store.view() as tx:
            return tx.deliveries.get(self._webhook.forge, self._name) is not None

    def act(self) -> Received:
        server, webhook = self._server, self._webhook
        served = live_project(server, self._project)
        self._path = served.project.path
        if webhook.kind is WebhookKind.PUSH and webhook.after:
            server.projects.fetch(self._project)
            self._pushed = server.projects.pushed(self._project, webhook.ref, webhook.before, webhook.after, COMMITS)
        wanted = _wanted(self._project, webhook)
        if wanted is None:
            return self._nothing(Outcome.NOTHING)
        if wanted.merge_request and wanted.merge_request.fork and not served.forks:
            return self._nothing(Outcome.FORK)
        made = start_pipeline(server, wanted, keep_failed=True, fetch=self._pushed is None, within=self._write)
        return Received(Outcome.PIPELINE if made else Outcome.NOTHING, made)

    def _nothing(self, outcome: Outcome) -> Received:
        with self._server.store.change() as tx:
            if not self._write(tx, None, outcome):
                raise RefusedWithin
        return Received(outcome)

    def _write(self, tx: Transaction, made: StoredPipeline | None, outcome: Outcome = Outcome.NOTHING) -> bool:
        """False where somebody else acted on the same message meanwhile."""
        server, webhook, now = self._server, self._webhook, self._server.clock()
        outcome = Outcome.PIPELINE if made else outcome
        tx.record(
            delivery_accepted(
                server.source, self._project, webhook, now, pipeline=made.uid if made else "", because=outcome.value
            )
        )
        if self._pushed is not None and self._pushed.commits:
            tx.record(commits_observed(server.source, self._project, webhook, self._pushed, now, self._path))
        return tx.deliveries.add(
            Delivery(
                forge=webhook.forge,
                id=self._name,
                project=self._project,
                received=now,
                event=webhook.kind.value,
                ref=webhook.ref,
                sha=webhook.after,
                pipeline=made.id if made else 0,
                outcome=outcome,
            )
        )


def refuse_delivery(server: Server, project: int, forge: str, delivery: str, reason: str, *, address: str = "") -> None:
    """Record that a message was not acted on: forged, not to be understood, or not to be carried out."""
    with server.store.change() as tx:
        tx.record(
            delivery_refused(
                server.source, project, forge, delivery, server.clock(), reason, uid=server.new_uid(), address=address
            )
        )


def _replayed(server: Server, project: int, webhook: Webhook, address: str) -> PlumblineError:
    refuse_delivery(server, project, webhook.forge, webhook.delivery, "delivery-replayed", address=address)
    return PlumblineError(
        "delivery-replayed",
        t("The delivery {delivery} has been received before.", delivery=webhook.delivery),
        t("Nothing is lost: what it asked for was done then."),
        kind=ErrorKind.REFUSED,
    )


def _wanted(project: int, webhook: Webhook) -> Wanted | None:
    """The pipeline a message asks for; None: none."""
    if not webhook.after or _SKIP & set(webhook.push_options):
        return None
    if webhook.kind is WebhookKind.MERGE_REQUEST:
        if webhook.action not in _MERGE_REQUEST_ACTIONS or webhook.merge_request is None:
            return None
        event, ref = Event.MERGE_REQUEST, webhook.ref
    elif webhook.kind in (WebhookKind.PUSH, WebhookKind.TAG):
        event = Event.PUSH
        ref = f"refs/tags/{webhook.ref}" if webhook.kind is WebhookKind.TAG else f"refs/heads/{webhook.ref}"
    else:
        return None
    return Wanted(
        project=project,
        event=event,
        ref=ref,
        sha=webhook.after,
        before=webhook.before,
        merge_request=webhook.merge_request,
        user=webhook.user,
        user_name=webhook.user_name,
        user_email=webhook.user_email,
    )
