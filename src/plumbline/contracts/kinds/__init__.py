"""Kinds of evidence: adding one is adding a file."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from plumbline.kernel import shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.contracts.kinds._kind import EvidenceKind


@cache
def kinds() -> Mapping[str, EvidenceKind]:
    """All kinds of evidence by their name, in alphabetical order."""
    parts = [part if isinstance(part, tuple) else (part,) for part in shelf(__name__).values()]
    return MappingProxyType({one.name: one for one in sorted((k for p in parts for k in p), key=lambda k: k.name)})
