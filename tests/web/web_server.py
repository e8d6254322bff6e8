"""A real server in a temporary folder, a small bank on it, and browsers of the people there.

What people do goes over HTTP; what is there before is put into the store, or comes about as it does with a runner.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path

import httpx
import msgspec
import uvicorn

from plumbline.access import csrf_token, digest
from plumbline.adapters.data_folder import artifact_folder
from plumbline.adapters.secrets import Argon2Passwords
from plumbline.adapters.store import now
from plumbline.api import make_app
from plumbline.evidence import write_event
from plumbline.evidence.vocabulary import cdevents_core
from plumbline.flow.people.invitations import set_up_link
from plumbline.flow.pipelines.claim_jobs import claim_jobs, finish_job
from plumbline.flow.pipelines.create_pipeline import create_pipeline
from plumbline.flow.reports.sign import sign
from plumbline.flow.tree.repository_credentials import credential_place
from plumbline.http.session_cookie import cookie_name
from plumbline.model.change import Change, Event, Project
from plumbline.model.job import FailureReason, JobResult, State
from plumbline.model.person import Grant, Person, Role, Session
from plumbline.model.pipeline import Job, Need, Plan
from plumbline.model.problem import Mark
from plumbline.model.reported import ReadFile, ReadReports
from plumbline.model.repository_credential import RemoteScheme, RepositoryCredential
from plumbline.model.server import Binding
from plumbline.model.tree import INSTANCE, Node, NodeKind
from plumbline.web import pages_for
from plumbline.wiring.reports import read_report
from plumbline.wiring.server import OpenServer, ServerSettings

PASSWORD = "quiet harbour morning"
URL = "https://plumb.bank.example"
HOUR = 3600 * 1_000_000


@contextmanager
def opened(folder, template=None, url="", clock=now):
    """A server in a folder, as it is in a copy of ``template``."""
    if template is not None:
        shutil.copytree(template, folder)
    with OpenServer(ServerSettings(data=str(folder), url=url or None, isolation="none"), clock) as server:
        yield server


def app_of(server):
    """Everything that a server answers, as `plumb up` puts it together; made once."""
    if not hasattr(server, "app"):
        server.app = make_app(server.tools, pages_for(server.tools))
    return server.app


@contextmanager
def serving(server):
    """The address of a server on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as own:
        config = uvicorn.Config(app_of(server), log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        made = uvicorn.Server(config)
        thread = threading.Thread(target=made.run, kwargs={"sockets": [own]}, daemon=True)
        thread.start()
        while not made.started and thread.is_alive():
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{own.getsockname()[1]}"
        finally:
            made.should_exit = True
            thread.join()


class Browser:
    """Asks a server inside this process, as whoever has the cookies."""

    def __init__(self, server, **cookies):
        self.app = app_of(server)
        secure = server.tools.secure_cookies
        self.here = f"{'https' if secure else 'http'}://plumb.test"
        self.session = cookie_name(secure=secure)
        self.cookies = cookies

    def ask(self, method, path, **more):
        if method == "POST":  # as browsers do
            more["headers"] = {"Origin": self.here, **(more.get("headers") or {})}

        async def once():
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url=self.here, cookies=self.cookies) as http:
                return await http.request(method, path, **more)

        with ThreadPoolExecutor(1) as pool:  # a browser test may have a loop of its own in this thread
            return pool.submit(lambda: asyncio.run(once())).result()

    def enter(self, page, **fields):
        """Come in with a password; the answer."""
        answer = self.ask("POST", page, data={"password": PASSWORD, **fields})
        assert answer.status_code == 303, answer.text
        self.cookies = {self.session: answer.cookies[self.session]}
        return answer

    def post(self, path, **fields):
        fields.setdefault("csrf", csrf_token(self.cookies[self.session]))
        return self.ask("POST", path, data=fields)


def first_person(server):
    """Who signed up with the link that a new server prints."""
    made = Browser(server)
    link = set_up_link(server.tools.people)
    assert link in made.ask("GET", f"/setup?key={link}").text
    made.enter("/setup", link=link, name="ada", title="Ada")
    return made


def add_project(browser):
    """An organisation (1) and a project (2) below it."""
    browser.post("/tree", kind="organisation", name="bank", title="Harbour Bank")
    browser.post("/tree", kind="project", parent="1", name="core", url="https://gitlab.bank.example/pay/core.git")
    return browser


def add_person(server, name, *roles, node=INSTANCE, title=""):
    """Somebody with a password and with roles at a node."""
    with server.tools.units.store.change() as tx:
        person = tx.people.add(Person(id=0, name=name, title=title, created=1))
        tx.people.set_password(person.id, _hash(), None)
        for role in roles:
            tx.grants.add(Grant(person=person.id, node=node, role=Role(role)))
    return person


def browser_of(server, name):
    """Of somebody who signed in before."""
    secret, now = secrets.token_urlsafe(32), server.tools.units.clock()
    with server.tools.units.store.change() as tx:
        person = tx.people.named(name).id
        tx.sessions.add(Session(digest=digest(secret), person=person, created=now, seen=now))
    return Browser(server, **{cookie_name(secure=server.tools.secure_cookies): secret})


def add_entries(server, count, **changes):
    """Entries of the ledger about a project, one second after the other."""
    content = cdevents_core.TaskRunFinished(task_name="job", outcome="success")
    first = server.tools.ledger.ledger.size() + 1
    made = [
        write_event(
            content, id=f"id-{n:03}", source="/other", subject=f"run-{n:03}", time=n * 1_000_000, project="bank/pay"
        )
        for n in range(first, first + count)
    ]
    server.tools.ledger.ledger.append([msgspec.structs.replace(one, **changes) for one in made])


