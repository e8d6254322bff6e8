"""Kinds of values that are read in threads.

msgspec learns about a class when it first reads one. Where a second thread reads the same class meanwhile, what is
learnt is half there, and the process ends (0.22.0): so one thread at a time learns, and the others wait for it.
"""

from __future__ import annotations

from threading import Lock
from typing import TypeVar

import msgspec

K = TypeVar("K")
_learning = Lock()
_known = set[object]()


def ready(kind: K) -> K:
    """The kind itself, to be handed to ``msgspec.convert`` or a decoder."""
    if kind not in _known:
        with _learning:
            msgspec.json.Decoder(kind)
            _known.add(kind)
    return kind
