"""The kinds of forge, one file each: what its messages look like, and how they prove themselves. To add one, add one
file with its ``PART``."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from plumbline.kernel import shelf
from plumbline.model.forge import NAME, POLL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.adapters.forges.webhooks._part import Forge


@cache
def forges() -> Mapping[str, Forge]:
    """By name, which is also the name of its file."""
    found: dict[str, Forge] = shelf(__name__)
    assert all(name == forge.kind.name != POLL and re.match(NAME, name) for name, forge in found.items())
    return found
