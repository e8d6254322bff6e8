"""GitLab: a token in a header, or signatures (docs: user/project/integrations/webhooks, webhook_events)."""

from __future__ import annotations

import os
from base64 import b64encode
from contextlib import suppress
from shlex import quote
from typing import TYPE_CHECKING
from urllib.parse import quote as url_quote

from plumbline.adapters.forges.webhooks import _gitlab, _told
from plumbline.adapters.forges.webhooks._part import Forge, Tells
from plumbline.adapters.forges.webhooks._proof import (
    SIGNING_TOKEN,
    commit_id,
    fork_of,
    same,
    signed_by_token,
    split_ref,
)
from plumbline.adapters.forges.webhooks._told import account
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.change import MergeRequest
from plumbline.model.forge import ForgeKind, HookWanted
from plumbline.model.server import Webhook, WebhookKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.adapters.forges.webhooks._told import Told

_NOBODYS = SIGNING_TOKEN + b64encode(os.urandom(32))
_EVENTS = {
    "Push Hook": WebhookKind.PUSH,
    "Tag Push Hook": WebhookKind.TAG,
    "Merge Request Hook": WebhookKind.MERGE_REQUEST,
}

_TELLS = (
    Tells("Push Hook", ("created",), ("branch.created",)),
    Tells("Push Hook", ("deleted",), ("branch.deleted",)),
    Tells("Push Hook", ("ref_protected",), ("branchProtection.observed",)),
    Tells("Tag Push Hook", ("created",), ("tag.created",)),
    Tells("Tag Push Hook", ("deleted",), ("tag.deleted",)),
    Tells("Merge Request Hook", ("open",), ("change.created",)),
    Tells("Merge Request Hook", ("merge",), ("change.merged",)),
    Tells("Merge Request Hook", ("close",), ("change.abandoned",)),
    Tells("Merge Request Hook", ("approved", "approval", "unapproved", "unapproval"), ("change.reviewed",)),
    Tells("Merge Request Hook", (), ("change.updated",)),
    Tells("Note Hook", ("create",), ("comment.made",)),
    Tells("Issue Hook", ("open",), ("ticket.created",)),
    Tells("Issue Hook", ("close",), ("ticket.closed",)),
    Tells("Issue Hook", (), ("ticket.updated",)),
    Tells("Issue Hook", ("open Incident",), ("ticket.created", "incident.reported")),
    Tells("Issue Hook", ("close Incident",), ("ticket.closed", "incident.resolved")),
    Tells("Pipeline Hook", ("created", "preparing", "pending", "waiting_for_resource"), ("pipelinerun.queued",)),
    Tells("Pipeline Hook", ("running",), ("pipelinerun.started",)),
    Tells("Pipeline Hook", ("success", "failed", "canceled", "skipped"), ("pipelinerun.finished",)),
    Tells("Pipeline Hook", (), ("pipelinerun.stateChanged",)),
    Tells("Job Hook", ("running",), ("taskrun.started",)),
    Tells("Job Hook", ("success", "failed", "canceled"), ("taskrun.finished",)),
    Tells("Job Hook", (), ("taskrun.stateChanged",)),
    Tells("Deployment Hook", ("blocked", "created"), ("deployment.queued",)),
    Tells("Deployment Hook", ("running",), ("deployment.started",)),
    Tells("Deployment Hook", ("success", "failed", "canceled"), ("deployment.finished",)),
    Tells("Release Hook", ("create",), ("release.released",)),
    Tells("Release Hook", ("delete",), ("release.cancelled",)),
    Tells("", (), ("forge.told",)),
)


def _genuine(headers: Mapping[str, str], body: bytes, secret: bytes, now: float) -> bool:
    """A signature that is sent has to hold, whatever token is sent beside it. Whoever sends one waits as long for the
    answer whether the project has such a token or not."""
    if secret.startswith(SIGNING_TOKEN):
        return signed_by_token(headers, body, secret, now)
    with suppress(PlumblineError):
        signed_by_token(headers, body, _NOBODYS, now)
    if "webhook-signature" in headers:
        raise PlumblineError(
            "webhook-forged",
            t("The message is signed with a signing token that this project does not know."),
            t("Write GitLab's signing token into the project's repository settings, or remove it from the webhook in "
              "GitLab."),
            kind=ErrorKind.REFUSED,
        )  # fmt: skip
    return same(headers.get("x-gitlab-token", ""), secret)


