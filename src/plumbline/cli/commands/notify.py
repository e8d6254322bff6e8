"""``plumb notify``: what the post-receive hook of a plain repository calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from plumbline.cli.errors import OK
from plumbline.cli.help import command, option
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@command(
    "notify",
    t("Tell the server what was pushed to a plain git repository; its post-receive hook calls this."),
    t("Reads the lines that git gives such a hook: old commit, new commit, ref."),
)
@click.argument("url", metavar="URL")
@option(
    "--secret-file",
    metavar="FILE",
    required=True,
    type=click.Path(exists=True, dir_okay=False),
    text=t("The secret of the project's webhook."),
)
def PART(url: str, secret_file: str) -> int:  # noqa: N802
    import os
    import sys
    import time
    from pathlib import Path

    secret = Path(secret_file).read_bytes().strip()
    lines = (
        sys.stdin.buffer.read().decode("utf-8", "surrogateescape").split("\n")
    )  # a name may have other ends of lines
    failure: PlumblineError | None = None
    for body, delivery in notifications(lines, os.environ, time.time_ns() // 1000):
        try:
            _send(url, body, delivery, secret)
        except PlumblineError as error:  # the others are told all the same
            failure = error
    if failure is not None:
        raise failure
    return OK


def notifications(lines: Iterable[str], environment: Mapping[str, str], now: int) -> list[tuple[bytes, str]]:
    """A message and its id for each ref that was pushed. ``now`` (microseconds) tells a push from an earlier one
    between the same commits: a branch may go to and fro, or be made anew. A name that is not UTF-8 is left out."""
    import hashlib

    import msgspec

    count = environment.get("GIT_PUSH_OPTION_COUNT", "")
    options = [environment.get(f"GIT_PUSH_OPTION_{n}", "") for n in range(int(count) if count.isdecimal() else 0)]
    user = environment.get("REMOTE_USER") or environment.get("USER", "")
    found = []
    for line in lines:
        before, _, rest = line.rstrip("\n").partition(" ")
        after, _, ref = rest.partition(" ")
        if not ref:
            continue
        if any("\ud800" <= sign <= "\udfff" for sign in ref):
            click.echo(t("{ref} is not told: its name is not UTF-8.", ref=ascii(ref)), err=True)
            continue
        told = {"ref": ref, "before": before, "after": after, "user": user, "push_options": options, "at": now}
        body = msgspec.json.encode(told)
        found.append((body, hashlib.sha256(body).hexdigest()[:40]))
    return found


_MOST_SAID = 64 * 1024  # bytes of an answer
_NOT_TAKEN = ("refused", "failed")


def _send(url: str, body: bytes, delivery: str, secret: bytes) -> None:
    """Raises PlumblineError ``notify-failed`` with what the server said."""
    import urllib.error
    import urllib.request

    from plumbline.wiring.server import sign_notification

    if not url.startswith(("http://", "https://")):
        raise PlumblineError(
            "notify-failed",
            t("{url} is not the address of a server.", url=url),
            t("Write it as the settings of the project show it: https://host/hooks/git/7"),
            kind=ErrorKind.CONFIGURATION,
        )
    headers = {
        "Content-Type": "application/json",
        "X-Plumbline-Delivery": delivery,
        "X-Plumbline-Signature": sign_notification(body, secret),
    }
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as answer:  # noqa: S310
            said = answer.read(_MOST_SAID)
    except urllib.error.HTTPError as error:
        words = error.read(2000).decode("utf-8", "replace")
        raise PlumblineError(
            "notify-failed", t("The server refused it with status {status}: {said}", status=error.code, said=words)
        ) from error
    except OSError as error:
        raise PlumblineError(
            "notify-failed",
            t("The server at {url} does not answer: {reason}", url=url, reason=error),
            t("The push itself was accepted; start the pipeline by hand, or push again."),
        ) from error
    _check_answer(url, said)


def _check_answer(url: str, said: bytes) -> None:
    """An answer is no success yet: another page may have given it, after a redirect, or it says that nothing will come
    of the message. Raises PlumblineError ``notify-failed``."""
    import msgspec

    try:
        answer = msgspec.json.decode(said)
        outcome, reason = str(answer["outcome"]), str(answer.get("reason") or "")
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise PlumblineError(
            "notify-failed",
            t("What answers at {url} is no server of Plumbline, or sends to another page.", url=url),
            t("Write the address as the settings of the project show it, with https where the server wants that."),
            kind=ErrorKind.CONFIGURATION,
        ) from error
    if outcome in _NOT_TAKEN:
        raise PlumblineError(
            "notify-failed", t("The server does not carry it out: {outcome} ({reason})", outcome=outcome, reason=reason)
        )
