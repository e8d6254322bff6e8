"""The key that signs the ledger's checkpoints: a file of its own, outside the database, read by its owner alone."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress

from plumbline.evidence import SigningKey, parse_signing_key
from plumbline.kernel import PlumblineError, t

FILE = "ledger-key"  # in the data folder


def read_ledger_key(folder: str) -> SigningKey | None:
    """None where there is none yet. Raises PlumblineError ``bad-key`` or ``key-file-open-to-others``."""
    path = os.path.join(folder, FILE)
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
            t("chmod 600 {path}; where others may have read it, move it away, and a new key is made", path=path),
        )
    try:
        return parse_signing_key(text)
    except PlumblineError as error:
        raise PlumblineError(
            error.code,
            t("The key file {path} cannot be used: {reason}", path=path, reason=error.message),
            t("Put it back from where a copy is kept. If there is none, move it away: a new key is made, and old "
              "checkpoints are verified with the old public key, --key KEY."),
        ) from error  # fmt: skip


def make_ledger_key(folder: str) -> SigningKey:
    """The key of this ledger; makes it where there is none. Its name is the origin of the checkpoints."""
    while (found := read_ledger_key(folder)) is None:
        key = SigningKey.make(f"plumbline-{secrets.token_hex(4)}")
        path = os.path.join(folder, FILE)
        beside = f"{path}.{secrets.token_hex(4)}"
        try:
            try:
                with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                    file.write(key.text() + "\n")
                    file.flush()
                    os.fsync(file.fileno())
                _keep_first(beside, path)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(beside)
        except OSError as error:
            raise _unusable(path, error) from error
    return found


def _keep_first(beside: str, path: str) -> None:
    """Whole or not at all, and never over a key that somebody made in the same moment."""
    with suppress(FileExistsError):
        os.link(beside, path)
    descriptor = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
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
