"""A server without its door: a store, a project with a real repository, and a runner."""

from __future__ import annotations

import secrets
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from plumbline.adapters.data_folder import LocalDataFolder
from plumbline.adapters.secrets import KeyVault
from plumbline.adapters.store import Store, StoreSettings, open_store
from plumbline.flow.contracts.opening import Opener
from plumbline.flow.pipelines.carry_out import carry_out_due
from plumbline.flow.pipelines.create_pipeline import start_pipeline
from plumbline.flow.pipelines.look import due_looks, look_at
from plumbline.flow.pipelines.receive_webhook import receive_change
from plumbline.flow.pipelines.tools import Server, Wanted
from plumbline.flow.storage.cleanup import Cleanup, CleanupTools
from plumbline.flow.unit_of_work import actor_of
from plumbline.model.person import Grant, Person, Role
from plumbline.model.server import Binding
from plumbline.model.tree import INSTANCE, Node, NodeKind
from plumbline.runner import DeliveryWorker, Runner
from plumbline.wiring.contracts import contract_tools
from plumbline.wiring.pipelines import MirroredProjects, PipelineSettings, runner_tools
from plumbline.wiring.reports import taker

if TYPE_CHECKING:
    from collections.abc import Callable

    from plumbline.access import Actor
    from plumbline.kernel import PlumblineError
    from plumbline.model.server import Delivery, StoredJob, StoredPipeline, Webhook


T = TypeVar("T")


class World:
    """Opened anew, it is the same server after a crash."""

    def __init__(self, folder: Path, address: str = "", *, threads: int = 2, replica: str = "") -> None:
        self.data, self.address = str(folder), address
        replica = replica or f"crash-{sha256(self.data.encode()).hexdigest()[:12]}"  # others run on this machine too
        self.late = 0  # microseconds that the clock is ahead
        self.store: Store = open_store(StoreSettings(data=self.data, address=address), self.clock)
        self.vault = KeyVault(folder / "keys", create=True)
        self.settings = PipelineSettings(data=self.data, replica=replica, threads=threads, isolation="none")
        self.projects = MirroredProjects(self.settings, self.store, self.vault)
        self.server = Server(
            store=self.store,
            projects=self.projects,
            vault=self.vault,
            clock=self.clock,
            new_uid=lambda: secrets.token_hex(12),
            take_reports=taker("/plumbline", self.clock),
            occasions=Opener(lambda: self.server.units),
        )
        self.contracts = contract_tools(self.server.units, self.store, self.projects)
        self.complaints: list[str] = []

    def clock(self) -> int:
        return time.time_ns() // 1000 + self.late

    def runner(self) -> Runner:
        return Runner(runner_tools(self.settings, self.server, lambda error: self.complaints.append(str(error))))

    def room(self) -> Cleanup:
        """What removes what need not be kept any longer."""
        folder = LocalDataFolder(self.data)
        return Cleanup(CleanupTools(self.store, self.server, folder, self.settings.replica))

    def make_room(self) -> None:
        for _ in self.room().round():
            pass

    def add_project(self, repository: Path, name: str = "core", **binding: Any) -> int:
        with self.store.change() as tx:
            bank = tx.tree.at("bank") or tx.tree.add(Node(id=0, kind=NodeKind.ORGANISATION, name="bank", path="bank"))
            hosts = {"repository.hosts": ["*", "127.0.0.1:*"]}  # its servers are on this machine
            node = Node(id=0, kind=NodeKind.PROJECT, name=name, path=f"bank/{name}", parent=bank.id, settings=hosts)
            project = tx.tree.add(node).id
            tx.bindings.put(Binding(**{"project": project, "kind": "git", "url": str(repository), **binding}))
        return project

    def start(self, project: int, **wanted: Any) -> StoredPipeline:
        made = start_pipeline(self.server, Wanted(project=project, **wanted), by=0)
        assert made is not None
        return made

    def tell(self, project: int, webhook: Webhook) -> Delivery:
        """What a forge tells, carried out."""
        told = self.receive(project, webhook)
        self.carry_out()
        return self.delivery(told.id)

    def made(self, project: int, webhook: Webhook) -> StoredPipeline | None:
        """The pipeline that comes of what a forge tells."""
        told = self.tell(project, webhook)
        return self.pipeline(told.pipeline) if told.pipeline else None

    def receive(self, project: int, webhook: Webhook) -> Delivery:
        """What a forge tells, written down."""
        with self.store.view() as tx:
            binding = tx.bindings.get(project)
        assert binding is not None
        return receive_change(self.server, binding, webhook)

    def carry_out(self) -> int:
        """All deliveries that are due."""
        return carry_out_due(self.server, f"{self.settings.replica}/test", self.complain)

    def complain(self, error: PlumblineError) -> None:
        self.complaints.append(f"{error.code}: {error}")

    def delivery(self, number: int) -> Delivery:
        with self.store.view() as tx:
            found = tx.deliveries.get(number)
        assert found is not None
        return found

    def look(self) -> list[Delivery]:
        """Every look that is due; what was put into the queue."""
        return [one for look in due_looks(self.server) for one in look_at(self.server, look)]

    def worker(self) -> DeliveryWorker:
        return DeliveryWorker(runner_tools(self.settings, self.server, self.complain))

    def actor(self, name: str = "ada", role: Role = Role.ADMIN, node: int = INSTANCE) -> Actor:
        """Somebody with a role, who comes with the first call."""
        with self.store.change() as tx:
            person = tx.people.named(name)
            if person is None:
                person = tx.people.add(Person(id=0, name=name, created=1))
                tx.grants.add(Grant(person=person.id, node=node, role=role))
            found = actor_of(tx, person.id)
        assert found is not None
        return found

    def pipeline(self, number: int) -> StoredPipeline:
        with self.store.view() as tx:
            found = tx.pipelines.get(number)
        assert found is not None
        return found

    def jobs(self, pipeline: int) -> list[StoredJob]:
        with self.store.view() as tx:
            return list(tx.jobs.of(pipeline))

    def states(self, pipeline: int) -> dict[str, str]:
        """Newest state of each job."""
        return {job.name: job.state.value for job in self.jobs(pipeline)}

    def events(self, word: str = "") -> list[Any]:
        return [entry for entry in self.store.ledger.read() if word in entry.type]

    def log(self, job: StoredJob) -> str:
        return Path(self.data, "logs", str(job.pipeline), f"{job.id}.log").read_text()

    def close(self) -> None:
        self.store.close()


def ahead(world: World, seconds: float) -> None:
    """Time goes on, by the clock on the wall alone."""
    world.late += int(seconds * 1_000_000)


class Ticks:
    """A clock that nobody sets."""

    def __init__(self) -> None:
        self._now = 0

    def now(self) -> int:
        return self._now

    def pass_(self, seconds: int, look: Callable[[], T]) -> T:
        """Somebody looks every second; what was found last, or first where that is something."""
        found = look()
        for _ in range(seconds):
            self._now += 1_000_000
            found = found or look()
        return found
