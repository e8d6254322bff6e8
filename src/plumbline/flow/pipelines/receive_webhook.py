"""A forge tells of a change: make its pipeline, once, however often it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.people.refusals import Refusal
from plumbline.flow.pipelines.create_pipeline import RefusedWithin, start_pipeline
from plumbline.flow.pipelines.events import commits_observed, delivery_accepted, delivery_refused
from plumbline.flow.pipelines.forge_events import forge_events
from plumbline.flow.pipelines.prepare_pipeline import live_project
from plumbline.flow.pipelines.sanitize import usable
from plumbline.flow.pipelines.tools import Wanted
from plumbline.flow.tree.bind_repository import secret_place
from plumbline.flow.unit_of_work import not_found
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.change import Event
from plumbline.model.server import Delivery, Outcome, WebhookKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.access import Actor
    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import Pushed, StoredPipeline, Webhook

COMMITS = 100  # of one push that are named in the ledger
_FORGED = 10  # forged messages a minute, of one sender to one project, that are recorded one by one
_SKIP = frozenset({"ci.skip"})
_MERGE_REQUEST_ACTIONS = frozenset({"open", "opened", "reopen", "reopened", "update", "synchronize", "synchronized"})


class Received(NamedTuple):
    """What came of it."""

    outcome: Outcome
    pipeline: StoredPipeline | None = None


class Message(NamedTuple):
    """A webhook as it came. ``request``: the id of the request, which stands for the delivery's until that is known."""

    forge: str
    headers: Mapping[str, str]
    body: bytes
    request: str


def receive_webhook(actor: Actor, server: Server, project: int, message: Message) -> Received:
    """Act on what a forge sent, where it proves itself. PlumblineError ``not-found``, those of the forge's kind, and
    those of :func:`receive_change`; a message that proves nothing is recorded."""
    forge = message.forge
    with server.units.view(actor) as unit:
        unit.require(use_cases.RECEIVE_WEBHOOK)
        binding = unit.tx.bindings.get(project)
    if binding is None or binding.kind != forge:
        raise not_found(t("There is no project {project} with a repository at {forge}.", project=project, forge=forge))
    secret = server.vault.open(binding.secret, secret_place(project)) if binding.secret else b""
    try:
        webhook = server.read_webhook(forge, message.headers, message.body, secret)
    except PlumblineError as error:
        _refuse_message(server, project, message, error, actor.address)
        raise
    return receive_change(server, project, webhook, address=actor.address)


def _refuse_message(server: Server, project: int, message: Message, error: PlumblineError, address: str) -> None:
    """A message that proves nothing may come from anybody, and as often: some are recorded, others are counted."""

    def tell() -> None:
        refuse_delivery(server, project, message.forge, message.request, error.code, address=address)

    if error.code == "webhook-forged":
        refusal = Refusal(f"hooks/{message.forge}/{project}", error.code, "", address)
        server.refusals.refused(refusal, server.clock(), tell, free=_FORGED)
    else:
        tell()


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
        made = start_pipeline(server, wanted, by=0, fetch=self._pushed is None, within=self._write)
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
        for draft in forge_events(webhook, server.source, self._project, self._path, now):
            tx.record(draft)
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
