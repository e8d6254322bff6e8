"""What happens, as it happens: server-sent events that tell a page to look again, and a log that grows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread
from starlette.responses import Response, StreamingResponse

from plumbline.flow.pipelines.read import read_log
from plumbline.kernel import ErrorKind, PlumblineError
from plumbline.web.streams import Streams

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request

    from plumbline.access import Actor
    from plumbline.flow.jobs.job_log import LogFile
    from plumbline.flow.service import Service
    from plumbline.web.serve import Server
    from plumbline.web.streams import Stream

T = TypeVar("T")
LOOK = 0.5  # seconds between two looks at the ledger's end, whatever the number of listeners
LOOK_AT_LOG = 0.25
ASK = 5.0  # seconds after which a stream asks again whether its listener may still listen
BEAT = 2.5  # seconds after which a page is told that the server is there, also where nothing changed
SILENCE = 15.0  # seconds after which that of a log is broken, so that nothing between takes the line for dead
THREADS = 4  # that ask the store for all streams
_COME_LATER = "retry: 60000\n\n"  # milliseconds, for who has more of them than there are places
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Live:
    """The streams. All listeners to changes share one look at the ledger's end."""

    def __init__(self, tools: Service, server: Server) -> None:
        self._tools = tools
        self._server = server
        self._streams = Streams()
        self._limiter: anyio.CapacityLimiter | None = None  # made when there is an event loop
        self._head = -1
        self._looked = -LOOK

    async def changes(self, request: Request) -> Response:
        """Event ``changed`` with the number of the ledger's last entry whenever there is a new one, and ``beat`` where
        there is none for a while."""
        request.state.operation = "live"
        actor = await self._in_thread(self._server.actor, request)
        if not actor.signed_in:
            return Response(status_code=401)
        return StreamingResponse(self._changes(request, actor), media_type="text/event-stream", headers=_HEADERS)

    async def now(self, request: Request) -> Response:
        """The number of the ledger's last entry: for a page that heard nothing for longer than it should."""
        request.state.operation = "live now"
        try:
            actor = await self._in_thread(self._server.actor, request)
            if not actor.signed_in:
                return Response(status_code=401)
            head = await self._look()
        except PlumblineError:  # the store does not answer
            return Response(status_code=503)
        return Response(str(head), media_type="text/plain", headers={"Cache-Control": "no-store"})

    async def log(self, request: Request) -> Response:
        """Event ``grown`` with the size in bytes, and ``ended`` when nothing more will come."""
        request.state.operation = "live log"
        actor = await self._in_thread(self._server.actor, request)
        if not actor.signed_in:
            return Response(status_code=401)
        try:
            job = request.path_params["job"]
            log = (await self._in_thread(read_log, actor, self._tools.pipelines, job)).log
        except PlumblineError:
            return Response(status_code=404)
        if log is None:
            return Response(status_code=204)
        stream = self._log(request, actor, job, log)
        return StreamingResponse(stream, media_type="text/event-stream", headers=_HEADERS)

    async def _in_thread(self, act: Callable[..., T], *given: object) -> T:
        """In few threads, which nothing else waits for."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(THREADS)
        return await anyio.to_thread.run_sync(act, *given, limiter=self._limiter)

    async def _changes(self, request: Request, actor: Actor) -> AsyncIterator[str]:
        with self._streams.one(actor) as stream:
            async for told in self._changes_of(request, stream):
                yield told
            if stream.over:
                yield _COME_LATER

    async def _log(self, request: Request, actor: Actor, job: int, log: LogFile) -> AsyncIterator[str]:
        with self._streams.one(actor) as stream:
            async for told in self._log_of(request, stream, job, log):
                yield told
            if stream.over:
                yield _COME_LATER

    async def _changes_of(self, request: Request, stream: Stream) -> AsyncIterator[str]:
        told = _seen(request)
        if told < 0:
            told = await self._look()
        yield "retry: 2000\n\n"
        beaten = asked = anyio.current_time()
        while not stream.over and not await request.is_disconnected():
            if anyio.current_time() - asked >= ASK:
                if not (await self._in_thread(self._server.actor, request)).signed_in:
                    return  # the session ended
                asked = anyio.current_time()
            head = await self._look()
            if head != told:
                told, beaten = head, anyio.current_time()
                yield f"id: {head}\nevent: changed\ndata: {head}\n\n"
            elif anyio.current_time() - beaten >= BEAT:
                beaten = anyio.current_time()
                yield "event: beat\ndata: \n\n"
            await anyio.sleep(LOOK)

    async def _look(self) -> int:
        now = anyio.current_time()
        if now - self._looked >= LOOK * 0.9:
            self._looked = now
            self._head = await self._in_thread(self._tools.ledger.ledger.size)
        return self._head

    def _reads(self, request: Request, job: int) -> bool:
        """Whether who asked may still read the log: the session may have ended, the person been switched off, the role
        been taken away. A store that does not answer says neither."""
        try:
            actor = self._server.actor(request)
            return actor.signed_in and read_log(actor, self._tools.pipelines, job).log is not None
        except PlumblineError as error:
            return error.kind is ErrorKind.ENVIRONMENT

    async def _log_of(self, request: Request, stream: Stream, job: int, log: LogFile) -> AsyncIterator[str]:
        told, quiet, asked = -1, 0.0, anyio.current_time()
        while not stream.over and not await request.is_disconnected():
            if anyio.current_time() - asked >= ASK:
                if not await self._in_thread(self._reads, request, job):
                    return
                asked = anyio.current_time()
            live, size = await self._in_thread(lambda: (log.live, log.size))
            if size != told or not live:
                told, quiet = size, 0.0
                yield f"event: {'grown' if live else 'ended'}\ndata: {json.dumps({'size': size})}\n\n"
                if not live:
                    return
            elif quiet >= SILENCE:
                quiet = 0.0
                yield ": still here\n\n"
            await anyio.sleep(LOOK_AT_LOG)
            quiet += LOOK_AT_LOG


def _seen(request: Request) -> int:
    """The ledger's end as the page knows it, so that nothing between the page and the stream is missed; -1: unknown."""
    text = request.headers.get("last-event-id") or request.query_params.get("seen", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else -1
