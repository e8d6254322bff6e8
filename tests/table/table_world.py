"""A small bank on a real store, with one of everything that a use case can be about, and everybody who may ask."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import subprocess
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from msgspec.structs import replace
from table_actors import ALL_ROLES, NO_GRANTS, PLACES, SWITCHED_OFF, person_of

from plumbline.access import Actor as Acting
from plumbline.access import digest, write_token
from plumbline.adapters.data_folder import artifact_folder, log_path
from plumbline.adapters.secrets import Argon2Passwords
from plumbline.api import make_app
from plumbline.evidence import timestamp, write_event
from plumbline.evidence.vocabulary import own_operations as own
from plumbline.flow.artifacts.manifests import put_manifest
from plumbline.flow.artifacts.packages import begin_file, publish_file
from plumbline.flow.artifacts.robots import make_robot
from plumbline.flow.artifacts.uploads import begin_upload, finish_upload
from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job
from plumbline.flow.pipelines.create_pipeline import start_pipeline
from plumbline.flow.pipelines.tools import Wanted
from plumbline.flow.unit_of_work import Units
from plumbline.model.contract import Collection, DueContract, OccasionKind, Subjects
from plumbline.model.gate import Evaluation, GateAct, Outcome, Waiver
from plumbline.model.job import JobResult, KeptFile, State
from plumbline.model.person import EVERY_SCOPE, ApiToken, Grant, Person, Role, Session
from plumbline.model.report import CaseOutcome, Finding, Findings, Report, ScanKind, Severity, TestCase, TestRun
from plumbline.model.reported import Decision, FindingState, ReadFile, ReadReports, SignedFinding
from plumbline.model.repository_credential import RemoteScheme, RepositoryCredential
from plumbline.model.rule_set import RuleKind, RuleSet
from plumbline.model.server import Binding, Delivery, Schedule
from plumbline.model.source import Source
from plumbline.model.tree import INSTANCE, Node, NodeKind, StoredVariable
from plumbline.registry import registry_for
from plumbline.web import pages_for
from plumbline.wiring.server import OpenServer, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from table_actors import Actor

TREE = (
    ("bank", NodeKind.ORGANISATION, None),
    ("core", NodeKind.SYSTEM, "bank"),
    ("cards", NodeKind.SYSTEM, "bank"),
    ("posting", NodeKind.PROJECT, "core"),
    ("clearing", NodeKind.PROJECT, "core"),
)
CI = """build: {script: [make], artifacts: {paths: [out]}}
later: {script: [make], when: manual, allow_failure: false, stage: deploy}
"""
POLICY = """policy: build
title: {en: Build, zh: 构建}
owner: quality
for: {act: [pipeline]}
checks:
  - id: passed
    title: {en: Tests pass, zh: 测试通过}
    check: tests-passed
