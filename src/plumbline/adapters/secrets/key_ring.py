"""The keys that values are sealed with: a file outside the database, one line for each key, the newest last."""

from __future__ import annotations

import base64
import binascii
import fcntl
import os
import secrets
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY_BYTES = 32
ID_BYTES = 4
_WORD = "plumbline-key-1"


class Key(msgspec.Struct, frozen=True):
    id: bytes  # 4 bytes; stands before every value sealed with it
    secret: bytes  # 32 bytes

    def __repr__(self) -> str:
        return f"Key({self.id.hex()})"


def read_keys(path: Path) -> tuple[Key, ...]:
    """All keys, the newest last.

    Raises PlumblineError ``no-key-file``, ``key-file-open-to-others`` or ``key-file-malformed``.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise PlumblineError(
            "no-key-file",
            t("the key file {path} is not there", path=path),
            t("put it back from where it is kept; without it no variable that was sealed can be read"),
        ) from error
    except OSError as error:
        raise PlumblineError(
            "no-key-file", t("the key file {path} cannot be read: {why}", path=path, why=error.strerror)
        ) from error
    with open(descriptor, "rb") as file:
        if stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077:
            raise PlumblineError(
                "key-file-open-to-others",
                t("the key file {path} can be read or written by other users of this machine", path=path),
                t(
                    "chmod 600 {path}; where others may have read it, make a new key and seal all values anew",
                    path=path,
                ),
            )
        lines = file.read().decode("utf-8", "replace").splitlines()
    keys = tuple(
        _read_line(path, number, line)
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith("#")
    )
    if not keys:
        raise _malformed(path, len(lines))
    return keys


def create_keys(path: Path) -> tuple[Key, ...]:
    """Make the file with a first key if it is not there; the keys in it."""
    if not path.exists():
        with _locked(path):
            if not path.exists():
                _write(path, (_new_key(()),))
    return read_keys(path)


def add_key(path: Path) -> Key:
    """A new newest key. Values sealed with older ones can still be opened."""
    with _locked(path):
        keys = read_keys(path)
        new = _new_key(keys)
        _write(path, (*keys, new))
    return new


def drop_old_keys(path: Path) -> tuple[Key, ...]:
    """Keep only the newest key; those that went. Only after every value was sealed anew."""
    with _locked(path):
        keys = read_keys(path)
        if len(keys) > 1:
            _write(path, keys[-1:])
    return keys[:-1]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One writer at a time, across processes; a file that cannot be written is ``key-file-not-written``."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
    except OSError as error:
        raise PlumblineError(
            "key-file-not-written",
            t("the key file {path} cannot be written: {why}", path=path, why=error.strerror),
            t("make its folder writable for this user, with room on its disk"),
        ) from error


def _new_key(others: tuple[Key, ...]) -> Key:
    taken = {key.id for key in others}
    while (name := secrets.token_bytes(ID_BYTES)) in taken:
        pass
    return Key(name, secrets.token_bytes(KEY_BYTES))


def _write(path: Path, keys: tuple[Key, ...]) -> None:
    """Wholly or not at all, readable by its owner alone from the first moment on."""
    text = "".join(f"{_WORD}:{key.id.hex()}:{base64.b64encode(key.secret).decode()}\n" for key in keys)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_line(path: Path, number: int, line: str) -> Key:
    try:
        word, name, secret = line.strip().split(":")
        key = Key(bytes.fromhex(name), base64.b64decode(secret, validate=True))
    except (ValueError, binascii.Error) as error:
        raise _malformed(path, number) from error
    if word != _WORD or len(key.id) != ID_BYTES or len(key.secret) != KEY_BYTES:
        raise _malformed(path, number)
    return key


def _malformed(path: Path, number: int) -> PlumblineError:
    return PlumblineError(
        "key-file-malformed",
        t("the key file {path} has no key at line {number}", path=path, number=number),
        t("put the file back as it was made; a line is '{word}:<8 hex digits>:<base64 of 32 bytes>'", word=_WORD),
    )
