"""Read a file and hold what was read against its digest, the last block only when all of it is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.adapters.blobs.digests import Digest, hasher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

BLOCK = 1 << 20  # bytes; large enough that the costs of a call do not count


def checked(blocks: Iterable[bytes], digest: Digest, fail: Callable[[], Exception]) -> Iterator[bytes]:
    """The blocks as they come. Raises what ``fail`` makes, in place of the last one, where they are something else."""
    found = hasher(digest.algorithm)
    last = b""
    for block in blocks:
        found.update(block)
        if last:
            yield last
        last = block
    if found.hexdigest() != digest.hex:
        raise fail()
    if last:
        yield last


def digest_of(blocks: Iterable[bytes], algorithm: str) -> str:
    """The digest of all of it, in hexadecimal."""
    found = hasher(algorithm)
    for block in blocks:
        found.update(block)
    return found.hexdigest()
