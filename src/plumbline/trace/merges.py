"""Changes that came into their target branch, each once however many told of it, with their reviews."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence.origin import forge_of
from plumbline.trace.objects import Commit, Record
from plumbline.trace.seen import micros
from plumbline.trace.who import Who, account, author, named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plumbline.model.fact import Cited
    from plumbline.trace.seen import Seen

_DAY = 86_400_000_000  # microseconds


class Review(Record, frozen=True, kw_only=True):
    """What somebody decided about a revision of a change."""

    decision: str
    reviewer: str
    revision: str
    time: int
    who: Who
    cited: Cited
    project: str = ""


class Merge(Record, frozen=True, kw_only=True):
    """A change that came into its target branch, with its reviews."""

    change: str  # subject of the change
    project: str
    target: str
    merged: int
    opened: int | None
    commits: tuple[str, ...]  # shas, the newest first
    authors: tuple[str, ...]
    merged_as: str
    branch: str
    conflicts: bool | None
    files: int | None
    squash: bool
    reviewers: tuple[str, ...]  # of the trailers
    work_items: tuple[str, ...]
    person: str
    reviews: tuple[Review, ...]
    details: tuple[Commit, ...]  # of ``commits``, as far as the merge itself tells
    cited: Cited
    objects: tuple[tuple[str, str], ...]  # by which source and subject it was told
    head: str = ""  # the last revision of its branch, where a forge told it; squashed, the target never has it
    opener: Who = Who()  # who opened the merge request

    @property
    def final(self) -> str:
        """What an approval has to be of."""
        return self.head or (self.commits[0] if self.commits else self.merged_as)

    @property
    def told_by_forge(self) -> bool:
        """A forge that proved itself told of it, and so of its reviews."""
        return any(forge_of(source) is not None for source, _ in self.objects)

    @property
    def writers(self) -> tuple[Who, ...]:
        """Everybody who had a part in it: the authors of its commits, and who opened it."""
        people = dict.fromkeys(author(one) for one in self.details if one.author or one.mail)
        return (*people, self.opener) if self.opener.known else tuple(people)


def derive_merges(
    merged: Sequence[Seen], reviewed: Sequence[Seen], pushed: Sequence[Seen] = (), changed: Sequence[Seen] = ()
) -> tuple[Merge, ...]:
    """In order of time. What the repository tells of a merge and what its forge tells of it are one merge. ``pushed``:
    what pushes brought; it tells which commits a merge brought that only a forge told. ``changed``: what was told of
    changes on their way."""
    reviews = _reviews(reviewed)
    brought = {(one.subject, str(one.content.get("ref", ""))): one for one in pushed if one.own}
    met = _conflicts((*changed, *reviewed))
    found = [_with_conflicts(_together(group, reviews, brought), met) for group in _groups(merged)]
    return tuple(sorted(found, key=lambda one: (one.merged, one.cited.id)))


def _groups(merged: Iterable[Seen]) -> list[list[Seen]]:
    """The same commit on the same branch is the same merge, whoever of ours told it. A forge that does not say which
    commit it became means the one that has the number of its merge request, and came with it."""
    found: dict[tuple[str, ...], list[Seen]] = {}
    nameless = []
    for one in merged:
        sha, project = str(one.custom.get("mergedAs", "")), str(one.custom.get("project", ""))
        if not one.own:
            found[one.cited.source, one.cited.id] = [one]
        elif not sha:
            nameless.append(one)
        else:
            found.setdefault((project, sha, ""), []).append(one)
    for one in nameless:
        known = [
            group for (project, *_), group in found.items()
            if project == one.custom.get("project") and any(_means(one, other) for other in group)
        ]  # fmt: skip
        if len(known) == 1:
            known[0].append(one)
        else:
            found.setdefault((one.cited.source, one.subject), []).append(one)
    return list(found.values())


def _means(one: Seen, other: Seen) -> bool:
    """Whether what the repository tells is the merge that a forge named by its number alone."""
    told = forge_of(one.cited.source) is not None and forge_of(other.cited.source) is None and other.own
    return told and one.subject == other.subject and abs(one.time - other.time) < _DAY


def _together(
    group: list[Seen], reviews: Mapping[tuple[str, str], list[Review]], pushed: Mapping[tuple[str, str], Seen]
) -> Merge:
    told = next((one for one in group if forge_of(one.cited.source) is not None), None)
    seen = next((one for one in group if forge_of(one.cited.source) is None), None)
    base = _merge(seen or group[0])
    if told is None:
        own = [one for each in group for one in reviews.get(each.object, ())]
        return msgspec.structs.replace(base, reviews=(*own, *_of_forge(base, reviews)))
    forge = _merge(told)
    merge = msgspec.structs.replace(
        base if seen else _with_commits(base, pushed.get((base.merged_as, f"refs/heads/{base.target}"))),
        change=forge.change,
        merged=forge.merged,
        target=forge.target or base.target,
        branch=forge.branch or base.branch,
        squash=base.squash or forge.squash,
        person=forge.person or base.person,
        head=forge.head,
        opener=forge.opener,
        cited=forge.cited,
        objects=tuple(dict.fromkeys(one.object for one in group)),
    )
    return msgspec.structs.replace(merge, reviews=tuple(one for at in merge.objects for one in reviews.get(at, ())))


def _of_forge(merge: Merge, reviews: Mapping[tuple[str, str], list[Review]]) -> Iterable[Review]:
    """Reviews of a merge of which the forge did not tell: they are of its project, and of a commit that it brought.
    Anybody may write the number of a merge request into a message."""
    for (source, subject), found in reviews.items():
        if subject == merge.change and (source, subject) not in merge.objects and forge_of(source) is not None:
            yield from (one for one in found if one.project == merge.project and one.revision in merge.commits)


def _with_commits(merge: Merge, push: Seen | None) -> Merge:
    """A merge that only a forge told: the push that ended with it says what came. The merge commit is none of it."""
    if push is None:
        return merge
    commits = [Commit.read(said, push) for said in push.content.get("commits", ()) if isinstance(said, dict)]
    brought = tuple(one for one in commits if one.sha != merge.merged_as or len(one.parents) < 2)
    return msgspec.structs.replace(
        merge,
        commits=tuple(one.sha for one in brought),
        authors=tuple(dict.fromkeys(one.author for one in brought if one.author)),
        details=brought,
        opened=min((one.committed for one in brought), default=None),
    )


def _conflicts(told: Iterable[Seen]) -> Mapping[tuple[str, str], bool]:
    """Changes of which somebody told whether they could be merged; whether one could not at any time."""
    found: dict[tuple[str, str], bool] = {}
    for one in told:
        if isinstance(said := one.custom.get("conflicts"), bool):
            found[one.object] = said or found.get(one.object, False)
    return found


def _with_conflicts(merge: Merge, met: Mapping[tuple[str, str], bool]) -> Merge:
    known = [met[at] for at in merge.objects if at in met]
    return msgspec.structs.replace(merge, conflicts=bool(merge.conflicts) or any(known)) if known else merge


def _reviews(reviewed: Iterable[Seen]) -> Mapping[tuple[str, str], list[Review]]:
    reviews: dict[tuple[str, str], list[Review]] = defaultdict(list)
    for one in reviewed:
        custom = one.custom
        reviewer = str(custom.get("reviewer", ""))
        reviews[one.object].append(
            Review(
                decision=str(custom.get("decision", "")),
                reviewer=reviewer,
                revision=str(custom.get("revision", "")),
                time=one.time,
                who=account(one, "account", reviewer),
                cited=one.cited,
                project=str(custom.get("project", "")),
            )
        )
    return reviews


def _merge(one: Seen) -> Merge:
    said = one.custom
    commits = [commit for commit in said.get("commits", ()) if isinstance(commit, dict)]
    return Merge(
        change=one.subject,
        project=str(said.get("project", "")),
        target=str(said.get("target", "")),
        merged=one.time,
        opened=micros(said.get("opened", "")) or None,
        commits=tuple(str(commit.get("sha", "")) for commit in commits),
        authors=tuple(dict.fromkeys(str(commit["author"]) for commit in commits if commit.get("author"))),
        merged_as=str(said.get("mergedAs", "")),
        branch=str(said.get("branch", "")),
        conflicts=said.get("conflicts"),
        files=said.get("files"),
        squash=bool(said.get("squash", False)),
        reviewers=tuple(said.get("reviewers", ())),
        work_items=tuple(said.get("workItems", ())),
        person=str(said.get("person", "")),
        reviews=(),
        details=tuple(Commit.read(commit, one) for commit in commits),
        cited=one.cited,
        objects=(one.object,),
        head=str(said.get("head", "")),
        opener=account(one, "author"),
    )


def named_in(merge: Merge) -> tuple[Who, ...]:
    """Reviewers by the trailers of its messages."""
    return tuple(named(text) for text in merge.reviewers)
