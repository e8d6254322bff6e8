"""How each kind of forge is told, one file each. To add one, add one file with its ``PART``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from plumbline.kernel import shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.model.ports.telling import Teller


@cache
def tellers() -> Mapping[str, Teller]:
    """By the name of the kind of forge, which is also the name of the file."""
    found: dict[str, Teller] = shelf(__name__)
    return found
