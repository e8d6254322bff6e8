"""Whether the history of a repository was rewritten since it was observed before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence import read_event
from plumbline.evidence.vocabulary import own_observation as own

if TYPE_CHECKING:
    from plumbline.model.ports.ledger import Ledger
    from plumbline.observation import ObservedHistory


class Rewritten(msgspec.Struct, frozen=True, kw_only=True):
    """``older``: the new end was observed before as well, so this may be a copy that nobody brought up to date."""

    ref: str
    before: str  # commit
    after: str
    time: int  # of the new end, seconds since the epoch
    older: bool
    again: int = 0  # number of the observation that it follows, where the same was rewritten in the same way before


def find_rewritten(ledger: Ledger, history: ObservedHistory, source: str) -> Rewritten | None:
    """Compare with the newest observation of the repository in the ledger, before this one is recorded. ``source``: of
    its events."""
    earlier = None
    for entry in ledger.of_types([own.RepositoryObserved.TYPE]):
        if entry.source == source:
            earlier = entry
    if earlier is None:
        return None
    said = read_event(earlier.body).content
    name = str(said.get("defaultBranch", ""))
    before = str(said.get("heads", {}).get(name, ""))
    after = history.heads.get(name) or history.heads.get(history.default_branch, "")  # it may have been renamed
    if not before or not after or _follows(history, before, after):
        return None  # a checkout of one commit, without branches, tells nothing of them
    known = ledger.find(source, f"rewritten:{before}:{after}")
    return Rewritten(
        ref=f"refs/heads/{name}",
        before=before,
        after=after,
        time=next((commit.committed for commit in history.commits if commit.sha == after), 0),
        older=ledger.find(source, f"commit:{after}") is not None,
        again=earlier.seq if known is not None and known.seq < earlier.seq else 0,
    )


def _follows(history: ObservedHistory, before: str, after: str) -> bool:
    """Whether the one is the other or comes after it; also where the beginning is not there, so nobody can know."""
    parents = {commit.sha: commit.parents for commit in history.commits}
    if history.shallow and before not in parents:
        return True
    seen, waiting = {after}, [after]
    while waiting:
        commit = waiting.pop()
        if commit == before:
            return True
        new = set(parents.get(commit, ())) - seen
        seen |= new
        waiting += new
    return False
