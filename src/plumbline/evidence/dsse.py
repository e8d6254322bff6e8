"""DSSE envelopes (Dead Simple Signing Envelope, version 1): a payload, its type, and signatures over both.

The signed bytes begin with ``DSSEv1`` and the lengths, so a signature of the ledger's key under a checkpoint is never
one under an envelope, nor the other way round. The id of a key in an envelope is a hint that nobody signed.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Protocol

import msgspec

from plumbline.evidence.names_once import NameTwiceError, check_names_once
from plumbline.evidence.notes import b64
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.ready import ready

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.evidence.notes import SigningKey, VerifyingKey

MEDIA_TYPE = "application/vnd.dsse.envelope.v1+json"
MOST_BYTES = 32 * 1024 * 1024  # of an envelope
_MOST_SIGNATURES = 100


class Verifier(Protocol):
    """A public key of whatever kind."""

    def verifies(self, signature: bytes, message: bytes) -> bool: ...


class Signature(msgspec.Struct, frozen=True, omit_defaults=True):
    sig: bytes
    keyid: str = ""


class Envelope(msgspec.Struct, frozen=True, rename="camel"):
    payload: bytes
    payload_type: str
    signatures: tuple[Signature, ...]

    @property
    def signed(self) -> bytes:
        return pae(self.payload_type, self.payload)

    def signed_by(self, key: Verifier) -> bool:
        """Whether one of its signatures is of this key, whatever it says which key that is."""
        return any(key.verifies(each.sig, self.signed) for each in self.signatures)


class _Signature(msgspec.Struct, frozen=True):
    sig: str
    keyid: str | None = None


class Written(msgspec.Struct, frozen=True, rename="camel"):
    """As it stands in JSON."""

    payload: str
    payload_type: str
    signatures: tuple[_Signature, ...]

    def read(self) -> Envelope:
        """Raises PlumblineError ``not-an-envelope``."""
        if not 0 < len(self.signatures) <= _MOST_SIGNATURES:
            raise not_an_envelope(t("it has no signature, or more than {most}", most=_MOST_SIGNATURES))
        try:
            signatures = tuple(Signature(_unb64(one.sig), one.keyid or "") for one in self.signatures)
            return Envelope(_unb64(self.payload), self.payload_type, signatures)
        except (binascii.Error, ValueError):
            raise not_an_envelope(t("what should be base64 is not")) from None


def pae(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding: what is signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def sign_envelope(payload: bytes, payload_type: str, keys: Sequence[SigningKey]) -> bytes:
    """The envelope as JSON: the same payload and keys give the same bytes."""
    message = pae(payload_type, payload)
    return write_envelope(payload, payload_type, [(key.verifier, key.sign(message)) for key in keys])


def write_envelope(payload: bytes, payload_type: str, signed: Sequence[tuple[VerifyingKey, bytes]]) -> bytes:
    """The one way in which an envelope of ours is written. ``signed``: keys with their signatures."""
    signatures = tuple(_Signature(sig=b64(signature), keyid=key_id(key)) for key, signature in signed)
    return msgspec.json.encode(Written(payload=b64(payload), payload_type=payload_type, signatures=signatures))


def key_id(key: VerifyingKey) -> str:
    """What an envelope calls a key of ours: its name and fingerprint."""
    return f"{key.name}+{key.id.hex()}"


def read_envelope(data: bytes) -> Envelope:
    """Raises PlumblineError ``not-an-envelope``."""
    if len(data) > MOST_BYTES:
        raise not_an_envelope(t("it is larger than {most} bytes", most=MOST_BYTES))
    try:
        check_names_once(data)
        written = msgspec.json.decode(data, type=ready(Written))
    except NameTwiceError as error:
        raise not_an_envelope(t("'{name}' stands in it twice", name=error.name)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise not_an_envelope(t("payload, payloadType and signatures are not what they should be")) from None
    return written.read()


def _unb64(text: str) -> bytes:
    """Either alphabet, as the specification has it."""
    return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)


def not_an_envelope(reason: Text) -> PlumblineError:
    return PlumblineError(
        "not-an-envelope",
        t("This is not a signed envelope: {reason}.", reason=reason),
        t("A DSSE envelope is JSON with payload, payloadType and signatures."),
        kind=ErrorKind.REFUSED,
    )
