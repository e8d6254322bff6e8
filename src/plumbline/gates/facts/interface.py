"""What tests called of declared interfaces."""

from __future__ import annotations

from plumbline.gates.facts._fact import GateFact
from plumbline.judging.expressions import ValueType
from plumbline.kernel import t

_WANTS = ("interface-coverage",)
PART = (
    GateFact(
        name="interface.declared",
        type=ValueType.COUNT,
        unit="operations",
        how=t("Operations that the interface documents of the commit declare."),
        wants=_WANTS,
    ),
    GateFact(
        name="interface.tested",
        type=ValueType.COUNT,
        unit="operations",
        how=t("Declared operations that a test called, whose answer it held against something."),
        wants=_WANTS,
    ),
    GateFact(
        name="interface.share",
        type=ValueType.NUMBER,
        unit="%",
        how=t("interface.tested of interface.declared, in percent. Where nothing is declared there is no answer."),
        wants=_WANTS,
    ),
    GateFact(
        name="interface.undeclared",
        type=ValueType.COUNT,
        unit="operations",
        how=t("Operations that tests called and no interface document declares."),
        wants=_WANTS,
    ),
)
