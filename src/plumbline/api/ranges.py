"""A file, or a part of it as the Range header of HTTP asks for it."""

from __future__ import annotations

import os
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO

from starlette.responses import Response, StreamingResponse

from plumbline.api.call import Raw
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PIECE = 1 << 16  # bytes
MEDIA = "text/plain; charset=utf-8"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def read_part(path: str, header: str, tail: int | None, most: int) -> Raw | Response:
    """The whole file, streamed; or the part that is asked for, at most ``most`` bytes of it.

    ``tail``: so many bytes from the end; the header ``X-Begin`` says where they begin. A Range of a form that is not
    known is ignored, as HTTP wants it. Raises PlumblineError ``range-not-satisfiable``.
    """
    found = _RANGE.fullmatch(header.strip()) if header else None
    if tail is None and (found is None or found.groups() == ("", "")):
        return whole(path, MEDIA)
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if tail is not None:
            begin = file.seek(max(0, size - tail))
            return Raw(file.read(size - begin), MEDIA, 200, (("X-Begin", str(begin)), ("X-Size", str(size))))
        assert found is not None
        begin, end = _span(found[1], found[2], size)
        file.seek(begin)
        content = file.read(min(end - begin, most))
    shown = f"bytes {begin}-{begin + len(content) - 1}/{size}"
    return Raw(content, MEDIA, 206, (("Accept-Ranges", "bytes"), ("Content-Range", shown)))


def whole(path: str, media: str, more: Mapping[str, str] = MappingProxyType({})) -> Response:
    """As long as it is now: a log may grow while it is sent. ``more``: other headers."""
    file = open(path, "rb")  # noqa: SIM115 - closed when all is sent
    size = os.fstat(file.fileno()).st_size
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(size), **more}
    return StreamingResponse(_pieces(file, size), media_type=media, headers=headers)


def _pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    with file:
        while size > 0 and (piece := file.read(min(size, _PIECE))):
            size -= len(piece)
            yield piece


def _span(first: str, last: str, size: int) -> tuple[int, int]:
    if first:
        begin, end = int(first), min(size, int(last) + 1) if last else size
    else:
        begin, end = max(0, size - int(last)), size
    if begin >= end:
        raise PlumblineError(
            "range-not-satisfiable",
            t("The log has {size} bytes, and the part that was asked for is not in it.", size=size),
            kind=ErrorKind.REFUSED,
        )
    return begin, end
