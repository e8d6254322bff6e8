"""Which commits reached users with which deployment."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from plumbline.trace.objects import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from plumbline.trace.objects import Commit


class Delivery(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``commits``: those that this deployment brought and no effective one to the same environment before it had.

    ``baseline``: it is the first one on record there, so nobody can tell what it brought.
    """

    deployment: Deployment
    commits: tuple[str, ...]
    baseline: bool = False


def derive_deliveries(deployments: Iterable[Deployment], commits: Mapping[str, Commit]) -> tuple[Delivery, ...]:
    """Failed deployments do not move the baseline on, rollbacks do not move it back."""
    reached: dict[str, set[str]] = defaultdict(set)
    found = []
    for one in sorted(deployments, key=lambda one: (one.finished or 0, one.id, one.attempt)):
        if not (one.production and one.effective and one.commit):
            continue
        seen = reached[one.environment]
        first = not seen
        new = _new(one.commit, commits, seen)
        found.append(Delivery(deployment=one, commits=() if first else new, baseline=first))
    return tuple(found)


def _new(head: str, commits: Mapping[str, Commit], seen: set[str]) -> tuple[str, ...]:
    """Commits that lead to ``head`` and were not seen; adds them to ``seen``."""
    new = []
    todo = [head]
    while todo:
        sha = todo.pop()
        if sha in seen:
            continue
        seen.add(sha)
        new.append(sha)
        todo += commits[sha].parents if sha in commits else ()
    return tuple(new)
