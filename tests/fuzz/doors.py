"""Mutated events through every door of a server: ``python -m tests.fuzz.doors --count N --seed N``.

The doors: a registered source (as they are, in CloudEvents of three modes, in lists), a person's token, a webhook that
is signed, and a file. Our own events lie in the ledger before; afterwards every fact that they alone decide is the
same, the ledger verifies, and nothing was answered with a fault.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import secrets
import sys
import tempfile
import time
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
from tests.facts.events import NOW
from tests.fuzz.event_mutator import EventMutator

from plumbline.access import digest, write_token
from plumbline.api import make_app
from plumbline.evidence import Outcome, filed_under
from plumbline.facts import Asked, Evidence, answer, definitions, exemptions, statements
from plumbline.flow.assessments.assess import seen_of
from plumbline.flow.ledger.import_events import import_as_nobody
from plumbline.flow.pipelines.carry_out import carry_out_due
from plumbline.flow.sources.pace import Pace
from plumbline.flow.tree.bind_repository import secret_place
from plumbline.kernel import PlumblineError
from plumbline.model.event import EventDraft
from plumbline.model.person import ApiToken, Grant, Person, Role
from plumbline.model.server import Binding
from plumbline.model.source import Source
from plumbline.model.tree import INSTANCE, Node, NodeKind
from plumbline.wiring.server import OpenServer, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.trace import Seen

BATCH = 50
FORGE_EVENTS = ("pull_request", "pull_request_review", "issues", "release", "deployment_status", "push", "x")
ASKED = tuple(Asked(name, days) for name in definitions() for days in (None, 90))


class Attack:
    """One server, what was told it before, and what it answers."""

    def __init__(self, server: OpenServer, seed: int) -> None:
        self.server = server
        self.mutator = EventMutator(seed)
        self.random = Random(seed)
        self.answers: Counter[str] = Counter()
        self.faults: list[str] = []
        self.sent = 0
        self._set_up()
        self.before = self._own_facts()
        self.own = server.tools.ledger.ledger.size()

    def _set_up(self) -> None:
        tools, now = self.server.tools, self.server.tools.units.clock()
        object.__setattr__(tools.sources, "pace", Pace(1 << 40, 1 << 40))
        text, parts = write_token(secrets.token_bytes(8), secrets.token_bytes(32))
        self.person, self.token, self.secret = text, secrets.token_hex(8), "hook-secret"
        with tools.units.store.change() as tx:
            top = tx.tree.add(Node(id=0, kind=NodeKind.ORGANISATION, name="bank", path="bank"))
            self.project = tx.tree.add(
                Node(id=0, kind=NodeKind.PROJECT, name="core", path="bank/core", parent=top.id)
            ).id
            tx.sources.add(Source(
                name="tool", node=INSTANCE, speaks_as=("https://ci.example", "/their", "urn:tool:1"), token="1" * 11,
                digest=digest("1" * 43), created=1, events_a_day=1 << 40, bytes_a_day=1 << 50))  # fmt: skip
            person = tx.people.add(Person(id=0, name="dev", created=1))
            tx.grants.add(Grant(person=person.id, node=INSTANCE, role=Role.DEVELOPER))
            tx.tokens.add(ApiToken(id=parts.id, digest=digest(parts.secret), person=person.id, name="t",
                                   scopes=("all",), created=now, expires=now + (1 << 42)))  # fmt: skip
            sealed = self.server.server.vault.seal(self.secret.encode(), secret_place(self.project))
            tx.bindings.put(Binding(project=self.project, kind="github", url="/nowhere", secret=sealed))
        tools.ledger.ledger.append([_draft(body) for body in self.mutator.own])

    def _own_facts(self) -> dict[str, Any]:
        """Answers from what is our own word alone, read out of the ledger."""
        seen: list[Seen] = [
            one for entry in self.server.tools.ledger.ledger.read()
            if (one := seen_of(entry.body, entry.sender)) is not None and one.word == "own"
            and not one.what.startswith(("delivery.", "access.", "source."))
        ]  # fmt: skip
        evidence = Evidence(seen, NOW)
        facts: dict[str, Any] = dict(answer(ASKED, evidence))
        return facts | {"statements": statements(evidence), "exemptions": exemptions(evidence), "events": len(seen)}

    async def run(self, count: int) -> None:
        transport = httpx.ASGITransport(app=make_app(self.server.tools), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://plumb.test", timeout=60) as client:
            for number, request in enumerate(self._requests(count)):
                answered = await client.request(**request)
                self._heard(request, answered)
                if number % 500 == 499:
                    carry_out_due(self.server.server, "attack/1")

    def _requests(self, count: int) -> Iterator[dict[str, Any]]:
        while self.sent < count:
            door = self.random.choices(("plain", "list", "batch", "binary", "structured", "person", "hook"),
                                       (2, 5, 5, 1, 1, 1, 1))[0]  # fmt: skip
            many = BATCH if door in ("list", "batch") else 1
            bodies = [self.mutator.make(self.sent + one) for one in range(many)]
            self.sent += many
            if many > 1:  # one that is no JSON makes the whole list none: those go alone
                yield from (self._plain([body]) for body in bodies if not _is_json(body))
                bodies = [body for body in bodies if _is_json(body)]
            yield getattr(self, f"_{door}")(bodies)

    def _source(self, content: bytes, **headers: str | bytes) -> dict[str, Any]:
        said = {"authorization": f"Bearer plumbs_{'1' * 11}_{'1' * 43}", **headers}
        return {"method": "POST", "url": "/api/v1/events", "content": content, "headers": said}

    def _plain(self, bodies: list[bytes]) -> dict[str, Any]:
        return self._source(bodies[0])

    def _list(self, bodies: list[bytes]) -> dict[str, Any]:
        return self._source(b"[" + b",".join(bodies) + b"]")

    def _batch(self, bodies: list[bytes]) -> dict[str, Any]:
        members = [self._outer(body) for body in bodies]
        return self._source(b"[" + b",".join(members) + b"]", **{"content-type": "application/cloudevents-batch+json"})

    def _structured(self, bodies: list[bytes]) -> dict[str, Any]:
        return self._source(self._outer(bodies[0]), **{"content-type": "application/cloudevents+json"})

    def _outer(self, body: bytes) -> bytes:
        names = _names(body)
        return json.dumps({"specversion": "1.0", **names}).encode()[:-1] + b',"data":' + body + b"}"

    def _binary(self, bodies: list[bytes]) -> dict[str, Any]:
        names = {f"ce-{name}": str(value).encode("utf-8", "replace").translate(None, _CONTROLS)
                 for name, value in _names(bodies[0]).items()}  # fmt: skip
        return self._source(bodies[0], **{"ce-specversion": "1.0", **names})

    def _person(self, bodies: list[bytes]) -> dict[str, Any]:
        said = {"authorization": f"Bearer {self.person}"}
        return {"method": "POST", "url": "/api/v1/ledger/events", "content": bodies[0], "headers": said}

    def _hook(self, bodies: list[bytes]) -> dict[str, Any]:
        signature = hmac.new(self.secret.encode(), bodies[0], hashlib.sha256).hexdigest()
        said = {"x-hub-signature-256": f"sha256={signature}", "x-github-event": self.random.choice(FORGE_EVENTS),
                "x-github-delivery": f"d{self.sent}"}  # fmt: skip
        url = f"/hooks/github/{self.project}"
        return {"method": "POST", "url": url, "content": bodies[0], "headers": said}

    def _heard(self, request: dict[str, Any], answered: httpx.Response) -> None:
        door = request["url"].rpartition("/")[2] if "hooks" not in request["url"] else "hook"
        self.answers[f"{door} {answered.status_code}"] += 1
        if answered.status_code == 200 and door == "events":
            for one in answered.json()["results"]:
                self.answers["one taken" if "problem" not in one else f"one refused: {one['problem']['type']}"] += 1
        if answered.status_code >= 500:
            self.faults.append(f"{request['url']} {answered.status_code} {answered.text[:300]}")

    def import_file(self, count: int) -> None:
        lines = (self.mutator.make((1 << 30) + number).replace(b"\n", b" ") for number in range(count))
        for one in import_as_nobody(self.server.tools.sources, lines):
            self.answers["file refused" if one.error else "file taken"] += 1
        self.sent += count


_CONTROLS = bytes((*range(32), 127))


def _is_json(body: bytes) -> bool:
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _names(body: bytes) -> dict[str, Any]:
    try:
        context = json.loads(body)["context"]
        return {name: context[name] for name in ("id", "source", "type") if isinstance(context.get(name), str)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {"id": "x", "source": "/their/ci", "type": "x"}


def _draft(body: bytes) -> EventDraft:
    event = msgspec.json.decode(body)
    context = event["context"]
    return EventDraft(source=context["source"], id=context["id"], type=context["type"], subject=event["subject"]["id"],
                      body=body, scope=(filed := filed_under(body)).scope, who=filed.who)  # fmt: skip


def attack(count: int, seed: int) -> Attack:
    with tempfile.TemporaryDirectory() as folder, OpenServer(ServerSettings(data=folder)) as server:
        made = Attack(server, seed)
        asyncio.run(made.run(count * 9 // 10))
        made.import_file(count // 10)
        after = made._own_facts()
        ours = {name: fact for name, fact in made.before.items() if after[name] != fact}
        made.faults += [f"our own fact changed: {name}" for name in ours]
        if server.tools.ledger.verify(whole=True).outcome is not Outcome.INTACT:
            made.faults.append("the ledger does not verify")
        made.taken = server.tools.ledger.ledger.size() - made.own  # type: ignore[attr-defined]
        return made


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.doors", description="Mutated events at every door.")
    parser.add_argument("--count", type=int, default=2_000, help="how many events")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    begun = time.monotonic()
    try:
        made = attack(given.count, given.seed)
    except PlumblineError as error:
        print(f"stopped: {error.message}")
        return 1
    print(f"events    {made.sent:,} in {time.monotonic() - begun:.0f} s; {made.taken:,} more entries")  # type: ignore[attr-defined]
    for name, number in sorted(made.answers.items()):
        print(f"          {number:>7,}  {name}")
    print(f"facts     {len(ASKED):,} questions to our own events, before and after")
    print(f"findings  {len(made.faults)}")
    for found in made.faults[:20]:
        print(f"          {found}")
    return 1 if made.faults else 0


if __name__ == "__main__":
    sys.exit(main())
