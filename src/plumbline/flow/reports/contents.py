"""What is counted of the content of a report, and the numbers that it measures."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.model.report import (
    Advisories,
    Attested,
    Calls,
    Components,
    Contract,
    Load,
    Measures,
    Mutation,
    Planned,
    Variables,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.model.report import Content

MOST_KEPT = 100_000  # parts of one content that are kept; of a larger one only what is counted
MOST_MEASURES = 500  # of one report
_LONGEST = 200  # characters of the name of a measure
LINE_COVERAGE = "line-coverage"
CHANGED_COVERAGE = "changed-line-coverage"
INTERFACE_COVERAGE = "interface-coverage"
MUTATION_SCORE = "mutation-score"


class Measured(NamedTuple):
    name: str
    value: float
    unit: str
    numerator: float | None = None
    denominator: float | None = None
    samples: int | None = None


def counts_of(content: Content) -> dict[str, float]:
    """The few numbers by which people know a report again."""
    match content:
        case Components():
            return {"components": len(content.components)}
        case Contract():
            return {"operations": len(content.operations)}
        case Calls():
            return {"calls": len(content.calls)}
        case Load():
            failed = sum(not held for held in content.thresholds.values())
            return {"measured": len(content.measured), "thresholds": len(content.thresholds), "missed": failed}
        case Mutation():
            return {
                "killed": content.killed, "survived": content.survived, "not_covered": content.not_covered,
                "other": content.other,
            }  # fmt: skip
        case Planned():
            return {"create": content.create, "update": content.update, "delete": content.delete}
        case Advisories():
            return {"judgements": len(content.judgements)}
        case Attested():
            return {"subjects": len(content.subjects)}
        case Measures():
            return {"values": len(content.values)}
        case Variables():
            return {"names": len(content.names)}
    return {}


def measures_of(content: Content) -> list[Measured]:
    """At most :data:`MOST_MEASURES`, in the order of the report. A percentile keeps the number of its samples."""
    found = {one.name: one for one in _measures(content)}
    return list(found.values())[:MOST_MEASURES]


def _measures(content: Content) -> Iterator[Measured]:
    match content:
        case Measures():
            for name, value in content.values.items():
                yield Measured(name[:_LONGEST], value, content.units.get(name, ""))
        case Mutation():
            of = content.killed + content.survived + content.not_covered
            if of:
                yield Measured(MUTATION_SCORE, 100 * content.killed / of, "%", content.killed, of)
        case Load():
            for one in content.measured:
                for name, value in one.percentiles.items():
                    yield Measured(f"{one.name[:150]}/{name[:40]}", value, "ms", samples=one.samples)
                if one.errors is not None and one.samples:
                    share = 100 * one.errors / one.samples
                    yield Measured(f"{one.name[:150]}/errors", share, "%", one.errors, one.samples, samples=one.samples)


def kept(content: Content) -> Content | None:
    """What is kept of it beside the report itself; None: it is too much."""
    return content if _parts(content) <= MOST_KEPT else None


def _parts(content: Content) -> int:
    match content:
        case Components():
            return len(content.components)
        case Contract():
            return len(content.operations)
        case Calls():
            return len(content.calls)
        case Load():
            return len(content.measured)
        case Planned():
            return len(content.resources)
        case Advisories():
            return len(content.judgements)
        case Measures():
            return len(content.values)
    return 0
