"""A job between the file and the plan. Mutable, and known to this room alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.pipeline.language.matrix import Instance
from plumbline.pipeline.source.syntax import Map, mark_of

if TYPE_CHECKING:
    from plumbline.model.pipeline import Need, Variable
    from plumbline.model.problem import Mark
    from plumbline.pipeline.language.rules import Outcome


class Draft:
    """One instance of a job: the keywords it has after extends and default, and what was decided about it."""

    __slots__ = (
        "group",
        "instance",
        "needs",
        "outcome",
        "raw",
        "rule_variables",
        "stage",
        "stage_index",
        "values",
        "where",
    )

    def __init__(self, group: str, raw: Map, values: dict[str, Any], where: Mark, instance: Instance) -> None:
        self.group = group
        self.raw = raw
        self.values = values  # keyword -> typed value, as its part on the shelf read it
        self.where = where
        self.instance = instance
        self.stage: str = values.get("stage", "test")
        self.stage_index = -1
        self.outcome: Outcome | None = None
        self.needs: tuple[Need, ...] | None = values.get("needs")
        self.rule_variables: tuple[Variable, ...] = ()

    @property
    def name(self) -> str:
        return self.instance.name

    def place(self, keyword: str, position: int | None = None) -> Mark:
        """Where a keyword, or one item of its list, stands."""
        value = self.raw.get(keyword)
        if position is not None and isinstance(value, list) and position < len(value):
            return mark_of(value, position)
        return mark_of(self.raw, keyword) if keyword in self.raw else self.where
