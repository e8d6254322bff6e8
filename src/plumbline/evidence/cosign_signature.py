"""Signatures of images as cosign keeps them without a bundle: a payload that names a digest, and the signature of the
payload beside it, in an annotation. Both together are one value here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.evidence.dsse import not_an_envelope
from plumbline.evidence.notes import b64, unb64
from plumbline.kernel import t
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from plumbline.evidence.dsse import Verifier

PAYLOAD = "application/vnd.dev.cosign.simplesigning.v1+json"
SIGNATURE = "dev.cosignproject.cosign/signature"  # annotation
TYPE = "https://sigstore.dev/cosign/sign/v1"  # what such a signature counts as


class SimpleSignature(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    media_type: str
    payload: bytes
    signature: bytes

    def signed_by(self, key: Verifier) -> bool:
        return key.verifies(self.signature, self.payload)

    @property
    def digest(self) -> str:
        """Of the image. Raises PlumblineError ``not-an-envelope``."""
        try:
            return msgspec.json.decode(self.payload, type=ready(_Payload)).critical.image["docker-manifest-digest"]
        except (msgspec.DecodeError, UnicodeDecodeError, KeyError, RecursionError):
            raise not_an_envelope(t("the signed payload names no digest of an image")) from None


class _Critical(msgspec.Struct, frozen=True):
    image: dict[str, str]


class _Payload(msgspec.Struct, frozen=True):
    critical: _Critical
    optional: dict[str, Any] | None = None


class _Written(msgspec.Struct, frozen=True, rename="camel"):
    media_type: str
    payload: str
    signature: str


def join_signature(payload: bytes, signature: str) -> bytes:
    """``signature``: base64, as the annotation has it."""
    return msgspec.json.encode(_Written(PAYLOAD, b64(payload), signature))


def read_signature(data: bytes) -> SimpleSignature | None:
    """None where it is something else. Raises PlumblineError ``not-an-envelope``."""
    try:
        found = msgspec.json.decode(data, type=ready(_Written))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if found.media_type != PAYLOAD:
        return None
    try:
        return SimpleSignature(media_type=PAYLOAD, payload=unb64(found.payload), signature=unb64(found.signature))
    except ValueError:
        raise not_an_envelope(t("what should be base64 is not")) from None
