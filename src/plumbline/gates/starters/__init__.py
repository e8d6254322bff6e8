"""The red lines of a bank by class of system, to begin from: policies, and the contracts of what they judge by."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def starters() -> Mapping[str, str]:
    """Texts by name: ``policy-merge-a``, ``contract-build-c``, ..."""
    found = [one for one in files(__name__).iterdir() if one.name.endswith(".yml")]
    return {one.name.removesuffix(".yml"): one.read_text("utf-8") for one in sorted(found, key=lambda one: one.name)}
