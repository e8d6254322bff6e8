"""Drills of operation: going back, restoring, failing over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.contracts.kinds._kind import EvidenceKind
from plumbline.contracts.kinds._pieces import about, numbers, piece, text
from plumbline.evidence.origin import OWN
from plumbline.kernel import t
from plumbline.model.contract import SubjectKind

if TYPE_CHECKING:
    from plumbline.contracts.kinds._kind import Told
    from plumbline.model.contract import Evidence


def _read(told: Told) -> tuple[Evidence, ...]:
    """What a person wrote down here of one is that person's word; what a source says of a person is the source's."""
    said = told.view.content
    person = text(said, "person")
    return (
        piece(
            told,
            "drill",
            about(environment=text(said, "environment", "id")),
            counts=numbers(said, {"seconds": "seconds"}),
            word=f"person:{person}" if person and told.word == OWN else None,
            tool=text(said, "kind"),
        ),
    )


PART = EvidenceKind(
    name="drill",
    title=t("A drill of operation"),
    of=(SubjectKind.ENVIRONMENT,),
    told_by=("drill.finished",),
    read=_read,
    counts=("seconds",),
)
