"""What was brought into an environment, and what was seen there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.contracts.kinds._kind import EvidenceKind
from plumbline.contracts.kinds._pieces import about, commit, digest, piece, text
from plumbline.kernel import t
from plumbline.model.contract import SubjectKind

if TYPE_CHECKING:
    from plumbline.contracts.kinds._kind import Told
    from plumbline.model.contract import Evidence


def _read_deployment(told: Told) -> tuple[Evidence, ...]:
    """That it ended; how, is no matter of completeness."""
    said = told.view.content
    subjects = about(
        environment=text(said, "environment", "id"),
        artifact=digest(said, "digest"),
        commit=commit(said, "commit"),
        run=text(said, "run"),
    )
    return (piece(told, "deployment", subjects),)


def _read_observed(told: Told) -> tuple[Evidence, ...]:
    """Of what an environment was found to be: as it should, or not."""
    said = told.view.content
    seen = digest(said, "digest") or digest(said, "found")
    subjects = about(environment=text(said, "environment", "id"))
    return (piece(told, "environment.observed", subjects, digest=seen, problem="" if seen else "nothing-seen"),)


PART = (
    EvidenceKind(
        name="deployment",
        title=t("A deployment"),
        of=(SubjectKind.ENVIRONMENT, SubjectKind.ARTIFACT, SubjectKind.COMMIT),
        told_by=("deployment.finished",),
        read=_read_deployment,
    ),
    EvidenceKind(
        name="environment.observed",
        title=t("What an environment was found to be"),
        of=(SubjectKind.ENVIRONMENT,),
        told_by=("configItem.verified", "configItem.drifted"),
        read=_read_observed,
    ),
)
