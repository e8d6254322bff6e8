"""Public keys of others, as PEM: Ed25519, and ECDSA over P-256 or P-384, which cosign makes by default."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from plumbline.evidence.notes import bad_key
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.evidence.notes import VerifyingKey

_MOST = 10_000  # characters of a PEM


class PublicKey(msgspec.Struct, frozen=True):
    """``der``: SubjectPublicKeyInfo."""

    der: bytes

    @property
    def fingerprint(self) -> str:
        return f"sha256:{sha256(self.der).hexdigest()}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519
        from cryptography.hazmat.primitives.serialization import load_der_public_key

        key = load_der_public_key(self.der)
        try:
            if isinstance(key, ed25519.Ed25519PublicKey):
                key.verify(signature, message)
                return True
            if isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, message, ec.ECDSA(hashes.SHA256() if key.key_size == 256 else hashes.SHA384()))
                return True
        except InvalidSignature:
            return False
        return False


def parse_public_key(text: str) -> PublicKey:
    """Raises PlumblineError ``bad-key``."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

    if "PRIVATE KEY" in text:
        raise bad_key(t("This is a private key; to verify, the public one is needed."))
    try:
        key = load_pem_public_key(text[:_MOST].strip().encode() + b"\n")
    except (ValueError, UnsupportedAlgorithm):
        raise bad_key(t("It is not a public key in PEM: -----BEGIN PUBLIC KEY----- and so on.")) from None
    known = isinstance(key, ed25519.Ed25519PublicKey) or (
        isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in ("secp256r1", "secp384r1")
    )
    if not known:
        raise bad_key(t("Keys of this kind are not used: take Ed25519, or ECDSA over P-256 or P-384."))
    return PublicKey(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def parse_key_word(word: str) -> PublicKey:
    """A key as one word: the text of a PEM without its first and last line. Raises PlumblineError ``bad-key``."""
    return parse_public_key(f"-----BEGIN PUBLIC KEY-----\n{word}\n-----END PUBLIC KEY-----")


def as_pem(key: VerifyingKey) -> str:
    """The public key of a ledger, for tools that know nothing of ledgers."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    found = Ed25519PublicKey.from_public_bytes(key.public)
    return found.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
