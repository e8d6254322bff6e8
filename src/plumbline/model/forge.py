"""Kinds of forge, as far as whoever shows or names one has to know them; how each talks is known by its adapter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from plumbline.kernel import Text
from plumbline.model.server import WebhookKind

NAME = r"^[a-z][a-z0-9_]{0,39}$(?!\n)"  # a pattern that names keep: they stand in addresses and in events
POLL = "poll"  # stands for a forge where the server itself looked at the repository


class HookWanted(NamedTuple):
    """The webhook of a repository. ``path``: of the repository at its host, without ``.git``; empty for one on the
    server's machine. ``secret``: or words that stand for it."""

    repository: str
    host: str
    path: str
    address: str
    secret: str


def no_lines(_wanted: HookWanted) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgeKind:
    """``events``: what it calls its messages, and what those may tell of. ``setup``: how its webhook is set up."""

    name: str
    title: Text | str  # most are names, and the same in every language
    proof: Text
    setup: Text
    events: Mapping[str, tuple[WebhookKind, ...]]
    signs: bool = False  # it may make a signing token for its webhook, in place of our secret
    lines: Callable[[HookWanted], str] = no_lines  # for a shell: they set up the webhook
    hook: bool = False  # it tells by a post-receive hook, which may be written on the server's own machine
