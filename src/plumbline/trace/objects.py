"""What several events together say of one thing: a commit, a run with its tasks, a deployment, the tree."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.model.spans import covered
from plumbline.trace.seen import micros

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.model.fact import Cited
    from plumbline.trace.seen import Seen

SECOND = 1_000_000  # microseconds


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Times are microseconds since the epoch; None: it did not happen yet, or nobody told."""


class Commit(Record, frozen=True, kw_only=True):
    """A commit with what its message and its files tell."""

    sha: str
    author: str
    authored: int
    committed: int
    parents: tuple[str, ...]
    reverts: tuple[str, ...]  # shas
    work_items: tuple[str, ...]
    reviewers: tuple[str, ...]
    files: int | None
    kinds: tuple[str, ...]  # classes of the files it touched: code, unit-test, migration, ...
    bot: bool
    cited: Cited
    mail: str = ""  # the author's address
    assisted_by: tuple[str, ...] = ()  # AI agents that its message names

    @classmethod
    def read(cls, said: dict[str, Any], seen: Seen) -> Commit:
        return cls(
            sha=said.get("sha", ""),
            author=said.get("author", ""),
            authored=micros(said.get("authored", "")) or seen.time,
            committed=micros(said.get("committed", "")) or seen.time,
            parents=tuple(said.get("parents", ())),
            reverts=tuple(said.get("reverts", ())),
            work_items=tuple(said.get("workItems", ())),
            reviewers=tuple(said.get("reviewers", ())),
            files=said.get("files"),
            kinds=tuple(said.get("kinds", ())),
            bot=bool(said.get("bot", False)),
            cited=seen.cited,
            mail=str(said.get("mail", "")),
            assisted_by=tuple(said.get("assistedBy", ())),
        )

    @property
    def told(self) -> bool:
        """Somebody read its message and its files: a work item that is not there was not named."""
        return self.files is not None or bool(self.kinds or self.work_items)


class Task(Record, frozen=True, kw_only=True):
    """One attempt at a job."""

    source: str  # whose word it is; runs and tasks of one source belong together
    id: str
    run: str
    name: str
    stage: str
    attempt: int
    runner: str
    queued: int | None
    started: int | None
    finished: int | None
    outcome: str  # success, failure, cancel, error; empty while it runs
    reason: str
    allowed_failure: bool
    manual: bool  # it waited for a person
    person: str  # who played or retried it
    project: str
    image: str  # of its container, as it names it; empty: nobody told, or it names none
    bare: bool  # it names none
    optional: bool | None  # its pipeline goes on if it fails
    cited: tuple[Cited, ...]

    @classmethod
    def derive(cls, seen: Iterable[Seen]) -> tuple[Task, ...]:
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for one in sorted(seen, key=lambda one: one.time):
            said, custom = one.content, one.custom
            task = found.get(key := one.object)
            if task is None:
                task = found[key] = _empty_task(*key)
            task["run"] = (said.get("pipelineRun") or {}).get("id") or task["run"] or one.subject.rpartition("/")[0]
            task["name"] = said.get("taskName") or task["name"]
            task["attempt"] = custom.get("attempt") or said.get("attempt") or task["attempt"]
            for name in ("stage", "runner", "person"):
                if told := custom.get(name):
                    task[name] = told
            for name in ("project", "image"):
                if told := custom.get(name):
                    task[name] = str(told)
            if "optional" in custom:
                task["optional"] = custom["optional"]
            task["bare"] = task["bare"] or custom.get("bare") is True
            task["cited"].append(one.cited)
            if one.what == "taskrun.started":
                task["started"] = one.time
            elif one.what == "taskrun.finished":
                task["finished"] = one.time
                task["outcome"], task["reason"] = said.get("outcome", ""), custom.get("reason", "")
                task["allowed_failure"] = bool(custom.get("allowedFailure", False))
            else:
                _changed(task, said, one.time)
        for task in found.values():
            task["cited"] = tuple(task["cited"])
        return tuple(cls(**task) for task in found.values())


def _empty_task(source: str, id_: str) -> dict[str, Any]:
    return {
        "source": source, "id": id_, "run": "", "name": "", "stage": "", "attempt": 1, "runner": "", "queued": None,
        "started": None, "finished": None, "outcome": "", "reason": "", "allowed_failure": False, "manual": False,
        "person": "", "project": "", "image": "", "bare": False, "optional": None,
        "cited": [],
    }  # fmt: skip


def _changed(task: dict[str, Any], said: dict[str, Any], time: int) -> None:
    state = said.get("state")
    if state == "manual" or said.get("previous") == "manual":
        task["manual"] = True
        task["person"] = said.get("person") or task["person"]
    if state == "pending":
        task["queued"] = time


class Run(Record, frozen=True, kw_only=True):
    """A pipeline run."""

    source: str
    id: str
    project: str
    ref: str
    commit: str
    trigger: str  # GitLab's CI_PIPELINE_SOURCE
    person: str
    parent: str
    created: int | None
    started: int | None
    finished: int | None
    outcome: str
    tasks: tuple[Task, ...]
    cited: tuple[Cited, ...]

    @property
    def child(self) -> bool:
        """A part of the run that triggered it; one of another project is a run of its own."""
        return bool(self.parent) and self.trigger != "pipeline"

    @property
    def conclusive(self) -> bool:
        """It ended by its own doing: cancelled and skipped runs say nothing about the change."""
        return self.finished is not None and self.outcome in ("success", "failure", "error")

    @property
    def net(self) -> float | None:
        """Seconds in which at least one job ran: no queue, no waiting for people."""
        spans = [(one.started, one.finished) for one in self.tasks if one.started and one.finished]
        return covered(spans) / SECOND if spans else None

    @property
    def gross(self) -> float | None:
        """Seconds from creation to end."""
        begin = self.created or self.started
        return (self.finished - begin) / SECOND if self.finished and begin else None


