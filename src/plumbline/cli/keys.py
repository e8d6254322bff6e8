"""Keys and files that a command was given."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.evidence import VerifyingKey

_MOST = 1 << 20  # bytes of a key or a note


def given_keys(given: Sequence[str]) -> list[VerifyingKey]:
    """Public keys, each as text or as a file that holds it."""
    from pathlib import Path

    from plumbline.evidence import parse_key

    return [parse_key(read_small(one).decode(errors="replace") if Path(one).is_file() else one) for one in given]


def reading(path: str) -> BinaryIO:
    """The file, open. Raises PlumblineError ``file-unusable``."""
    from pathlib import Path

    try:
        return Path(path).open("rb")
    except OSError as error:
        raise unusable(path, error) from error


def read_small(path: str) -> bytes:
    with reading(path) as file:
        return file.read(_MOST)


@contextmanager
def written_whole(path: str) -> Iterator[BinaryIO]:
    """A file that is in its place only once it is whole. What is there and no file (a device, a pipe) stays what it
    is and is written to; a link stays a link. Raises PlumblineError ``file-unusable``."""
    from pathlib import Path

    try:
        target = Path(path).resolve()
        if target.exists() and not target.is_file():
            with target.open("wb") as file:
                yield file
            return
        beside = Path(f"{target}.part")
        try:
            with beside.open("wb") as file:
                yield file
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise unusable(path, error) from error


def unusable(path: str, error: OSError) -> PlumblineError:
    return PlumblineError(
        "file-unusable",
        t("{path} cannot be used: {reason}", path=path, reason=error.strerror or error),
        t("Check the path, its permissions and the free space."),
    )
