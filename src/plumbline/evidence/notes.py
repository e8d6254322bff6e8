"""Signed notes (C2SP signed-note): a text, a blank line, and one line for each signature. Ed25519 only."""

from __future__ import annotations

import base64
import binascii
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plumbline.kernel import Text

ED25519 = b"\x01"
_KEY_BYTES = 32
_MOST_SIGNATURES = 100
PRIVATE = "PRIVATE+KEY+"
_DASH = "\N{EM DASH} "


class VerifyingKey(msgspec.Struct, frozen=True):
    """A public key and the name of who signs with it."""

    name: str
    public: bytes  # 32 bytes
    until: int = 0  # a larger ledger it does not vouch for, since another key followed it; 0: any size

    @property
    def id(self) -> bytes:
        """The 4 bytes that say which key made a signature."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64(ED25519 + self.public)}"

    def vouches_for(self, size: int) -> bool:
        return not self.until or size <= self.until

    def verifies(self, signature: bytes, message: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class SigningKey(msgspec.Struct, frozen=True):
    """A private key; :meth:`text` is the secret itself, and is shown nowhere else."""

    name: str
    seed: bytes  # 32 bytes

    @classmethod
    def make(cls, name: str) -> SigningKey:
        """A new key. Raises PlumblineError ``bad-key-name``."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        if not is_name(name):
            raise _wrong(
                "bad-key-name",
                t("'{name}' cannot be the name of a key.", name=name),
                t("Take a host name or a path: no spaces and no plus sign."),
            )
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    def __repr__(self) -> str:
        return f"SigningKey({self.name!r})"

    @property
    def verifier(self) -> VerifyingKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return VerifyingKey(self.name, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def text(self) -> str:
        return f"{PRIVATE}{self.name}+{self.verifier.id.hex()}+{b64(ED25519 + self.seed)}"

    def sign(self, message: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


class Signed(NamedTuple):
    """A note whose signatures held."""

    text: str
    by: tuple[VerifyingKey, ...]  # those of the known keys that signed
    unknown: int  # signatures by keys that are not known


def parse_key(text: str) -> VerifyingKey:
    """A public key from its text form. Raises PlumblineError ``bad-key``."""
    text = text.strip()
    if text.startswith(PRIVATE):
        raise bad_key(t("This is a private key; to verify, the public one is needed."))
    name, key_id, public = key_parts(text, ED25519)
    key = VerifyingKey(name, public)
    if key.id != key_id:
        raise bad_key(t("The key does not match the fingerprint inside it: a character was changed or lost."))
    return key


def parse_signing_key(text: str) -> SigningKey:
    """A private key from its text form. Raises PlumblineError ``bad-key``."""
    text = text.strip()
    if not text.startswith(PRIVATE):
        raise bad_key(t("This is not a private key."))
    name, key_id, seed = key_parts(text.removeprefix(PRIVATE), ED25519)
    key = SigningKey(name, seed)
    if key.verifier.id != key_id:
        raise bad_key(t("The key does not match the fingerprint inside it: a character was changed or lost."))
    return key


def key_parts(text: str, algorithm: bytes) -> tuple[str, bytes, bytes]:
    """Name, id and 32 bytes of a key, of whatever signs by this algorithm. Raises PlumblineError ``bad-key``."""
    pieces = text.split("+", 2)
    try:
        name, key_id, data = pieces[0], bytes.fromhex(pieces[1]), unb64(pieces[2])
    except (IndexError, ValueError):
        raise bad_key(t("A key reads NAME+FINGERPRINT+BASE64.")) from None
    if not is_name(name) or len(key_id) != 4 or data[:1] != algorithm or len(data) != 1 + _KEY_BYTES:
        raise bad_key(t("It is not an Ed25519 key in the form NAME+FINGERPRINT+BASE64."))
    return name, key_id, data[1:]


def sign_note(text: str, keys: Sequence[SigningKey]) -> bytes:
    """The text (which ends with a newline) with one signature of each key."""
    if not text.endswith("\n") or not keys or not _is_text(text):
        raise ValueError("a note is one or more whole lines without control characters, and someone signs it")
    message = text.encode()
    return message + b"\n" + b"".join(signature_line(key.name, key.verifier.id + key.sign(message)) for key in keys)


def add_signature(note: bytes, key: SigningKey) -> bytes:
    """The note with one more signature; those it has are kept as they are."""
    text, _ = open_note(note)
    return note + signature_line(key.name, key.verifier.id + key.sign(text.encode()))


def signature_line(name: str, data: bytes) -> bytes:
    """``data``: the id of the key, and the signature."""
    return f"{_DASH}{name} {b64(data)}\n".encode()


def verify_note(note: bytes, keys: Iterable[VerifyingKey]) -> Signed:
    """The note's text, if a known key signed it and no signature in the name of a known key is wrong.

    Raises PlumblineError: ``bad-note`` (not a signed note), ``bad-signature``, ``no-known-signature``.
    """
    text, signatures = open_note(note)
    known = {(key.name, key.id): key for key in keys}
    by: dict[VerifyingKey, None] = {}
    unknown = 0
    for name, key_id, signature in signatures:
        key = known.get((name, key_id))
        if key is None:
            unknown += 1
        elif not key.verifies(signature, text.encode()):
            raise _wrong(
                "bad-signature",
                t("The signature of '{name}' is wrong: the text was changed, or someone else signed it.", name=name),
                t("Get the file again from its origin, and report this if it stays wrong."),
            )
        else:
            by[key] = None
    if not by:
        names = ", ".join(sorted({name for name, _, _ in signatures}))
        raise _wrong(
            "no-known-signature",
            t("None of the keys given signed this; it is signed by: {names}", names=names),
            t("Give the public key of the ledger, as it was handed over."),
        )
    return Signed(text, tuple(by), unknown)


def note_text(note: bytes) -> str:
    """The text of a note, its signatures not verified. Raises PlumblineError ``bad-note``."""
    return open_note(note)[0]


def open_note(note: bytes) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """The text, and of each signature the name, the id of the key and the rest. Raises PlumblineError ``bad-note``."""
    try:
        whole = note.decode()
    except UnicodeDecodeError:
        raise _bad_note() from None
    text, blank, tail = whole.rpartition("\n\n")
    lines = tail.splitlines() if tail.endswith("\n") else []
    if not blank or not _is_text(whole) or not 0 < len(lines) <= _MOST_SIGNATURES or tail != "\n".join([*lines, ""]):
        raise _bad_note()
    return text + "\n", [read_signature(line) for line in lines]


def read_signature(line: str) -> tuple[str, bytes, bytes]:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        data = unb64(encoded)
    except ValueError:
        raise _bad_note() from None
    if not line.startswith(_DASH) or not space or not is_name(name) or len(data) < 5:
        raise _bad_note()
    return name, data[:4], data[4:]


def is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(sign.isspace() for sign in name) and _is_text(name)


def _is_text(text: str) -> bool:
    return not any(sign < " " and sign != "\n" for sign in text)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def unb64(text: str) -> bytes:
    """Strictly one way to write each value. Raises ValueError."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    if b64(data) != text:
        raise ValueError("not the one way to write it")
    return data


def _wrong(code: str, message: Text, hint: Text) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.REFUSED)


def bad_key(message: Text) -> PlumblineError:
    return _wrong("bad-key", message, t("Copy the key again, whole and on one line."))


def _bad_note() -> PlumblineError:
    return _wrong(
        "bad-note",
        t("This is not a signed note."),
        t("A signed note is a text, an empty line, and lines that begin with a dash and a name."),
    )
