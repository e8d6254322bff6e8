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
import msgspec

from plumbline.adapters.forges.webhooks._part import Forge
from plumbline.adapters.forges.webhooks._proof import decoded, signed
from plumbline.kernel import t
from plumbline.model.change import MergeRequest
from plumbline.model.forge import ForgeKind
from plumbline.model.server import Webhook, WebhookKind

EVENTS = {"pushed": (WebhookKind.PUSH, WebhookKind.TAG), "proposal": (WebhookKind.MERGE_REQUEST,)}


class Told(msgspec.Struct):
    branch: str
    head: str
    number: int = 0
    into: str = ""


def genuine(headers, body, secret, now):
    return signed(headers.get("x-quay-proof", ""), body, secret)


def read(headers, body, delivery):
    told, [kind, *_] = decoded(body, Told), EVENTS[headers["x-quay-event"]]
    said = {"forge": "quay", "delivery": delivery, "kind": kind, "ref": told.branch, "after": told.head}
    if kind is not WebhookKind.MERGE_REQUEST:
        return Webhook(**said)
    asked = MergeRequest(
        iid=told.number, source_branch=told.branch, target_branch=told.into, source_sha=told.head
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
