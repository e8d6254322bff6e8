"""Cosignatures of witnesses (C2SP tlog-cosignature, Ed25519): "at this time I knew no larger ledger of this origin, and
it only grew since I saw it first".

A witness has a key of a kind of its own (0x04), so that what it signs is never taken for a checkpoint of its own.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.evidence.notes import (
    PRIVATE,
    b64,
    bad_key,
    is_name,
    key_parts,
    open_note,
    read_signature,
    signature_line,
)
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_COSIGNATURE = b"\x04"
_SIGNATURE_BYTES = 64
_LATEST = (1 << 63) - 1
_time = struct.Struct(">Q")


class WitnessKey(msgspec.Struct, frozen=True):
    """The public key of a witness, and its name."""

    name: str
    public: bytes  # 32 bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + _COSIGNATURE + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64(_COSIGNATURE + self.public)}"

    def time_of(self, signature: bytes, text: str) -> int | None:
        """When it was made, in seconds since the epoch; None where it is not of this key over this text."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        if len(signature) != _time.size + _SIGNATURE_BYTES:
            return None
        (seconds,) = _time.unpack(signature[: _time.size])
        if seconds > _LATEST:
            return None
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature[_time.size :], _message(text, seconds))
        except InvalidSignature:
            return None
        return int(seconds)


class WitnessSigner(msgspec.Struct, frozen=True):
    """The private key of a witness; :meth:`text` is the secret itself, and is shown nowhere else."""

    name: str
    seed: bytes  # 32 bytes

    @classmethod
    def make(cls, name: str) -> WitnessSigner:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        if not is_name(name):
            raise ValueError(name)
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    def __repr__(self) -> str:
        return f"WitnessSigner({self.name!r})"

    @property
    def verifier(self) -> WitnessKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return WitnessKey(self.name, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def text(self) -> str:
        return f"{PRIVATE}{self.name}+{self.verifier.id.hex()}+{b64(_COSIGNATURE + self.seed)}"

    def cosign(self, text: str, seconds: int) -> bytes:
        """The line to add to a note with this text. ``seconds`` since the epoch."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(_message(text, seconds))
        return signature_line(self.name, self.verifier.id + _time.pack(seconds) + signature)


class Cosignature(NamedTuple):
    by: WitnessKey
    at: int  # seconds since the epoch, by the witness's clock


def parse_witness_key(text: str) -> WitnessKey:
    """From its text form. Raises PlumblineError ``bad-key``."""
    text = text.strip()
    if text.startswith(PRIVATE):
        raise bad_key(t("This is a private key; to verify, the public one is needed."))
    name, key_id, public = key_parts(text, _COSIGNATURE)
    key = WitnessKey(name, public)
    if key.id != key_id:
        raise bad_key(t("The key does not match the fingerprint inside it: a character was changed or lost."))
    return key


def parse_witness_signer(text: str) -> WitnessSigner:
    """From its text form. Raises PlumblineError ``bad-key``."""
    text = text.strip()
    if not text.startswith(PRIVATE):
        raise bad_key(t("This is not a private key."))
    name, key_id, seed = key_parts(text.removeprefix(PRIVATE), _COSIGNATURE)
    signer = WitnessSigner(name, seed)
    if signer.verifier.id != key_id:
        raise bad_key(t("The key does not match the fingerprint inside it: a character was changed or lost."))
    return signer


def cosignatures(note: bytes, keys: Iterable[WitnessKey]) -> list[Cosignature]:
    """Those of known witnesses, by their keys; of one that signed more than once, the latest.

    Raises PlumblineError ``bad-note``, and ``bad-signature`` where one in the name of a known witness is wrong.
    """
    text, signatures = open_note(note)
    known = {(key.name, key.id): key for key in keys}
    found: dict[WitnessKey, int] = {}
    for name, key_id, signature in signatures:
        key = known.get((name, key_id))
        if key is None:
            continue
        at = key.time_of(signature, text)
        if at is None:
            raise PlumblineError(
                "bad-signature",
                t("The signature of '{name}' is wrong: the text was changed, or someone else signed it.", name=name),
                t("Get the file again from its origin, and report this if it stays wrong."),
                kind=ErrorKind.REFUSED,
            )
        found[key] = max(at, found.get(key, 0))
    return [Cosignature(key, at) for key, at in found.items()]


def with_cosignatures(note: bytes, answer: bytes, keys: Sequence[WitnessKey]) -> bytes:
    """The note with those lines of a witness's answer that are cosignatures of known witnesses over it; the rest of
    the answer counts as not said."""
    text, signatures = open_note(note)
    known = {(key.name, key.id): key for key in keys}
    there = {(name, key_id) for name, key_id, _ in signatures}
    for line in answer.decode(errors="replace").split("\n"):
        with suppress(PlumblineError):
            name, key_id, signature = read_signature(line)
            key = known.get((name, key_id))
            if key is not None and (name, key_id) not in there and key.time_of(signature, text) is not None:
                there.add((name, key_id))
                note += signature_line(name, key_id + signature)
    return note


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
