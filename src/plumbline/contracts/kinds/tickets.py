"""Which work item a change belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.contracts.kinds._kind import EvidenceKind
from plumbline.contracts.kinds._pieces import about, commit, custom, is_commit, piece, text, texts
from plumbline.kernel import t
from plumbline.model.contract import SubjectKind

if TYPE_CHECKING:
    from plumbline.contracts.kinds._kind import Told
    from plumbline.model.contract import Evidence


def _commits(said: Any) -> list[dict[str, Any]]:
    found = said.get("commits") if isinstance(said, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _read(told: Told) -> tuple[Evidence, ...]:
    """Of commits whose message names one, of a merge that names one, and of what a tool says belongs together."""
    said, facts = told.view.content, custom(told)
    if told.kind == "commit.observed":
        return tuple(
            _piece(told, about(commit=commit(one, "sha")), items)
            for one in _commits(said)
            if (items := texts(one, "workItems"))
        )
    if told.kind == "change.merged":
        items = texts(facts, "workItems")
        subjects = about(change=told.view.subject, commit=(commit(facts, "mergedAs"), commit(facts, "head")))
        return (_piece(told, subjects, items),) if items else ()
    if text(said, "kind") not in ("work_item", "workItem", "ticket"):
        return ()
    subject, item = told.view.subject, text(said, "target", "id")
    named = about(commit=subject) if is_commit(subject) else about(change=subject)
    return (_piece(told, named, (item,)),) if item else ()


def _piece(told: Told, subjects: tuple[tuple[str, str], ...], items: tuple[str, ...]) -> Evidence:
    return piece(told, "ticket", subjects, counts={"items": len(items)}, covers=items)


PART = EvidenceKind(
    name="ticket",
    title=t("A work item of the change"),
    of=(SubjectKind.COMMIT, SubjectKind.CHANGE),
    told_by=("commit.observed", "change.merged", "link.asserted"),
    read=_read,
    counts=("items",),
    least=(("items", 1),),
)
