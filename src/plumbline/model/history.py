"""The history of a git repository as git tells it, before anything is made of it. Times are seconds since the epoch."""

from __future__ import annotations

import msgspec


class RawCommit(msgspec.Struct, frozen=True, gc=False):
    """``paths``: what changed against the only parent; empty for a merge."""

    sha: str
    parents: tuple[str, ...]
    author: str  # a name, without the address; as the repository's .mailmap has it
    authored: int
    committed: int
    message: str
    paths: tuple[str, ...] = ()
    mail: str = ""  # the author's address


class RawTag(msgspec.Struct, frozen=True, gc=False):
    """``made``: when it was tagged; for a lightweight tag, when its commit was made."""

    name: str
    sha: str  # of the commit it comes to
    made: int
    tagger: str = ""  # empty for a lightweight tag
    signed: bool = False  # it has a signature; whether that is good, nobody looked


class RawBranch(msgspec.Struct, frozen=True, gc=False):
    """Of the repository itself, or of a remote, without the remote's name."""

    name: str
    sha: str


class RawHistory(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``commits`` has the newest first. ``head`` is the commit that is looked at: the end of the trunk."""

    commits: tuple[RawCommit, ...]
    tags: tuple[RawTag, ...] = ()
    branches: tuple[RawBranch, ...] = ()
    default_branch: str = ""
    head: str
    shallow: bool = False  # older commits are not there
    url: str = ""  # the repository's web address, without credentials; empty where it has none


class Brought(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a change brings against its base: its commits, the newest first, and every path that is not as it was, both
    of a rename. ``more``: commits that are not here."""

    base: str
    commits: tuple[RawCommit, ...]
    paths: tuple[str, ...]
    more: int = 0
