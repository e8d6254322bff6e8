"""Messages as GitHub writes them, and Gitea after it."""

from __future__ import annotations

import msgspec

from plumbline.adapters.forges.webhooks._proof import commit_id, decoded, fork_of, split_ref
from plumbline.model.change import MergeRequest
from plumbline.model.server import Webhook, WebhookKind

EVENTS = {
    "push": (WebhookKind.PUSH, WebhookKind.TAG),
    "pull_request": (WebhookKind.MERGE_REQUEST,),
    "ping": (WebhookKind.PING,),
}


class _Person(msgspec.Struct):
    login: str = ""
    name: str = ""
    email: str | None = ""
    full_name: str = ""


class _Push(msgspec.Struct):
    ref: str = ""
    before: str = ""
    after: str = ""
    pusher: _Person = msgspec.field(default_factory=_Person)
    sender: _Person = msgspec.field(default_factory=_Person)


class _Repository(msgspec.Struct):
    full_name: str = ""


class _End(msgspec.Struct):
    ref: str
    sha: str = ""
    repo: _Repository | None = None


class _Label(msgspec.Struct):
    name: str = ""


class _Request(msgspec.Struct):
    head: _End
    base: _End
    title: str = ""
    body: str | None = ""
    draft: bool = False
    labels: list[_Label] | None = None


class _Merge(msgspec.Struct):
    action: str
    number: int
    pull_request: _Request
    sender: _Person = msgspec.field(default_factory=_Person)


def read_message(forge: str, event: str, body: bytes, delivery: str) -> Webhook:
    """``event`` as the header names it."""
    kinds = EVENTS.get(event, (WebhookKind.OTHER,))
    if WebhookKind.PUSH in kinds:
        return _push(forge, decoded(body, _Push), delivery)
    if WebhookKind.MERGE_REQUEST in kinds:
        return _merge_request(forge, decoded(body, _Merge), delivery)
    return Webhook(forge=forge, delivery=delivery, kind=kinds[0], action=event)


def _push(forge: str, push: _Push, delivery: str) -> Webhook:
    ref, kind = split_ref(push.ref)
    return Webhook(
        forge=forge,
        delivery=delivery,
        kind=kind,
        ref=ref,
        before=commit_id(push.before),
        after=commit_id(push.after),
        user=push.sender.login or push.pusher.login or push.pusher.name,
        user_name=push.pusher.full_name or push.pusher.name,
        user_email=push.pusher.email or "",
    )


def _merge_request(forge: str, message: _Merge, delivery: str) -> Webhook:
    request = message.pull_request
    source = request.head.repo.full_name if request.head.repo else ""
    target = request.base.repo.full_name if request.base.repo else ""
    sha = commit_id(request.head.sha)
    return Webhook(
        forge=forge,
        delivery=delivery,
        kind=WebhookKind.MERGE_REQUEST,
        action=message.action,
        ref=request.head.ref,
        after=sha,
        merge_request=MergeRequest(
            iid=message.number,
            title=request.title,
            description=request.body or "",
            source_branch=request.head.ref,
            target_branch=request.base.ref,
            source_sha=sha,
            target_sha=commit_id(request.base.sha),
            labels=tuple(label.name for label in request.labels or ()),
            draft=request.draft,
            fork=fork_of(source, target),
        ),
        user=message.sender.login,
        user_name=message.sender.full_name or message.sender.name,
        user_email=message.sender.email or "",
    )