def refusals(server):
    """What was refused and why, as the ledger has it."""
    told = [msgspec.json.decode(one.body)["subject"]["content"] for one in server.tools.ledger.ledger.read()
            if "access.refused" in one.type]  # fmt: skip
    return [(one["permission"], one["reason"]) for one in told]


class Bank:
    """What happens on a server, and what stands in its tree."""

    def __init__(self, server, folder):
        self.server, self.folder, self.store = server, folder, server.tools.units.store
        self._runner = server.runner_tools()

    def browser(self, name):
        return browser_of(self.server, name)

    def person(self, name, *roles, **more):
        return add_person(self.server, name, *roles, **more)

    def nodes(self, *nodes):
        """``nodes``: kind, path, title."""
        with self.store.change() as tx:
            at = {node.path: node.id for node in tx.tree.all()}
            added = []
            for kind, path, title in nodes:
                above, _, name = path.rpartition("/")
                node = Node(id=0, kind=NodeKind(kind), name=name, path=path, parent=at.get(above), title=title)
                added.append(tx.tree.add(node))
                at[path] = added[-1].id
        return added

    def node(self, kind, path, title=""):
        return self.nodes((kind, path, title))[0]

    def bind(self, project, url, kind="gitlab"):
        with self.store.change() as tx:
            tx.bindings.put(Binding(project=project, kind=kind, url=url))

    def credential(self, node, host):
        made = RepositoryCredential(node=node, scheme=RemoteScheme.SSH, host=host, sealed=b"", known_hosts="x")
        sealed = self.server.tools.tree.vault.seal(b"a key", credential_place(made))
        changed = self.server.tools.units.clock()
        with self.store.change() as tx:
            tx.repository_credentials.put(msgspec.structs.replace(made, sealed=sealed, changed=changed))

    def add_pipeline(self, project, jobs, *, ref="main", message="Change", event=Event.PUSH, **more):
        """``jobs``: name -> stage, or (stage, needs), or (stage, needs, values of the Job)."""
        with self.store.change() as tx:
            change = Change(
                project=Project(path=tx.tree.get(project).path),
                event=event,
                sha=secrets.token_hex(20),
                branch=ref,
                message=message,
                author="Mei Lin <mei@bank.example>",
            )
            return create_pipeline(self._runner.server, tx, project, _plan(change, jobs), **{"by": 0} | more)

    def current(self, pipeline):
        """Name -> newest attempt."""
        with self.store.view() as tx:
            return {one.name: one for one in tx.jobs.of(pipeline)}

    def begin(self, pipeline, name):
        """A runner takes a job; the attempt's number."""
        job = self.current(pipeline)[name].id
        [claim] = claim_jobs(self._runner.server, self._runner.owner, 1, HOUR, lambda one: one.id == job)
        self.write(job, "", pipeline)
        return claim.job.id

    def write(self, job, text, pipeline=0):
        """The job prints."""
        if not pipeline:
            with self.store.view() as tx:
                pipeline = tx.jobs.get(job).pipeline
        with self._runner.open_log(pipeline, job) as log:
            log.write(text.encode())

    def end(self, pipeline, name, state=State.SUCCESS, message=None, exit_code=0, kept=(), reports=(), layer=""):
        """The job ends, which begins now where it has not. ``reports``: kind, name and content of report files, which
        are read as a runner reads them; ``layer``: of the tests in them."""
        if not self.current(pipeline)[name].started:
            self.begin(pipeline, name)
        job = self.current(pipeline)[name]
        reason = FailureReason.SCRIPT if state is State.FAILED else None
        result = JobResult(state=state, exit_code=exit_code, message=message, reason=reason, kept=kept)
        read = sign(ReadReports(tuple(_read(layer, *one) for one in reports)), b"a key of this bank", None)
        assert finish_job(self._runner.server, job.id, job.lease_owner, job.fence, result, read)

    def keep_file(self, job, name, content):
        """What a job left, where the server has it."""
        path = Path(artifact_folder(str(self.folder), job), name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def furnish(bank):
    """Harbour Bank: an administrator and somebody who looks; a system (2) and its project (3) with a repository."""
    bank.person("mei", "admin", title="林梅")
    bank.person("omar", "viewer")
    bank.nodes(
        ("organisation", "bank", "Harbour Bank"),
        ("system", "bank/core", "Core"),
        ("project", "bank/core/posting", "Posting engine"),
    )
    bank.bind(3, "https://git.bank.example/posting.git")
    for node in (1, 3):
        bank.credential(node, "git.bank.example")


def _plan(change, jobs):
    given = {name: value if isinstance(value, tuple) else (value, None) for name, value in jobs.items()}
    stages = tuple(dict.fromkeys(value[0] for value in given.values()))
    planned = [
        Job(
            name=name,
            where=Mark(".gitlab-ci.yml", 1),
            stage=stage,
            stage_index=stages.index(stage),
            needs=needs if needs is None else tuple(Need(job=one) for one in needs),
            **{"group": name, **(more[0] if more else {})},
        )
        for name, (stage, needs, *more) in given.items()
    ]
    return Plan(change=change, stages=stages, jobs=tuple(planned))


def _read(layer, kind, name, content):
    data = content.encode() if isinstance(content, str) else content
    told = read_report(layer, name, data, kind)
    return ReadFile(kind=kind, name=name, digest=f"sha256:{sha256(data).hexdigest()}", size=len(data), content=told)


@cache
def _hash():
    return Argon2Passwords().hash(PASSWORD)
