"""Look at repositories, and tell what nobody told: pushes whose message was lost, or that no forge tells of.

What is found goes into the queue as a delivery of the server's own. A look is noted before it begins, so one that meets
a fault counts, and is not repeated before its time.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import archived, settings
from plumbline.flow.pipelines.carry_out import BACK
from plumbline.flow.pipelines.deliveries import refuse_at_once, unread, write_down
from plumbline.flow.pipelines.sanitize import usable
from plumbline.flow.pipelines.transitions import SECOND
from plumbline.kernel import PlumblineError
from plumbline.model.forge import POLL
from plumbline.model.server import Look, Outcome, Webhook, WebhookKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from plumbline.flow.pipelines.tools import Server
    from plumbline.model.ports.transaction import Transaction
    from plumbline.model.server import Binding, Delivery
    from plumbline.model.tree import Node

_SPREAD = 0.1  # of an interval: looks of many projects are not all at one moment
_LONGEST = 3600 * SECOND  # between looks that come to nothing
_AHEAD = 300 * SECOND  # a time so far in the future was not written by the clock as it is now
_SAID = 2000  # characters of why one did
_DOUBLED = 6  # times, after as many faults


def due_looks(server: Server) -> list[Look]:
    """The repositories whose time has come, those first that were not looked at for longest. None of what is
    archived."""
    now = server.clock()
    with server.store.view() as tx:
        looks = tx.bindings.looks()
        nodes = {node.id: node for node in tx.tree.all()} if looks else {}
    return [look for look in looks if _is_due(look, _line(nodes, look.project), now)]


def _is_due(look: Look, ancestors: Sequence[Node], now: int) -> bool:
    """A time in the future is none: the clock was ahead then. But the clocks of two servers may differ a little."""
    interval = (look.poll or settings.REPOSITORY_LOOK.at(ancestors)) * SECOND
    if not interval or archived(ancestors) is not None:
        return False
    if not look.poll:
        interval = int(interval * random.Random(f"{look.project}:{look.polled}").uniform(1 - _SPREAD, 1 + _SPREAD))  # noqa: S311
    if look.faults:
        interval = max(interval, min(interval << min(look.faults, _DOUBLED), _LONGEST))
    return not -min(interval, _AHEAD) <= now - look.polled < interval


def _line(nodes: Mapping[int, Node], project: int) -> list[Node]:
    line, number = [], project or None
    while number is not None and number in nodes:
        line.append(nodes[number])
        number = nodes[number].parent
    return line


def look_at(server: Server, look: Look) -> list[Delivery]:
    """Look at one repository: what was put into the queue. The first look only remembers. Nothing where somebody else
    looks. PlumblineErrors of whoever cannot be reached."""
    with server.store.change() as tx:
        binding = tx.bindings.get(look.project)
        if binding is None or not tx.bindings.begin_look(look, server.clock()):
            return []
        last = tx.deliveries.last()
    try:
        heads = server.projects.remote_heads(look.project)
    except BaseException as error:
        said = error.message.render("en") if isinstance(error, PlumblineError) else type(error).__name__
        with server.store.change() as tx:
            tx.bindings.end_look(look.project, heads=None, fault=said[:_SAID])
        raise
    with server.store.change() as tx:
        now = tx.bindings.get(look.project)
        if now is None or (now.url, now.heads) != (binding.url, binding.heads):
            return []  # another one came before, or it is another repository by now
        return _Seen(server, tx, binding, heads, last).keep()


class _Moved(NamedTuple):
    """A ref that is elsewhere than was told. ``after`` empty: it is gone."""

    ref: str
    before: str
    after: str
    back: bool = False


class _Seen:
    """What a look saw, against what is known. ``last``: the newest delivery that was there when it began: what was told
    later may be newer than what it saw."""

    def __init__(self, server: Server, tx: Transaction, binding: Binding, heads: Mapping[str, str], last: int) -> None:
        self._server, self._tx, self._binding, self._last = server, tx, binding, last
        self._heads = heads
        self._known = dict(heads)
        self._told: dict[str, list[Delivery]] = {}
        for one in tx.deliveries.pushes(binding.project, binding.heard):
            room = "tags" if one.event == WebhookKind.TAG else "heads"
            self._told.setdefault(f"refs/{room}/{one.ref}", []).append(one)

    def keep(self) -> list[Delivery]:
        looked = self._binding.polled and self._binding.heard >= 0  # and came to the end
        moved = list(self._moved()) if looked else []
        made = [self._write(one) for one in moved]
        heard = min([self._last, *(one.id - 1 for told in self._told.values() for one in told if not one.settled)])
        self._tx.bindings.end_look(self._binding.project, heads=self._known, heard=heard)
        return made

    def _moved(self) -> Iterator[_Moved]:
        for ref in {**self._binding.heads, **self._told, **self._heads}:
            before, now = self._binding.heads.get(ref, ""), self._heads.get(ref, "")
            told = self._told.get(ref, [])
            same = [one for one in told if one.sha == now]
            if same:
                if now != before and not any(one.settled for one in same):
                    self._remember(ref, before)  # it is told, and may still fail
            elif now != before:
                yield _Moved(ref, _newest(told) or before, now)
            elif (came := _newest([one for one in told if one.id <= self._last])) and all(one.settled for one in told):
                yield _Moved(ref, came, now, back=True)

    def _remember(self, ref: str, sha: str) -> None:
        if sha:
            self._known[ref] = sha
        else:
            self._known.pop(ref, None)

    def _write(self, moved: _Moved) -> Delivery:
        """A name that cannot be is refused, and the others are told."""
        server, tx, binding = self._server, self._tx, self._binding
        tag = moved.ref.startswith("refs/tags/")
        told = Webhook(
            forge=POLL,
            delivery=f"{binding.polled}:{moved.ref}",  # a ref may go to and fro between the same commits
            kind=WebhookKind.TAG if tag else WebhookKind.PUSH,
            action=BACK if moved.back and moved.after else "",
            ref=moved.ref.removeprefix("refs/tags/").removeprefix("refs/heads/"),
            before=moved.before,
            after=moved.after,
        )
        try:
            return write_down(server, tx, binding, usable(told))[0]
        except PlumblineError as error:
            name = told.delivery.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            return refuse_at_once(server, tx, unread(binding, POLL, name, server.clock()), error)


def _newest(told: Sequence[Delivery]) -> str:
    """Where a ref was told to be, of what proved to be so; empty: nobody told."""
    return next((one.sha for one in reversed(told) if one.newest and one.outcome is not Outcome.QUEUED), "")
