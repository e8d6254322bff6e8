"""The stages of a pipeline in a row: an icon for each, and its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.web.jobs import summary
from plumbline.web.states import look, title

if TYPE_CHECKING:
    from plumbline.model.server import StageSeen

_URGENT = (
    "failed", "running", "preparing", "canceling", "pending", "waiting_for_resource", "scheduled", "manual", "warning",
    "canceled", "success", "created", "skipped",
)  # fmt: skip


def stage_said(stage: StageSeen) -> str:
    """A stage and how its jobs stand, for whoever does not see its icon."""
    counts = summary([name for state, allowed, count in stage.states for name in [look(state, allowed)] * count])
    states = [str(t("{count} {state}", count=count, state=title(name))) for name, count in counts]
    return str(t("{stage}: {states}", stage=stage.name, states=", ".join(states)))


def stage_look(stage: StageSeen) -> str:
    """The look of the job that somebody has to see first."""
    looks = {look(state, allowed) for state, allowed, _ in stage.states}
    return next((one for one in _URGENT if one in looks), look(stage.states[0][0]))
