"""Signs of life of those who hold something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import case

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


def moved(column: ColumnElement[int], until: int) -> Any:
    """Always another value than before: others watch whether it moves, and a clock may stand still or go back."""
    return case((column < until, until), else_=column + 1)
