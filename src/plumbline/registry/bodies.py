"""Bodies on their way into the store of blobs: never whole in memory, never in the way of others.

1. What arrives is gathered to pieces, and written in a thread while the next piece arrives: so a slow disk slows down
   whoever sends, and nobody else.
2. Who sends nothing for a while, or next to nothing all the time, is ended; what arrived before stays, and can be gone
   on with.
3. So many arrive at the same time, and so many of one sender; others wait for their turn without being read.
"""

from __future__ import annotations

from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

import anyio
from starlette.requests import ClientDisconnect

from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from starlette.requests import Request

    from plumbline.flow.artifacts.uploads import OpenUpload
    from plumbline.registry.call import Call

PIECE = 4 << 20  # bytes that are written at once: one piece is, while another is gathered
LARGE = 64 << 10  # bytes that are worth a write of their own: to put them together would copy them
STALLED = 60.0  # seconds without a byte
SLOWEST = 16 * 1024  # bytes a second, after that time
OF_ONE = 16  # bodies of one sender at the same time

Pieces = list[bytes]


def has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def length_of(request: Request) -> int | None:
    """As the header says it."""
    found = request.headers.get("content-length", "")
    return int(found) if found.isdecimal() and len(found) <= 18 else None


async def store_body(call: Call, upload: OpenUpload) -> OpenUpload:
    """Append the body to an upload. Raises PlumblineError ``request-too-slow`` and those of the store of blobs, and
    ClientDisconnect; what arrived until then is stored all the same."""
    async with _place(call):
        send, receive = anyio.create_memory_object_stream[Pieces](0)
        trouble: list[Exception] = []
        async with anyio.create_task_group() as group, receive:
            group.start_soon(_gather, call.request, send, trouble)
            try:
                upload = await _write(call, upload, receive)
            except PlumblineError as error:
                trouble.insert(0, error)
                group.cancel_scope.cancel()
        if trouble:
            raise trouble[0]
    return upload


@asynccontextmanager
async def _place(call: Call) -> AsyncGenerator[None, None]:
    """Raises PlumblineError ``too-many-uploads``."""
    held, key = call.rooms.held, call.actor.key
    if held[key] >= OF_ONE:
        raise PlumblineError(
            "too-many-uploads", t("At most {count} uploads of one sender arrive at the same time.", count=OF_ONE),
            t("Send it again when others have ended."), kind=ErrorKind.REFUSED,
        )  # fmt: skip
    held[key] += 1
    try:
        async with call.rooms.bodies:
            yield
    finally:
        held[key] -= 1
        if not held[key]:
            del held[key]


async def read_small(call: Call, most: int, code: str) -> bytes:
    """A whole body of at most so many bytes. Raises PlumblineError with this code, ``request-too-slow``."""
    if (length_of(call.request) or 0) > most:
        raise _too_large(code, most)
    data = bytearray()
    async with _place(call), aclosing(_arriving(call.request)) as parts:
        async for part in parts:
            data += part
            if len(data) > most:
                raise _too_large(code, most)
    return bytes(data)


async def _gather(request: Request, send: MemoryObjectSendStream[Pieces], trouble: list[Exception]) -> None:
    """Where it breaks off, what was gathered is handed on first."""
    pieces: Pieces = []
    size = 0
    async with send:
        try:
            async with aclosing(_arriving(request)) as parts:
                async for part in parts:
                    pieces.append(part)
                    size += len(part)
                    if size >= PIECE:
                        await send.send(pieces)
                        pieces, size = [], 0
        except (ClientDisconnect, PlumblineError) as error:
            trouble.append(error)
        except anyio.BrokenResourceError:  # whoever writes failed, and says why
            return
        if pieces:
            try:
                await send.send(pieces)
            except anyio.BrokenResourceError:
                return


async def _write(call: Call, upload: OpenUpload, receive: MemoryObjectReceiveStream[Pieces]) -> OpenUpload:
    async for pieces in receive:
        upload = await call.run(lambda at=upload, data=pieces: at.write(_blocks(data)), call.rooms.incoming)  # type: ignore[misc]
    return upload


def _blocks(pieces: Pieces) -> Pieces:
    """As they came, where they are large; small ones together, since each block is written by itself."""
    return pieces if sum(map(len, pieces)) >= LARGE * len(pieces) else [b"".join(pieces)]


async def _arriving(request: Request) -> AsyncGenerator[bytes, None]:
    parts, begun, size = request.stream(), anyio.current_time(), 0
    async with aclosing(parts):
        while True:
            left = begun + STALLED + size / SLOWEST - anyio.current_time()
            with anyio.move_on_after(min(STALLED, left)) as waiting:
                try:
                    part = await anext(parts)
                except StopAsyncIteration:
                    return
            if waiting.cancelled_caught:
                raise PlumblineError(
                    "request-too-slow",
                    t("Nothing came for {count} seconds, or next to nothing for longer.", count=int(STALLED)),
                    t("What came before is there: go on from where the upload ends."),
                    kind=ErrorKind.REFUSED,
                )
            if part:
                size += len(part)
                yield part


def _too_large(code: str, most: int) -> PlumblineError:
    return PlumblineError(code, t("At most {count} bytes are taken here.", count=most), kind=ErrorKind.REFUSED)
