"""The change that wants to go on: ``change.*``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.flow.gates.gathering._ground import NOTHING, UNDECIDED, Ground, known, names
from plumbline.model.gate import FactValue

if TYPE_CHECKING:
    from collections.abc import Mapping


def gather_change(ground: Ground) -> Mapping[str, FactValue]:
    pipeline, written = ground.pipeline, ground.written
    request = pipeline.change.merge_request if pipeline is not None else None
    branch = ground.subjects.ref.removeprefix("refs/heads/")
    if request is not None:
        branch = request.source_branch
    found = {
        "change.commit": known(ground.subjects.commit or None),
        "change.branch": NOTHING if not branch or branch.startswith("refs/") else known(branch),
        "change.target": known(request.target_branch or None) if request is not None else NOTHING,
        "change.paths": NOTHING,
        "change.lines": NOTHING,
        "change.authors": NOTHING,
        "change.reviewers": NOTHING,
        "change.other_reviewers": NOTHING,
        "change.reviewed_by_other": NOTHING,
        "change.assisted_by_agent": NOTHING,
    }
    if written is None:
        return found
    if written.target:
        found["change.target"] = known(written.target, written.told)
    if written.paths is not None:
        found["change.paths"] = names(written.paths)
    if written.lines is not None:
        found["change.lines"] = known(written.lines)
    if written.authors is not None:
        found["change.authors"] = names(written.authors)
    if written.agents is not None or written.sessions:
        found["change.assisted_by_agent"] = known(bool(written.agents or written.sessions), written.sessions)
    return {**found, **_reviews(ground)}


def _reviews(ground: Ground) -> Mapping[str, FactValue]:
    """A forge told of the change, and so of its reviews: without any, nobody has approved it."""
    written = ground.written
    if written is None or written.approvals is None:
        return {}
    approvals = written.approvals
    events = [one.event for one in approvals]
    said = {one.by_other for one in approvals}
    other = UNDECIDED if True not in said and None in said else known(True in said, events or written.told)
    return {
        "change.reviewers": names([one.name for one in approvals], events or written.told),
        "change.other_reviewers": names([one.name for one in approvals if one.by_other], events or written.told),
        "change.reviewed_by_other": other,
    }