def _read(headers: Mapping[str, str], body: bytes, delivery: str) -> Webhook:
    event = headers.get("x-gitlab-event", "")
    kind = _EVENTS.get(event, WebhookKind.OTHER)
    told = _told.read(body)
    if kind is WebhookKind.OTHER:
        return Webhook(forge="gitlab", delivery=delivery, kind=kind, action=event, told=_gitlab.read_news(event, told))
    if kind is WebhookKind.MERGE_REQUEST:
        return _merge_request(told, delivery)
    ref = split_ref(told.needed_text("ref"))[0]
    return Webhook(
        forge="gitlab",
        delivery=delivery,
        kind=kind,
        ref=ref,
        before=commit_id(told.text("before")),
        after=commit_id(told.needed_text("after")),
        user=told.text("user_username"),
        user_name=told.text("user_name"),
        user_email=told.text("user_email"),
        push_options=_options(told),
        told=_gitlab.read_protection(told, ref) if kind is WebhookKind.PUSH else (),
    )


def _merge_request(message: Told, delivery: str) -> Webhook:
    told = message.at("object_attributes")
    action, before = told.text("action"), told.commit("oldrev")
    if action == "update" and not before:
        action = "edit"  # its words changed, not its commits
    sha, fork, by = told.at("last_commit").commit("id"), _fork(told), account(message.at("user"))
    branch, target = told.needed_text("source_branch"), told.needed_text("target_branch")
    return Webhook(
        forge="gitlab",
        delivery=delivery,
        kind=WebhookKind.MERGE_REQUEST,
        action=action,
        ref=branch,
        before=before,
        after=sha,
        merge_request=MergeRequest(
            iid=told.needed_number("iid"),
            title=told.text("title"),
            description=told.text("description"),
            source_branch=branch,
            target_branch=target,
            source_sha=sha,
            labels=tuple(name for label in message.each("labels") if (name := label.text("title"))),
            draft=bool(told.flag("draft")),
            fork=fork,
        ),
        is_open=told.text("state") == "opened" if told.text("state") else action not in ("close", "merge"),
        changed=told.time("updated_at", "created_at"),
        user=by.login,
        user_name=by.name,
        user_email=by.email,
        told=_gitlab.read_change(message, action, fork),
    )


def _fork(told: Told) -> str:
    fork = fork_of(*(told.at(end).text("path_with_namespace") for end in ("source", "target")))
    ends = {told.number(f"{end}_project_id") for end in ("source", "target")} - {None}
    return fork or ("-" if len(ends) > 1 else "")


def _options(push: Told) -> tuple[str, ...]:
    """``{"ci": {"skip": true}}`` as ``ci.skip``; a list as it is."""
    rooms = push.at("push_options")
    return push.texts("push_options") or tuple(f"{room}.{name}" for room in rooms for name in rooms.at(room))


def _lines(wanted: HookWanted) -> str:
    return (
        f'curl --fail --header "PRIVATE-TOKEN: $GITLAB_TOKEN" \\\n'
        f"  --data-urlencode {quote('url=' + wanted.address)} --data-urlencode {quote('token=' + wanted.secret)} \\\n"
        f"  --data push_events=true --data tag_push_events=true --data merge_requests_events=true \\\n"
        f"  {quote(f'https://{wanted.host}/api/v4/projects/{url_quote(wanted.path, safe=str())}/hooks')}"
    )


PART = Forge(
    ForgeKind(
        name="gitlab",
        lines=_lines,
        title="GitLab",
        proof=t("The secret itself is in {header}; a signing token signs id, time and body with HMAC-SHA256 instead.",
                header="X-Gitlab-Token"),
        setup=t(
            "In the settings of the project, under Webhooks: this address, the secret as the secret token, and the "
            "triggers push events, tag push events and merge request events. Whatever else is chosen there is written "
            "down: comments, issues, pipelines, jobs, deployments, releases."
        ),
        events={name: (kind,) for name, kind in _EVENTS.items()},
        signs=True,
    ),
    _genuine,
    _read,
    # The id that is signed comes first: the others could be changed on the way, and make an old message a new one.
    delivery=("webhook-id", "idempotency-key", "x-gitlab-event-uuid"),
    merge_request="refs/merge-requests/{iid}/head",
    tells=_TELLS,
)  # fmt: skip
