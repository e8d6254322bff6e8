"""A server on a real store in a temporary folder, asked over ASGI inside this process."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time

import httpx
import msgspec
import pytest
import uvicorn

from plumbline.access import digest, write_token
from plumbline.api import listen, make_app, url_of
from plumbline.flow.pipelines.carry_out import carry_out_due
from plumbline.model.person import ApiToken, Grant, Person, Role
from plumbline.model.tree import INSTANCE, Node, NodeKind
from plumbline.wiring.server import OpenServer, ServerSettings

DAY = 24 * 3600 * 1_000_000


class Api:
    """Speaks to the application; answers are httpx's."""

    def __init__(self, server):
        self.server = server
        self.app = make_app(server.tools)
        self.tools = server.tools

    def ask(self, method, path, *, token=None, address="127.0.0.1", cookies=None, **more):
        headers = more.pop("headers", {})
        if token:
            headers["Authorization"] = f"Bearer {token}"

        async def once():
            transport = httpx.ASGITransport(app=self.app, client=(address, 4711), raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://plumb.test", cookies=cookies) as client:
                return await client.request(method, path, headers=headers, **more)

        return asyncio.run(once())

    def get(self, path, **more):
        return self.ask("GET", f"/api/v1{path}", **more)

    def post(self, path, **more):
        return self.ask("POST", f"/api/v1{path}", **more)

    def person(self, name, *roles, node=INSTANCE):
        """A person with these roles at a node."""
        with self.tools.units.store.change() as tx:
            person = tx.people.add(Person(id=0, name=name, created=1))
            for role in roles:
                tx.grants.add(Grant(person=person.id, node=node, role=Role(role)))
        return person

    def token(self, person, *, scopes=("all",), expires=DAY):
        """An API token of a person, valid for so many microseconds from now."""
        text, parts = write_token(secrets.token_bytes(8), secrets.token_bytes(32))
        now = self.tools.units.clock()
        made = ApiToken(
            id=parts.id,
            digest=digest(parts.secret),
            person=person.id,
            name="test",
            scopes=tuple(scopes),
            created=now,
            expires=now + expires,
        )
        with self.tools.units.store.change() as tx:
            tx.tokens.add(made)
        return text

    def node(self, name, kind=NodeKind.ORGANISATION, parent=None):
        with self.tools.units.store.change() as tx:
            path = f"{tx.tree.get(parent).path}/{name}" if parent else name
            return tx.tree.add(Node(id=0, kind=kind, name=name, path=path, parent=parent))

    def carried_out(self, answer):
        """What came of a webhook that was answered, once it is carried out."""
        assert (answer.status_code, answer.json()["outcome"]) == (202, "queued"), answer.text
        carry_out_due(self.tools.pipelines, "test/1")
        with self.tools.units.store.view() as tx:
            return tx.deliveries.get(answer.json()["delivery"])

    def events(self, kind):
        """The bodies of all events of a type, by a part of its name."""
        return [msgspec.json.decode(entry.body) for entry in self.tools.ledger.ledger.read() if kind in entry.type]


@pytest.fixture
def api(tmp_path):
    with OpenServer(ServerSettings(data=str(tmp_path / "data"), isolation="none")) as server:
        yield Api(server)


@pytest.fixture
def admin(api):
    return api.token(api.person("ada", "admin"))


@pytest.fixture
def served(api):
    """The API's address, answered by a real server."""
    with listen("127.0.0.1:0") as own:
        server = uvicorn.Server(uvicorn.Config(api.app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [own]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield url_of(own)
        server.should_exit = True
        thread.join(5)


@pytest.fixture(scope="session")
def api_class():
    return Api
