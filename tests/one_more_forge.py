"""A kind of forge that nobody has heard of, as the one file that it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.shelf_parts import on_shelf

from plumbline.adapters.forges import forges

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

NAME = "quay"
PART = """
from plumbline.adapters.forges.webhooks import _told
from plumbline.adapters.forges.webhooks._part import Forge
from plumbline.adapters.forges.webhooks._proof import signed
from plumbline.kernel import t
from plumbline.model.change import MergeRequest
from plumbline.model.forge import ForgeKind
from plumbline.model.server import Webhook, WebhookKind

EVENTS = {"pushed": (WebhookKind.PUSH, WebhookKind.TAG), "proposal": (WebhookKind.MERGE_REQUEST,)}


def genuine(headers, body, secret, now):
    return signed(headers.get("x-quay-proof", ""), body, secret)


def read(headers, body, delivery):
    told, [kind, *_] = _told.read(body), EVENTS[headers["x-quay-event"]]
    branch, head = told.needed_text("branch"), told.text("head")
    said = {"forge": "quay", "delivery": delivery, "kind": kind, "ref": branch, "after": head}
    if kind is not WebhookKind.MERGE_REQUEST:
        return Webhook(**said)
    asked = MergeRequest(
        iid=told.needed_number("number"), source_branch=branch, target_branch=told.needed_text("into"), source_sha=head
    )
    return Webhook(**said, action="open", merge_request=asked)


PART = Forge(
    ForgeKind(
        name="quay",
        title="Quay of the bank",
        proof=t("The secret signs the body, in X-Quay-Proof."),
        setup=t("Moor the webhook at this address."),
        events=EVENTS,
    ),
    genuine,
    read,
    merge_request="refs/proposals/{iid}/tip",
)
"""


def one_more_forge(folder: Path) -> AbstractContextManager[str]:
    """On the shelf of this process while it lasts. Open a server inside: it is handed what the shelf has."""
    return on_shelf("plumbline.adapters.forges.webhooks", NAME, PART, folder, forges)
