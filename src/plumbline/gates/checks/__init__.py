"""Checks that policies use by name: adding one is adding a file with its ``PART``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from plumbline.gates.checks._check import Check
from plumbline.kernel import shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Check", "built_in"]


@cache
def built_in() -> Mapping[str, Check]:
    """By the name that policies write: ``tests-passed`` of ``tests_passed.py``."""
    return {name.replace("_", "-"): part for name, part in shelf(__name__).items()}
