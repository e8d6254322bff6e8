"""A plain repository: its post-receive hook calls ``plumb notify``, which signs what it was told."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from plumbline.adapters.forges.webhooks import _told
from plumbline.adapters.forges.webhooks._part import Forge, Tells
from plumbline.adapters.forges.webhooks._proof import commit_id, signed, split_ref
from plumbline.kernel import t
from plumbline.model.forge import ForgeKind, HookWanted
from plumbline.model.server import Webhook, WebhookKind

if TYPE_CHECKING:
    from collections.abc import Mapping


def _genuine(headers: Mapping[str, str], body: bytes, secret: bytes, _now: float) -> bool:
    return signed(headers.get("x-plumbline-signature", ""), body, secret)


def _read(_headers: Mapping[str, str], body: bytes, delivery: str) -> Webhook:
    told = _told.read(body)
    ref, kind = split_ref(told.needed_text("ref"))
    return Webhook(
        forge="git",
        delivery=delivery,
        kind=kind,
        ref=ref,
        before=commit_id(told.text("before")),
        after=commit_id(told.needed_text("after")),
        user=told.text("user"),
        push_options=told.texts("push_options"),
    )


def _lines(wanted: HookWanted) -> str:
    """To be run in the folder of the bare repository, where git runs its hooks too."""
    line = f"plumb notify {quote(wanted.address)} --secret-file plumbline.secret || true  # plumbline"
    return (
        f"(umask 077; printf '%s\\n' {quote(wanted.secret)} > plumbline.secret)\n"
        f"test -e hooks/post-receive || printf '#!/bin/sh\\n' > hooks/post-receive\n"
        f"printf '%s\\n' {quote(line)} >> hooks/post-receive\n"
        f"chmod +x hooks/post-receive"
    )


PART = Forge(
    ForgeKind(
        name="git",
        lines=_lines,
        title=t("Plain git"),
        proof=t("The secret signs the body with HMAC-SHA256, in {header}.", header="X-Plumbline-Signature"),
        setup=t("In hooks/post-receive of the repository: plumb notify with this address and the secret in a file."),
        events={"post-receive": (WebhookKind.PUSH, WebhookKind.TAG)},
        hook=True,
    ),
    _genuine,
    _read,
    tells=(
        Tells("post-receive", ("created",), ("branch.created",)),
        Tells("post-receive", ("deleted",), ("branch.deleted",)),
        Tells("post-receive", ("created refs/tags",), ("tag.created",)),
        Tells("post-receive", ("deleted refs/tags",), ("tag.deleted",)),
    ),
)
