"""Places outside this server that are given its checkpoints, so that nobody here can take back what was signed."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from plumbline.kernel import Text


class PlaceKind(StrEnum):
    """How a checkpoint gets there."""

    FILE = "file"
    GIT = "git"
    HTTP = "http"
    MAIL = "mail"
    WITNESS = "witness"


class OutsidePlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where checkpoints are taken. ``name`` is fit to be shown: no password is in it."""

    kind: PlaceKind
    name: str


class DeliveryState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a place was told. Times are microseconds since the epoch; 0: never."""

    size: int = 0  # entries of the last checkpoint that it has
    root: bytes = b""  # of that checkpoint
    at: int = 0  # when it got it
    failures: int = 0  # in a row, since then
    tried: int = 0  # when it was tried last
    due: int = 0  # not before
    code: str = ""  # of the last failure; empty: the last attempt went well
    message: Text | None = None
