"""Makes commits, merges, branches and releases out of a raw history."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from msgspec.structs import replace

from plumbline.observation.file_kinds import Kinds
from plumbline.observation.graph import Graph
from plumbline.observation.merges import observed_merges
from plumbline.observation.messages import assisted_by, is_bot, marks, people, reverted, work_items
from plumbline.observation.observed import ObservedBranch, ObservedCommit, ObservedHistory, ObservedRelease

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.history import RawBranch, RawCommit, RawHistory, RawTag
    from plumbline.observation.observed import ObservedMerge

_VERSION = re.compile(
    r"(?:.*[/@_-])?(?:v|V|r|version|release|rel)?[-_./]?"
    r"(?P<version>\d{1,8}(?:[._]\d{1,10}){1,4}(?:[-._+]?[0-9A-Za-z][0-9A-Za-z.+_-]*)?)"
)


def observe_history(raw: RawHistory, read: Commits | None = None) -> ObservedHistory:
    """Everything that the history tells. Pure, and the same for the same history. ``read``: its commits, where they
    were read while they came."""
    graph = Graph(raw.commits)
    if read is None:
        read = Commits(raw.url)
        for commit in raw.commits:
            read.add(commit)
    commits = read.whole()
    edge = {commit.sha for commit in commits if not commit.parents} if raw.shallow else set()
    head = graph.number.get(raw.head, -1)
    trunk = graph.trunk(head) if head >= 0 else []
    merges, on_trunk = observed_merges(raw, commits, graph, trunk)
    releases, first_tag = _releases(raw, graph)
    return ObservedHistory(
        commits=tuple(commit for commit in commits if commit.sha not in edge),
        trunk=tuple(raw.commits[at].sha for at in trunk),
        merges=tuple(merge for merge in merges if edge.isdisjoint(merge.commits)),
        branches=tuple(_branches(raw, graph, on_trunk, merges)),
        releases=releases,
        first_tag=first_tag,
        head=raw.head,
        default_branch=raw.default_branch,
        heads={branch.name: branch.sha for branch in raw.branches},
        tags=len(raw.tags),
        shallow=raw.shallow,
    )


def version_of(tag: str) -> str:
    """The version that a tag names, without what stands before it; empty where it names none."""
    match = _VERSION.fullmatch(tag)
    return match["version"].replace("_", ".") if match else ""


class Commits:
    """Reads commits one by one, so that it can be done while git is still telling the next. ``home``: the web address
    of the repository."""

    def __init__(self, home: str) -> None:
        self._home = home
        self._kinds = Kinds()
        self._found: list[ObservedCommit] = []

    def add(self, commit: RawCommit) -> ObservedCommit:
        """It names what it reverts as that is written, which may be shortened, until all commits are there."""
        reviewers, co_authors = people(commit.message, commit.author, commit.mail)
        merge = len(commit.parents) > 1
        found = ObservedCommit(
            sha=commit.sha,
            parents=commit.parents,
            author=commit.author,
            authored=commit.authored,
            committed=commit.committed,
            reverts=reverted(commit.message),
            work_items=work_items(commit.message, self._home),
            reviewers=reviewers,
            co_authors=co_authors,
            files=None if merge else len(commit.paths),
            kinds=None if merge else self._kinds.of(commit.paths),
            bot=is_bot(commit.author),
            mail=commit.mail.casefold(),
            assisted_by=assisted_by(commit.message),
            marks=marks(commit.message),
        )
        self._found.append(found)
        return found

    def whole(self) -> tuple[ObservedCommit, ...]:
        """All that were added, in their order, each naming what it reverts by whole ids."""
        ids: list[str] = []

        def whole(sha: str) -> str | None:
            if len(sha) >= 40:
                return sha if len(sha) in (40, 64) else None
            if not ids:
                ids.extend(sorted(commit.sha for commit in self._found))
            at = bisect_left(ids, sha)
            fits = [found for found in ids[at : at + 2] if found.startswith(sha)]
            return fits[0] if len(fits) == 1 else None

        return tuple(
            replace(one, reverts=tuple(found for sha in one.reverts if (found := whole(sha)))) if one.reverts else one
            for one in self._found
        )


def _releases(raw: RawHistory, graph: Graph) -> tuple[tuple[ObservedRelease, ...], dict[str, str]]:
    """In the order of (time, then ancestors first, then name): the first of them that has a commit released it."""
    generations = graph.generations()
    seen, first_tag = graph.unseen(), {}
    releases = []
    for made, _, name, tag in sorted(_versions(raw.tags, graph, generations), key=lambda found: found[:3]):
        new = graph.new((graph.number[tag.sha],), seen)
        for at in new:
            first_tag[raw.commits[at].sha] = name
        releases.append(
            ObservedRelease(
                tag=name,
                version=version_of(name),
                commit=tag.sha,
                made=made,
                person=tag.tagger,
                commits=len(new),
                signed=tag.signed,
            )
        )
    return tuple(releases), first_tag


def _versions(tags: Sequence[RawTag], graph: Graph, generations: Sequence[int]) -> list[tuple[int, int, str, RawTag]]:
    return [
        (tag.made, generations[graph.number[tag.sha]], tag.name, tag)
        for tag in tags
        if tag.sha in graph.number and version_of(tag.name)
    ]


def _branches(
    raw: RawHistory, graph: Graph, on_trunk: bytearray, merges: Sequence[ObservedMerge]
) -> list[ObservedBranch]:
    brought = {sha: merge for merge in merges if not merge.squash for sha in merge.commits}
    return [
        _branch(raw, graph, branch, on_trunk, brought.get(branch.sha))
        for branch in raw.branches
        if branch.name != raw.default_branch and branch.sha in graph.number
    ]


def _branch(
    raw: RawHistory, graph: Graph, branch: RawBranch, on_trunk: bytearray, merge: ObservedMerge | None
) -> ObservedBranch:
    """``merge``: the one by which the trunk got its head."""
    head = graph.number[branch.sha]
    own = graph.own(head, on_trunk)
    commits = [raw.commits[at] for at in own or [head]]
    return ObservedBranch(
        name=branch.name,
        head=branch.sha,
        first=merge.opened if merge else min(min(one.authored, one.committed) for one in commits),
        last=max(one.committed for one in commits),
        merged=bool(on_trunk[head]),
        commits=len(merge.commits) if merge else len(own),
    )
