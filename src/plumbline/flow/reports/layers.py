"""Which layer a project says that the tests of a job are of, where their report does not."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from plumbline.model.report import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable

_LAYERS = frozenset(layer.value for layer in Layer if layer is not Layer.UNKNOWN)


def layer_of(rules: Iterable[str], job: str) -> str:
    """The layer of the first rule (``unit:test-*``) that fits the name of a job; empty: none does."""
    for rule in rules:
        layer, _, pattern = rule.partition(":")
        if layer.strip() in _LAYERS and fnmatchcase(job, pattern.strip()):
            return layer.strip()
    return ""
