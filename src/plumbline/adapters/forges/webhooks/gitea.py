"""Gitea and Forgejo: GitHub's messages under their own headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.adapters.forges.webhooks._proof import Forge, signed
from plumbline.adapters.forges.webhooks.github import read_message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.model.server import Webhook


def _genuine(headers: Mapping[str, str], body: bytes, secret: bytes, _now: float) -> bool:
    given = headers.get("x-gitea-signature") or headers.get("x-forgejo-signature") or ""
    return signed(given, body, secret)


def _read(headers: Mapping[str, str], body: bytes, delivery: str) -> Webhook:
    event = headers.get("x-gitea-event") or headers.get("x-forgejo-event") or ""
    return read_message("gitea", event, body, delivery)


PART = Forge(_genuine, _read)
