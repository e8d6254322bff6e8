"""What builds make: bytes kept once under their digest, how they are called, and what they earned. Times are
microseconds since the epoch; a digest is ``sha256:<hex>`` or ``sha512:<hex>``."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What sort of thing an artifact is."""

    OCI = "oci"  # an image, an index or any other manifest that a registry client pushed
    GENERIC = "generic"  # a file of a generic package
    JOB = "job"  # the archive or a report that a job left


class Stage(StrEnum):
    """What an artifact earned, in this order; each is an attestation about its digest, never a move of bytes."""

    BUILT = "built"
    TESTED = "tested"
    SCANNED = "scanned"
    ACCEPTED = "accepted"
    RELEASED = "released"


class Descriptor(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An OCI content descriptor (image specification 1.1)."""

    media_type: str
    digest: str
    size: int
    artifact_type: str = ""
    annotations: dict[str, str] = {}
    urls: tuple[str, ...] = ()
    data: str = ""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where an artifact came from; 0 and empty: not known."""

    commit: str = ""
    pipeline: int = 0
    job: int = 0
    person: int = 0
    address: str = ""
    by: str = ""  # what whoever pushed it is called: a person, a robot or a job


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing under one digest in one repository of artifacts. ``id`` 0: not stored yet."""

    id: int = 0
    project: int  # node of the tree
    repository: str  # "<path of the project>" or "<path of the project>/<name>"
    kind: Kind
    digest: str
    size: int  # bytes of itself, and of all that it is made of
    media_type: str = ""
    artifact_type: str = ""
    name: str = ""  # of a package or a file
    version: str = ""
    subject: str = ""  # digest of what it is about: a referrer
    created: int = 0
    origin: Origin = Origin()
    annotations: dict[str, str] = {}
