"""A plain repository: its post-receive hook calls ``plumb notify``, which signs what it was told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.adapters.forges.webhooks._proof import Forge, commit_id, decoded, signed, split_ref
from plumbline.model.server import Webhook

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Told(msgspec.Struct):
    ref: str
    before: str = ""
    after: str = ""
    user: str = ""
    push_options: tuple[str, ...] = ()


def _genuine(headers: Mapping[str, str], body: bytes, secret: bytes, _now: float) -> bool:
    return signed(headers.get("x-plumbline-signature", ""), body, secret)


def _read(_headers: Mapping[str, str], body: bytes, delivery: str) -> Webhook:
    told = decoded(body, _Told)
    ref, kind = split_ref(told.ref)
    return Webhook(
        forge="git",
        delivery=delivery,
        kind=kind,
        ref=ref,
        before=commit_id(told.before),
        after=commit_id(told.after),
        user=told.user,
        push_options=told.push_options,
    )


PART = Forge(_genuine, _read)
