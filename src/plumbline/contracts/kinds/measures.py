"""What was measured: coverage, coverage of interfaces, mutation, and figures such as those of load."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from plumbline.contracts.kinds._kind import EvidenceKind
from plumbline.contracts.kinds._pieces import about, commit, digest, numbers, piece, ran_in, text
from plumbline.kernel import t
from plumbline.model.contract import SubjectKind

if TYPE_CHECKING:
    from plumbline.contracts.kinds._kind import Told
    from plumbline.model.contract import Evidence

COVERAGE = ("line-coverage", "changed-line-coverage")
INTERFACE = ("interface-coverage",)
MUTATION = ("mutation-score",)
_NAMED = frozenset((*COVERAGE, *INTERFACE, *MUTATION))


def _read(kind: str, measures: tuple[str, ...], of: str, told: Told) -> tuple[Evidence, ...]:
    """``measures``: that it is read from; none: all that no other kind has. ``of``: what its denominator counts. What
    was measured stands in ``covers``, by its name."""
    said = told.view.content
    measure = text(said, "measure")
    if measure not in measures if measures else measure in _NAMED:
        return ()
    found = numbers(said, {"value": "value", of: "samples" if of == "samples" else "denominator"})
    subjects = about(commit=commit(said, "commit"), **ran_in(told))
    return (
        piece(told, kind, subjects, counts=found, digest=digest(said, "report"), covers=(measure,) if measure else ()),
    )


PART = (
    EvidenceKind(
        name="coverage",
        title=t("Coverage of lines"),
        of=(SubjectKind.COMMIT,),
        told_by=("measurement.recorded",),
        read=partial(_read, "coverage", COVERAGE, "lines"),
        counts=("lines", "value"),
        least=(("lines", 1),),
        measures=COVERAGE,
        reports=("coverage_report",),
    ),
    EvidenceKind(
        name="interface-coverage",
        title=t("Coverage of interfaces"),
        of=(SubjectKind.COMMIT,),
        told_by=("measurement.recorded",),
        read=partial(_read, "interface-coverage", INTERFACE, "operations"),
        counts=("operations", "value"),
        least=(("operations", 1),),
        measures=INTERFACE,
    ),
    EvidenceKind(
        name="mutation",
        title=t("Mutation tests"),
        of=(SubjectKind.COMMIT,),
        told_by=("measurement.recorded",),
        read=partial(_read, "mutation", MUTATION, "mutants"),
        counts=("mutants", "value"),
        least=(("mutants", 1),),
        measures=MUTATION,
    ),
    EvidenceKind(
        name="measurement",
        title=t("Measured figures, such as those of load"),
        of=(SubjectKind.COMMIT,),
        told_by=("measurement.recorded",),
        read=partial(_read, "measurement", (), "samples"),
        counts=("samples", "value"),
        reports=("load_performance", "performance", "browser_performance", "metrics"),
    ),
)
