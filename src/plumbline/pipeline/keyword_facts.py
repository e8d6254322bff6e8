"""What readers are told of a keyword of ``.gitlab-ci.yml``: its name, where it may stand, what is done with it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from plumbline.kernel import Text


class Status(StrEnum):
    """What Plumbline does with a keyword when it runs a pipeline on this machine."""

    SUPPORTED = "supported"
    PARTIAL = "partial"  # the note says which part
    INERT = "inert"  # read and checked, without effect
    REFUSED = "refused"  # a problem at the line that uses it


class Place(StrEnum):
    """Where a keyword may stand: at the top level, under ``default``, in a job."""

    GLOBAL = "global"
    DEFAULT = "default"
    JOB = "job"


class Subkey(msgspec.Struct, frozen=True):
    """A key below a keyword. ``path`` is relative to it (``reports:junit``); ``*`` stands for a name the user picks."""

    path: str
    status: Status = Status.SUPPORTED
    note: Text | None = None  # mandatory unless supported


class KeywordFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One keyword, but for how it is read."""

    name: str
    places: tuple[Place, ...]
    title: Text
    status: Status = Status.SUPPORTED
    note: Text | None = None  # what is done and what is not; mandatory unless supported
    reference: str = ""  # path below the root of the GitLab documentation
    subkeys: tuple[Subkey, ...] = ()
    since: str = ""  # GitLab version that brought it, where that matters
    deprecated: Text | None = None  # what to write instead
    differs: tuple[Text, ...] = ()  # what is taken here and refused by GitLab, or the other way round, and why


_children: dict[tuple[str, str], frozenset[str]] = {}


def children(part: KeywordFacts, path: str) -> frozenset[str]:
    """The names that may stand directly below ``path`` (empty: below the keyword itself)."""
    found = _children.get((part.name, path))
    if found is None:
        prefix = f"{path}:" if path else ""
        below = [s.path[len(prefix) :] for s in part.subkeys if s.path.startswith(prefix)]
        found = _children[part.name, path] = frozenset(name for name in below if ":" not in name)
    return found
