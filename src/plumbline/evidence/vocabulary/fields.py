"""What the contents of events are made of. Fields are written in camelCase, and left out while they are UNSET."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from plumbline.model.forge import NAME

T = TypeVar("T")
Maybe: TypeAlias = T | UnsetType

# Characters that RFC 3986 allows; whatever else (spaces, Chinese) has to be percent-encoded.
_ALLOWED = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]"

NonEmpty = Annotated[str, Meta(min_length=1)]
Uri = Annotated[str, Meta(pattern=rf"^[A-Za-z][A-Za-z0-9+.\-]*:{_ALLOWED}+$")]
UriReference = Annotated[str, Meta(pattern=rf"^{_ALLOWED}+$")]
Time = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+\-]\d\d:\d\d)$")]
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$")]
Digest = Annotated[str, Meta(pattern=r"^sha256:[0-9a-f]{64}$")]
Commit = Annotated[str, Meta(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]
Count = Annotated[int, Meta(ge=0)]
Ordinal = Annotated[int, Meta(ge=1)]
Origin = Annotated[str, Meta(pattern=NAME)]  # a kind of forge, or what stands for one

Outcome = Literal["success", "failure", "cancel", "error"]
Tier = Literal["production", "staging", "testing", "development", "other"]
Intent = Literal["deploy", "rollback", "hotfix", "configuration", "restart"]


class Part(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, rename="camel", gc=False
):
    """A piece of an event."""


class Content(Part, frozen=True, kw_only=True):
    """The content of one type of event, and what it is called."""

    TYPE: ClassVar[str] = ""
    TOLD_BY_TOOLS: ClassVar[bool] = False  # other tools may tell it too, under their own name; else this server alone
    WRITTEN_HERE: ClassVar[bool] = False  # this server writes it of what happens here, with nothing connected
    SHOWN_BY_REPOSITORY: ClassVar[bool] = False  # whoever looks at a repository writes it
    PLACE: ClassVar[str] = ""  # the field with the path of the node that it is about, where customData does not say it


class Facts(Part, frozen=True, kw_only=True):
    """What we add to a type of CDEvents in its customData: that which cannot be rebuilt later."""

    ABOUT: ClassVar[tuple[str, ...]] = ()  # the types it may stand in


class Reference(Part, frozen=True, kw_only=True):
    """Points to something by its id, in the source it comes from."""

    id: NonEmpty
    source: Maybe[UriReference] = UNSET


class Sbom(Part, frozen=True, kw_only=True):
    uri: UriReference
