"""Who descends from whom: the commits by number, and walks that visit every commit once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plumbline.model.history import RawCommit


class Graph:
    """Commits are numbered as they come. Parents that are not there (a shallow clone) are left out."""

    def __init__(self, commits: Sequence[RawCommit]) -> None:
        self.number = number = {commit.sha: at for at, commit in enumerate(commits)}
        self.parents: list[tuple[int, ...]] = [
            tuple(number[parent] for parent in commit.parents if parent in number) for commit in commits
        ]
        self.first = [number.get(commit.parents[0], -1) if commit.parents else -1 for commit in commits]  # parent

    def new(self, starts: Iterable[int], seen: bytearray) -> list[int]:
        """The commits reachable from ``starts`` that are not ``seen`` yet; they are now."""
        found: list[int] = []
        waiting = [start for start in starts if not seen[start]]
        parents = self.parents
        while waiting:
            at = waiting.pop()
            if seen[at]:
                continue
            seen[at] = 1
            found.append(at)
            waiting += [parent for parent in parents[at] if not seen[parent]]
        return found

    def own(self, start: int, seen: bytearray) -> list[int]:
        """As :meth:`new`, but ``seen`` stays as it is."""
        found = self.new((start,), seen)
        for at in found:
            seen[at] = 0
        return found

    def trunk(self, head: int) -> list[int]:
        """The chain of first parents, the newest first."""
        chain = [head]
        while (at := self.first[chain[-1]]) >= 0:
            chain.append(at)
        return chain

    def sides(self, at: int) -> list[int]:
        """What a merge took in: its parents beside the first."""
        return [parent for parent in self.parents[at] if parent != self.first[at]]

    def unseen(self) -> bytearray:
        return bytearray(len(self.parents))

    def generations(self) -> list[int]:
        """The length of the longest way from each commit to one without parents: less than any descendant's."""
        children: list[list[int]] = [[] for _ in self.parents]
        missing = [len(parents) for parents in self.parents]
        for at, parents in enumerate(self.parents):
            for parent in parents:
                children[parent].append(at)
        found = [0] * len(self.parents)
        ready = [at for at, count in enumerate(missing) if not count]
        while ready:
            at = ready.pop()
            after = found[at] + 1
            for child in children[at]:
                found[child] = max(found[child], after)
                missing[child] -= 1
                if not missing[child]:
                    ready.append(child)
        return found
