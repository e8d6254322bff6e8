"""Asks the door of the registry over ASGI, inside this process."""

from __future__ import annotations

import asyncio
import base64
import secrets
from typing import TYPE_CHECKING, Any

import httpx
from tests.flow.door_tools import DAY
from tests.registry.registry_world import Bank

from plumbline.access import digest, write_token
from plumbline.api import make_app
from plumbline.model.person import ApiToken
from plumbline.registry import registry_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from plumbline.access import Actor


class Door(Bank):
    """A bank whose registry is asked; answers are httpx's."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        import dataclasses

        super().__init__(folder, database)
        self.tools = dataclasses.replace(self.tools, artifacts=self.artifacts)
        self.app = make_app(self.tools, registry_for(self.tools))

    def token(self, actor: Actor, *scopes: str) -> str:
        """An API token of a person."""
        text, parts = write_token(secrets.token_bytes(8), secrets.token_bytes(32))
        made = ApiToken(
            id=parts.id,
            digest=digest(parts.secret),
            person=actor.person.id,
            name="test",
            scopes=scopes or ("all",),
            created=self.now,
            expires=self.now + DAY,
        )
        with self.change() as tx:
            tx.tokens.add(made)
        return text

    def ask(self, method: str, path: str, *, token: str = "", **more: Any) -> httpx.Response:
        headers = dict(more.pop("headers", {}))
        if token:
            headers["Authorization"] = f"Bearer {token}"

        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://plumb.test") as client:
                return await client.request(method, path, headers=headers, **more)

        return asyncio.run(once())

    def taken(self, path: str, token: str) -> bytes:
        """What came of an answer, also of one that broke off."""
        body = bytearray()
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "server": ("plumb.test", 80),
            "headers": [(b"authorization", f"Bearer {token}".encode())], "client": ("10.1.2.3", 4711),
        }  # fmt: skip

        async def receive() -> Any:
            await asyncio.sleep(60)

        async def send(message: Any) -> None:
            body.extend(message.get("body", b""))

        asyncio.run(self.app(scope, receive, send))  # type: ignore[arg-type]
        return bytes(body)

    def registry_token(self, secret: str, *scopes: str) -> str:
        """What a client gets for its secret."""
        answer = self.ask(
            "GET",
            "/registry/token",
            params=[("scope", one) for one in scopes],
            headers={"Authorization": basic(secret)},
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["token"] == answer.json()["access_token"]
        return str(answer.json()["token"])


def basic(secret: str, name: str = "anybody") -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


async def in_pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for one in pieces:
        yield one