_WHEN = {"pipelinerun.queued": "created", "pipelinerun.started": "started", "pipelinerun.finished": "finished"}


def derive_runs(seen: Iterable[Seen], tasks: Iterable[Task]) -> tuple[Run, ...]:
    of_run: dict[tuple[str, str], list[Task]] = defaultdict(list)
    for task in tasks:
        of_run[task.source, task.run].append(task)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in sorted(seen, key=lambda one: one.time):
        run = found.get(key := one.object)
        if run is None:
            run = found[key] = _empty_run(*key)
        for name in ("project", "ref", "commit", "trigger", "person", "parent"):
            if told := one.custom.get(name):
                run[name] = str(told)
        run["cited"].append(one.cited)
        when = _WHEN[one.what]
        run[when] = one.time if run[when] is None or when == "finished" else run[when]
        run["outcome"] = one.content.get("outcome", run["outcome"]) if when == "finished" else run["outcome"]
    return tuple(
        Run(**run | {"cited": tuple(run["cited"]), "tasks": tuple(of_run.get(key, ()))}) for key, run in found.items()
    )


def _empty_run(source: str, id_: str) -> dict[str, Any]:
    return {
        "source": source, "id": id_, "project": "", "ref": "", "commit": "", "trigger": "", "person": "", "parent": "",
        "created": None, "started": None, "finished": None, "outcome": "", "cited": [],
    }  # fmt: skip


class Deployment(Record, frozen=True, kw_only=True):
    """One attempt of a deployment."""

    id: str
    environment: str
    tier: str
    attempt: int  # 0: nobody told
    intent: str  # empty: nobody told
    digest: str
    commit: str
    remediates: str
    run: str
    person: str
    started: int | None
    finished: int | None
    outcome: str
    parts: int
    service: str  # id of the service that it is of; empty, as the artifact: nobody told
    artifact: str  # a package URL
    cited: tuple[Cited, ...]

    @classmethod
    def derive(cls, seen: Iterable[Seen]) -> tuple[Deployment, ...]:
        found: dict[tuple[tuple[str, str], int], dict[str, Any]] = {}
        newest: dict[tuple[str, str], int] = {}
        for one in sorted(seen, key=lambda one: one.time):
            said = one.content
            attempt = _attempt(said.get("attempt"), newest.get(one.object, 0))
            if attempt and newest.get(one.object) == 0:
                found[one.object, attempt] = found.pop((one.object, 0))
            newest[one.object] = attempt
            one_deployment = found.setdefault((one.object, attempt), {"started": None, "finished": None, "cited": []})
            one_deployment |= {
                "id": one.subject,
                "environment": (said.get("environment") or {}).get("id", ""),
                "attempt": attempt,
                "outcome": said.get("outcome", ""),
                "parts": _count(said.get("parts")),
                "service": str((said.get("service") or {}).get("id", "")) or one_deployment.get("service", ""),
                "artifact": str(said.get("artifactId") or one_deployment.get("artifact", "")),
            }
            for name in ("tier", "intent", "digest", "commit", "remediates", "run", "person"):
                one_deployment[name] = str(said.get(name) or one_deployment.get(name, ""))
            one_deployment["cited"].append(one.cited)
            when = one.what.partition(".")[2]
            if when in ("started", "finished"):
                one_deployment[when] = one.time
        return tuple(cls(**one | {"cited": tuple(one["cited"])}) for one in found.values())

    @property
    def production(self) -> bool:
        return self.tier == "production"

    @property
    def effective(self) -> bool:
        """Users were reached, by something that nobody calls a rollback."""
        return self.finished is not None and self.outcome == "success" and self.intent != "rollback"

    @property
    def doubtful(self) -> bool:
        """Users were reached, and nobody told whether it was a rollback."""
        return self.effective and not self.intent


def _attempt(told: Any, newest: int) -> int:
    """What is told without a number is of the newest attempt; what came before any number is of the first one told."""
    return newest if told is None else int(told)


def _count(found: Any) -> int:
    """How many a list has. Only the end of a deployment says what its parts are; elsewhere it may be anything."""
    return len(found) if isinstance(found, list) else 0


class Tree(Record, frozen=True, kw_only=True):
    """What is in the repository at one revision: how many files of each kind, and some of their paths."""

    commit: str
    files: int
    counts: dict[str, int]
    paths: dict[str, tuple[str, ...]]
    jobs: int | None
    stages: tuple[str, ...]
    problems: int | None
    environments: tuple[str, ...]
    time: int
    cited: Cited

    @classmethod
    def read(cls, seen: Seen) -> Tree:
        said = seen.content
        found = [one for one in said.get("found", ()) if isinstance(one, dict)]
        pipeline = said.get("pipeline") or {}
        return cls(
            commit=str(said.get("commit", "")),
            files=int(said.get("files", 0)),
            counts={str(one.get("kind")): int(one.get("count", 0)) for one in found},
            paths={str(one.get("kind")): tuple(one.get("paths", ())) for one in found},
            jobs=pipeline.get("jobs"),
            stages=tuple(pipeline.get("stages", ())),
            problems=pipeline.get("problems"),
            environments=tuple(pipeline.get("environments", ())),
            time=seen.time,
            cited=seen.cited,
        )
