"""A bank whose records are made by use cases alone, under a clock that a test turns."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "adapters"))
from forge_messages import send
from local_repositories import commit, make_repository, run_git
from tests.crash.world import World, ahead
from tests.evidence.ledgers import KEY
from tests.facts.events import digest

from plumbline.access import SETTINGS, SIGNED_OUT, Actor
from plumbline.adapters.forges import forges
from plumbline.adapters.secrets import Argon2Passwords
from plumbline.evidence import timestamp
from plumbline.facts import Asked, Evidence, answer
from plumbline.flow.assessments import assess_ledger
from plumbline.flow.assessments.metrics import compute_due
from plumbline.flow.assessments.statements import review_statement, write_statement
from plumbline.flow.people.identities import link_identity
from plumbline.flow.people.people import add_person
from plumbline.flow.people.refusals import Refusals
from plumbline.flow.people.roles import grant_role, revoke_role
from plumbline.flow.people.tools import PeopleTools
from plumbline.flow.pipelines import receive_webhook
from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job
from plumbline.flow.pipelines.run_pipeline import run_pipeline
from plumbline.flow.pipelines.runner_heartbeats import send_heartbeat
from plumbline.flow.sources.prove import Delivery
from plumbline.flow.sources.receive_events import receive_events
from plumbline.flow.sources.register import register_source
from plumbline.flow.sources.tools import SourceTools
from plumbline.flow.tree.manage_tree import add_node
from plumbline.flow.tree.tools import TreeTools
from plumbline.model.assessment import Scope
from plumbline.model.fact import Fact
from plumbline.model.job import FailureReason, JobResult, State
from plumbline.model.person import Person, Role
from plumbline.model.server import StoredPipeline
from plumbline.model.source import Source
from plumbline.model.tree import Node, NodeKind
from plumbline.wiring.assessments import assessment_tools
from plumbline.wiring.observation import observed, open_observation, record_observation
from plumbline.wiring.pipelines import runner_tools

OK = JobResult(state=State.SUCCESS, exit_code=0)
BAD = JobResult(state=State.FAILED, exit_code=1, reason=FailureReason.SCRIPT)
TOOL = "https://tool.example"
DAY = 86_400
PLACE = {"environment": {"id": "core/production"}}


class Live(World):
    """``home``: the repository of the one project, ``bank/core``."""

    def __init__(self, folder: Path, files: dict[str, str] | None = None, *, begun: float = 60) -> None:
        super().__init__(folder / "data")
        self.later(-begun)
        self.home = make_repository(folder / "home", files or {".gitlab-ci.yml": "build: {script: [make]}\n"})
        units = self.server.units
        passwords = Argon2Passwords(memory_kib=64, passes=1)
        self.people = PeopleTools(units, passwords, Refusals(lambda *_: None), secrets.token_bytes)
        kinds = {name: forge.kind for name, forge in forges().items()}
        self.tree = TreeTools(units, self.vault, secrets.token_bytes, kinds, SETTINGS)
        self.sources = SourceTools(units, self.store.ledger, self.vault, secrets.token_bytes)
        self.root = self.actor("root")
        self.bank = add_node(self.root, self.tree, Node(id=0, kind=NodeKind.ORGANISATION, name="bank", path=""))
        self.project = self.add("core").id
        self._tokens: dict[str, str] = {}
        self._merges: dict[int, str] = {}
        self.assessments = assessment_tools(self.data, units, self.store.ledger, lambda: KEY, lambda _: None)

    def add(self, name: str, url: str | None = None) -> Node:
        """A project of the bank."""
        node = Node(id=0, kind=NodeKind.PROJECT, name=name, path="", parent=self.bank.id)
        return add_node(self.root, self.tree, node, url=str(self.home) if url is None else url)

    def watched(self) -> Live:
        """From now on, where a tool has told something for forty days."""
        self.told("artifact.deleted.0.2.0", "pkg:generic/old@1", {})
        self.later(40)
        return self

    def later(self, days: float) -> None:
        ahead(self, days * DAY)

    def hire(self, name: str, role: Role | None = None, *, address: str = "", login: str = "", node: int = -1) -> Actor:
        """Somebody who is there from now on, with a role at the project unless another node is named."""
        made = add_person(self.root, self.people, Person(id=0, name=name)).person
        if role is not None:
            grant_role(self.root, self.people, made.id, role, self.project if node < 0 else node)
        for forge, known in (("", address), ("gitlab", login)):
            if known:
                link_identity(self.root, self.people, made.id, forge, known)
        return self.actor(name)

    def grant(self, name: str, role: Role, node: int = -1) -> None:
        grant_role(self.root, self.people, self.number(name), role, self.project if node < 0 else node)

    def revoke(self, name: str, role: Role, node: int = -1) -> None:
        revoke_role(self.root, self.people, self.number(name), role, self.project if node < 0 else node)

    def number(self, name: str) -> int:
        """Of a person."""
        with self.store.view() as tx:
            found = tx.people.named(name)
        assert found is not None
        return found.id

    def write(self, *authors: str, message: str = "Change", path: str = "bank/core") -> str:
        """Each commits something now, and the repository is looked at; the last commit."""
        for name in authors:
            commit_as(self.home, name, message, self.clock())
        self.observe(path)
        return run_git(self.home, "rev-parse", "HEAD")

    def merge(self, branch: str, files: dict[str, str] | None = None, number: int = 0) -> str:
        """Somebody's branch comes into the trunk, told by the forge where it has a number; the head of the branch."""
        run_git(self.home, "checkout", "-qb", branch)
        for path, text in (files or {f"{branch}.txt": branch}).items():
            Path(self.home, path).write_text(text)
        run_git(self.home, "add", "-A")
        commit_as(self.home, "ann", f"Work on {branch}", self.clock())
        head = run_git(self.home, "rev-parse", "HEAD")
        run_git(self.home, "checkout", "-q", "main")
        run_git(self.home, "merge", "-q", "--no-ff", "--no-commit", branch)
        commit_as(self.home, "ann", f"Merge branch '{branch}' into 'main'", self.clock())
        self._merges[number] = run_git(self.home, "rev-parse", "HEAD")
        if not number:
            self.observe()
        return head

    def approve(self, number: int, login: str, head: str) -> None:
        """A merge request is approved, and merged a minute later."""
        self.request("approved", number, login, last_commit={"id": head})
        ahead(self, 60)
        self.request("merge", number, "ann", last_commit={"id": head}, merge_commit_sha=self._merges.get(number, head))

    def request(self, action: str, number: int, login: str, **more: Any) -> None:
        """GitLab tells of a merge request, as somebody acted on it."""
        place = {"path_with_namespace": "bank/core"}
        attributes = {
            "iid": number, "action": action, "source_branch": "x", "target_branch": "main", "source": place,
            "target": place, "updated_at": timestamp(self.clock()), **more,
        }  # fmt: skip
        self.hook("Merge Request Hook", {"user": {"username": login}, "object_attributes": attributes})

    def state(self, topic: str, text: str, **more: Any) -> str:
        """A statement that is put on file at the project; its id."""
        author = self.actor("stan", Role.ASSESSOR)
        return write_statement(author, self.assessments, self.project, topic, text, [b"document"], **more)

    def accept(self, statement: str) -> None:
        reviewer = self.actor("rita", Role.SECURITY)
        review_statement(reviewer, self.assessments, self.project, statement, "accepted")

    def tool(self, body: dict[str, Any], name: str = "tool", node: int | None = None) -> None:
        """A registered tool tells this; one that nobody registered yet is registered first."""
        if name not in self._tokens:
            given = Source(name=name, node=node or self.bank.id, speaks_as=(f"https://{name}.example",))
            self._tokens[name] = register_source(self.root, self.sources, given).secret
        headers = {"authorization": f"Bearer {self._tokens[name]}", "content-type": "application/json"}
        [taken] = receive_events(SIGNED_OUT, self.sources, Delivery(headers, json.dumps(body).encode()))
        assert taken.error is None, taken.error

    def told(
        self, type_: str, subject: str, content: dict[str, Any], custom: dict[str, Any] | None = None, *,
        tool: str = "tool", ago: float = 0, node: str = "bank/core",
    ) -> str:  # fmt: skip
        """An event of a tool; ``type_``: a kind of CDEvents with its version, or ours without. Its id."""
        ours = type_.count(".") == 1
        id_ = secrets.token_hex(8)
        context = {
            "specversion": "0.5.1", "id": id_, "source": f"https://{tool}.example",
            "type": f"dev.cdeventsx.{tool}-{type_}.0.1.0" if ours else f"dev.cdevents.{type_}",
            "timestamp": timestamp(self.clock() - int(ago * DAY * 1_000_000)),
        }  # fmt: skip
        subject_ = {"id": subject, "type": type_.partition(".")[0], "content": content}
        custom = {**(custom or {}), "project": node}
        self.tool(
            {
                "context": context,
                "subject": subject_,
                "customData": custom,
                "customDataContentType": "application/json",
            },
            tool,
        )
        return id_

    def repository(self, name: str, files: dict[str, str]) -> Path:
        return make_repository(Path(self.data).parent / name, files)

    def commit(self, files: dict[str, str], message: str = "Next") -> str:
        return commit(self.home, files, message)

    def release(self, tag: str) -> None:
        """Tag the newest commit, and look at the repository."""
        run_git(self.home, "tag", tag)
        self.observe()

    def register_runner(self, name: str, *tags: str) -> None:
        tools = runner_tools(self.settings, self.server, lambda error: self.complaints.append(str(error)))
        send_heartbeat(replace(tools, owner=name, tags=frozenset(tags)), self.clock())

    def hook(self, event: str, body: Any, project: int | None = None) -> None:
        """GitLab tells this, and it is carried out."""
        with self.store.view() as tx:
            binding = tx.bindings.get(project or self.project)
        assert binding is not None
        receive_webhook.receive_change(self.server, binding, send("gitlab", event, body, secrets.token_hex(8)))
        self.carry_out()

    def run(
        self, results: dict[str, JobResult] | None = None, project: int | None = None, by: Actor | None = None
    ) -> StoredPipeline:
        """A pipeline that ends, a minute for each job; ``results``: of jobs that do not succeed; ``by``: who asks."""
        project = project or self.project
        made = run_pipeline(by, self.server, project) if by else self.start(project)
        self.go_on(results)
        return self.pipeline(made.id)

    def go_on(self, results: dict[str, JobResult] | None = None) -> None:
        """All jobs that wait for a runner."""
        while claims := list(claim_jobs(self.server, self.runner_name, 10, 30_000_000)):
            for claim in claims:
                ahead(self, 60)
                job = claim.job
                result = (results or {}).get(job.name, OK)
                assert finish_job(self.server, job.id, job.lease_owner, job.fence, result)

    runner_name = "test/1"

    def observe(self, path: str = "bank/core") -> None:
        """Somebody looks at the repository."""
        with open_observation(str(self.home)) as looked:
            seen = observed(looked, path)
            record_observation(self.store.ledger, seen.history, seen.events, path, certain=True, now=self.clock())

    def due(self) -> Iterator[None]:
        return compute_due(self.assessments)

    def computed(self, days: int = 1) -> None:
        """So many days go by, and the clock computes the metrics on each."""
        for _ in range(days):
            for _ in self.due():
                pass
            self.later(1)

    def evidence(self, path: str = "bank/core") -> Evidence:
        """What an assessment of a node now rests on."""
        scope = Scope(subject=path, as_of=self.store.ledger.size(), end=self.clock())
        return Evidence((one.seen for one in assess_ledger._chosen(self.store.ledger, scope)), scope.end)

    def fact(self, name: str, days: int | None = None, path: str = "bank/core", **more: Any) -> Fact:
        [found] = answer([Asked(name, days)], self.evidence(path), **more).values()
        return found

    def share(self, name: str, days: int | None = None, path: str = "bank/core") -> tuple[float | None, float | None]:
        found = self.fact(name, days, path)
        return found.numerator, found.denominator


def commit_as(folder: Path, name: str, message: str, micros: int) -> None:
    """An empty commit of somebody, with the address that the bank gives them."""
    when = f"{micros // 1_000_000} +0000"
    people = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": f"{name}@bank.example", "GIT_AUTHOR_DATE": when}
    people |= {key.replace("AUTHOR", "COMMITTER"): value for key, value in people.items()}
    command = ["git", "commit", "-q", "--allow-empty", "-m", message]
    subprocess.run(command, cwd=folder, env={**os.environ, **people}, check=True)


def deploy(live: Live, name: str, tier: str = "production", **more: Any) -> None:
    said = {"environment": {"id": f"core/{tier}"}, "tier": tier, "outcome": "success", "intent": "deploy", "attempt": 1}
    live.told("deployment.finished", name, {**said, **more})


def publish(live: Live, purl: str, bytes_: str) -> None:
    live.told("artifact.published.0.3.0", purl, {}, {"digest": digest(bytes_), "commit": "a" * 40})


def scan(live: Live, node: str, **more: str) -> None:
    said = {"kind": "sast", "tool": "sonar", "outcome": "success", **more}
    live.told("scan.finished", f"scan of {node}", said, node=node)
