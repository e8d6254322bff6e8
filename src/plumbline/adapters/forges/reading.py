"""A message of a forge: proven first, read then."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING

import msgspec

from plumbline.adapters.forges.webhooks import forges
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plumbline.model.server import Webhook

MAX_BODY = 26 << 20  # bytes; GitHub sends up to 25 MB
_LONGEST_ID = 200


def read_webhook(
    forge: str, headers: Mapping[str, str], body: bytes, secret: bytes, *, clock: Callable[[], float] = time.time
) -> Webhook:
    """What a genuine message says. Header names are in lower case; a message without an id that can be believed is
    named by its digest. ``clock``: seconds since the epoch.

    Raises PlumblineError: ``unknown-forge``, ``webhook-too-large``, ``webhook-forged`` (also where no secret is set),
    ``webhook-outdated``, ``webhook-unreadable``.
    """
    part = forges().get(forge)
    if part is None:
        raise _refused("unknown-forge", t("There is no kind of forge named {forge}.", forge=forge), None)
    if len(body) > MAX_BODY:
        raise _refused("webhook-too-large", t("The message has more than {limit} bytes.", limit=MAX_BODY), None)
    if not secret or not part.genuine(headers, body, secret, clock()):
        raise _refused(
            "webhook-forged",
            t("The message does not prove that it knows the project's secret."),
            t("Set the same secret in the forge's webhook and in the project's repository settings."),
        )
    named = next((headers[name] for name in part.delivery if headers.get(name)), "")
    payload = f"sha256:{hashlib.sha256(body).hexdigest()}"
    told = part.read(headers, body, named[:_LONGEST_ID] or payload)
    assert told.forge == forge
    return msgspec.structs.replace(told, payload=payload)


def sign_notification(body: bytes, secret: bytes) -> str:
    """The value of ``X-Plumbline-Signature`` for what ``plumb notify`` sends."""
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"


def _refused(code: str, message: object, hint: object) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.REFUSED)  # type: ignore[arg-type]
