"""Keys and files that a command was given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.evidence import VerifyingKey

_MOST = 1 << 20  # bytes of a key or a note


def given_keys(given: Sequence[str]) -> list[VerifyingKey]:
    """Public keys, each as text or as a file that holds it."""
    from plumbline.evidence import parse_key

    return [parse_key(read_small(one).decode(errors="replace") if Path(one).is_file() else one) for one in given]


def reading(path: str) -> BinaryIO:
    """The file, open. Raises PlumblineError ``file-unusable``."""
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise unusable(path, error) from error


def read_small(path: str) -> bytes:
    with reading(path) as file:
        return file.read(_MOST)


def unusable(path: str, error: OSError) -> PlumblineError:
    return PlumblineError(
        "file-unusable",
        t("{path} cannot be used: {reason}", path=path, reason=error.strerror or error),
        t("Check the path, its permissions and the free space."),
    )
