"""Reports of tests, by the layer that they look at, and checks of health, which are tests of an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.contracts.kinds._kind import EvidenceKind
from plumbline.contracts.kinds._pieces import about, commit, custom, digest, number, numbers, piece, ran_in, text
from plumbline.kernel import t
from plumbline.model.contract import SubjectKind

if TYPE_CHECKING:
    from plumbline.contracts.kinds._kind import Told
    from plumbline.model.contract import Evidence

_COUNTS = {"cases": "total", "failed": "failed", "skipped": "skipped", "errors": "errors", "flaky": "flaky"}
_LAYERS = ("unit", "component", "interface", "user")
_OF_TYPES = {"unit": "unit", "e2e": "user"}  # CDEvents has one word for the two layers between
_UNKNOWN = "unknown"  # environment


def _counts(facts: dict[str, Any]) -> dict[str, float]:
    found = numbers(facts, _COUNTS)
    types = facts.get("layers") or facts.get("types")
    if isinstance(types, dict):
        found["executed"] = sum(number(types, name) or 0 for name in types)
    elif "cases" in found:
        found["executed"] = found["cases"] - found.get("skipped", 0) - found.get("errors", 0)
    return found


def _by_layer(facts: dict[str, Any]) -> dict[str, float]:
    layers = facts.get("layers")
    if isinstance(layers, dict):
        return numbers(layers, {name: name for name in _LAYERS})
    return numbers(facts.get("types"), {layer: type_ for type_, layer in _OF_TYPES.items()})


def _subjects(told: Told) -> tuple[tuple[str, str], ...]:
    facts = custom(told)
    environment = text(told.view.content, "environment", "id")
    return about(
        commit=commit(facts, "commit"),
        artifact=digest(facts, "digest"),
        environment="" if environment == _UNKNOWN else environment,
        **ran_in(told),
    )


def _read(told: Told) -> tuple[Evidence, ...]:
    """One piece of all, and one of each layer that it says how many cases it has of."""
    facts, subjects = custom(told), _subjects(told)
    bytes_, tool = digest(facts, "report"), text(told.view.content, "testSuite", "name")
    whole = piece(told, "test-report", subjects, counts=_counts(facts), digest=bytes_, tool=tool)
    parts = (
        piece(told, "test-report", subjects, counts={"cases": count, "executed": count}, digest=bytes_, tool=tool,
              layer=layer)
        for layer, count in _by_layer(facts).items() if count
    )  # fmt: skip
    return (whole, *parts)


def _read_health(told: Told) -> tuple[Evidence, ...]:
    subjects = _subjects(told)
    if not any(kind == SubjectKind.ENVIRONMENT.value for kind, _ in subjects):
        return ()
    facts = custom(told)
    return (piece(told, "health", subjects, counts=_counts(facts), digest=digest(facts, "report")),)


_KNOWN = (*_COUNTS, "executed")
PART = (
    EvidenceKind(
        name="test-report",
        title=t("Report of tests"),
        of=(SubjectKind.COMMIT, SubjectKind.ARTIFACT, SubjectKind.ENVIRONMENT),
        told_by=("testsuiterun.finished",),
        read=_read,
        counts=_KNOWN,
        least=(("executed", 1),),
        layers=_LAYERS,
        reports=("junit",),
    ),
    EvidenceKind(
        name="health",
        title=t("Check of an environment's health"),
        of=(SubjectKind.ENVIRONMENT,),
        told_by=("testsuiterun.finished",),
        read=_read_health,
        counts=_KNOWN,
        least=(("executed", 1),),
        reports=("junit",),
    ),
)
