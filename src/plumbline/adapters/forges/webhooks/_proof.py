"""Proofs that a message comes from who knows the secret; compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plumbline.model import Webhook

S = TypeVar("S", bound=msgspec.Struct)


class Forge(NamedTuple):
    """``genuine``: whether headers and body prove the secret; ``read``: what the message says."""

    genuine: Callable[[Mapping[str, str], bytes, bytes], bool]
    read: Callable[[Mapping[str, str], bytes, str], Webhook]  # the last is what names the delivery
    delivery: tuple[str, ...]  # headers that name a delivery, the best first


def same(one: str, other: bytes) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogateescape"), other)


def signed(header: str, body: bytes, secret: bytes) -> bool:
    """HMAC-SHA256 in hexadecimal, with or without ``sha256=`` before it."""
    digest = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return same(header.removeprefix("sha256=").lower(), digest.encode())


def decoded(body: bytes, kind: type[S]) -> S:
    """PlumblineError ``webhook-unreadable``."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, ValueError) as error:
        raise unreadable(str(error)) from error


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


def split_ref(ref: str) -> tuple[str, bool]:
    """The short name, and whether it is a tag's."""
    if ref.startswith("refs/tags/"):
        return ref.removeprefix("refs/tags/"), True
    return ref.removeprefix("refs/heads/"), False
