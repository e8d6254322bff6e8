"""GitHub: messages signed with HMAC-SHA256."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from plumbline.adapters.forges.webhooks._messages import EVENTS, OTHERS, TELLS, read_message
from plumbline.adapters.forges.webhooks._part import Forge, Tells
from plumbline.adapters.forges.webhooks._proof import signed
from plumbline.kernel import t
from plumbline.model.forge import ForgeKind, HookWanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.model.server import Webhook

_TELLS = (
    Tells("pull_request_review", ("submitted", "dismissed"), ("change.reviewed",)),
    Tells("pull_request_review_comment", ("created",), ("comment.made",)),
    Tells("commit_comment", ("created",), ("comment.made",)),
    Tells("release", ("unpublished",), ("release.cancelled",)),
    Tells("deployment", (), ("deployment.queued",)),
    Tells("deployment_status", ("queued", "pending", "waiting"), ("deployment.queued",)),
    Tells("deployment_status", ("in_progress",), ("deployment.started",)),
    Tells("deployment_status", ("success", "failure", "error"), ("deployment.finished",)),
    Tells("deployment_review", ("approved", "rejected"), ("approval.decided",)),
    Tells("branch_protection_rule", (), ("branchProtection.observed",)),
    Tells("branch_protection_configuration", ("enabled", "disabled"), ("branchProtection.observed",)),
    Tells("repository_ruleset", (), ("branchProtection.observed",)),
)


def _genuine(headers: Mapping[str, str], body: bytes, secret: bytes, _now: float) -> bool:
    return signed(headers.get("x-hub-signature-256", ""), body, secret)


def _read(headers: Mapping[str, str], body: bytes, delivery: str) -> Webhook:
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        body = "".join(parse_qs(body.decode("utf-8", "replace")).get("payload", [""])).encode()
    return read_message("github", headers.get("x-github-event", ""), body, delivery)


def _lines(wanted: HookWanted) -> str:
    fields = {"url": wanted.address, "content_type": "json", "secret": wanted.secret}
    config = " ".join(f"-f {quote(f'config[{name}]={value}')}" for name, value in fields.items())
    events = " ".join(f"-f 'events[]={name}'" for name in ("push", "pull_request"))
    host = "" if wanted.host == "github.com" else f"--hostname {quote(wanted.host)} "
    return f"gh api {host}{quote(f'repos/{wanted.path}/hooks')} -f name=web \\\n  {config} \\\n  {events}"


PART = Forge(
    ForgeKind(
        name="github",
        lines=_lines,
        title="GitHub",
        proof=t("The secret signs the body with HMAC-SHA256, in {header}.", header="X-Hub-Signature-256"),
        setup=t(
            "In the settings of the repository, under Webhooks: this address, the content type application/json, the "
            "secret, and the events Pushes and Pull requests. Whatever else is chosen there is written down: reviews, "
            "comments, issues, releases, deployments, workflows, branch protection."
        ),
        events=EVENTS,
    ),
    _genuine,
    _read,
    merge_request="refs/pull/{iid}/head",
    tells=(*TELLS, *_TELLS, *OTHERS),
)
