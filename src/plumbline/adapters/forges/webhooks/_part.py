"""What a kind of forge brings with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plumbline.model.forge import ForgeKind
    from plumbline.model.server import Webhook


class Tells(NamedTuple):
    """What comes of a message in the ledger. ``actions``: the forge's words for what happened, or what they depend on;
    empty: all others of this message."""

    message: str  # as the header names it
    actions: tuple[str, ...]
    events: tuple[str, ...]  # the kinds


class Forge(NamedTuple):
    """``genuine``: whether headers and body prove the secret, at a time in seconds since the epoch; it may raise
    PlumblineErrors that say more. ``read``: what the message says; of a merge request whose commits are new, the action
    is open, reopen or update, or a word of GitHub's for these, and it tells whether the request is open and when it was
    changed: pipelines of its branch know it by that. ``delivery``: headers that name a delivery, the best
    first; none where the proof covers the body alone, since whoever sends a message again could change them: the body
    itself names it then. ``tells``: every kind of message that is understood, for people; a test holds it against what
    is read. ``merge_request``: the ref of a merge request by its number, as ``{iid}``; empty: none."""

    kind: ForgeKind
    genuine: Callable[[Mapping[str, str], bytes, bytes, float], bool]
    read: Callable[[Mapping[str, str], bytes, str], Webhook]  # the last is what names the delivery
    delivery: tuple[str, ...] = ()
    merge_request: str = ""
    tells: tuple[Tells, ...] = ()
