"""Builds the server's tools out of the adapters; imported by the commands of the server alone."""

from __future__ import annotations

import logging
import os
import secrets
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from plumbline.access import settings_with
from plumbline.adapters.data_folder import (
    HOOKS,
    MIRRORS,
    LocalDataFolder,
    log_path,
    make_private,
)
from plumbline.adapters.executors import isolations
from plumbline.adapters.folders import private_folder, storing, write_whole
from plumbline.adapters.forges import forges, install_hook, read_webhook, sign_notification
from plumbline.adapters.outside import make_witness_key, turn
from plumbline.adapters.replicas import take_name
from plumbline.adapters.room import RoomWatch
from plumbline.adapters.secrets import Argon2Passwords, KeyVault
from plumbline.adapters.store import Store, StoreSettings, now, open_when_there
from plumbline.evidence import Outcome
from plumbline.flow.artifacts.attest import attest_due
from plumbline.flow.artifacts.guests import job_variables
from plumbline.flow.artifacts.holds import Holds
from plumbline.flow.contracts.closing import close_due
from plumbline.flow.contracts.late import mark_late
from plumbline.flow.contracts.opening import Opener
from plumbline.flow.contracts.statements import state_due
from plumbline.flow.gates.facts_of import facts_for_collection
from plumbline.flow.gates.telling_turn import tell_due
from plumbline.flow.gates.turns import judge_due
from plumbline.flow.gates.waiver_turns import turn_waivers
from plumbline.flow.ledger.checkpoints import Head
from plumbline.flow.ledger.outside import Attempt, Outside, deliver
from plumbline.flow.ledger.tell_checkpoint import checkpoint_and_tell
from plumbline.flow.ledger.tools import LedgerTools
from plumbline.flow.ledger.witness import WitnessTools
from plumbline.flow.people.refusals import Refusals
from plumbline.flow.people.sign_in import sweep_sessions
from plumbline.flow.people.tools import PeopleTools
from plumbline.flow.pipelines.tools import RunnerTools, Server
from plumbline.flow.reports.tools import ReportTools
from plumbline.flow.service import FigureNow, Service
from plumbline.flow.sources.tools import SourceTools
from plumbline.flow.storage.cleanup import Cleanup, CleanupTools
from plumbline.flow.storage.reencrypt import sealed_at
from plumbline.flow.tree.former_names import read_moves
from plumbline.flow.tree.tools import TreeTools
from plumbline.kernel import PlumblineError, t
from plumbline.model.keeping import KeptKind
from plumbline.model.room import KeepFree
from plumbline.model.tree import NodeKind, is_within
from plumbline.wiring.artifacts import artifact_tools
from plumbline.wiring.assessments import Mirror, assessment_tools, refresh_from, render_and_log
from plumbline.wiring.attestations import attestation_tools, left_in
from plumbline.wiring.blobs import finder, open_blobs, settle_address
from plumbline.wiring.contracts import contract_tools
from plumbline.wiring.figures import figures_of_fetches, figures_of_files, figures_of_store
from plumbline.wiring.gates import gate_tools
from plumbline.wiring.installation import make_source
from plumbline.wiring.ledger_keys import check_ledger_key, own_ledger_key
from plumbline.wiring.local import data_folder
from plumbline.wiring.moment import moment_of, new_id, remember_certificate
from plumbline.wiring.outside import outside_of, outside_tools
from plumbline.wiring.pipelines import MirroredProjects, PipelineSettings, runner_tools
from plumbline.wiring.reports import read_report, taker
from plumbline.wiring.server_says import corrupted, readiness_of, record, refusal_event
from plumbline.wiring.stores import KEYS, ledger_key
from plumbline.wiring.tellings import telling_tools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from plumbline.evidence import VerifyingKey
    from plumbline.model.ports.blobs import BlobStore
    from plumbline.model.server import Binding

