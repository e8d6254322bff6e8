"""Our own types for what a repository itself tells to whoever reads its history and its files."""

from __future__ import annotations

from typing import ClassVar

from msgspec import UNSET

from plumbline.evidence.vocabulary.fields import Commit, Content, Count, Maybe, NonEmpty, Part, Time

_OURS = "dev.cdeventsx.plumbline-"


class FoundPart(Part, frozen=True, kw_only=True):
    """Files of one kind in a tree: how many, and the first of them."""

    kind: NonEmpty
    count: Count
    paths: tuple[NonEmpty, ...] = ()


class PipelinePart(Part, frozen=True, kw_only=True):
    """What the engine makes of the pipeline's configuration; only ``problems`` where it cannot be planned."""

    problems: Count
    jobs: Maybe[Count] = UNSET
    stages: Maybe[tuple[NonEmpty, ...]] = UNSET
    environments: Maybe[tuple[NonEmpty, ...]] = UNSET


class TreeInspected(Content, frozen=True, kw_only=True):
    """What kinds of files a commit's tree has."""

    TYPE: ClassVar[str] = _OURS + "tree.inspected.0.1.0"
    SHOWN_BY_REPOSITORY: ClassVar[bool] = True
    commit: Commit
    files: Count
    found: tuple[FoundPart, ...]
    pipeline: Maybe[PipelinePart] = UNSET


class RepositoryObserved(Content, frozen=True, kw_only=True):
    """A repository as it was found. Heads that later do not follow from these tell that history was rewritten."""

    TYPE: ClassVar[str] = _OURS + "repository.observed.0.1.0"
    SHOWN_BY_REPOSITORY: ClassVar[bool] = True
    default_branch: Maybe[NonEmpty] = UNSET
    head: Commit  # of the trunk
    heads: dict[str, Commit]  # by the name of the branch
    commits: Count
    tags: Count
    shallow: bool  # True: the beginning of the history is not known
    first: Maybe[Time] = UNSET  # commit
    last: Maybe[Time] = UNSET


class BranchObserved(Content, frozen=True, kw_only=True):
    """A branch beside the trunk. Its own commits are those that the trunk does not have."""

    TYPE: ClassVar[str] = _OURS + "branch.observed.0.1.0"
    SHOWN_BY_REPOSITORY: ClassVar[bool] = True
    name: NonEmpty
    head: Commit
    first: Time  # own commit; the head's time where nobody can tell any more
    last: Time  # commit
    merged: bool  # the trunk has its head
    commits: Maybe[Count] = UNSET  # of its own


class RepositoryRewritten(Content, frozen=True, kw_only=True):
    """The history of a branch does not contain the end that it had when it was observed before: it was rewritten.
    The time is that of the new end, which whoever rewrites can choose; when it was noticed says the ledger itself."""

    TYPE: ClassVar[str] = _OURS + "repository.rewritten.0.1.0"
    SHOWN_BY_REPOSITORY: ClassVar[bool] = True
    ref: NonEmpty
    before: Commit
    after: Commit
