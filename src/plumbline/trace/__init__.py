"""What several events together say of one object: a commit, a merge, a run, a deployment. Pure."""

from plumbline.trace.deliveries import Delivery, derive_deliveries
from plumbline.trace.merges import Merge, Review, derive_merges, named_in
from plumbline.trace.objects import SECOND, Commit, Deployment, Run, Task, Tree, derive_runs
from plumbline.trace.seen import Seen, micros, read_seen
from plumbline.trace.who import Who, account, author, named

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
    "Who",
    "account",
    "author",
    "derive_deliveries",
    "derive_merges",
    "derive_runs",
    "micros",
    "named",
    "named_in",
    "read_seen",
]
