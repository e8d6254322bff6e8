"""What the status of an answer means for what is told: done, again, later, or never like this."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from plumbline.kernel import Masker, Text, legible, t
from plumbline.model.telling import Hindrance, NotToldError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.adapters.forges.telling._asking import Answered
    from plumbline.model.telling import ForgePlace

_BUSY = frozenset({408, 409, 423, 425})  # a little later it may be another answer
_LONGEST_WAIT = 86_400.0  # seconds, whatever a forge says
_WAIT = 60.0  # seconds, where it says nothing
_MOST_SAID = 300  # characters of its own words


def check(answered: Answered, place: ForgePlace) -> Answered:
    """The answer itself where it is a good one. Raises NotToldError."""
    status = answered.status
    if 200 <= status < 300:
        return answered
    said = _said(answered, place)
    if status == 429 or (status == 403 and is_limited(answered.headers)):
        after = waiting_time(answered.headers, time.time()) or _WAIT
        raise NotToldError(
            "forge-limits",
            t("The forge has us wait: too many requests."),
            t("It is told when the forge lets us; there is nothing to be done."),
            hindrance=Hindrance.LATER,
            after=after,
            said=said,
        )
    if status in _BUSY or status >= 500:
        raise NotToldError(
            "forge-busy",
            t("The forge answered with the status {status}.", status=status),
            t("It is tried again by itself."),
            hindrance=Hindrance.AGAIN,
            after=waiting_time(answered.headers, time.time()),
            said=said,
        )
    code, message, hint, hindrance = _final(status, place)
    raise NotToldError(code, message, hint, hindrance=hindrance, said=said)


def _final(status: int, place: ForgePlace) -> tuple[str, Text, Text, Hindrance]:
    if status in (401, 403):
        message = t("{address} does not take the token: status {status}.", address=place.address, status=status)
        hint = t("Set a token that is valid and may write states of commits and comments, as the credential for this "
                 "host. It is told then; until then nothing is tried.")  # fmt: skip
        return "forge-token-refused", message, hint, Hindrance.PROJECT
    if status in (404, 410):
        message = t("The forge knows no {path}, or not this commit or merge request in it.", path=place.path)
        hint = t("Look whether the address of the repository is right, and the token may see it.")
        return "forge-not-found", message, hint, Hindrance.ROW
    if 300 <= status < 400:
        message = t("{path} is somewhere else by now: the forge answered with the status {status}.",
                    path=place.path, status=status)  # fmt: skip
        hint = t("Write the new address of the repository in the project's settings; redirects are not followed.")
        return "forge-moved", message, hint, Hindrance.ROW
    message = t("The forge refused it with the status {status}.", status=status)
    return "forge-refused", message, t("What it said stands beside it."), Hindrance.ROW


def waiting_time(headers: Mapping[str, str], now: float) -> float:
    """Seconds, as Retry-After or the head of a limit says it; 0: neither."""
    given = headers.get("retry-after", "").strip()
    wait = 0.0
    if given.isdecimal():
        wait = float(given[:9])
    elif given:
        wait = _until(given, now)
    if not wait and headers.get("x-ratelimit-remaining") == "0":
        reset = headers.get("x-ratelimit-reset", "")
        wait = float(reset[:12]) - now if reset.isdecimal() else 0.0
    return min(max(wait, 0.0), _LONGEST_WAIT)


def _until(date: str, now: float) -> float:
    try:
        return parsedate_to_datetime(date).timestamp() - now
    except (TypeError, ValueError, OverflowError):
        return 0.0


def is_limited(headers: Mapping[str, str]) -> bool:
    """GitHub says 403 also where somebody asks too often."""
    return bool(headers.get("retry-after")) or headers.get("x-ratelimit-remaining") == "0"


def _said(answered: Answered, place: ForgePlace) -> str:
    """In its own words, without what is secret, should it send that back."""
    text = legible(answered.body[:4096].decode("utf-8", "replace"))
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return Masker((place.secret,)).mask_text(words)[:_MOST_SAID]
