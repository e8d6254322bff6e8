"""Messages as GitHub writes them, and Gitea after it: what starts pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.adapters.forges.webhooks import _news, _told
from plumbline.adapters.forges.webhooks._part import Tells
from plumbline.adapters.forges.webhooks._proof import commit_id, fork_of, split_ref
from plumbline.adapters.forges.webhooks._told import account
from plumbline.model.change import MergeRequest
from plumbline.model.forge_news import Account
from plumbline.model.server import Webhook, WebhookKind

if TYPE_CHECKING:
    from plumbline.adapters.forges.webhooks._told import Told

EVENTS = {
    "push": (WebhookKind.PUSH, WebhookKind.TAG),
    "pull_request": (WebhookKind.MERGE_REQUEST,),
    "ping": (WebhookKind.PING,),
}

TELLS = (
    Tells("push", ("created",), ("branch.created",)),
    Tells("push", ("deleted",), ("branch.deleted",)),
    Tells("push", ("created refs/tags",), ("tag.created",)),
    Tells("push", ("deleted refs/tags",), ("tag.deleted",)),
    Tells("pull_request", ("opened",), ("change.created",)),
    Tells("pull_request", ("closed merged",), ("change.merged",)),
    Tells("pull_request", ("closed",), ("change.abandoned",)),
    Tells("pull_request", (), ("change.updated",)),
    Tells("issue_comment", ("created",), ("comment.made",)),
    Tells("create", ("branch",), ("branch.created",)),
    Tells("create", ("tag",), ("tag.created",)),
    Tells("delete", ("branch",), ("branch.deleted",)),
    Tells("delete", ("tag",), ("tag.deleted",)),
    Tells("release", ("published",), ("release.released",)),
    Tells("release", ("deleted",), ("release.cancelled",)),
    Tells("issues", ("opened",), ("ticket.created",)),
    Tells("issues", ("closed",), ("ticket.closed",)),
    Tells("issues", (), ("ticket.updated",)),
    Tells("workflow_run", ("requested",), ("pipelinerun.queued",)),
    Tells("workflow_run", ("in_progress",), ("pipelinerun.started",)),
    Tells("workflow_run", ("completed",), ("pipelinerun.finished",)),
    Tells("workflow_job", ("in_progress",), ("taskrun.started",)),
    Tells("workflow_job", ("completed",), ("taskrun.finished",)),
    Tells("workflow_job", (), ("taskrun.stateChanged",)),
)
OTHERS = (Tells("", (), ("forge.told",)),)


def read_message(forge: str, event: str, body: bytes, delivery: str) -> Webhook:
    """``event`` as the header names it."""
    kinds = EVENTS.get(event, (WebhookKind.OTHER,))
    told = _told.read(body)
    if WebhookKind.PUSH in kinds:
        return _push(forge, told, delivery)
    if WebhookKind.MERGE_REQUEST in kinds:
        return _merge_request(forge, told, delivery)
    news = () if kinds[0] is WebhookKind.PING else _news.read_news(event, told)
    return Webhook(forge=forge, delivery=delivery, kind=kinds[0], action=event, told=news)


def _push(forge: str, push: Told, delivery: str) -> Webhook:
    ref, kind = split_ref(push.needed_text("ref"))
    sender, pusher = account(push.at("sender")), account(push.at("pusher"))
    return Webhook(
        forge=forge,
        delivery=delivery,
        kind=kind,
        ref=ref,
        before=commit_id(push.text("before")),
        after=commit_id(push.needed_text("after")),
        user=sender.login or pusher.login or pusher.name,
        user_name=pusher.name,
        user_email=pusher.email,
    )


def _merge_request(forge: str, message: Told, delivery: str) -> Webhook:
    request = message.at("pull_request")
    head, base = request.at("head"), request.at("base")
    number, sha, branch = message.needed_number("number"), head.commit("sha"), head.needed_text("ref")
    target = base.needed_text("ref")
    fork, action = _fork(head, base), message.needed_text("action")
    by: Account = account(message.at("sender"))
    return Webhook(
        forge=forge,
        delivery=delivery,
        kind=WebhookKind.MERGE_REQUEST,
        action=action,
        ref=branch,
        after=sha,
        merge_request=MergeRequest(
            iid=number,
            title=request.text("title"),
            description=request.text("body"),
            source_branch=branch,
            target_branch=target,
            source_sha=sha,
            target_sha=base.commit("sha"),
            labels=tuple(name for label in request.each("labels") if (name := label.text("name"))),
            draft=bool(request.flag("draft")),
            fork=fork,
        ),
        is_open=request.text("state") == "open" if request.text("state") else action != "closed",
        changed=request.time("updated_at", "created_at"),
        user=by.login,
        user_name=by.name,
        user_email=by.email,
        told=_news.read_change(message, fork),
    )


def _fork(head: Told, base: Told) -> str:
    """A head that is no branch is nobody's who may push here, whatever repository it names: Gitea keeps what was
    pushed to ``refs/for`` in the target's."""
    fork = fork_of(head.at("repo").text("full_name"), base.at("repo").text("full_name"))
    stray = head.text("ref").startswith("refs/") or ("label" in head and not head.text("label"))
    return fork or ("-" if stray else "")
