"""That something was built from a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.contracts.kinds._kind import EvidenceKind
from plumbline.contracts.kinds._pieces import about, commit, custom, digest, piece, text
from plumbline.kernel import t
from plumbline.model.contract import SubjectKind

if TYPE_CHECKING:
    from plumbline.contracts.kinds._kind import Told
    from plumbline.model.contract import Evidence


def _read(told: Told) -> tuple[Evidence, ...]:
    facts = custom(told)
    made = digest(facts, "digest")
    subjects = about(
        commit=commit(facts, "commit") or commit(told.view.content, "change", "id"),
        artifact=made,
        run=text(facts, "run"),
    )
    return (piece(told, "build", subjects, digest=made),)


PART = EvidenceKind(
    name="build",
    title=t("A build"),
    of=(SubjectKind.COMMIT, SubjectKind.ARTIFACT),
    told_by=("artifact.packaged", "build.finished"),
    read=_read,
)
