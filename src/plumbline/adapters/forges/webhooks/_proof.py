"""Proofs that a message comes from who knows the secret; compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.server import WebhookKind

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNING_TOKEN = b"whsec_"  # begins a secret that is the key of signatures alone
TOLERANCE = 300  # seconds between the clocks of who signs and of who checks


def same(one: str, other: bytes) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogateescape"), other)


def signed(header: str, body: bytes, secret: bytes) -> bool:
    """HMAC-SHA256 in hexadecimal, with or without ``sha256=`` before it."""
    digest = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return same(header.removeprefix("sha256=").lower(), digest.encode())


def signed_by_token(headers: Mapping[str, str], body: bytes, token: bytes, now: float) -> bool:
    """By the scheme of Standard Webhooks: one of the signatures ``v1,<base64>`` is the HMAC-SHA256 of
    ``<id>.<timestamp>.<body>``. Raises PlumblineError ``webhook-outdated`` for a right one of another time."""
    try:
        key = b64decode(token.removeprefix(SIGNING_TOKEN), validate=True)
    except ValueError:
        return False
    name, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (name and at.isascii() and at.isdecimal() and len(at) < 12):
        return False
    told = f"{name}.{at}.".encode("utf-8", "surrogateescape") + body
    right = b64encode(hmac.new(key, told, hashlib.sha256).digest())
    given = [word[3:] for word in headers.get("webhook-signature", "").split() if word.startswith("v1,")]
    if not any(same(one, right) for one in given):
        return False
    if abs(now - int(at)) > TOLERANCE:
        raise PlumblineError(
            "webhook-outdated",
            t("The message was signed {seconds} seconds before or after now.", seconds=int(abs(now - int(at)))),
            t("Set the clocks of both machines right. More than {limit} seconds apart nothing is believed, so that "
              "nobody can send an old message again.", limit=TOLERANCE),
            kind=ErrorKind.REFUSED,
        )  # fmt: skip
    return True


def unreadable(reason: object) -> PlumblineError:
    return PlumblineError(
        "webhook-unreadable",
        t("The message of the forge cannot be read: {reason}", reason=reason),
        t("See that the webhook sends JSON, and that it is set up for this kind of forge."),
        kind=ErrorKind.CONFIGURATION,
    )


def commit_id(value: str) -> str:
    """Empty for none, which forges write as zeros."""
    if value and (len(value) not in (40, 64) or value.strip("0123456789abcdef")):
        raise unreadable(t("{value} is not the id of a commit", value=repr(value[:80])))
    return "" if not value.strip("0") else value


def split_ref(ref: str) -> tuple[str, WebhookKind]:
    """The short name, and what a push of it is: notes and whatever else git keeps under ``refs`` are neither branch nor
    tag, and no pipeline is for them."""
    if ref.startswith("refs/tags/"):
        return ref.removeprefix("refs/tags/"), WebhookKind.TAG
    if ref.startswith("refs/") and not ref.startswith("refs/heads/"):
        return ref, WebhookKind.OTHER
    return ref.removeprefix("refs/heads/"), WebhookKind.PUSH


def fork_of(source: str, target: str) -> str:
    """What a merge request calls a fork, by the paths of its repositories; empty where they are known to be one. A
    forge leaves out the path of one that is gone."""
    return "" if source and source == target else source or "-"
