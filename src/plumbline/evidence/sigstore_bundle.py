"""Sigstore bundles (version 0.3 and those before): the envelope inside. What only an online service vouches for is not
looked at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.evidence.dsse import MOST_BYTES, Written, not_an_envelope
from plumbline.evidence.names_once import NameTwiceError, check_names_once
from plumbline.kernel import t
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from plumbline.evidence.dsse import Envelope

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
_MEDIA_TYPES = re.compile(r"application/vnd\.dev\.sigstore\.bundle(?:\.v0\.\d)?\+json(?:;version=0\.\d)?\Z")


class _Bundle(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    media_type: str
    verification_material: dict[str, Any] = {}
    dsse_envelope: Written


class _Marked(msgspec.Struct, frozen=True, rename="camel"):
    media_type: str = ""


def is_bundle(data: bytes) -> bool:
    try:
        return bool(_MEDIA_TYPES.match(msgspec.json.decode(data, type=ready(_Marked)).media_type))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def read_bundle(data: bytes) -> Envelope:
    """Raises PlumblineError ``not-an-envelope``."""
    if len(data) > MOST_BYTES:
        raise not_an_envelope(t("it is larger than {most} bytes", most=MOST_BYTES))
    try:
        check_names_once(data)
        found = msgspec.json.decode(data, type=ready(_Bundle))
    except NameTwiceError as error:
        raise not_an_envelope(t("'{name}' stands in it twice", name=error.name)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise not_an_envelope(t("the bundle has no DSSE envelope in it")) from None
    return found.dsse_envelope.read()
