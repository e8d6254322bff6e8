"""Gitea and Forgejo: GitHub's messages under their own headers."""

from __future__ import annotations

import json
from shlex import quote
from typing import TYPE_CHECKING

from plumbline.adapters.forges.webhooks._messages import EVENTS, OTHERS, TELLS, read_message
from plumbline.adapters.forges.webhooks._part import Forge, Tells
from plumbline.adapters.forges.webhooks._proof import signed
from plumbline.kernel import t
from plumbline.model.forge import ForgeKind, HookWanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.model.server import Webhook

_TELLS = tuple(
    Tells(f"pull_request_{decision}", ("reviewed",), ("change.reviewed",))
    for decision in ("approved", "rejected", "comment")
)


def _genuine(headers: Mapping[str, str], body: bytes, secret: bytes, _now: float) -> bool:
    given = headers.get("x-gitea-signature") or headers.get("x-forgejo-signature") or ""
    return signed(given, body, secret)


def _read(headers: Mapping[str, str], body: bytes, delivery: str) -> Webhook:
    event = headers.get("x-gitea-event") or headers.get("x-forgejo-event") or ""
    return read_message("gitea", event, body, delivery)


def _lines(wanted: HookWanted) -> str:
    config = {"url": wanted.address, "content_type": "json", "secret": wanted.secret}
    body = {"type": "gitea", "active": True, "events": ["push", "pull_request"], "config": config}
    return (
        f'curl --fail --header "Authorization: token $GITEA_TOKEN" --header "Content-Type: application/json" \\\n'
        f"  --data {quote(json.dumps(body))} \\\n  {quote(f'https://{wanted.host}/api/v1/repos/{wanted.path}/hooks')}"
    )


PART = Forge(
    ForgeKind(
        name="gitea",
        lines=_lines,
        title="Gitea, Forgejo",
        proof=t("The secret signs the body with HMAC-SHA256, in {header}.", header="X-Gitea-Signature"),
        setup=t(
            "In the settings of the repository, under Webhooks: this address, the method POST, the content type "
            "application/json, the secret, and the events Push and Pull request. Whatever else is chosen there is "
            "written down: reviews, comments, issues, releases, workflows."
        ),
        events=EVENTS,
    ),
    _genuine,
    _read,
    merge_request="refs/pull/{iid}/head",
    tells=(*TELLS, *_TELLS, *OTHERS),
)
