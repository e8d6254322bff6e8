"""Deliveries: written down with what they tell, and given their outcome, each in one transaction with its events."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.evidence import Sender, sent_by
from plumbline.flow.pipelines.events import branch_deleted, commits_observed, delivery_accepted, delivery_refused
from plumbline.flow.pipelines.forge_events import forge_events
from plumbline.flow.pipelines.metrics_hook import Observed
from plumbline.flow.pipelines.prepare_pipeline import NoPipeline
from plumbline.flow.pipelines.tools import Wanted
from plumbline.model.change import Event
from plumbline.model.forge import POLL
from plumbline.model.ready import ready
from plumbline.model.repository_credential import remote_of
from plumbline.model.server import Delivery, KnownRequest, Outcome, Pushed, ToldChange, WebhookKind

if TYPE_CHECKING:
    from plumbline.flow.pipelines.tools import Server
    from plumbline.kernel import PlumblineError
    from plumbline.model.event import EventDraft
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import Binding, StoredPipeline, Webhook

_SKIP = frozenset({"ci.skip"})
_MERGE_REQUEST_ACTIONS = frozenset({"open", "opened", "reopen", "reopened", "update", "synchronize", "synchronized"})
_LONGEST = 2000  # characters of why
_PUSHES = (WebhookKind.PUSH, WebhookKind.TAG)


class Came(NamedTuple):
    """How a message came. ``body``: its SHA-256 in hexadecimal; empty where the server itself found out."""

    body: str = ""
    address: str = ""


BY_OURSELVES = Came()


class Result(NamedTuple):
    """What comes of a delivery, and what is recorded with it."""

    outcome: Outcome
    made: StoredPipeline | None = None
    reason: str = ""
    message: str = ""
    earlier: int = 0  # the pipeline that was made of the same push
    newest: bool = False
    pushed: Pushed | None = None


def write_down(
    server: Server, tx: Transaction, binding: Binding, webhook: Webhook, came: Came = BY_OURSELVES
) -> tuple[Delivery, bool]:
    """The delivery as it is kept, and whether it is told for the first time. What failed, or was put off, is taken up
    when it is told again."""
    now = server.clock()
    known = tx.deliveries.told(webhook.forge, binding.project, webhook.delivery, came.body)
    if known is not None:
        return _told_again(server, tx, known, webhook, now), False
    told = change_of(webhook)
    asks = asks_for_git(binding.project, told)
    fields = _queued(webhook) if asks else {"outcome": Outcome.NOTHING, "reason": why_none(told), "settled": now}
    return _first_told(
        server, tx, webhook, msgspec.structs.replace(_delivery(binding, webhook, came, now), **fields)
    ), True


def _first_told(server: Server, tx: Transaction, webhook: Webhook, told: Delivery) -> Delivery:
    """Keep it, with all that it tells beside the pipeline that it may ask for: the events stand in the transaction that
    makes the forge's message known."""
    now, path = told.received, _path(tx, told.project)
    drafts = _drafts(server, tx, webhook, told, path)
    _remember_request(tx, webhook, told.project)
    made = tx.deliveries.add(told)
    for draft in drafts:
        tx.record(draft)
    if drafts:
        server.occasions.told(tx, told.project, webhook.told)
    if made.settled:
        tx.record(delivery_accepted(server.source, made, now, pipeline="", because=made.reason or made.outcome.value))
        _observe(server, tx, made)
    else:
        tx.afterwards(server.wake)
    return made


def _remember_request(tx: Transaction, webhook: Webhook, project: int) -> None:
    """Whether a merge request is open, for pipelines of its branch."""
    request = webhook.merge_request
    if request is None or webhook.is_open is None:
        return
    told = KnownRequest(
        project=project,
        number=request.iid,
        branch=request.source_branch,
        own=not request.fork,
        is_open=webhook.is_open,
        changed=webhook.changed,
    )
    known = tx.merge_requests.get(project, request.iid)
    if known is None or told.follows(known):
        changed = max(told.changed, known.changed) if known is not None else told.changed
        tx.merge_requests.put(msgspec.structs.replace(told, changed=changed))


def _drafts(server: Server, tx: Transaction, webhook: Webhook, told: Delivery, path: str) -> list[EventDraft]:
    """What a push tells is told once, by whomever: by two messages, or by a message and by a look."""
    now = told.received
    if told.forge == POLL:
        gone = webhook.kind is WebhookKind.PUSH and not webhook.after and not tx.deliveries.told_gone(told)
        return [branch_deleted(server.source, told, now, path)] if gone else []
    if is_push(change_of(webhook)) and tx.deliveries.repeats(told):
        return []
    sender = _sender(told)
    found = forge_events(webhook, server.source, told.project, path, now)
    return [sent_by(draft, sender) for draft in found]


def _sender(told: Delivery) -> Sender:
    return Sender(door="forge", address=told.address, delivery=f"sha256:{told.body}" if told.body else "")


def _told_again(server: Server, tx: Transaction, known: Delivery, webhook: Webhook, now: int) -> Delivery:
    if known.outcome is Outcome.FAILED:
        fields = _queued(webhook) | {"settled": 0, "tries": 0, "begun": 0, "fence": known.fence + 1}
    elif not known.settled and known.due > now:
        fields = {"due": 0}  # whoever sends it again may have mended what was wrong
    else:
        return known
    again = msgspec.structs.replace(known, **fields)
    tx.deliveries.change(known, again)
    tx.afterwards(server.wake)
    return again


