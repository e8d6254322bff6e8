"""Events that were told of a node under a former name, as they would be told now: facts then know one node as one."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from plumbline.evidence import read_sender
from plumbline.evidence.origin import claimed_kind
from plumbline.evidence.vocabulary import contents
from plumbline.flow.tree.former_names import move_in
from plumbline.model.moves import Moves

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plumbline.trace import Seen

_EVERYWHERE = "/"


class Filed(NamedTuple):
    """An event, and the node that it is about; empty: the whole installation, or nobody said."""

    seen: Seen
    scope: str


def moves_among(told: Iterable[tuple[int, Seen]]) -> Moves:
    """The moves that stand among events, each with its place."""
    return Moves(move for at, seen in told if (move := move_in(seen, at)) is not None)


def filed(seen: Seen, sender: bytes | None, at: int, moves: Moves) -> Filed:
    """``at``: its place, as those of the moves are. What a source's mapping said when it came in stands in its
    sender."""
    scope = (sender and read_sender(sender).scope) or str(seen.custom.get("project", ""))
    if not moves:
        return Filed(seen, scope)
    now = moves.now(scope, at) if scope else ""
    content = _content(seen, scope, now, at, moves)
    custom = seen.custom
    if now != scope and custom.get("project") == scope:
        custom = {**custom, "project": now}
    if content is seen.content and custom is seen.custom:
        return Filed(seen, now)
    return Filed(msgspec.structs.replace(seen, content=content, custom=custom), now)


def as_called_now(told: Sequence[tuple[Seen, bytes | None]]) -> list[Seen]:
    """Events with their senders in the order of the ledger, as the moves among them have it."""
    moves = moves_among((place, seen) for place, (seen, _) in enumerate(told))
    return [filed(seen, sender, place, moves).seen for place, (seen, sender) in enumerate(told)]


@cache
def _places() -> Mapping[str, str]:
    """Where an event names a node in its content, by kind."""
    return {claimed_kind(type_): content.PLACE for type_, content in contents().items() if content.PLACE}


def _content(seen: Seen, scope: str, now: str, at: int, moves: Moves) -> dict[str, Any]:
    content = seen.content
    if name := _places().get(seen.what):
        said = content.get(name)
        if not isinstance(said, str) or said == _EVERYWHERE:
            return content
        path = moves.now(said, at)
        return content if path == said else {**content, name: path}
    service = content.get("service")
    if now != scope and isinstance(service, dict) and service.get("id") == scope:
        return {**content, "service": {**service, "id": now}}
    return content
