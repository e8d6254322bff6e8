"""A part of the shelf of keywords: what readers are told of it, and how its value is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plumbline.pipeline.keyword_facts import KeywordFacts, Place, Status, Subkey
from plumbline.pipeline.reading import Reading

__all__ = ["Keyword", "Place", "Status", "Subkey"]


class Keyword(KeywordFacts, frozen=True, kw_only=True):
    """``read`` checks a value and returns it typed. It never raises for what a user wrote: it reports problems, and
    what it returns after an error is not used."""

    read: Callable[[Reading], Any]
