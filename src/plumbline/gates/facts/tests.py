"""Tests that ran in the pipeline: all of them, and by layer of the system that they look at."""

from __future__ import annotations

from plumbline.gates.facts._fact import GateFact
from plumbline.judging.expressions import ValueType
from plumbline.kernel import Text, t

_WANTS = ("test-report",)
_LAYERS: dict[str, Text] = {
    "unit": t("of the layer unit"),
    "component": t("of the layer component"),
    "interface": t("of the layer interface"),
    "user": t("of the layer user"),
    "unknown": t("of which nobody told the layer"),
}


def _layer(name: str, layer: Text) -> tuple[GateFact, ...]:
    return tuple(
        GateFact(name=f"tests.{name}.{what}", type=ValueType.COUNT, unit="cases", how=how, wants=_WANTS)
        for what, how in (
            ("executed", t("Test cases {layer} that came to a verdict in the jobs of the pipeline.", layer=layer)),
            ("failed", t("Test cases {layer} whose last result is a failed assertion.", layer=layer)),
            ("errors", t("Test cases {layer} that came to no verdict of their own.", layer=layer)),
            ("skipped", t("Test cases {layer} that were skipped.", layer=layer)),
        )
    )


_BY_LAYER = tuple(fact for name, layer in _LAYERS.items() for fact in _layer(name, layer))
PART = (
    GateFact(
        name="tests.executed",
        type=ValueType.COUNT,
        unit="cases",
        how=t(
            "Test cases that came to a verdict in the jobs of the pipeline: passed or failed, each "
            "once with its last result; skipped ones and those that broke off are not counted."
        ),
        wants=_WANTS,
    ),
    GateFact(
        name="tests.failed",
        type=ValueType.COUNT,
        unit="cases",
        how=t("Test cases whose last result is a failed assertion."),
        wants=_WANTS,
    ),
    GateFact(
        name="tests.errors",
        type=ValueType.COUNT,
        unit="cases",
        how=t("Test cases that came to no verdict of their own: a crash, a time-out, a broken set-up."),
        wants=_WANTS,
    ),
    GateFact(
        name="tests.skipped",
        type=ValueType.COUNT,
        unit="cases",
        how=t("Test cases that were skipped."),
        wants=_WANTS,
    ),
    GateFact(
        name="tests.flaky",
        type=ValueType.COUNT,
        unit="cases",
        how=t("Test cases that came to both results on this commit."),
        wants=_WANTS,
    ),
    GateFact(
        name="tests.quarantined",
        type=ValueType.COUNT,
        unit="cases",
        how=t("Test cases that failed or broke off and are in a quarantine that holds."),
        wants=_WANTS,
    ),
    GateFact(
        name="tests.new_failures",
        type=ValueType.COUNT,
        unit="cases",
        how=t(
            "Test cases that failed or broke off and passed in the newest run of the same suite on the target branch."
        ),
        wants=_WANTS,
    ),
    *_BY_LAYER,
)
