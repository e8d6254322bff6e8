"""Messages of forges as they prove themselves, and what comes of them."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import yaml

from plumbline.adapters.forges import read_webhook, sign_notification
from plumbline.evidence.origin import kind_of
from plumbline.flow.pipelines.forge_events import forge_events
from plumbline.flow.pipelines.sanitize import usable

if TYPE_CHECKING:
    from plumbline.model.event import EventDraft
    from plumbline.model.server import Webhook

SECRET = b"hush"
NOW = 1_800_000_000_000_000
SHARED = ("github", "gitea")  # Gitea writes most messages as GitHub does
_CASES = Path(__file__).parent.parent / "cases" / "forges"


def cases(forge: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((_CASES / f"{forge}.yml").read_text(encoding="utf-8"))
    return found


def send(forge: str, event: str, body: Any, delivery: str = "d-1") -> Webhook:
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    digest = hmac.new(SECRET, raw, hashlib.sha256).hexdigest()
    proof = {
        "gitlab": {"x-gitlab-token": "hush", "x-gitlab-event": event, "x-gitlab-event-uuid": delivery},
        "github": {"x-hub-signature-256": f"sha256={digest}", "x-github-event": event},
        "gitea": {"x-gitea-signature": digest, "x-gitea-event": event},
        "git": {"x-plumbline-signature": sign_notification(raw, SECRET)},
    }[forge]
    return usable(read_webhook(forge, proof, raw, SECRET))


def drafts(webhook: Webhook) -> list[EventDraft]:
    return forge_events(webhook, "/plumbline", 7, "bank/core", NOW)


def told(forge: str, event: str, body: Any) -> dict[str, dict[str, Any]]:
    """The events by their kind."""
    return {kind_of(one.type, one.source): msgspec.json.decode(one.body) for one in drafts(send(forge, event, body))}
