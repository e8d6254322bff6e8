"""Simulators of the ports a flow needs: they keep their promises, in memory and without processes."""

from __future__ import annotations

import io
import threading
import time
from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.adapters.cancellation import PipeCancellation
from plumbline.flow.jobs.control import Control
from plumbline.flow.jobs.plan_pipeline import plan_pipeline
from plumbline.flow.jobs.selection import Selection
from plumbline.flow.jobs.tools import Asked, JobEnvironment, Tools
from plumbline.flow.runs.run_pipeline import run_pipeline
from plumbline.kernel import PlumblineError, t
from plumbline.model.change import Change, Project
from plumbline.model.job import FailureReason, JobOrder, JobResult, State
from plumbline.model.pipeline import AutoCancel, Job, Plan, Workflow
from plumbline.model.problem import Mark
from plumbline.model.run import RunEvent, RunRecord

if TYPE_CHECKING:
    from collections.abc import Callable

CHANGE = Change(project=Project(path="group/project"), sha="a" * 40, branch="main")


def job(name: str, stage: str = "test", **values: Any) -> Job:
    values.setdefault("group", name)
    return Job(name=name, stage=stage, where=Mark("ci.yml", 1), script=("true",), **values)


def plan(*jobs: Job, on_job_failure: str = "none") -> Plan:
    stages = tuple(dict.fromkeys(job.stage for job in jobs))
    placed = tuple(msgspec.structs.replace(job, stage_index=stages.index(job.stage)) for job in jobs)
    workflow = Workflow(auto_cancel=AutoCancel(on_job_failure=on_job_failure))
    return Plan(change=CHANGE, stages=stages, jobs=placed, workflow=workflow)


class Script:
    """An executor that does what a table says: seconds to take, then a result; exit codes by attempt."""

    def __init__(self, **behaviour: Any) -> None:
        self.behaviour = behaviour
        self.orders: list[JobOrder] = []
        self.spans: dict[str, tuple[float, float]] = {}
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()

    def run(self, order: JobOrder, log: Any, cancel: Any) -> JobResult:
        with self._lock:
            self.orders.append(order)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        began = time.monotonic()
        codes = self.behaviour.get(order.name.replace("-", "_").replace(" ", "_"), 0)
        canceled = False
        if isinstance(codes, float):
            end = began + codes
            while time.monotonic() < end and not canceled:
                canceled = cancel.level > 0
                time.sleep(0.002)
            codes = 0
        code = codes[min(order.attempt, len(codes)) - 1] if isinstance(codes, list) else codes
        if isinstance(code, Exception):
            raise code
        if isinstance(code, JobResult):
            result = code
        elif canceled:
            result = JobResult(state=State.CANCELED)
        elif code:
            result = JobResult(state=State.FAILED, exit_code=code, reason=FailureReason.SCRIPT)
        else:
            result = JobResult(state=State.SUCCESS, exit_code=0)
        log.write(f"{order.name} says {code}\n".encode())
        with self._lock:
            self._now -= 1
            self.spans[order.name] = (began, time.monotonic())
        return result


class Runs:
    def __init__(self) -> None:
        self.records: list[RunRecord] = []
        self.events: list[RunEvent] = []

    def create(self, record: RunRecord) -> RunRecord:
        record.id = len(self.records) + 1
        self.records.append(record)
        return record

    def save(self, record: RunRecord) -> None:
        pass

    def append(self, event: RunEvent) -> None:
        self.events.append(event)

    def open_log(self, run: int, job_id: int) -> io.BytesIO:
        return io.BytesIO()

    def newest(self, limit: int) -> list[RunRecord]:
        return self.records[::-1][:limit]


class Locks:
    def __init__(self) -> None:
        self.held: set[str] = set()

    def acquire(self, name: str) -> Callable[[], None] | None:
        if name in self.held:
            return None
        self.held.add(name)
        return lambda: self.held.discard(name)


def tools(executor: Any, *, jobs: int = 4, locks: Any = None, **values: Any) -> Tools:
    return Tools(
        repository=values.get("repository"),
        change=CHANGE,
        asked=Asked(jobs=jobs),
        runs=Runs(),
        job_environment=lambda run: JobEnvironment(executor, values.get("artifacts"), lambda: None),
        require_containers=values.get("require_containers", lambda: None),
        locks=locks or Locks(),
        new_cancellation=PipeCancellation,
        clock=time.time,
        downstream=values.get("downstream"),
    )


def play(the_plan: Plan, executor: Any, *, control: Control | None = None, **values: Any) -> RunRecord:
    """Run a plan to its end; at most ten seconds."""
    selection = values.pop("selection", Selection())
    return run_pipeline(
        values.pop("tools", None) or tools(executor, **values),
        the_plan,
        selection,
        values.pop("listen", lambda event: None),
        control or Control(),
    )


def states(record: RunRecord) -> dict[str, str]:
    """Newest state of each job."""
    return {job.name: job.state.value for job in record.jobs}


class Files:
    """A repository in memory: everything changed, nothing elsewhere."""

    name = ""

    def __init__(self, **files: str) -> None:
        self._files = {path: text.encode() for path, text in files.items()}

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)

    def files(self) -> list[str]:
        return sorted(self._files)

    def changed(self, compare_to: str | None) -> frozenset[str] | None:
        return None

    def project(self, path: str, ref: str | None) -> Files:
        raise PlumblineError("project-not-mapped", t("not mapped"))

    remote = template = project


class Shelf:
    """An artifact store that remembers archives as dictionaries of files."""

    def __init__(self) -> None:
        self.archives: dict[int, dict[str, bytes]] = {}

    def read(self, job_id: int, path: str) -> bytes | None:
        return self.archives.get(job_id, {}).get(path)


def planned(tools: Tools) -> Plan:
    """The plan of the simulated repository; it must be without errors."""
    made = plan_pipeline(tools)
    assert not made.errors, [str(problem) for problem in made.errors]
    return made
