"""``plumb notify``: what the post-receive hook of a plain repository calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from plumbline.cli.errors import OK
from plumbline.cli.help import command, option
from plumbline.kernel import ErrorKind, PlumblineError, t, visible
from plumbline.kernel.text import nt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plumbline.kernel import Text


PATIENCE = 4  # seconds that a push waits for what comes of it


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
@option(
    "--wait",
    metavar="SECONDS",
    type=click.IntRange(0, 600),
    default=PATIENCE,
    text=t("How long a push waits for the address of its pipeline."),
)
def PART(url: str, secret_file: str, wait: int) -> int:  # noqa: N802
    import os
    import sys
    import time
    from pathlib import Path

    secret = Path(secret_file).read_bytes().strip()
    lines = (
        sys.stdin.buffer.read().decode("utf-8", "surrogateescape").split("\n")
    )  # a name may have other ends of lines
    failure: PlumblineError | None = None
    taken = []
    for message in notifications(lines, os.environ, time.time_ns() // 1000):
        try:
            _send(url, message, secret)
            taken.append(message)
        except PlumblineError as error:  # the others are told all the same
            failure = error
            if error.code == _SILENT:
                break  # each would be waited for as long, and the push with it
    _say_what_comes(url, taken, secret, time.monotonic() + wait)
    if failure is not None:
        raise failure
    return OK


class Message(NamedTuple):
    """About one ref. ``delivery``: the id of the message."""

    ref: str
    body: bytes
    delivery: str


def notifications(lines: Iterable[str], environment: Mapping[str, str], now: int) -> list[Message]:
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
        found.append(Message(ref, body, hashlib.sha256(body).hexdigest()[:40]))
    return found


_PAUSE = 0.25  # between two questions
_TIMEOUT = 5.0  # seconds for one answer
_SHOWN = 10  # refs of a push
_LONGEST = 300  # characters of a line
_MOST_SAID = 64 * 1024  # bytes of an answer
_SILENT = "notify-unanswered"
_NOT_TAKEN = ("refused", "failed")
_NO_FILE = "no-configuration"
_WHY = {  # the server says why there is no pipeline by these
    "skipped": t("whoever pushed says to skip it"),
    "no-jobs": t("the rules of the configuration leave no job"),
    "moved-on": t("the branch has moved on since"),
    "told-before": t("the same push was told before"),
    _NO_FILE: t("the commit has no configuration; `plumb init` proposes one"),
}


def _say_what_comes(url: str, messages: Sequence[Message], secret: bytes, until: float) -> None:
    """For whoever pushes: git shows each line as one of the remote. Where the server cannot be asked, or
    is older, it was told all the same."""
    import time

    waiting = list(messages[:_SHOWN])
    while waiting:
        for message in tuple(waiting):
            try:
                told = _outcome(_post(f"{url}/outcome", message, secret))
            except PlumblineError:
                return
            if told["outcome"] != "queued":
                waiting.remove(message)
                _say(_sentence(url, message, told))
        if waiting and time.monotonic() + _PAUSE > until:
            address = f"{url.partition('/hooks/')[0]}/projects/{url.rpartition('/')[2]}"
            _say(t("The push is told, and its pipeline is not made yet: {address}", address=address))
            break
        if waiting:
            time.sleep(_PAUSE)
    if (more := len(messages) - _SHOWN) > 0:
        _say(nt("{count} more ref was told.", "{count} more refs were told.", more))


def _sentence(url: str, message: Message, told: Mapping[str, Any]) -> Text:
    """What came of a message."""
    if told.get("pipeline"):
        address = told.get("address") or f"{url.partition('/hooks/')[0]}/pipelines/{told['pipeline']}"
        return t("Pipeline #{iid}: {address}", iid=told.get("iid", "?"), address=address)
    ref, code = message.ref.removeprefix("refs/heads/").removeprefix("refs/tags/"), str(told.get("reason") or "")
    if code in _WHY:
        return t("No pipeline for {ref}: {reason}.", ref=ref, reason=_WHY[code])
    if told.get("message") or code:
        return t("No pipeline for {ref}: {reason}", ref=ref, reason=told.get("message") or code)
    return t("No pipeline for {ref}.", ref=ref)


def _say(text: Text) -> None:
    """One line, without what controls a terminal."""
    line = " ".join(visible(str(text).encode("utf-8", "replace")).decode("utf-8", "replace").split())
    click.echo(line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…")


def _send(url: str, message: Message, secret: bytes) -> None:
    """Raises PlumblineError ``notify-failed`` or ``notify-unanswered`` with what the server said."""
    if not url.startswith(("http://", "https://")):
        raise PlumblineError(
            "notify-failed",
            t("{url} is not the address of a server.", url=url),
            t("Write it as the settings of the project show it: https://host/hooks/git/7"),
            kind=ErrorKind.CONFIGURATION,
        )
    said = _post(url, message, secret)
    try:
        answer = _outcome(said)
    except PlumblineError as error:
        raise PlumblineError(
            "notify-failed",
            t("What answers at {url} is no server of Plumbline, or sends to another page.", url=url),
            t("Write the address as the settings of the project show it, with https where the server wants that."),
            kind=ErrorKind.CONFIGURATION,
        ) from error
    if answer["outcome"] in _NOT_TAKEN:
        reason = str(answer.get("reason") or "")
        raise PlumblineError(
            "notify-failed",
            t("The server does not carry it out: {outcome} ({reason})", outcome=answer["outcome"], reason=reason),
        )


def _post(url: str, message: Message, secret: bytes) -> bytes:
    """What the server answers. Raises PlumblineError ``notify-failed``, or ``notify-unanswered`` where it says nothing
    in time."""
    import urllib.error
    import urllib.request

    from plumbline.wiring.server import sign_notification

    headers = {
        "Content-Type": "application/json",
        "X-Plumbline-Delivery": message.delivery,
        "X-Plumbline-Signature": sign_notification(message.body, secret),
    }
    try:
        request = urllib.request.Request(url, message.body, headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            said: bytes = answer.read(_MOST_SAID)
            return said
    except urllib.error.HTTPError as error:
        words = error.read(2000).decode("utf-8", "replace")
        raise PlumblineError(
            "notify-failed", t("The server refused it with status {status}: {said}", status=error.code, said=words)
        ) from error
    except OSError as error:
        raise PlumblineError(
            _SILENT if isinstance(getattr(error, "reason", error), TimeoutError) else "notify-failed",
            t("The server at {url} does not answer: {reason}", url=url, reason=error),
            t("The push itself was accepted; start the pipeline by hand, or push again."),
        ) from error


def _outcome(said: bytes) -> Mapping[str, Any]:
    """An answer is no success yet: another page may have given it, after a redirect. Raises PlumblineError where it is
    none of a server of ours."""
    import msgspec

    try:
        answer: dict[str, Any] = msgspec.json.decode(said, type=dict)
        answer["outcome"] = str(answer["outcome"])
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError) as error:
        raise PlumblineError("notify-failed", t("This is no answer of Plumbline.")) from error
    return answer
