"""The bank's server: opened with the clock of the story, asked by its API, its jobs run one after the other."""

from __future__ import annotations

import asyncio
import random
import secrets
from typing import TYPE_CHECKING, Any

import httpx

from ninety_days.clock import DAY, HOUR, SECOND, Clock
from plumbline.api import make_app
from plumbline.cli.demo.client import Answer, Client
from plumbline.flow.assessments.metrics import compute_due
from plumbline.flow.jobs.job_log import FileLog
from plumbline.flow.people.invitations import set_up_link
from plumbline.flow.pipelines.carry_out import carry_out_due
from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job, order_claimed
from plumbline.flow.pipelines.due import run_schedules
from plumbline.flow.pipelines.runner_heartbeats import send_heartbeat
from plumbline.model.reported import NO_REPORTS
from plumbline.wiring.server import OpenServer, ServerSettings

if TYPE_CHECKING:
    from pathlib import Path

    from ninety_days.tools import Tool
    from plumbline.flow.jobs.tools import JobEnvironment, PipelineTools
    from plumbline.flow.pipelines.claim_jobs import Claim
    from plumbline.kernel import PlumblineError

_YEAR = 365 * DAY
# How long a job takes by the clock of the story, in seconds, by the first word of its name; others take the last.
_LASTS = {"build": (40, 90), "unit": (60, 180), "scan": (30, 60), "deploy": (30, 60), "": (20, 40)}


