"""The variables one job sees: the pipeline's, the job's own in their place of precedence, filtered by environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from plumbline.model.pipeline import JobDecision, Variable, VariableSource
from plumbline.pipeline.language.variables import resolve

if TYPE_CHECKING:
    from collections.abc import Iterable

_ORDER = {source: index for index, source in enumerate(VariableSource)}
_JOB = _ORDER[VariableSource.JOB]
_YAML = (VariableSource.TOP_LEVEL, VariableSource.WORKFLOW_RULE)

Inherit = bool | tuple[str, ...]


class Scope:
    """All variables of a pipeline, prepared once so that adding a job's own costs only the job's own.

    Precedence: section "Variables" of the language (docs: ci/variables/#cicd-variable-precedence).
    """

    def __init__(self, variables: Iterable[Variable], *, protected: bool) -> None:
        self._all = tuple(variables)
        self._protected = protected
        self._environments = any(v.scope != "*" for v in self._all)
        self._prepared: dict[tuple[Inherit, str | None], tuple[dict[str, Variable], dict[str, Variable]]] = {}

    def of_job(
        self, own: Iterable[Variable], *, inherit: Inherit = True, environment: str | None = None
    ) -> dict[str, Variable]:
        """By name, each variable once: the one that wins. ``own``: of the job, lowest precedence first."""
        low, high = self._split(inherit, environment if self._environments else None)
        seen = dict(low)
        for variable in own:
            seen[variable.name] = variable
        seen.update(high)
        return seen

    def _split(self, inherit: Inherit, environment: str | None) -> tuple[dict[str, Variable], dict[str, Variable]]:
        """What a job's own variables win over, and what wins over them."""
        key = (inherit, environment)
        found = self._prepared.get(key)
        if found is None:
            kept = [v for v in self._all if v.source not in _YAML or _inherited(v.name, inherit)]
            ordered = resolve(kept, environment=environment, protected=self._protected)
            low = {v.name: v for v in ordered if _ORDER[v.source] < _JOB}
            high = {v.name: v for v in ordered if _ORDER[v.source] > _JOB}
            found = self._prepared[key] = (low, high)
        return found


def _inherited(name: str, inherit: Inherit) -> bool:
    return inherit if isinstance(inherit, bool) else name in inherit


def hide_masked(decision: JobDecision, variables: dict[str, Variable]) -> JobDecision:
    """The same decision without the values of masked variables, which its rules may have looked at."""
    if not any(variable.masked for variable in variables.values()):
        return decision

    def hidden(name: str, value: str | None) -> tuple[str, str | None]:
        known = variables.get(name)
        return name, "[MASKED]" if value is not None and known is not None and known.masked else value

    rules = tuple(replace(rule, values=tuple(hidden(*pair) for pair in rule.values)) for rule in decision.rules)
    return replace(decision, rules=rules)


def values(variables: dict[str, Variable]) -> dict[str, str]:
    """Name to value, as they are written: variables in values are not resolved."""
    return {name: variable.value for name, variable in variables.items()}
