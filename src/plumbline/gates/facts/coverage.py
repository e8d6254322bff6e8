"""Which lines tests executed."""

from __future__ import annotations

from plumbline.gates.facts._fact import GateFact
from plumbline.judging.expressions import ValueType
from plumbline.kernel import t

_WANTS = ("coverage",)
PART = (
    GateFact(
        name="coverage.lines",
        type=ValueType.NUMBER,
        unit="%",
        how=t(
            "Executable lines that a test executed, of all, in percent; the merged reports of all jobs of the pipeline."
        ),
        wants=_WANTS,
    ),
    GateFact(
        name="coverage.changed",
        type=ValueType.NUMBER,
        unit="%",
        how=t(
            "Executable lines among those that the change adds or changes, that a test executed, in "
            "percent. A change without executable lines has no answer."
        ),
        wants=_WANTS,
    ),
    GateFact(
        name="coverage.base",
        type=ValueType.NUMBER,
        unit="%",
        how=t("The same as coverage.lines, on the commit where the change left its target."),
        wants=_WANTS,
    ),
)
