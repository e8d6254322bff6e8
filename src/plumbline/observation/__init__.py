"""Makes what happened out of a repository's raw history and files. Pure: it is handed everything it looks at."""

from plumbline.observation.file_kinds import kind_of
from plumbline.observation.history import observe_history, version_of
from plumbline.observation.observed import (
    ObservedBranch,
    ObservedCommit,
    ObservedHistory,
    ObservedMerge,
    ObservedRelease,
    TreeFound,
)

__all__ = [
    "ObservedBranch",
    "ObservedCommit",
    "ObservedHistory",
    "ObservedMerge",
    "ObservedRelease",
    "TreeFound",
    "kind_of",
    "observe_history",
    "version_of",
]
