"""Makes what happened out of a repository's raw history and files. Pure: it is handed everything it looks at."""

from plumbline.observation.agents import inspect_agents
from plumbline.observation.figures import DAYS, Figure, history_figures
from plumbline.observation.file_kinds import kind_of
from plumbline.observation.history import Commits, observe_history, version_of
from plumbline.observation.observed import (
    ObservedAgents,
    ObservedBranch,
    ObservedCommit,
    ObservedHistory,
    ObservedMerge,
    ObservedRelease,
    ObservedTree,
    TreeFound,
)
from plumbline.observation.tree import inspect_tree

__all__ = [
    "DAYS",
    "Commits",
    "Figure",
    "ObservedAgents",
    "ObservedBranch",
    "ObservedCommit",
    "ObservedHistory",
    "ObservedMerge",
    "ObservedRelease",
    "ObservedTree",
    "TreeFound",
    "history_figures",
    "inspect_agents",
    "inspect_tree",
    "kind_of",
    "observe_history",
    "version_of",
]
