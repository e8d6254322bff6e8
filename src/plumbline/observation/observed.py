"""What a repository's history and files tell, as values. Times are seconds since the epoch."""

from __future__ import annotations

import msgspec


class ObservedCommit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``files`` and ``kinds`` are None for a merge: what it changed is told by what it merged."""

    sha: str
    parents: tuple[str, ...]
    author: str
    authored: int
    committed: int
    reverts: tuple[str, ...] = ()  # whole ids
    work_items: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()  # never the author; "Name <address>" where an address is told
    co_authors: tuple[str, ...] = ()
    files: int | None = None
    kinds: tuple[str, ...] | None = None  # of the files, sorted
    bot: bool = False
    mail: str = ""  # the author's address, in small letters
    assisted_by: tuple[str, ...] = ()  # AI agents, as trailers name them
    marks: tuple[str, ...] = ()  # what its subject says that it is: conventional, hotfix, revert


class ObservedMerge(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the trunk took in at once: by a merge commit, or squashed into one commit."""

    sha: str
    commits: tuple[str, ...]  # of the side, the newest first; the commit itself where it is squashed
    person: str  # the author of the merge
    branch: str = ""
    number: str = ""  # of the merge or pull request
    opened: int  # the first of the commits
    merged: int
    conflicts: bool = False
    files: int = 0  # different paths that the commits touched
    squash: bool = False
    reviewers: tuple[str, ...] = ()
    work_items: tuple[str, ...] = ()


class ObservedBranch(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A branch beside the trunk. ``first`` and ``last`` are of its own commits, the head's where it has none."""

    name: str
    head: str
    first: int
    last: int
    merged: bool
    commits: int  # of its own: those that the trunk does not have, or got with its head


class ObservedRelease(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A tag that looks like a version. ``commits``: how many are in it and in no release before it."""

    tag: str
    version: str
    commit: str
    made: int
    person: str = ""
    commits: int = 0
    signed: bool = False  # the tag has a signature


class ObservedHistory(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``first_tag``: the first release that has a commit, by the commit's id; commits in no release are not there."""

    commits: tuple[ObservedCommit, ...]  # the newest first
    trunk: tuple[str, ...]  # the newest first
    merges: tuple[ObservedMerge, ...]  # the oldest first
    branches: tuple[ObservedBranch, ...]
    releases: tuple[ObservedRelease, ...]  # the oldest first
    first_tag: dict[str, str]
    head: str  # the end of the trunk
    default_branch: str = ""
    heads: dict[str, str] = {}  # noqa: RUF012 - msgspec copies it; of branches, by name
    tags: int = 0
    shallow: bool = False  # the oldest commits that are there are left out: nobody knows what they changed


class TreeFound(msgspec.Struct, frozen=True, gc=False):
    """Files of one kind; ``paths`` are the first twenty."""

    kind: str
    count: int
    paths: tuple[str, ...]


class ObservedAgents(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How AI agents are set up by files of one commit. ``digest``: of the list of these files with their digests."""

    files: int
    digest: str
    tool_servers: tuple[str, ...] = ()  # names
    permissions: tuple[str, ...] = ()  # names of tools that an agent may use unasked


class ObservedTree(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The files of one commit. ``time`` is when it was committed."""

    commit: str
    time: int
    files: int
    found: tuple[TreeFound, ...]
    agents: ObservedAgents | None = None
