"""A blob that the system sends as a file while it is checked: the end only when all of it is right."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from starlette.responses import Response

from plumbline.http.zero_copy import EXTENSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

    from plumbline.model.ports.blobs import BlobFile
    from plumbline.registry.call import Call

HELD_BACK = 256 << 10  # bytes at the end


class FileAnswer(Response):
    """``span``: from which byte to before which one. Where a whole blob is not what its digest says, the answer breaks
    off before its end."""

    def __init__(
        self,
        call: Call,
        file: BlobFile,
        span: tuple[int, int],
        status: int,
        headers: Mapping[str, str],
        *,
        whole: bool,
    ) -> None:
        super().__init__(status_code=status, headers=headers)
        self._call = call
        self._file = file
        self._span = span
        self._whole = whole

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        begin, end = self._span
        kept = max(begin, end - HELD_BACK) if self._whole else begin
        checking = asyncio.create_task(self._check())
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await self._part(send, begin, kept, more=True)
            await checking
            await self._check()  # at once, where nobody has written to it while it was sent
            await self._part(send, kept, end, more=False)
        finally:
            checking.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await checking
            self._file.close()

    async def _part(self, send: Send, begin: int, end: int, *, more: bool) -> None:
        if begin < end:
            part = {"file": self._file.fileno(), "offset": begin, "count": end - begin}
            await send({"type": EXTENSION, **part, "more_body": more})

    async def _check(self) -> None:
        """In turn with others that are checked."""
        if not self._whole or self._file.known():
            return
        steps, over = self._file.check(), object()
        while await self._call.run(partial(next, steps, over), self._call.rooms.outgoing) is not over:
            pass
