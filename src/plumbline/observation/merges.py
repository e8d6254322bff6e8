"""What the trunk took in: by merge commits, or squashed into one commit each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.observation.messages import had_conflicts, merged, squashed
from plumbline.observation.observed import ObservedMerge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.history import RawHistory
    from plumbline.observation.graph import Graph
    from plumbline.observation.observed import ObservedCommit


def observed_merges(
    raw: RawHistory, commits: Sequence[ObservedCommit], graph: Graph, trunk: Sequence[int]
) -> tuple[tuple[ObservedMerge, ...], bytearray]:
    """The merges on the trunk, the oldest first, and by number which commits the trunk has.

    A commit of a side belongs to the first merge that brought it."""
    seen = graph.unseen()
    found = []
    for at in reversed(trunk):
        side = sorted(graph.new(graph.sides(at), seen))
        graph.new((at,), seen)
        if len(raw.commits[at].parents) > 1:
            found.append(_merge(raw, commits, at, side))
        elif number := squashed(raw.commits[at].message):
            found.append(_squash(raw, commits[at], at, number))
    return tuple(found), seen


def begun(commit: ObservedCommit) -> int:
    """When work on it began: a rebase makes a commit anew, and leaves the time at which it was written."""
    return min(commit.authored, commit.committed)


def _merge(raw: RawHistory, commits: Sequence[ObservedCommit], at: int, side: Sequence[int]) -> ObservedMerge:
    commit = commits[at]
    message = raw.commits[at].message
    told = merged(message)
    brought = [commits[one] for one in side]
    people = dict.fromkeys(one for made in (commit, *brought) for one in made.reviewers)
    return ObservedMerge(
        sha=commit.sha,
        commits=tuple(one.sha for one in brought),
        person=commit.author,
        branch=told.branch,
        number=told.number,
        opened=min([begun(one) for one in brought] or [commit.committed]),
        merged=commit.committed,
        conflicts=had_conflicts(message),
        files=len({path for one in side for path in raw.commits[one].paths}),
        reviewers=tuple(people),
        work_items=tuple(dict.fromkeys(one for made in (commit, *brought) for one in made.work_items)),
    )


def _squash(raw: RawHistory, commit: ObservedCommit, at: int, number: str) -> ObservedMerge:
    return ObservedMerge(
        sha=commit.sha,
        commits=(commit.sha,),
        person=commit.author,
        number=number,
        opened=begun(commit),
        merged=commit.committed,
        conflicts=had_conflicts(raw.commits[at].message),
        files=commit.files or 0,
        squash=True,
        reviewers=commit.reviewers,
        work_items=commit.work_items,
    )
