"""Asks the application inside this process, and says what its answer was."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from table_actors import SIGNED_OUT
from table_call import TOKEN, filled
from table_expected import Answer

from plumbline.access import csrf_token
from plumbline.evidence.vocabulary.own_platform import AccessRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from table_actors import Actor
    from table_call import Call
    from table_world import World

_PASSED = frozenset({200, 201, 202, 204, 206, 303, 409, 422})
_REFUSED = {401: Answer.UNKNOWN, 403: Answer.FORBIDDEN, 404: Answer.INVISIBLE}


@dataclass(slots=True)
class Response:
    status: int = 0
    location: str = ""
    body: bytes = b""
    told: tuple[str, ...] = ()  # types of the events that it left in the ledger, refusals left out


class Walker:
    """One after the other over one event loop."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._runner = asyncio.Runner()

    @contextmanager
    def with_app(self, app: Any) -> Iterator[None]:
        """Ask this application instead, for a while."""
        before, self.world.app = self.world.app, app
        yield
        self.world.app = before

    def values(self, call: Call) -> dict[str, Any]:
        """What texts of a call may name."""
        return self.world.numbers_for(call.about)

    def close(self) -> None:
        self._runner.close()
        self.world.close()

    def ask(self, door: str, questions: Sequence[tuple[Call, Actor]]) -> list[tuple[Answer | str, Response]]:
        """How the door answers each of these, one after the other; the status where it is none of the answers there
        should be. In one go, since threads of the server live only as long as that."""

        async def each() -> list[tuple[Answer | str, Response]]:
            return [await self._ask(door, call, actor) for call, actor in questions]

        return self._runner.run(each())

    async def _ask(self, door: str, call: Call, actor: Actor) -> tuple[Answer | str, Response]:
        method, _, path = door.partition(" ")
        values = self.values(call)
        headers, form = self._proof(actor), dict(filled(call.form, values))
        body = call.raw or b""
        if call.json is not None:
            headers["content-type"], body = "application/json", json.dumps(filled(call.json, values)).encode()
        elif method == "POST" and not is_api(door):
            if actor.name != SIGNED_OUT:
                form["csrf"] = csrf_token(self.world.session(actor))
            headers["content-type"], body = "application/x-www-form-urlencoded", urlencode(form).encode()
            headers |= {"host": "plumb.test", "origin": "http://plumb.test"}
        size = self.world.ledger.size()
        response = await self._once(method, call.address(path, values), headers, body)
        found = _judged(door, call, response)
        if found is not Answer.ALLOWED:
            told = (entry.type for entry in self.world.ledger.read(size + 1))
            response.told = tuple(one for one in told if one != AccessRefused.TYPE)
        elif call.again:
            self.world.again(call.again, actor)
        return found, response

    def _proof(self, actor: Actor) -> dict[str, str]:
        """What the actor shows."""
        if actor.name == SIGNED_OUT:
            return {}
        if actor.by == TOKEN:
            return {"authorization": f"Bearer {self.world.token(actor)}"}
        secret = self.world.session(actor)
        return {"cookie": f"plumbline_session={secret}", "x-csrf-token": csrf_token(secret)}

    async def _once(self, method: str, address: str, headers: dict[str, str], body: bytes) -> Response:
        path, _, query = address.partition("?")
        scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("10.1.2.3", 4711), "server": ("plumb.test", 80),
        }  # fmt: skip
        answer, sent = Response(), False

        async def receive() -> dict[str, Any]:
            nonlocal sent
            if sent:  # streams end, since whoever asked is gone
                return {"type": "http.disconnect"}
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.location = dict(message["headers"]).get(b"location", b"").decode()
            elif message["type"] == "http.response.body":
                answer.body += message.get("body", b"")

        await self.world.app(scope, receive, send)  # type: ignore[arg-type]
        return answer


def is_api(door: str) -> bool:
    path = door.partition(" ")[2]
    return path.startswith(("/api/v1/", "/api/v4/", "/hooks/", "/metrics", "/v2/", "/registry/"))


def _judged(door: str, call: Call, response: Response) -> Answer | str:
    said = f"{response.location}\n{response.body.decode('utf-8', 'replace')}"
    if any(words in said for words in call.passed):
        return Answer.ALLOWED
    if door.startswith("GET") and response.status == 303 and response.location.startswith("/sign-in"):
        return Answer.UNKNOWN
    if response.status in _PASSED:
        return Answer.ALLOWED
    return _REFUSED.get(response.status) or f"status {response.status}"