__all__ = ["KEYS", "OpenServer", "ServerSettings", "install_hook", "moment_of", "sign_notification"]

_log = logging.getLogger(__name__)


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a command of the server was told. None: the default."""

    data: str | None = None
    database: str | None = None  # the address of a PostgreSQL database; None: a file in the data folder
    artifacts: str = ""  # the address of an object store that they are kept in; empty: in the data folder
    artifacts_moved: bool = False  # whoever starts it has moved them there
    runners: int | None = None  # jobs at the same time; 0: none here
    isolation: str = "auto"  # a way to run jobs without an image
    url: str | None = None  # where browsers reach it, if not at the address it listens on
    listens: str = ""  # the address it listens on
    https: bool = False  # it speaks HTTPS itself
    certificate: str | None = None  # with this one
    keep_free: KeepFree = KeepFree()  # of the disk
    patience: float = 0.0  # seconds to wait for a database that does not answer when the server starts

    @property
    def folder(self) -> str:
        return data_folder(self.data)

    @property
    def secure(self) -> bool:
        """Whether browsers reach it by HTTPS, be it through a proxy."""
        return self.https or (self.url or "").startswith("https:")

    def store(self, *, create: bool = False, upgrade: bool = False) -> StoreSettings:
        return StoreSettings(data=self.folder, address=self.database or "", create=create, upgrade=upgrade)


class OpenServer:
    """A server with everything open. Makes what is not there yet, and brings an older store up to date."""

    def __init__(self, settings: ServerSettings, clock: Callable[[], int] = now) -> None:
        """``clock``: microseconds since the epoch."""
        found = settings.store(create=True, upgrade=True)
        self._store = store = open_when_there(found, settings.patience, _waits, clock)
        self._give_back: Callable[[], None] = lambda: None
        self._end_readers: Callable[[], None] = lambda: None
        try:
            make_private(settings.folder)
            self._room_watch = RoomWatch(settings.folder, settings.keep_free, store.trouble)
            replica, self._give_back = take_name(settings.folder)
            source = make_source(store)
            remember_certificate(store, settings.certificate)
            vault = _open_vault(settings.folder, store)
            check_ledger_key(settings.folder, store.ledger)
            self._pipelines = PipelineSettings(
                data=settings.folder,
                replica=replica,
                threads=settings.runners or os.cpu_count() or 1,
                isolation=settings.isolation,
                url=settings.url or "",
                reached=settings.url or settings.listens,
                source=source,
            )
            self.blobs = blobs = open_blobs(
                settings.folder, lambda digest: corrupted(store, source, digest), settings.artifacts
            )
            settle_address(store, settings.folder, settings.artifacts, moved=settings.artifacts_moved)
            projects = MirroredProjects(self._pipelines, store, vault, blobs)
            self._end_readers = projects.close
            self._wakers: list[Callable[[], None]] = []
            self.server = Server(
                store=store,
                projects=projects,
                vault=vault,
                clock=store.clock,
                new_uid=new_id,
                source=source,
                url=settings.url or "",
                wake=self._wake,
                log_of=lambda job: _existing(log_path(settings.folder, job.pipeline, job.id)),
                left_of=finder(blobs, settings.folder),
                read_webhook=read_webhook,
                job_variables=lambda job: job_variables(self.tools.artifacts, job),
                take_reports=taker(source, store.clock),
                refusals=Refusals(lambda refusal, at: record(store, refusal_event(refusal, source, at))),
                occasions=Opener(lambda: self.server.units),
            )
            self._freed = dict.fromkeys(KeptKind, 0)
            self._outside = outside_of(settings.folder, store, vault)
            self.tools = _tools(
                settings,
                store,
                vault,
                blobs,
                self.server,
                self._freed,
                self._outside,
                projects.fetches,
                self._room_watch,
            )
            self._telling = telling_tools(store, vault, replica)
            folder = LocalDataFolder(settings.folder)
            held = Holds(store.ledger).of
            self._room = Cleanup(CleanupTools(store, self.server, folder, replica, self._count_freed, blobs, held))
        except BaseException:
            self._close()
            raise

    def runner_tools(self) -> RunnerTools:
        """What the embedded runner is handed, and what carries out deliveries; each as an owner of its own."""
        return runner_tools(self._pipelines, self.server, _complain, self._room_watch.room)

    def on_work(self, wake: Callable[[], None]) -> None:
        """Call it whenever there may be something to do for a runner."""
        self._wakers.append(wake)

    def keep_house(self) -> None:
        """What is to be done now and then: verify what is new in the ledger, sign it, forget sessions that are over."""
        sweep_sessions(self.tools.people)
        if not self.tools.ledger.ledger.size():
            return
        key = own_ledger_key(self._pipelines.data, self.tools.ledger.ledger)
        found = self.tools.ledger.verify()
        if found.outcome is Outcome.BROKEN:
            fields = {"code": found.code, "entry": found.fault}
            _log.error("the ledger does not hold: %s", found.message, extra={"fields": fields})
            return
        head = Head(found.size, found.chain, found.root)
        checkpoint_and_tell(self.tools.ledger.ledger, key, self.server.source, self._store.clock(), head)

    def deliver_checkpoints(self) -> list[Attempt]:
        """Take checkpoints outside, wherever it is due."""
        with turn(self._pipelines.data, wait=False) as ours:
            return deliver(outside_tools(self._pipelines.data, self._store, self._outside)) if ours else []

    def attest(self) -> Iterator[None]:
        """Say of what was built how it was built, and of each run that is closed how it went; little at each step."""
        yield from attest_due(self.tools.attestations)
        yield from state_due(self.tools.attestations)

    def keep_collections(self) -> Iterator[None]:
        """Close what was waited for long enough, and mark what came late; little at each step."""
        yield from close_due(self.tools.contracts)
        yield from mark_late(self.tools.contracts)

    def judge(self) -> Iterator[None]:
        """Have gates judge what is due, and turn waivers; little at each step."""
        turn_waivers(self.tools.gates)
        yield from judge_due(self.tools.gates)

    def tell_forges(self) -> Iterator[None]:
        """Tell forges what is put down for them; little at each step."""
        yield from tell_due(self._telling)

    def make_room(self) -> Iterator[None]:
        """Remove what need not be kept any longer; little at each step."""
        yield from self._room.round()

    def _count_freed(self, kind: KeptKind, size: int) -> None:
        self._freed[kind] += size

    def _wake(self) -> None:
        for wake in self._wakers:
            wake()

    def __enter__(self) -> OpenServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        self._end_readers()
        self._store.close()
        self._give_back()


def _open_vault(folder: str, store: Store) -> KeyVault:
    """With a new key only where nothing was sealed yet. Raises PlumblineError ``no-key-file``."""
    path = Path(folder, KEYS)
    sealed = "" if path.exists() else sealed_at(store)
    if sealed:
        raise PlumblineError(
            "no-key-file",
            t("The key file {path} is not there, and what the database keeps for {place} opens only with it.",
              path=path, place=sealed),
            t("Put it back from where it is kept; replicas share one. If it is lost for good, `plumb keys "
              "--replace-lost` makes another, and what was sealed has to be written anew."),
        )  # fmt: skip
    return KeyVault(path, create=True)


def _tools(
    settings: ServerSettings,
    store: Store,
    vault: KeyVault,
    blobs: BlobStore,
    server: Server,
    freed: Mapping[KeptKind, int],
    outside: Callable[[], Outside],
    fetches: Callable[[], tuple[int, int]],
    room: RoomWatch,
) -> Service:
    units = server.units
    refusals = server.refusals
    assessments = assessment_tools(
        settings.folder,
        units,
        store.ledger,
        lambda: own_ledger_key(settings.folder, store.ledger),
        lambda path: refresh_from(store, _mirrors_below(store, settings.folder, path), store.clock()),
    )

    def figures() -> list[FigureNow]:
        return [*figures_of_store(store), *figures_of_fetches(fetches), *figures_of_files(settings.folder, freed)]

    def keys() -> Sequence[VerifyingKey]:
        return [key.verifier] if (key := ledger_key(settings.folder)) else []

    def hook(binding: Binding, secret: bytes, url: str) -> str:
        return _install_hook(settings.folder, binding, secret, url)

    artifacts = artifact_tools(units, store.ledger, blobs, vault, settings.url or "")
    gates = gate_tools(units, server, store.ledger, artifacts, assessments, lambda: contracts)
    contracts = contract_tools(units, store, server.projects, partial(facts_for_collection, gates))
    passwords, url = Argon2Passwords(), settings.url or settings.listens
    return Service(
        units=units,
        people=PeopleTools(units, passwords, refusals, secrets.token_bytes, url),
        tree=TreeTools(
            units,
            vault,
            secrets.token_bytes,
            forges={name: forge.kind for name, forge in forges().items()},
            settings=settings_with(isolations()),
            install_hook=hook,
            moves=lambda: read_moves(store.ledger),
            url=url,
        ),
        pipelines=server,
        artifacts=artifacts,
        attestations=attestation_tools(settings.folder, store, server, blobs, left_in(server)),
        sources=SourceTools(units, store.ledger, vault, secrets.token_bytes),
        reports=ReportTools(units=units, server=server, read=read_report),
        contracts=contracts,
        gates=gates,
        ledger=LedgerTools(units, store.ledger, keys, outside, lambda: own_ledger_key(settings.folder, store.ledger)),
        witness=WitnessTools(units, lambda: outside().witnessed, lambda: make_witness_key(settings.folder)),
        assessments=assessments,
        refusals=refusals,
        render_assessment=render_and_log,
        readiness=lambda: [*readiness_of(store), room.check()],
        figures=figures,
        secure_cookies=settings.secure,
    )


def _mirrors_below(store: Store, folder: str, path: str) -> list[Mirror]:
    """The copies of the repositories of a node's projects, as far as there are any yet, by path."""
    with store.view() as tx:
        nodes = [node for node in tx.tree.all() if node.kind is NodeKind.PROJECT and is_within(node.path, path)]
    moves = read_moves(store.ledger)
    found = [
        Mirror(node.id, node.path, os.path.join(folder, MIRRORS, f"{node.id}.git"), *moves.first_name(node.path))
        for node in nodes
    ]
    return [one for one in found if os.path.isdir(one.folder)]


def _install_hook(folder: str, binding: Binding, secret: bytes, url: str) -> str:
    """The hook reads its secret from a file that only the server's own user may read."""
    repository = binding.url.removeprefix("file://")
    if not any(os.path.isfile(f"{repository}/{name}") for name in ("HEAD", ".git/HEAD")):
        raise PlumblineError(
            "repository-vanished",
            t("There is no git repository at {path}.", path=repository),
            t("Make it with `git init --bare`, or correct the path."),
        )
    path = os.path.join(os.path.abspath(folder), HOOKS, f"{binding.project}.secret")
    with storing(path):
        private_folder(os.path.dirname(path))
        write_whole(path, secret + b"\n", 0o600)
    return install_hook(repository, [sys.executable, "-m", "plumbline", "notify", url, "--secret-file", path])


def _existing(path: str) -> str | None:
    return path if os.path.exists(path) else None


def _complain(error: PlumblineError) -> None:
    """The runner cannot go on at the moment, and tries again."""
    _log.warning("%s", error.message, extra={"fields": error.fields})


def _waits(error: PlumblineError) -> None:
    _log.warning("waiting for the database: %s", error.message, extra={"fields": error.fields})
