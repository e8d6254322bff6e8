"""Values sealed with AES-256-GCM, each bound to its place.

A sealed value is ``0x01 || key id (4) || nonce (12) || ciphertext and tag``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from plumbline.adapters.secrets.key_ring import ID_BYTES, create_keys, read_keys
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    _Keys = tuple[dict[bytes, AESGCM], bytes]  # ciphers by the id of their key, and the id of the newest

_VERSION = b"\x01"
_NONCE = 12
_TAG = 16
_HEAD = len(_VERSION) + ID_BYTES


class KeyVault:
    """The newest key seals, every key opens. The file is read again when it is another one than before, so that a key
    added by another process is used without a restart; while it is gone, the keys known serve on."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self._path = path
        if create:
            create_keys(path)
        self.refresh()

    def refresh(self) -> None:
        """Read the file again: after a key was added or old ones were dropped."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        stamp = self._stamp()
        keys = read_keys(self._path)
        # one value, so that no thread sees the ciphers of one file with the newest key of another
        self._keys: _Keys = ({key.id: AESGCM(key.secret) for key in keys}, keys[-1].id)
        self._seen = stamp

    def _look_again(self) -> None:
        stamp = self._stamp()
        if stamp is not None and stamp != self._seen:
            self.refresh()

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = os.stat(self._path)
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def seal(self, plain: bytes, place: str) -> bytes:
        self._look_again()
        ciphers, newest = self._keys
        nonce = os.urandom(_NONCE)
        return _VERSION + newest + nonce + ciphers[newest].encrypt(nonce, plain, _bound(place))

    def open(self, sealed: bytes, place: str) -> bytes:
        from cryptography.exceptions import InvalidTag

        if len(sealed) < _HEAD + _NONCE + _TAG or sealed[:1] != _VERSION:
            raise self._damaged(place)
        name = sealed[1:_HEAD]
        if name not in self._keys[0]:
            self._look_again()
        cipher = self._keys[0].get(name)
        if cipher is None:
            raise PlumblineError(
                "unknown-key",
                t(
                    "{place} was sealed with the key {key}, which is not in {path}",
                    place=place,
                    key=name.hex(),
                    path=self._path,
                ),
                t("put the key file that belongs to this database in its place, or add the line of an older copy"),
            )
        try:
            return cipher.decrypt(sealed[_HEAD : _HEAD + _NONCE], sealed[_HEAD + _NONCE :], _bound(place))
        except InvalidTag as error:
            raise self._damaged(place) from error

    def is_current(self, sealed: bytes) -> bool:
        return sealed[1:_HEAD] == self._keys[1]

    def _damaged(self, place: str) -> PlumblineError:
        return PlumblineError(
            "sealed-value-damaged",
            t(
                "what is stored for {place} does not open: it was changed, moved, or sealed with other keys",
                place=place,
            ),
            t("write the value anew, or restore the database and {path} from the same backup", path=self._path),
        )


def _bound(place: str) -> bytes:
    return b"plumbline\0" + place.encode("utf-8", "surrogatepass")