class Door(Client):
    """The API, asked inside this process; one person's once it has their token."""

    def __init__(self, loop: asyncio.Runner, http: httpx.AsyncClient) -> None:
        super().__init__(str(http.base_url))
        self._loop, self._http = loop, http

    def show(self, token: str) -> None:
        """From now on: sessions end after hours, and the story goes on for months."""
        self._headers = {"Authorization": f"Bearer {token}"}

    def send(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        said: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
        more = {"Content-Type": "application/json"} if isinstance(body, bytes) else {}
        every = {**self._headers, **more, **(headers or {})}
        self._http.cookies.clear()
        answer = self._loop.run(self._http.request(method, path, headers=every, **said))
        return Answer(answer.status_code, answer.headers.get("Set-Cookie", ""), answer.content)


class Bank:
    """The server with its people. ``doors``: of each person, by name."""

    def __init__(self, data: Path, clock: Clock, seed: str) -> None:
        self.clock = clock
        self.chance = random.Random(f"{seed}:jobs")
        self.open = OpenServer(ServerSettings(data=str(data), isolation="none", listens="http://bank.test"), clock)
        self.server = self.open.server
        self._loop = asyncio.Runner()
        transport = httpx.ASGITransport(app=make_app(self.open.tools))
        self._http = httpx.AsyncClient(transport=transport, base_url="http://bank.test")
        self._tools = self.open.runner_tools()
        send_heartbeat(self._tools, clock.now)
        self._at = 0  # the pipeline whose jobs were run last
        self._equipment: tuple[PipelineTools, JobEnvironment] | None = None
        self.tools: list[Tool] = []
        self.doors: dict[str, Door] = {}
        self._numbers: dict[str, int] = {}
        self._sign_up()

    def close(self) -> None:
        self._put_away()
        self._loop.run(self._http.aclose())
        self._loop.close()
        self.open.__exit__()

    def nobody(self) -> Door:
        """Who shows no token of a person: forges and tools."""
        return Door(self._loop, self._http)

    def _sign_up(self) -> None:
        door = self.nobody()
        link = set_up_link(self.open.tools.people)
        password = secrets.token_urlsafe(12)
        door.enter("/api/v1/setup", {"link": str(link), "name": "admin", "password": password, "title": "Admin"})
        self.doors["admin"] = self._with_token(door)

    def _with_token(self, door: Door) -> Door:
        wanted = {"name": "story", "scopes": ["all"], "expires": self.clock.now + _YEAR}
        door.show(door.ask("POST", "/api/v1/me/tokens", wanted)["text"])
        self._numbers[door.name] = door.get("/api/v1/me")["person"]["id"]
        return door

    def hire(self, name: str, role: str, node: int) -> None:
        """Somebody comes by invitation, with a role, an account at the forge and an address."""
        admin = self.doors["admin"]
        title, mail = name.replace(".", " ").title(), f"{name}@bank.example"
        invited = admin.ask("POST", "/api/v1/people", {"name": name, "title": title, "email": mail})
        number = invited["person"]["id"]
        admin.ask("PUT", f"/api/v1/people/{number}/roles", {"role": role, "node": node})
        for identity in ({"forge": "gitlab", "name": name}, {"name": mail}):
            admin.ask("PUT", f"/api/v1/people/{number}/identities", identity)
        door = self.nobody()
        entering = {"link": invited["link"], "name": name, "password": secrets.token_urlsafe(12)}
        door.enter("/api/v1/invitation", entering)
        self.doors[name] = self._with_token(door)

    def grant(self, name: str, role: str, node: int) -> None:
        wanted = {"role": role, "node": node}
        self.doors["admin"].ask("PUT", f"/api/v1/people/{self._numbers[name]}/roles", wanted)

    def node(self, kind: str, name: str, parent: int | None, title: str) -> int:
        wanted = {"kind": kind, "name": name, "parent": parent, "title": title}
        return int(self.doors["admin"].ask("POST", "/api/v1/nodes", wanted)["id"])

    def hear(self) -> None:
        """What tools have to say."""
        for tool in self.tools:
            tool.send()

    def work(self) -> None:
        """Start what is due, and run the jobs that can run, until nothing is left."""
        run_schedules(self.server)
        while claims := claim_jobs(self.server, self._tools.owner, 1, HOUR):
            for claim in claims:
                self._run(claim)

    def carry_out(self) -> None:
        """What forges told, as the server does at once."""
        carry_out_due(self.server, self._tools.owner, self._complain)

    def _equip(self, claim: Claim) -> tuple[PipelineTools, JobEnvironment]:
        """What the jobs of one pipeline are run with, until those of another one come."""
        if self._at != claim.pipeline.id:
            self._put_away()
            tools = self.server.projects.tools(claim.pipeline.project, claim.pipeline.change, (), {}, by=0)
            self._at, self._equipment = claim.pipeline.id, (tools, tools.job_environment(claim.pipeline.id))
        assert self._equipment is not None
        return self._equipment

    def _put_away(self) -> None:
        if self._equipment is not None:
            self._equipment[1].close()
        self._at, self._equipment = 0, None

    def _run(self, claim: Claim) -> None:
        """As a runner does, with what it left as reports; then the clock goes on by as long as such a job takes."""
        tools, equipment = self._equip(claim)
        log = FileLog(self._tools.open_log(claim.pipeline.id, claim.job.id))
        cancel = self._tools.new_cancellation()
        try:
            order = order_claimed(self.server, claim, equipment, tools)
            result = equipment.executor.run(order, log, cancel)
            reports = self._tools.read_reports(order, result, log) if result.kept else NO_REPORTS
        finally:
            log.close()
            cancel.close()
        shortest, longest = _LASTS.get(claim.job.name.partition("-")[0], _LASTS[""])
        self.clock.forward(self.chance.randint(shortest, longest) * SECOND)
        finish_job(self.server, claim.job.id, claim.job.lease_owner, claim.job.fence, result, reports)
        self.clock.forward(2 * SECOND)

    def judge(self) -> None:
        """Have gates say what they make of what came, as the server does at once."""
        for _ in self.open.judge():
            pass

    def keep_house(self) -> None:
        """A round of what the server does now and then, and a sign of life of its runner."""
        for turn in (self.open.keep_collections, self.open.attest):
            for _ in turn():
                pass
        self.open.keep_house()
        send_heartbeat(self._tools, self.clock.now)

    def compute_metrics(self) -> None:
        """As the server does, but it does so every day: that would be most of the time that the story takes."""
        for _ in compute_due(self.open.tools.assessments):
            pass

    def _complain(self, error: PlumblineError) -> None:
        raise error
