"""Makes what happened out of a repository's raw history and files. Pure: it is handed everything it looks at."""

from plumbline.observation.file_kinds import kind_of
from plumbline.observation.history import observe_history, version_of
from plumbline.observation.observed import (
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
    "ObservedBranch",
    "ObservedCommit",
    "ObservedHistory",
    "ObservedMerge",
    "ObservedRelease",
    "ObservedTree",
    "TreeFound",
    "inspect_tree",
    "kind_of",
    "observe_history",
    "version_of",
]
