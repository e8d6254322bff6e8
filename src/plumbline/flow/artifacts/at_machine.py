"""Artifacts for whoever operates the machine, straight from the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.artifact import Artifact
    from plumbline.model.ports.transaction import Store


def find_at_machine(store: Store, text: str, most: int) -> Sequence[Artifact]:
    """By a digest of which at least six digits are given, a tag, or the beginning of a package's name; the newest
    first."""
    with store.view() as tx:
        return tx.artifacts.search(text, None, most)