def refuse_at_once(server: Server, tx: Transaction, delivery: Delivery, error: PlumblineError) -> Delivery:
    """Keep a message that proved itself and cannot be understood; once, however often it comes."""
    known = tx.deliveries.told(delivery.forge, delivery.project, delivery.name, delivery.body)
    if known is not None:
        return known
    now = server.clock()
    made = tx.deliveries.add(
        msgspec.structs.replace(
            delivery,
            outcome=Outcome.REFUSED,
            reason=error.code,
            message=error.message.render("en")[:_LONGEST],
            settled=now,
        )
    )
    tx.record(delivery_refused(server.source, made, now, error.code, uid=server.new_uid()))
    _observe(server, tx, made)
    return made


def settle(server: Server, tx: Transaction, claim: Delivery, result: Result) -> bool:
    """Give a delivery its outcome. False where somebody else did meanwhile, or holds it now: nothing is written."""
    now, made = server.clock(), result.made
    after = msgspec.structs.replace(
        claim,
        outcome=result.outcome,
        reason=result.reason,
        message=result.message[:_LONGEST],
        pipeline=made.id if made else result.earlier,
        settled=now,
        newest=result.newest,
        told=b"",
        lease_owner="",
        lease_until=0,
    )
    if not tx.deliveries.change(claim, after):
        return False
    if result.outcome in (Outcome.REFUSED, Outcome.FAILED):
        tx.record(delivery_refused(server.source, after, now, result.reason, uid=server.new_uid()))
    else:
        because = result.reason or result.outcome.value
        tx.record(delivery_accepted(server.source, after, now, pipeline=made.uid if made else "", because=because))
    if result.pushed is not None and result.pushed.commits:
        tx.record(commits_observed(server.source, after, result.pushed, now, _path(tx, claim.project)))
    _observe(server, tx, after)
    return True


def put_off(server: Server, tx: Transaction, claim: Delivery, error: PlumblineError, delay: int) -> bool:
    """Try it again later. ``delay``: microseconds. False where somebody else holds it."""
    after = msgspec.structs.replace(
        claim,
        reason=error.code,
        message=error.message.render("en")[:_LONGEST],
        tries=claim.tries + 1,
        begun=0,
        due=server.clock() + delay,
        lease_owner="",
        lease_until=0,
    )
    return tx.deliveries.change(claim, after)


def unread(binding: Binding, forge: str, name: str, now: int, came: Came = BY_OURSELVES) -> Delivery:
    """A message of which nothing but its name and its bytes is known."""
    return Delivery(
        project=binding.project,
        forge=forge,
        name=name,
        body=came.body,
        address=came.address,
        received=now,
        host=host_of(binding.url),
    )


def read_told(delivery: Delivery) -> ToldChange:
    return msgspec.msgpack.decode(delivery.told, type=ready(ToldChange))


def change_of(webhook: Webhook) -> ToldChange:
    return ToldChange(**{name: getattr(webhook, name) for name in ToldChange.__struct_fields__})


def host_of(url: str) -> str:
    """Where a repository is fetched from; empty: this machine."""
    remote = remote_of(url)
    return remote.host if remote is not None else ""


def asks_for_git(project: int, told: ToldChange) -> bool:
    """Whether it can only be carried out with the repository at hand."""
    return (told.kind is WebhookKind.PUSH and bool(told.after)) or wanted_of(project, told) is not None


def is_push(told: ToldChange) -> bool:
    return told.kind in _PUSHES


def why_none(told: ToldChange) -> str:
    """Why a message asks for no pipeline, where whoever pushed said so; else empty."""
    return NoPipeline.SKIPPED.value if is_push(told) and told.after and _SKIP & set(told.push_options) else ""


def wanted_of(project: int, told: ToldChange) -> Wanted | None:
    """The pipeline a message asks for; None: none."""
    if not told.after or _SKIP & set(told.push_options):
        return None
    if told.kind is WebhookKind.MERGE_REQUEST:
        if told.action not in _MERGE_REQUEST_ACTIONS or told.merge_request is None:
            return None
        event = Event.MERGE_REQUEST
    elif is_push(told):
        event = Event.PUSH
    else:
        return None
    return told_commit(project, told, event)


def told_commit(project: int, told: ToldChange, event: Event = Event.PUSH) -> Wanted:
    """The commit that a message tells of, in the ref that it tells of."""
    ref = told.ref
    if is_push(told):
        ref = f"refs/tags/{ref}" if told.kind is WebhookKind.TAG else f"refs/heads/{ref}"
    return Wanted(
        project=project,
        event=event,
        ref=ref,
        sha=told.after,
        before=told.before,
        merge_request=told.merge_request,
        user=told.user,
        user_name=told.user_name,
        user_email=told.user_email,
    )


def _queued(webhook: Webhook) -> dict[str, object]:
    """Due at once, whatever the clock of another server says, or that of this one when it was set."""
    return {
        "outcome": Outcome.QUEUED,
        "told": msgspec.msgpack.encode(change_of(webhook)),
        "due": 0,
        "reason": "",
        "message": "",
    }


def _delivery(binding: Binding, webhook: Webhook, came: Came, now: int) -> Delivery:
    return msgspec.structs.replace(
        unread(binding, webhook.forge, webhook.delivery, now, came),
        event=webhook.kind.value,
        ref=webhook.ref,
        before=webhook.before,
        sha=webhook.after,
    )


def _path(tx: Transaction, project: int) -> str:
    node = tx.tree.get(project)
    return node.path if node is not None else ""


def _observe(server: Server, tx: Transaction, delivery: Delivery) -> None:
    waited = delivery.settled - delivery.received
    tx.afterwards(partial(server.observations.tell, Observed.DELIVERY, delivery.outcome, waited))
