"""Our own types for what forges tell in their messages and CDEvents has no type for."""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import UNSET

from plumbline.evidence.vocabulary.facts import AccountFact
from plumbline.evidence.vocabulary.fields import Commit, Content, Count, Digest, Maybe, NonEmpty, Origin, Reference

_OURS = "dev.cdeventsx.plumbline-"


class TagCreated(Content, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "tag.created.0.1.0"
    repository: Reference
    commit: Maybe[Commit] = UNSET  # or the tag itself, where it is an object of its own
    person: Maybe[str] = UNSET
    by: Maybe[AccountFact] = UNSET


class TagDeleted(TagCreated, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = _OURS + "tag.deleted.0.1.0"


class CommentMade(Content, frozen=True, kw_only=True):
    """That somebody wrote something about a change, a ticket or a commit; what it says stays where it was written."""

    TYPE: ClassVar[str] = _OURS + "comment.made.0.1.0"
    of: Literal["change", "ticket", "commit", "other"]
    person: Maybe[str] = UNSET
    by: Maybe[AccountFact] = UNSET
    count: Maybe[Count] = UNSET  # how many there are now, where that is told


class BranchProtectionObserved(Content, frozen=True, kw_only=True):
    """How a forge protects a branch, or the branches of a pattern. Absent: it did not say."""

    TYPE: ClassVar[str] = _OURS + "branchProtection.observed.0.1.0"
    repository: Reference
    protected: bool
    approvals: Maybe[Count] = UNSET  # that a merge takes
    checks: Maybe[bool] = UNSET  # some have to pass before a merge
    force_push: Maybe[bool] = UNSET  # somebody may
    person: Maybe[str] = UNSET
    by: Maybe[AccountFact] = UNSET


class ForgeTold(Content, frozen=True, kw_only=True):
    """A message of a forge that is not understood here: its name, and the digest of its bytes."""

    TYPE: ClassVar[str] = _OURS + "forge.told.0.1.0"
    origin: Origin
    message: NonEmpty
    action: Maybe[str] = UNSET
    about: Maybe[str] = UNSET
    person: Maybe[str] = UNSET
    by: Maybe[AccountFact] = UNSET
    body: Maybe[Digest] = UNSET
