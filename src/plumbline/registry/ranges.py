"""A blob, or the part of it that is asked for, handed out: sent as a file where that can be, or block by block."""

from __future__ import annotations

import asyncio
import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import Response, StreamingResponse

from plumbline.http.zero_copy import EXTENSION
from plumbline.registry.files import FileAnswer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from plumbline.model.ports.blobs import BlobStore
    from plumbline.registry.call import Call

AT_ONCE = 2  # blocks that are read before they are sent
LARGE = 1 << 20  # bytes from which it is sent as a file
PIECE = 256 << 10  # bytes: what a slow client leaves unsent counts among all answers
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Span(NamedTuple):
    """From ``begin`` to before ``end``."""

    begin: int
    end: int


def span_of(header: str, size: int) -> Span | None:
    """What a Range header asks for; None: all of it, also where it asks in a form that is not known, or for several
    parts. One that has nothing of the blob in it is empty."""
    found = _RANGE.fullmatch(header.strip())
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return Span(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    return Span(int(first), min(size, int(last) + 1) if last else size)


def hand_out(call: Call, blobs: BlobStore, digest: str, size: int, headers: Mapping[str, str]) -> Response:
    """A blob of so many bytes; a client that goes on knows it by its digest."""
    tag = f'"{digest}"'
    wanted = call.request.headers.get("range", "")
    if call.request.headers.get("if-range", tag) != tag or call.request.method == "HEAD":
        wanted = ""
    span = span_of(wanted, size)
    own = {**headers, "Accept-Ranges": "bytes", "ETag": tag}
    if span is not None and span.begin >= span.end:
        return Response(status_code=416, headers={**own, "Content-Range": f"bytes */{size}"})
    begin, end = span or Span(0, size)
    own["Content-Length"] = str(end - begin)
    if call.request.method == "HEAD":
        return Response(headers=own)
    if span is not None:
        own["Content-Range"] = f"bytes {begin}-{end - 1}/{size}"
    status = 206 if span is not None else 200
    if end - begin >= LARGE and EXTENSION in call.request.scope.get("extensions", {}):
        file = blobs.file(digest)
        if file is not None:
            return FileAnswer(call, file, (begin, end), status, own, whole=end - begin == size)
    return StreamingResponse(_blocks(call, blobs.read(digest, begin, end)), status, own)


async def _blocks(call: Call, blocks: Iterator[bytes]) -> AsyncIterator[memoryview]:
    """Where they are not what they should be, the answer breaks off before its end: the client has no whole blob."""

    def some() -> asyncio.Task[list[bytes]]:
        return asyncio.create_task(call.run(lambda: list(islice(blocks, AT_ONCE)), call.rooms.outgoing))

    reading = some()
    try:
        while read := await reading:
            reading = some()  # while these are sent
            for block in read:
                whole = memoryview(block)
                for at in range(0, len(whole), PIECE):
                    yield whole[at : at + PIECE]
    finally:
        reading.cancel()
