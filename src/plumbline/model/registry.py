"""What a registry keeps beside the bytes: repositories, tags, what refers to what, uploads, and those who may come in
without being a person. Times are microseconds since the epoch."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Repository(msgspec.Struct, frozen=True, kw_only=True):
    """Belongs to a project, and moves with it: ``address`` is the path of the project now, in lower case, and what
    follows it."""

    id: int
    project: int  # node of the tree
    name: str = ""  # what follows the path of the project; empty: the project's own
    address: str
    path: str = ""  # of the project
    created: int = 0


class Part(StrEnum):
    """What an artifact has another digest for."""

    CONFIG = "config"
    LAYER = "layer"
    CHILD = "child"  # a manifest of an index


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """What an artifact is made of. ``here``: its bytes have to be kept; those of a layer that is not distributable may
    be elsewhere, and are then never asked for."""

    digest: str
    part: Part
    size: int
    media_type: str = ""
    here: bool = True


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What decides whether an artifact may go. ``touched``: when something was done with it last."""

    id: int
    digest: str
    name: str = ""
    version: str = ""
    touched: int
    commit: str = ""
    tags: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()  # digests of what it is made of
    subject: str = ""  # what it is about


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """A name for a digest in one repository, as of now."""

    repository: int
    name: str
    digest: str
    moved: int
    by: str = ""  # whoever gave it last


class RepositoryBlob(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that were pushed to a repository, or mounted there. ``used``: when a push had to do with them last; those
    that no manifest names stay some time from then on."""

    repository: int
    digest: str
    size: int
    used: int


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """One that goes on. ``id`` is that of the upload in the store of blobs; ``owner``: who may go on with it."""

    id: str
    repository: int
    owner: str
    begun: int
    used: int


class Robot(msgspec.Struct, frozen=True, kw_only=True):
    """A program that pulls or pushes at one project, whoever comes and goes. ``owner`` answers for it."""

    id: int = 0
    project: int
    name: str
    token: str  # public id of its token
    digest: bytes  # SHA-256 of the token's secret
    scopes: tuple[str, ...]  # permissions: artifact.download, artifact.write, artifact.delete
    owner: int  # a person
    created: int
    expires: int
    used: int = 0  # last use, kept to the minute; 0: never
    revoked: int = 0  # 0: not


class RunningJob(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at a job that comes in. ``protected``: its ref is one that is protected; ``foreign``: it runs what
    the merge request of another repository says."""

    job: int
    fence: int  # of the attempt's lease
    project: int
    protected: bool = False
    foreign: bool = False
