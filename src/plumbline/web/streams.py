"""How many streams may be open: few for a session and a person, and a limit of their own for all."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.access import Actor

OF_SESSION = 12  # a browser holds six connections with a server
OF_PERSON = 24
IN_ALL = 600


@dataclass(eq=False, slots=True)
class Stream:
    """An open one. ``over``: another one took its place, and it ends."""

    person: int
    session: str
    over: bool = False


class Streams:
    """All of a server. Where one is too many, the oldest ends: of its session, of its person, or of the person who has
    most. The newest is what somebody looks at. Not safe between threads: for the event loop."""

    def __init__(self) -> None:
        self._open: dict[int, dict[Stream, None]] = {}  # by person, the oldest first
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @contextmanager
    def one(self, actor: Actor) -> Iterator[Stream]:
        """For as long as it is open."""
        session = actor.session.digest.hex() if actor.session is not None else ""
        made = Stream(actor.person.id, session)
        theirs = self._open.setdefault(made.person, {})
        theirs[made] = None
        self._count += 1
        of_session = [each for each in theirs if each.session == session]
        if len(of_session) > OF_SESSION:
            self._end(of_session[0])
        elif len(theirs) > OF_PERSON:
            self._end(next(iter(theirs)))
        elif self._count > IN_ALL:
            most = max(self._open, key=lambda person: len(self._open[person]))
            self._end(next(iter(self._open[most])))
        try:
            yield made
        finally:
            self._forget(made)

    def _end(self, one: Stream) -> None:
        one.over = True
        self._forget(one)

    def _forget(self, one: Stream) -> None:
        theirs = self._open.get(one.person)
        if theirs is not None and theirs.pop(one, one) is None:
            self._count -= 1
            if not theirs:
                del self._open[one.person]
