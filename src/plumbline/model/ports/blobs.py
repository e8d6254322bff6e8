"""The protocol of the content-addressed store: every byte once, under its digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO


class BlobInfo(NamedTuple):
    digest: str  # "sha256:<hex>" or "sha512:<hex>"
    size: int
    stored: int  # microseconds since the epoch


class BlobFile(Protocol):
    """A blob as an open file, for the system to send. Whoever has it closes it."""

    def fileno(self) -> int: ...

    def known(self) -> bool:
        """Whether it was found right lately, and nobody has written to it since. That is quick."""
        ...

    def check(self) -> Iterator[None]:
        """Find out whether it is what its digest says, in steps of some milliseconds each; none where it is known.
        Raises ``blob-corrupt`` at the end, and OSError; call it in a thread."""
        ...

    def close(self) -> None: ...


class BlobStore(Protocol):
    """Immutable bytes by digest. Every method may raise PlumblineError ``disk-full``, ``storage-failed``, and those
    that are given a digest ``digest-malformed``. All of them wait for the disk or the network: call them in threads.

    A sweep takes what nobody refers to and nobody has stored or touched for a grace of at least an hour. So whoever is
    about to refer to a blob that is there already calls :meth:`touch` first, and writes the reference down within it.

    An upload has an id that nobody can guess, survives the end of the process, and belongs to nobody here: who may go
    on with it is the business of whoever began it.
    """

    def begin(self, algorithm: str = "sha256") -> str:
        """A new upload. ``algorithm``: of the digest that it will have, as far as that is known; another one costs
        reading all of it again at the end."""
        ...

    def written(self, upload: str) -> int | None:
        """Bytes of an upload that are there; None where there is no such upload."""
        ...

    def write(self, upload: str, offset: int, data: Iterable[bytes]) -> int:
        """Append at ``offset``, which has to be where the upload ends (``offset-wrong``); the bytes there are now. What
        came before ``data`` raised stays. Raises ``upload-unknown``, and ``upload-busy`` while another one writes."""
        ...

    def finish(self, upload: str, digest: str) -> int:
        """Make it the blob of this digest, durable when this returns; its size. Raises ``digest-wrong`` where the bytes
        have another one, and ``digest-malformed``; the upload is gone then. The same bytes twice are one blob, stored
        now, and a blob that was found corrupt is healed. Raises ``upload-unknown`` and ``upload-busy`` too."""
        ...

    def seal(self, upload: str) -> BlobInfo:
        """As :meth:`finish`, under the SHA-256 digest of whatever came."""
        ...

    def abandon(self, upload: str) -> None: ...

    def uploads(self) -> Iterator[tuple[str, int]]:
        """Those not finished, with when they were last written to."""
        ...

    def put(self, data: bytes, algorithm: str = "sha256") -> str:
        """Store small bytes at once; their digest."""
        ...

    def take(self, path: str, digest: str = "") -> BlobInfo:
        """Store a file of our own that is on this disk and that nobody writes to any more, without copying it where
        that can be done; ``digest``: what it has to be (``digest-wrong``). The file stays where it is, read-only."""
        ...

    def adopt(self, path: str, digest: str) -> BlobInfo | None:
        """The same of a file whose digest was written down when it was made, without reading it where that can be
        done. None where there is no such file. Nothing that is there is replaced."""
        ...

    def touch(self, digest: str) -> BlobInfo | None:
        """The same as :meth:`info`, and stored now as far as a sweep is concerned."""
        ...

    def info(self, digest: str) -> BlobInfo | None:
        """None where it is not there, or was found corrupt."""
        ...

    def read(self, digest: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Its bytes from ``start`` to before ``end``. Raises ``blob-missing``; ``blob-corrupt`` where the whole blob
        was asked for and is not what its digest says, before the last block is handed out."""
        ...

    def file(self, digest: str) -> BlobFile | None:
        """Not checked yet. None where it is no file on this disk; raises ``blob-missing``."""
        ...

    def get(self, digest: str, most: int) -> bytes:
        """A small blob, verified. Raises ``blob-missing``, ``blob-corrupt``, ``blob-too-large``."""
        ...

    def open(self, digest: str) -> BinaryIO:
        """A file that can be read at any place, verified before. Raises ``blob-missing``, ``blob-corrupt``."""
        ...

    def verify(self, digest: str) -> bool:
        """Read it all; False where it is corrupt, and then :meth:`info` no longer knows it."""
        ...

    def remove(self, digest: str, *, unused_since: int) -> int:
        """The bytes that were freed; 0 where it is not there, or was stored or taken up again since."""
        ...

    def all(self) -> Iterator[BlobInfo]: ...

    def tidy(self) -> None:
        """Remove what processes that died left half made, and nobody can know of."""
        ...
