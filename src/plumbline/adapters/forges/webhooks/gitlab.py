"""GitLab: a token in a header, or signatures (docs: user/project/integrations/webhooks, webhook_events)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.adapters.forges.webhooks._part import Forge
from plumbline.adapters.forges.webhooks._proof import (
    SIGNING_TOKEN,
    commit_id,
    decoded,
    fork_of,
    same,
    signed_by_token,
    split_ref,
)
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.change import MergeRequest
from plumbline.model.forge import ForgeKind
from plumbline.model.server import Webhook, WebhookKind

if TYPE_CHECKING:
    from collections.abc import Mapping

_EVENTS = {
    "Push Hook": WebhookKind.PUSH,
    "Tag Push Hook": WebhookKind.TAG,
    "Merge Request Hook": WebhookKind.MERGE_REQUEST,
}


class _Push(msgspec.Struct):
    ref: str = ""
    before: str = ""
    after: str = ""
    user_username: str = ""
    user_name: str = ""
    user_email: str | None = ""
    push_options: Any = None


class _User(msgspec.Struct):
    username: str = ""
    name: str = ""
    email: str | None = ""


class _Commit(msgspec.Struct):
    id: str = ""


class _Place(msgspec.Struct):
    path_with_namespace: str = ""


class _Label(msgspec.Struct):
    title: str = ""


class _Request(msgspec.Struct):
    iid: int
    source_branch: str
    target_branch: str
    title: str = ""
    description: str | None = ""
    action: str = ""
    oldrev: str | None = None
    draft: bool = False
    last_commit: _Commit = msgspec.field(default_factory=_Commit)
    source: _Place | None = None
    target: _Place | None = None


class _Merge(msgspec.Struct):
    object_attributes: _Request
    user: _User = msgspec.field(default_factory=_User)
    labels: list[_Label] = []


def _genuine(headers: Mapping[str, str], body: bytes, secret: bytes, now: float) -> bool:
    """A signature that is sent has to hold, whatever token is sent beside it."""
    if secret.startswith(SIGNING_TOKEN):
        return signed_by_token(headers, body, secret, now)
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
    if kind is WebhookKind.OTHER:
        return Webhook(forge="gitlab", delivery=delivery, kind=kind, action=event)
    if kind is WebhookKind.MERGE_REQUEST:
        return _merge_request(decoded(body, _Merge), delivery)
    push = decoded(body, _Push)
    return Webhook(
        forge="gitlab",
        delivery=delivery,
        kind=kind,
        ref=split_ref(push.ref)[0],
        before=commit_id(push.before),
        after=commit_id(push.after),
        user=push.user_username,
        user_name=push.user_name,
        user_email=push.user_email or "",
        push_options=_options(push.push_options),
    )


def _merge_request(message: _Merge, delivery: str) -> Webhook:
    told = message.object_attributes
    action = told.action
    if action == "update" and not told.oldrev:
        action = "edit"  # its words changed, not its commits
    source = told.source.path_with_namespace if told.source else ""
    target = told.target.path_with_namespace if told.target else ""
    sha = commit_id(told.last_commit.id)
    return Webhook(
        forge="gitlab",
        delivery=delivery,
        kind=WebhookKind.MERGE_REQUEST,
        action=action,
        ref=told.source_branch,
        before=commit_id(told.oldrev or ""),
        after=sha,
        merge_request=MergeRequest(
            iid=told.iid,
            title=told.title,
            description=told.description or "",
            source_branch=told.source_branch,
            target_branch=told.target_branch,
            source_sha=sha,
            labels=tuple(label.title for label in message.labels),
            draft=told.draft,
            fork=fork_of(source, target),
        ),
        user=message.user.username,
        user_name=message.user.name,
        user_email=message.user.email or "",
    )


def _options(given: Any) -> tuple[str, ...]:
    """``{"ci": {"skip": true}}`` as ``ci.skip``; a list as it is."""
    if isinstance(given, list):
        return tuple(str(option) for option in given)
    if not isinstance(given, dict):
        return ()
    pairs = ((room, name) for room, names in given.items() if isinstance(names, dict) for name in names)
    return tuple(f"{room}.{name}" for room, name in pairs)


PART = Forge(
    ForgeKind(
        name="gitlab",
        title="GitLab",
        proof=t("The secret itself is in {header}; a signing token signs id, time and body with HMAC-SHA256 instead.",
                header="X-Gitlab-Token"),
        setup=t(
            "In the settings of the project, under Webhooks: this address, the secret as the secret token, and the "
            "triggers push events, tag push events and merge request events."
        ),
        events={name: (kind,) for name, kind in _EVENTS.items()},
        signs=True,
    ),
    _genuine,
    _read,
    # The id that is signed comes first: the others could be changed on the way, and make an old message a new one.
    delivery=("webhook-id", "idempotency-key", "x-gitlab-event-uuid"),
    merge_request="refs/merge-requests/{iid}/head",
)  # fmt: skip
