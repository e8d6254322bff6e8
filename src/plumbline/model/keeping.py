"""What the server keeps in files: for how long, and what of it is to be removed. Times are microseconds since the
epoch."""

from __future__ import annotations

from enum import StrEnum

import msgspec

FOR_EVER = 1 << 62  # a time that never comes


class KeptKind(StrEnum):
    """The folders of the data folder in which something is kept for a time."""

    ARTIFACTS = "artifacts"
    LOGS = "logs"
    CACHES = "caches"
    PACKAGES = "packages"  # what is in the store of blobs


class KeptArtifacts(msgspec.Struct, frozen=True, kw_only=True):
    """What one attempt at a job left: its archive and its reports, which go together."""

    job: int
    project: int
    pipeline: int
    size: int = 0  # bytes
    ended: int  # when the attempt did
    expires: int = 0  # as artifacts:expire_in says; 0: it says nothing, and the setting holds
    gone: int = 0  # when they were let go; 0: they are there
    kept_by: int = 0  # the person who wants them kept for ever; 0: nobody


class PendingDeletion(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is to be removed. It is written down before, so that it goes whatever happens in between."""

    id: int = 0
    kind: KeptKind
    name: str  # of artifacts "<job>", of a log "<pipeline>/<job>", of a cache "<project>/<file>"
    size: int = 0  # bytes, as far as they are known
    stamp: int = 0  # when the file was last used, in nanoseconds: used since then it stays; 0: it goes anyhow
    due: int = 0  # not before


class Hold(StrEnum):
    """Why artifacts stay, also when their time is over."""

    NONE = ""
    UNFINISHED = "unfinished"  # a job of their pipeline may still need them
    LATEST = "latest"  # of the newest pipeline of their branch, tag or merge request, or the newest that succeeded
