"""A run as JSON lines: one event each, for programs."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.kernel import Text
from plumbline.model.coding import json_of

if TYPE_CHECKING:
    from typing import TextIO

    from plumbline.model.run import RunEvent


def plain(value: Any) -> Any:
    """For msgspec's ``enc_hook``: texts as sentences in the reader's language, everything else as it prints."""
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


def as_json(value: Any) -> str:
    """Any of our values as one line of JSON."""
    return json_of(value, plain).decode()


class JsonLines:
    """Each event as a line: the fields of :class:`RunEvent` that are set; ``log`` is text."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lock = Lock()  # what jobs print comes from the threads that run them

    def __enter__(self) -> JsonLines:
        return self

    def __exit__(self, *_: object) -> None:
        self._out.flush()

    def tell(self, event: RunEvent) -> None:
        line = msgspec.to_builtins(event, enc_hook=plain, builtin_types=(bytes,))
        if "log" in line:
            line["log"] = event.log.decode(errors="replace")
        with self._lock:
            self._out.write(as_json(line) + "\n")
            self._out.flush()

    def ask(self, _question: object) -> list[str]:
        """A program is not asked."""
        return []
