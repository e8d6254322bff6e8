"""A desk that keeps its promises, in memory: real permissions, states by the real state machine, a real chain."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import httpx
import msgspec
import uvicorn
from starlette.applications import Starlette

from plumbline.access import Actor, Permission, csrf_token, digest, may
from plumbline.evidence import inclusion_proof, leaf_hash, link, node_hash, record, root_at
from plumbline.flow.jobs.pipeline_run import step_of
from plumbline.flow.ledger.find_entries import Search
from plumbline.flow.ledger.prove_entry import Inclusion
from plumbline.flow.people.invitations import InvitationState
from plumbline.flow.search import Found
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.change import Change, Event, Project
from plumbline.model.event import NO_CHAIN, Entry, FoundEntries
from plumbline.model.job import FINISHED, JobResult, State
from plumbline.model.person import ApiToken, Grant, Person, Role, Session
from plumbline.model.pipeline import Job, Need, Plan
from plumbline.model.problem import Mark
from plumbline.model.server import StoredJob, StoredPipeline
from plumbline.model.tree import Node, NodeKind
from plumbline.pipeline import Progress
from plumbline.web import Proof, Signed, Visitor, pages_for
from plumbline.web.desk import LedgerState, RepositoryState, RunnerState, ScheduleRow

PASSWORD = "correct horse battery"
SECOND = 1_000_000


def refuse(code, message):
    return PlumblineError(code, message, kind=ErrorKind.REFUSED)


class MemoryLog:
    def __init__(self):
        self.data = bytearray()
        self.live = True

    @property
    def size(self):
        return len(self.data)

    def read(self, offset, length):
        return bytes(self.data[offset : offset + length])


class FileOnDisk:
    live = False

    def __init__(self, path):
        self._file = path.open("rb")
        self.size = path.stat().st_size

    def read(self, offset, length):
        return os.pread(self._file.fileno(), length, offset)  # several pages are asked for at once


class MemoryDesk:
    def __init__(self):
        self.persons, self.passwords, self.sessions, self.held = {}, {}, {}, []
        self.by_path, self.repositories, self.vars, self.api_tokens = {}, {}, {}, {}
        self.credentials = {}
        self.pipes, self.plans, self.all_jobs, self.logs, self.entries_, self.timed = {}, {}, {}, {}, [], []
        self.refusals, self.link = [], "set-up-code"
        self.left = {}

    def clock(self):
        return time.time_ns() // 1000

    readers = 4

    def one_moment(self):
        return nullcontext()

    # the door
    def vacant(self):
        return not self.persons

    def visitor(self, secret, entrance):
        session = self.sessions.get(digest(secret))
        return Visitor(self._standing(session.person), session, secret) if session else None

    def _standing(self, person):
        return Actor(self.persons[person], tuple(grant for grant in self.held if grant.person == person))

    def _enter(self, person):
        secret = secrets.token_urlsafe(32)
        self.sessions[digest(secret)] = Session(digest=digest(secret), person=person, created=0, seen=0)
        return Signed(secret, 3600)

    def person(self, name, *roles, title="", node=0, language=""):
        made = Person(id=len(self.persons) + 1, name=name, title=title, created=self.clock(), language=language)
        self.persons[made.id] = made
        self.passwords[name] = PASSWORD
        self.held += [Grant(person=made.id, node=node, role=Role(role), at=self.clock()) for role in roles]
        return made

    def set_up(self, link_, name, title, password, entrance):
        if link_ != self.link or self.persons:
            raise refuse("unknown-credential", t("This code is not valid."))
        made = self.person(name, "admin", title=title)
        self.passwords[name] = password
        self.record("dev.cdeventsx.plumbline-person.setUp.0.1.0", name)
        return self._enter(made.id)

    def accept(self, link_, name, password, entrance):
        raise refuse("link-not-valid", t("This link is not valid."))

    def sign_in(self, name, password, entrance):
        person = next((one for one in self.persons.values() if one.name == name), None)
        if person is None or self.passwords[name] != password:
            self.record("dev.cdeventsx.plumbline-person.signInFailed.0.1.0", name)
            raise refuse("sign-in-failed", t("Name or password is wrong."))
        self.record("dev.cdeventsx.plumbline-person.signedIn.0.1.0", name)
        return self._enter(person.id)

    def sign_out(self, visitor):
        self.sessions.pop(visitor.session.digest)

    def refused(self, page, code, visitor, entrance):
        self.refusals.append((page, code))

    def may(self, visitor, permission, node):
        return bool(may(visitor.standing, Permission(permission), self._line(node)))

    def _line(self, node):
        found = []
        while node:
            one = next(one for one in self.by_path.values() if one.id == node)
            found.append(one)
            node = one.parent
        return found

    def need(self, visitor, permission, node=0):
        decision = may(visitor.standing, Permission(permission), self._line(node))
        if not decision:
            raise refuse("not-allowed", decision.reason)

    # the tree
    def nodes(self, visitor):
        shown = [one for one in self.by_path.values() if self.may(visitor, "project.view", one.id)]
        return sorted(shown, key=lambda one: one.path)

    def line(self, visitor, node):
        by_id = {each.id: each for each in self.nodes(visitor)}
        if node not in by_id:
            raise PlumblineError("not-found", t("There is no node {node}.", node=node), kind=ErrorKind.REFUSED)
        line = [by_id[node]]
        while line[-1].parent in by_id:
            line.append(by_id[line[-1].parent])
        return line

    def node(self, kind, path, title=""):
        parent = self.by_path.get(path.rpartition("/")[0])
        name = path.rpartition("/")[2]
        self.by_path[path] = Node(
            id=len(self.by_path) + 1,
            kind=NodeKind(kind),
            name=name,
            path=path,
            parent=parent and parent.id,
            title=title,
        )
        return self.by_path[path]

    def add_node(self, visitor, parent, kind, name, title):
        self.need(visitor, "tree.write", parent or 0)
        above = next((one.path + "/" for one in self.by_path.values() if one.id == parent), "")
        return self.node(kind, above + name, title)

    def rename(self, visitor, node, title):
        self.need(visitor, "project.settings", node)

    def archive(self, visitor, node, archived):
        self.need(visitor, "project.archive", node)

    def bind(self, visitor, project, kind, url, poll, branch):
        self.need(visitor, "project.settings", project)
        self.repositories[project] = url

    def change_setting(self, visitor, node, key, value):
        self.need(visitor, "project.settings", node)
        held = next(path for path, one in self.by_path.items() if one.id == node)
        settings = {**self.by_path[held].settings, key: value}
        self.by_path[held] = msgspec.structs.replace(self.by_path[held], settings=settings)

    def repository(self, visitor, project):
        url = self.repositories.get(project)
        return RepositoryState("gitlab", url, f"/hooks/gitlab/{project}") if url else None

    def deliveries(self, visitor, project, limit):
        self.need(visitor, "project.settings", project)
        return []

    def renew_webhook(self, visitor, project, signing_token):
        self.need(visitor, "project.settings", project)
        return "" if signing_token else "a new secret"

    def repository_credentials(self, visitor, node):
        nodes = {0, *(one.id for one in self._line(node))}
        return [one for one in self.credentials.values() if one.node in nodes]

    def put_repository_credential(self, visitor, credential, secret):
        self.need(visitor, "variable.write", credential.node)
        kept = msgspec.structs.replace(credential, sealed=b"?", changed=self.clock())
        self.credentials[credential.node, credential.scheme, credential.host] = kept

    def remove_repository_credential(self, visitor, node, scheme, host):
        self.need(visitor, "variable.write", node)
        self.credentials.pop((node, scheme, host))

    def variables(self, visitor, node):
        self.need(visitor, "variable.view", node)
        return [one for one in self.vars.values() if one.node == node]

    def put_variable(self, visitor, variable, value):
        self.need(visitor, "variable.write", variable.node)
        kept = msgspec.structs.replace(variable, sealed=b"?", changed=self.clock())
        self.vars[variable.node, variable.name, variable.scope] = kept

    def remove_variable(self, visitor, node, name, scope):
        self.need(visitor, "variable.write", node)
        self.vars.pop((node, name, scope))

    # pipelines
    def add_pipeline(self, project, jobs, *, ref="main", message="Change", event=Event.PUSH, by=0):
        """``jobs``: name -> stage, or (stage, needs), or (stage, needs, values of the Job)."""
        node = next(one for one in self.by_path.values() if one.id == project)
        change = Change(
            project=Project(path=node.path),
            event=event,
            sha=secrets.token_hex(20),
            branch=ref,
            message=message,
            author="Mei Lin <mei@bank.example>",
        )
        given = {name: value if isinstance(value, tuple) else (value, None) for name, value in jobs.items()}
        stages = tuple(dict.fromkeys(value[0] for value in given.values()))
        planned = tuple(
            Job(
                name=name,
                group=name,
                where=Mark(".gitlab-ci.yml", 1),
                stage=value[0],
                stage_index=stages.index(value[0]),
                needs=None if value[1] is None else tuple(Need(job=need) for need in value[1]),
                **(value[2] if len(value) > 2 else {}),
            )
            for name, value in given.items()
        )
        number = len(self.pipes) + 1
        iid = 1 + sum(one.project == project for one in self.pipes.values())
        self.plans[number] = Plan(change=change, stages=stages, jobs=planned)
        self.pipes[number] = StoredPipeline(
            id=number, project=project, iid=iid, uid=str(number), change=change, by=by, created=self.clock()
        )
        for job in planned:
            self._add_job(number, job.name, job.stage, 1)
        self._move(number, lambda progress: progress.start())
        self.record("dev.cdevents.pipelinerun.queued.0.3.0", f"{node.path}#{iid}")
        return self.pipes[number]

    def _add_job(self, pipeline, name, stage, attempt, state=State.CREATED):
        number = len(self.all_jobs) + 1
        self.all_jobs[number] = StoredJob(
            id=number, pipeline=pipeline, name=name, stage=stage, attempt=attempt, state=state, queued=self.clock()
        )
        return number

    def current(self, pipeline):
        return {one.name: one for one in self.all_jobs.values() if one.pipeline == pipeline}

    def _move(self, pipeline, act):
        current = self.current(pipeline)
        progress = Progress(
            [step_of(job) for job in self.plans[pipeline].jobs],
            {name: job.state for name, job in current.items()},
            allowed=[name for name, job in current.items() if job.allow_failure],
        )
        for step in act(progress):
            job = self.current(pipeline)[step.name]
            if step.before in FINISHED and step.after is State.PENDING:
                self._add_job(pipeline, job.name, job.stage, job.attempt + 1, State.PENDING)
            else:
                self._save(msgspec.structs.replace(job, state=step.after))
        before = self.pipes[pipeline]
        state = progress.state_of_pipeline
        times = {"started": before.started or self.clock(), "finished": self.clock() if state in FINISHED else 0}
        forgiven = any(job.state is State.FAILED and job.allow_failure for job in self.current(pipeline).values())
        self.pipes[pipeline] = msgspec.structs.replace(before, state=state, forgiven=forgiven, **times)

    def _save(self, job):
        self.all_jobs[job.id] = job

    def begin(self, pipeline, name):
        job = self.current(pipeline)[name]
        self._move(pipeline, lambda progress: [*progress.start(), *progress.record(name, State.RUNNING)])
        self._save(msgspec.structs.replace(self.all_jobs[job.id], started=self.clock()))
        self.logs[job.id] = MemoryLog()
        self.record("dev.cdevents.taskrun.started.0.3.0", name)
        return job.id

    def write(self, job, text):
        self.logs[job].data += text.encode()

    def end(self, pipeline, name, state=State.SUCCESS, message=None, exit_code=0, took=None, allowed=False):
        job = self.current(pipeline)[name]
        result = JobResult(state=state, exit_code=exit_code, message=message)
        finished = self.clock() if took is None else job.started + int(took * SECOND)
        self._save(msgspec.structs.replace(job, finished=finished, result=result, allow_failure=allowed))
        self._move(pipeline, lambda progress: [*progress.start(), *progress.record(name, state, allowed=allowed)])
        if job.id in self.logs:
            self.logs[job.id].live = False
        self.record("dev.cdevents.taskrun.finished.0.3.0", name)

    def latest(self, visitor):
        return {one.project: one for one in self.pipes.values()}

    def pipelines(self, visitor, project, ref, before, limit):
        shown = [
            one
            for one in reversed(self.pipes.values())
            if (not project or one.project == project)
            and (not ref or one.ref == ref)
            and (not before or one.id < before)
            and self.may(visitor, "pipeline.view", one.project)
        ]
        return shown[:limit]

    def pipeline(self, visitor, pipeline):
        if pipeline not in self.pipes:
            raise refuse("not-found", t("There is no pipeline {id}.", id=pipeline))
        self.need(visitor, "pipeline.view", self.pipes[pipeline].project)
        return self.pipes[pipeline]

    def plan(self, visitor, pipeline):
        return self.plans[pipeline]

    def jobs(self, visitor, pipeline):
        return [one for one in self.all_jobs.values() if one.pipeline == pipeline]

    def job(self, visitor, job):
        if job not in self.all_jobs:
            raise refuse("not-found", t("There is no job {id}.", id=job))
        return self.all_jobs[job]

    def log(self, visitor, job):
        self.job(visitor, job)
        return self.logs.get(job)

    def days_of_log(self, visitor, job):
        return 0

    def artifacts(self, visitor, job):
        return self.left.get(job)

    def left_file(self, visitor, job, name):
        self.need(visitor, "artifact.download", self.pipes[self.all_jobs[job].pipeline].project)
        return iter([name.encode()])

    def keep_artifacts(self, visitor, job, keep):
        self.need(visitor, "job.retry", self.pipes[self.all_jobs[job].pipeline].project)
        left = self.left[job]
        kept = msgspec.structs.replace(left.kept, kept_by=visitor.person.id if keep else 0)
        self.left[job] = left._replace(kept=kept, expires=0 if keep else kept.expires)

    def run(self, visitor, project, ref, variables):
        self.need(visitor, "pipeline.run", project)
        return self.add_pipeline(project, {"build": "build"}, ref=ref or "main", event=Event.WEB)

    def cancel(self, visitor, pipeline):
        self.need(visitor, "pipeline.cancel", self.pipes[pipeline].project)
        self._move(pipeline, lambda progress: progress.cancel())

    def retry_pipeline(self, visitor, pipeline):
        for name, job in self.current(pipeline).items():
            if job.state in (State.FAILED, State.CANCELED):
                self.retry(visitor, self.current(pipeline)[name].id)

    def retry(self, visitor, job):
        one = self.all_jobs[job]
        self.need(visitor, "job.retry", self.pipes[one.pipeline].project)
        self._move(one.pipeline, lambda progress: progress.retry(one.name))
        self.record("dev.cdevents.taskrun.queued.0.3.0", one.name)
        return self.current(one.pipeline)[one.name].id

    def play(self, visitor, job):
        one = self.all_jobs[job]
        self.need(visitor, "job.play", self.pipes[one.pipeline].project)
        self._move(one.pipeline, lambda progress: progress.play(one.name))

    def cancel_job(self, visitor, job):
        one = self.all_jobs[job]
        self._move(one.pipeline, lambda progress: progress.record(one.name, State.CANCELED))

    def schedules(self, visitor, project):
        return [ScheduleRow(one, "Mei", runs=True) for one in self.timed if one.project == project]

    def schedule(self, visitor, schedule):
        return next(one for one in self.timed if one.id == schedule)

    def play_schedule(self, visitor, schedule):
        return self.add_pipeline(self.schedule(visitor, schedule).project, {"build": "build"})

    def put_schedule(self, visitor, schedule):
        self.need(visitor, "schedule.write", schedule.project)
        self.timed.append(msgspec.structs.replace(schedule, id=len(self.timed) + 1))

    def remove_schedule(self, visitor, schedule):
        self.timed = [one for one in self.timed if one.id != schedule]

    def runners(self, visitor):
        self.need(visitor, "runner.view")
        busy = [one for one in self.all_jobs.values() if one.state is State.RUNNING]
        return [RunnerState("embedded", tuple(busy), self.clock())] if busy else []

    def waiting(self, visitor):
        return sum(one.state is State.PENDING for one in self.all_jobs.values())

    # the ledger
    def record(self, kind, subject):
        seq, now = len(self.entries_) + 1, self.clock()
        context = {"version": "0.5.1", "id": secrets.token_hex(8), "source": "/simulated", "type": kind}
        body = json.dumps({"context": context, "subject": {"id": subject, "content": {}}}).encode()
        chain = link(self.entries_[-1].chain if self.entries_ else NO_CHAIN, seq, now, body)
        made = Entry(
            seq=seq,
            source="/simulated",
            id=context["id"],
            type=kind,
            subject=subject,
            received=now,
            body=body,
            chain=chain,
        )
        self.entries_.append(made)

    def _node(self, level, index):
        if level == 0:
            one = self.entries_[index]
            return leaf_hash(record(one.seq, one.received, one.body))
        return node_hash(self._node(level - 1, 2 * index), self._node(level - 1, 2 * index + 1))

    def head(self):
        return len(self.entries_)

    def ledger(self, visitor):
        self.need(visitor, "ledger.read")
        return LedgerState(len(self.entries_), None, len(self.entries_), broken=False)

    def entries(self, visitor, wanted, text, limit, *, before, part):
        self.need(visitor, "ledger.read")
        shown = [
            one
            for one in reversed(self.entries_)
            if text in one.subject + one.id + one.source and wanted.kind in one.type
            if not before or one.seq < before
        ]
        more = shown[limit - 1].seq if len(shown) > limit else 0
        return Search(FoundEntries(entries=tuple(shown[:limit]), next=more), named=False)

    def entry_types(self, visitor):
        self.need(visitor, "ledger.read")
        return sorted({one.type for one in self.entries_})

    def proof(self, visitor, seq):
        self.need(visitor, "ledger.read")
        if not 0 < seq <= len(self.entries_):
            raise refuse("not-found", t("There is no entry {seq}.", seq=seq))
        size, index = len(self.entries_), seq - 1
        root = root_at(size, self._node)
        path = tuple(inclusion_proof(index, size, self._node))
        return Proof(self.entries_[index], size, Inclusion(size, self._node(0, index), path, root), None)

    # people
    def people(self, visitor):
        self.need(visitor, "people.view")
        return list(self.persons.values())

    def grants(self, visitor, person):
        return [one for one in self.held if one.person == person]

    def add_person(self, visitor, name, title, email):
        self.need(visitor, "people.manage")
        self.person(name, title=title)
        return "http://plumb.test/welcome?code=once"

    def invite(self, visitor, person):
        self.need(visitor, "people.manage")
        return "http://plumb.test/welcome?code=again"

    def invitation_state(self, visitor, person):
        return InvitationState(True, 0)

    def set_active(self, visitor, person, active):
        self.need(visitor, "people.manage")
        self.persons[person] = msgspec.structs.replace(self.persons[person], active=active)

    def grant(self, visitor, person, node, role):
        self.need(visitor, "role.grant", node)
        self.held.append(Grant(person=person, node=node, role=role, at=self.clock()))

    def revoke(self, visitor, person, node, role):
        self.need(visitor, "role.grant", node)
        self.held = [one for one in self.held if (one.person, one.node, one.role) != (person, node, role)]

    def prefer(self, visitor, language):
        person = visitor.person
        self.persons[person.id] = msgspec.structs.replace(person, language=language)

    def change_password(self, visitor, old, new):
        self.passwords[visitor.person.name] = new

    def tokens(self, visitor):
        return [one for one in self.api_tokens.values() if one.person == visitor.person.id]

    def make_token(self, visitor, name, scopes, days):
        now = self.clock()
        made = ApiToken(
            id=secrets.token_hex(6)[:11],
            digest=b"",
            person=visitor.person.id,
            name=name,
            scopes=tuple(scopes),
            created=now,
            expires=now + days * 86_400 * SECOND,
        )
        self.api_tokens[made.id] = made
        return f"plumb_{made.id}_{'x' * 43}"

    def revoke_token(self, visitor, token):
        self.api_tokens[token] = msgspec.structs.replace(self.api_tokens[token], revoked=self.clock())

    def resolve(self, visitor, text):
        found = [
            Found("project", one.title or one.name, one.path, f"/projects/{one.id}")
            for one in self.nodes(visitor)
            if one.kind == "project" and text.lower() in (one.title + one.path).lower()
        ]
        found += [
            Found("pipeline", f"#{one.iid}", one.sha, f"/pipelines/{one.id}")
            for one in self.pipes.values()
            if one.sha.startswith(text)
        ]
        return found[:20]


@contextlib.contextmanager
def serving(desk):
    """The pages on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(
        Starlette(routes=pages_for(desk)), port=port, log_level="warning", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(5)


class Browser:
    def __init__(self, desk):
        self.app = Starlette(routes=pages_for(desk))
        self.cookies = {}

    def ask(self, method, path, **more):
        async def once():
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://plumb.test", cookies=self.cookies
            ) as http:
                return await http.request(method, path, **more)

        with ThreadPoolExecutor(1) as pool:  # a browser test may have a loop of its own in this thread
            return pool.submit(lambda: asyncio.run(once())).result()

    def sign_in(self, name):
        answer = self.ask("POST", "/sign-in", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 303
        self.cookies = {"plumbline_session": answer.cookies["plumbline_session"]}
        return self

    def post(self, path, **fields):
        fields.setdefault("csrf", csrf_token(self.cookies["plumbline_session"]))
        return self.ask("POST", path, data=fields)
