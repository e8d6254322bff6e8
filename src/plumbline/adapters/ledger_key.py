"""The key that signs the ledger's checkpoints: a file of its own, outside the database, read by its owner alone."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress

from plumbline.evidence import SigningKey, parse_signing_key
from plumbline.kernel import PlumblineError, t

FILE = "ledger-key"  # in the data folder
NEXT = "ledger-key.next"  # of a key that will follow it, as soon as the ledger says so


def read_ledger_key(folder: str, name: str = FILE) -> SigningKey | None:
    """None where there is none yet. Raises PlumblineError ``bad-key`` or ``key-file-open-to-others``."""
    text = read_private(os.path.join(folder, name))
    if text is None:
        return None
    path = os.path.join(folder, name)
    try:
        return parse_signing_key(text)
    except PlumblineError as error:
        raise unusable_key(path, error) from error


def read_private(path: str) -> str | None:
    """What a file of a key holds; None where there is none. Raises PlumblineError ``key-file-open-to-others``."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            mode, text = os.fstat(file.fileno()).st_mode, file.read(4096)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error) from error
    if stat.S_IMODE(mode) & 0o077:
        raise PlumblineError(
            "key-file-open-to-others",
            t("the key file {path} can be read or written by other users of this machine", path=path),
            t("chmod 600 {path}; where others may have read it, move it away and have a new one made", path=path),
        )
    return text


def unusable_key(path: str, error: PlumblineError) -> PlumblineError:
    return PlumblineError(
        error.code,
        t("The key file {path} cannot be used: {reason}", path=path, reason=error.message),
        t("Put it back from where a copy is kept. If there is none, move it away and have a new one made; old "
          "checkpoints are verified with the old public key, --key KEY."),
    )  # fmt: skip


def make_ledger_key(folder: str) -> SigningKey:
    """The key of this ledger; makes it where there is none. Its name is the origin of the checkpoints."""
    while (found := read_ledger_key(folder)) is None:
        write_private(os.path.join(folder, FILE), SigningKey.make(f"plumbline-{secrets.token_hex(4)}").text())
    return found


def next_ledger_key(folder: str, old: SigningKey) -> SigningKey:
    """The key that will follow; the one of an attempt that was ended before it was done, where there is one."""
    found = read_ledger_key(folder, NEXT)
    if found is not None and found.verifier != old.verifier and found.name == old.name:
        return found
    path = os.path.join(folder, NEXT)
    with suppress(FileNotFoundError):
        os.unlink(path)
    write_private(path, SigningKey.make(old.name).text())
    return next_ledger_key(folder, old)


def follow_ledger_key(folder: str) -> None:
    """From now on the next key signs, and the private one before it is gone."""
    path = os.path.join(folder, FILE)
    try:
        os.replace(os.path.join(folder, NEXT), path)
        _settle(folder)
    except OSError as error:
        raise _unusable(path, error) from error


def write_private(path: str, text: str) -> None:
    """Whole or not at all, read by its owner alone, and never over one that is there."""
    beside = f"{path}.{secrets.token_hex(4)}"
    try:
        try:
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            _keep_first(beside, path)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(beside)
    except OSError as error:
        raise _unusable(path, error) from error


def _keep_first(beside: str, path: str) -> None:
    """Whole or not at all, and never over a key that somebody made in the same moment."""
    with suppress(FileExistsError):
        os.link(beside, path)
    _settle(os.path.dirname(path) or ".")


def _settle(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unusable(path: str, error: OSError) -> PlumblineError:
    return PlumblineError(
        "key-file-unusable",
        t("The key file {path} cannot be used: {reason}", path=path, reason=error.strerror or error),
        t("Check the owner, the permissions and the free space of its folder."),
    )