"""
REMOTE = "https://elsewhere.example/posting.git"  # a host that the server does not read: what starts there ends there
TESTS = TestRun(cases=(TestCase(name="opens", outcome=CaseOutcome.FAILED, message="words-of-a-test"),))
FOUND = tuple(
    SignedFinding(
        finding=Finding(rule=rule, severity=Severity.LOW, message=f"finding-{rule}", path="a.py"),
        signatures=(f"said/1:{rule}",),
        places=(("a.py", 1, 1, "", "", ""),),
    )
    for rule in ("one", "two", "three")
)
SCAN = Report(format="sarif", tool="scanner", content=Findings(kind=ScanKind.SAST, scope=("./",)))
READ = ReadReports(
    (
        ReadFile(kind="junit", name="a.xml", digest=f"sha256:{'1' * 64}", size=1,
                 content=Report(format="junit", content=TESTS)),
        ReadFile(kind="sast", name="a.sarif", digest=f"sha256:{'2' * 64}", size=1, content=SCAN, signed=FOUND),
    )
)  # fmt: skip
MANIFEST = json.dumps({
    "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 2,
               "digest": f"sha256:{hashlib.sha256(b'{}').hexdigest()}"},
    "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "size": 5,
                "digest": f"sha256:{hashlib.sha256(b'layer').hexdigest()}"}],
}).encode()  # fmt: skip
HOUR = 3600 * 1_000_000
AUTHOR = "author"  # of what others review
PASSWORD = "quiet harbour morning"  # of everybody


class World:
    """The server, its application, and the numbers of what is in it."""

    def __init__(self, folder: str, database: str | None = None) -> None:
        quick = partial(Argon2Passwords, memory_kib=8, passes=1)
        with patch("plumbline.wiring.server.Argon2Passwords", quick):
            self._server = OpenServer(ServerSettings(data=f"{folder}/data", database=database))
        self._hash = quick().hash(PASSWORD)
        self._folder = folder
        self._secrets: dict[tuple[str, tuple[str, ...] | None], str] = {}
        self._tools = self._server.tools
        self._store = self._tools.units.store
        self.ledger = self._tools.ledger.ledger
        self.values: dict[str, Any] = {}  # what texts of calls may name
        self.people: dict[str, Person] = {}
        self._fill()
        self.app = self.new_app()

    def new_app(self) -> Any:
        """The application as it is served."""
        return make_app(self._tools, [*registry_for(self._tools), *pages_for(self._tools)])

    def units(self) -> Units:
        """What use cases open their transactions with."""
        return Units(self._store, self._tools.units.source, self._tools.units.clock, self._tools.units.new_id)

    def variables(self) -> list[str]:
        """The names of those of the installation."""
        with self._store.view() as tx:
            return [one.name for one in tx.variables.at([INSTANCE])]

    def close(self) -> None:
        self._server.__exit__(None, None, None)

    def numbers_for(self, about: str) -> dict[str, Any]:
        """The values where ``node`` is the object of a call."""
        name = {"project": "posting", "node": "core"}.get(about, "")
        return {**self.values, "node": self.values.get(name, INSTANCE), "name": name,
                "project": self.values["posting"]}  # fmt: skip

    def token(self, actor: Actor) -> str:
        """An API token of an actor; the same one again."""
        return self._secret(actor.name, actor.scopes or (EVERY_SCOPE,), self._new_token)

    def session(self, actor: Actor) -> str:
        """The secret of a session of an actor; the same one again."""
        return self._secret(actor.name, None, self._new_session)

    def again(self, what: str, actor: Actor) -> None:
        """Make anew what a call used up."""
        if what == "session":
            self._secrets.pop((actor.name, None), None)
            return
        if what == "count":  # of what was made, whose names are to differ
            self.values["count"] += 1
            return
        with self._store.change() as tx:
            if what == "password":  # and the sessions that end with it
                self._secrets.pop((actor.name, None), None)
                tx.people.set_password(self.people[actor.name].id, self._hash, 1)
                return
            {"schedule": self._schedule, "node": self._settings, "binding": self._binding,
             "source": self._source}[what](tx)  # fmt: skip

    def _secret(
        self, name: str, scopes: tuple[str, ...] | None, make: Callable[[Any, Person, tuple[str, ...] | None], str]
    ) -> str:
        key = (name, scopes)
        if key not in self._secrets:
            with self._store.change() as tx:
                self._secrets[key] = make(tx, self.people[name], scopes)
        return self._secrets[key]

    def _new_token(self, tx: Any, person: Person, scopes: tuple[str, ...] | None) -> str:
        text, parts = write_token(secrets.token_bytes(8), secrets.token_bytes(32))
        now = self._tools.units.clock()
        made = ApiToken(id=parts.id, digest=digest(parts.secret), person=person.id, name="table", scopes=scopes or (),
                        created=now, expires=now + HOUR, used=now)  # fmt: skip
        tx.tokens.add(made)
        return text

    def _new_session(self, tx: Any, person: Person, _scopes: tuple[str, ...] | None) -> str:
        secret, now = secrets.token_urlsafe(32), self._tools.units.clock()
        tx.sessions.add(Session(digest=digest(secret), person=person.id, created=now, seen=now))
        return secret

    def _fill(self) -> None:
        with self._store.change() as tx:
            for name, kind, parent in TREE:
                above = self.values.get(parent or "")
                path = f"{self.values[f'path of {parent}']}/{name}" if parent else name
                made = tx.tree.add(Node(id=0, kind=kind, name=name, path=path, parent=above))
                self.values |= {name: made.id, f"path of {name}": path}
            self._people(tx)
        self._pipelines()
        self._reports()
        with self._store.change() as tx:
            self._settings(tx)
            self._binding(tx)
            self._schedule(tx)
            self._source(tx)
            self._written(tx)
            self._collection(tx)
            self._gates(tx)
        self._evidence()
        self._artifacts()

    def _people(self, tx: Any) -> None:
        nodes = sorted({node for places in PLACES.values() for node in places.values()})
        for name in (NO_GRANTS, SWITCHED_OFF, ALL_ROLES, "target", AUTHOR):
            self._person(tx, name)
        for node in nodes:
            for role in Role:
                self._person(tx, person_of(role, node), (role, self.values.get(node, INSTANCE)))
        for role in Role:
            for name in (ALL_ROLES, SWITCHED_OFF, AUTHOR):
                tx.grants.add(Grant(person=self.people[name].id, node=INSTANCE, role=role))
        tx.people.save(replace(self.people[SWITCHED_OFF], active=False))
        self.values["password"] = PASSWORD
        self.values |= {
            "person": self.people["target"].id,
            "author": self.people[AUTHOR].id,
            "member": self.people[person_of(Role.DEVELOPER, "core")].id,
            "token": "00000000000",
            "count": 1,
        }

    def _person(self, tx: Any, name: str, *grants: tuple[Role, int]) -> None:
        self.people[name] = made = tx.people.add(Person(id=0, name=name.replace(" ", "-"), created=1))
        tx.people.set_password(made.id, self._hash, 1)
        for role, node in grants:
            tx.grants.add(Grant(person=made.id, node=node, role=role))

    def _written(self, tx: Any) -> None:
        """Variables, credentials and a delivery, with names that pages are searched for."""
        for name in ("core", "posting", "all"):
            node = self.values.get(name, INSTANCE)
            tx.variables.put(StoredVariable(node=node, name=f"VAR_{name}", sealed=b"", changed=1))
            tx.repository_credentials.put(RepositoryCredential(
                node=node, scheme=RemoteScheme.HTTPS, host=f"git-{name}.example", sealed=b"", changed=1))  # fmt: skip
        tx.deliveries.add(Delivery(forge="git", name="1", project=self.values["posting"],
                                        received=1, ref="ref-of-delivery"))  # fmt: skip

    def _pipelines(self) -> None:
        """Two pipelines, each with a job that ended well and left a log and an archive, and one that waits to be
        played: one for what is done, another that stays as it is."""
        home, who = f"{self._folder}/repository", ["-c", "user.name=a", "-c", "user.email=a@b"]
        os.makedirs(home)
        with open(f"{home}/.gitlab-ci.yml", "w") as file:
            file.write(CI)
        for words in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-qm", "one"]):
            subprocess.run(["git", "-C", home, *words], check=True)
        with self._store.change() as tx:
            tx.bindings.put(Binding(project=self.values["posting"], kind="git", url=home))
        for pipeline, job in (("watched", "watched job"), ("pipeline", "job")):
            made = start_pipeline(self._server.server, Wanted(project=self.values["posting"]), by=0)
            assert made is not None
            self.values |= {pipeline: made.id, job: self._ended(made.id), "uid": made.uid}
        with self._store.view() as tx:
            self.values["manual job"] = tx.jobs.of(self.values["watched"])[-1].id

    def _ended(self, pipeline: int) -> int:
        """The job of a pipeline that may run, after it did."""
        server, data = self._server.server, f"{self._folder}/data"
        [claim] = claim_jobs(server, "table", 5, HOUR)
        digest = f"sha256:{sha256(b'left').hexdigest()}"
        kept = KeptFile(kind="archive", name="artifacts.zip", files=1, size=4, digest=digest)
        for path in (f"{artifact_folder(data, claim.job.id)}/{kept.name}", log_path(data, pipeline, claim.job.id)):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as left:
                left.write(b"left")
        result = JobResult(state=State.SUCCESS, kept=(kept,))
        assert finish_job(server, claim.job.id, "table", claim.job.fence, result, READ)
        return claim.job.id

    def _reports(self) -> None:
        """What the job reported, and what somebody else decided about a finding."""
        posting = self.values["posting"]
        with self._store.change() as tx:
            for report in tx.reports.of_pipelines([self.values["pipeline"]]):
                self.values["report"] = report.id
            [case] = tx.tests.find(posting, "opens", 1)
            mine, theirs, *_ = tx.findings.of_kind(posting, ScanKind.SAST, "scanner")
            tx.findings.change(mine._replace(finding=replace(mine.finding, author=AUTHOR)))
            made = tx.findings.add_decision(Decision(
                finding=theirs.finding.id, state=FindingState.ACCEPTED, owner=AUTHOR, reason="A reason.", by=AUTHOR,
                needs_approval=True, until=9 * 10**15, created=1))  # fmt: skip
            again = tx.findings.add_decision(replace(made, id=0))
            over = tx.findings.add_decision(replace(made, id=0, ended=1))
            self.values |= {
                "case": case.id,
                "finding": mine.finding.id,
                "decision": made.id,
                "settled": over.id,
                "decision_again": again.id,
            }

    def _gates(self, tx: Any) -> None:
        """A policy, what its gate said of a pipeline, and waivers that somebody else asked for."""
        core, posting, path = self.values["core"], self.values["posting"], self.values["path of posting"]
        digest_ = f"sha256:{hashlib.sha256(POLICY.encode()).hexdigest()}"
        tx.rule_sets.add(RuleSet(node=core, kind=RuleKind.POLICY, name="build", text=POLICY, digest=digest_, saved=1))
        pipeline = tx.pipelines.get(self.values["pipeline"])
        tx.evaluations.add(Evaluation(
            uid="evaluation-1", project=posting, path=path, act=GateAct.PIPELINE, policy="build", version=1,
            subjects=Subjects(commit=pipeline.sha, ref=pipeline.change.full_ref, pipeline=pipeline.id),
            policy_digest=digest_, node="bank/core", outcome=Outcome.NO_DATA, checks=(), at=1))  # fmt: skip
        asked = Waiver(uid="waiver-1", node=posting, path=path, rule_set="build", line="passed", reason="A reason.",
                       asked_by=AUTHOR, asked=1, ends=9 * 10**15)  # fmt: skip
        made = [tx.waivers.add(replace(asked, uid=f"waiver-{at}", refused=int(at == 1))) for at in (1, 2, 3, 4)]
        self.values |= {
            "evaluation": "evaluation-1",
            "gate_waiver_over": made[0].id,
            "gate_waiver": made[1].id,
            "gate_waiver_again": made[2].id,
            "gate_waiver_shown": made[3].id,  # nothing is ever done to it
        }

    def _settings(self, tx: Any) -> None:
        bank, core = (tx.tree.get(self.values[name]) for name in ("bank", "core"))
        tx.tree.save(
            replace(bank, settings={"repository.hosts": ["git.bank.example"], "registry.protected_tags": ["release-*"]})
        )
        tx.tree.save(replace(core, settings={}, archived=False, title=""))

    def _binding(self, tx: Any) -> None:
        tx.bindings.put(Binding(project=self.values["posting"], kind="git", url=REMOTE))

    def _collection(self, tx: Any) -> None:
        """One that is open."""
        posting, path = self.values["posting"], self.values["path of posting"]
        made = tx.collections.add(Collection(
            uid="collection-of-posting", project=posting, path=path, occasion=OccasionKind.PIPELINE,
            subjects=Subjects(commit="c" * 40, pipeline=self.values["pipeline"]),
            due=DueContract(needs=(), grace_minutes=30, deadline_minutes=60),
            opened=1, deadline=9 * 10**15))  # fmt: skip
        self.values["collection"] = made.uid

    def _schedule(self, tx: Any) -> None:
        made = tx.schedules.add(Schedule(project=self.values["posting"], cron="30 2 * * *", title="nightly-run"))
        self.values["schedule"] = made.id

    def _source(self, tx: Any) -> None:
        """Another one each time: its name is never given again, and one that is revoked shows no forms."""
        number = self.values.get("source", 0) + 1
        made = tx.sources.add(Source(
            name=f"source-of-core-{number}", node=self.values["core"], speaks_as=(f"/core/{number}",),
            token=f"{number:011}", created=1))  # fmt: skip
        self.values["source"] = made.id

    def _artifacts(self) -> None:
        """A repository with a manifest and what it is made of, an upload, a package, and a robot."""
        tools, who = self._tools.artifacts, Acting(self.people[ALL_ROLES], self._grants(ALL_ROLES))
        name = self.values["path of posting"]
        for data in (b"{}", b"layer"):
            upload = begin_upload(who, tools, name)
            upload.write([data])
            finish_upload(who, tools, name, upload.id, f"sha256:{hashlib.sha256(data).hexdigest()}")
        stored = put_manifest(who, tools, name, "v1", "", MANIFEST)
        file = begin_file(who, tools, self.values["posting"], "app", "1.0", "f")
        publish_file(who, tools, self.values["posting"], "app", "1.0", "f", file)
        expires = self._tools.units.clock() + HOUR
        robot = make_robot(who, tools, self.values["posting"], "puller", ["artifact.download"], expires).robot
        self.values |= {
            "manifest": stored.digest,
            "blob": f"sha256:{hashlib.sha256(b'layer').hexdigest()}",
            "upload": "0" * 32,
            "robot": robot.id,
        }

    def _grants(self, name: str) -> tuple[Grant, ...]:
        with self._store.view() as tx:
            return tuple(tx.grants.of(self.people[name].id))

    def _evidence(self) -> None:
        """A statement with a document, a waiver and an assessment about the node, all by somebody else."""
        tools, path = self._tools.assessments, self.values["path of core"]
        document, gone = tools.keep_file(b"minutes of a meeting"), f"sha256:{'0' * 64}"
        stated = own.StatementAttested(topic="topic", statement="It holds.", person=AUTHOR, files=(document,))
        waived = own.ExceptionGranted(
            rule="some-rule", reason="A reason.", person=AUTHOR, kind="waiver", until="2099-01-01T00:00:00Z"
        )
        assessed = own.AssessmentFinished(standard="continuous-delivery", version="1", pack=gone, as_of=1,
                                          end=timestamp(HOUR), result=gone, person=AUTHOR)  # fmt: skip
        for name in ("statement:1", "statement:2"):  # one is reviewed, another waits
            self._tell(path, stated, name)
        self.values |= {"digest": document, "statement": "statement:1", "waiver": self._tell(path, waived, "some-rule")}
        self.values |= {
            "seq": self._tell(path, assessed, path),
            "item": "x",
            "pack": "continuous-delivery",
            "code": "cd.1.1.1",
        }

    def _tell(self, path: str, content: Any, subject: str) -> int:
        """The number of an event about a node."""
        draft = write_event(content, id=secrets.token_hex(16), source=self._tools.units.source, subject=subject,
                            time=self._tools.units.clock(), project=path)  # fmt: skip
        return self.ledger.append([draft])[0].seq
