"""What a forge says of a change, fit to be kept and handed to jobs: whoever may push chooses most of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.server import LONGEST_REF

if TYPE_CHECKING:
    from plumbline.model.change import MergeRequest
    from plumbline.model.server import Webhook

LONGEST = 255  # characters of a name, as in GitLab
_LONGEST_TEXT = 100_000


def usable(webhook: Webhook) -> Webhook:
    """The same without control characters, and no longer than anybody reads.

    Raises PlumblineError ``webhook-unreadable`` where a branch or a tag has a name that git gives to none.
    """
    request = webhook.merge_request
    for ref in (webhook.ref, *((request.source_branch, request.target_branch) if request else ())):
        if len(ref.encode("utf-8", "surrogatepass")) > LONGEST_REF or any(_is_none(sign) for sign in ref):
            raise PlumblineError(
                "webhook-unreadable",
                t("The message of the forge cannot be read: {reason}",
                  reason=t("{name} cannot be the name of a branch or a tag", name=repr(ref[:80]))),
                t("See that the webhook sends JSON, and that it is set up for this kind of forge."),
                kind=ErrorKind.CONFIGURATION,
            )  # fmt: skip
    return msgspec.structs.replace(
        webhook,
        user=shown(webhook.user),
        user_name=shown(webhook.user_name),
        user_email=shown(webhook.user_email),
        merge_request=_request(request) if request else None,
    )


def shown(text: str, longest: int = LONGEST) -> str:
    """One line without control characters; what is cut off leaves a sign."""
    line = "".join(sign if sign >= " " and sign != "\x7f" else " " for sign in text[: longest + 1])
    return line if len(line) <= longest else f"{line[: longest - 1]}\N{HORIZONTAL ELLIPSIS}"


def _is_none(sign: str) -> bool:
    """A control character, or a byte that was not UTF-8."""
    return sign < " " or sign == "\x7f" or "\ud800" <= sign <= "\udfff"


def _request(request: MergeRequest) -> MergeRequest:
    return msgspec.structs.replace(
        request,
        title=shown(request.title),
        description=request.description[:_LONGEST_TEXT].replace("\0", " "),
        fork=shown(request.fork),
        labels=tuple(shown(label) for label in request.labels[:LONGEST]),
    )
