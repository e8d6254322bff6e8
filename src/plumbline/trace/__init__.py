"""What several events together say of one object: a commit, a merge, a run, a deployment. Pure."""

from plumbline.trace.deliveries import Delivery, derive_deliveries
from plumbline.trace.objects import (
    SECOND,
    Commit,
    Deployment,
    Merge,
    Review,
    Run,
    Task,
    Tree,
    derive_merges,
    derive_runs,
)
from plumbline.trace.seen import Seen, micros, read_seen

__all__ = [
    "SECOND",
    "Commit",
    "Delivery",
    "Deployment",
    "Merge",
    "Review",
    "Run",
    "Seen",
    "Task",
    "Tree",
    "derive_deliveries",
    "derive_merges",
    "derive_runs",
    "micros",
    "read_seen",
]
