"""Small records of one application, made of valid events, and the answers that they give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import UNSET

from plumbline.evidence import Content, timestamp, write_event
from plumbline.evidence.vocabulary import Facts, Reference, cdevents_core, cdevents_delivery
from plumbline.evidence.vocabulary import facts as about
from plumbline.evidence.vocabulary import own_delivery as delivery
from plumbline.evidence.vocabulary import own_forge as forge
from plumbline.evidence.vocabulary import own_observation as observation
from plumbline.evidence.vocabulary import own_operations as operations
from plumbline.evidence.vocabulary import own_platform as platform
from plumbline.facts import Asked, Evidence, answer
from plumbline.model.fact import Fact
from plumbline.trace import read_seen

FORGE = "/plumbline:forge:gitlab:7"
HOUR = 3_600 * 1_000_000
DAY = 24 * HOUR
NOW = int(datetime.fromisoformat("2026-03-30T00:00:00+00:00").timestamp()) * 1_000_000  # a Monday


def sha(name: str) -> str:
    return name.encode().hex().rjust(40, "0")[-40:]


def digest(name: str) -> str:
    return "sha256:" + name.encode().hex().rjust(64, "0")[-64:]


def ago(days: float = 0, hours: float = 0, minutes: float = 0) -> int:
    return NOW - int(days * DAY + hours * HOUR + minutes * HOUR / 60)


class Watched(Evidence):
    """All who tell anything were there long before, so that the few days of a small record can be answered for."""

    def since(self, *what: str) -> int | None:
        found = super().since(*what)
        return None if found is None else min(found, self.as_of - 500 * DAY)


class Records:
    """Every method tells one thing. Times are microseconds since the epoch; names stand for commits and digests."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def tell(
        self, content: Content, subject: str, time: int, facts: Facts | None = None, id_: str = "",
        source: str = "/plumbline", project: str = "",
    ) -> str:  # fmt: skip
        id_ = id_ or f"e{len(self.bodies)}"
        draft = write_event(content, id=id_, source=source, subject=subject, time=time, facts=facts, project=project)
        if draft.body not in self.bodies:
            self.bodies.append(draft.body)
        return id_

    def tell_as(self, source: str, content: Content, subject: str, time: int) -> None:
        """A tool tells it under its own name."""
        body = write_event(content, id=f"e{len(self.bodies)}", source=source, subject=subject, time=time).body
        self.bodies.append(body.replace(b"cdeventsx.plumbline-", b"cdeventsx.tool-"))

    def evidence(self) -> Evidence:
        return Watched((seen for body in self.bodies if (seen := read_seen(body))), NOW)

    def fact(self, name: str, days: int | None = 90) -> Fact:
        (found,) = answer([Asked(name, days)], self.evidence()).values()
        return found

    def share(self, name: str, days: int | None = 90) -> tuple[float | None, float | None]:
        found = self.fact(name, days)
        assert found.lack is None, found
        return found.numerator, found.denominator

    def repository(self, head: str = "head", trunk: str = "main", project: str = "") -> None:
        content = observation.RepositoryObserved(
            default_branch=trunk, head=sha(head), heads={trunk: sha(head)}, commits=1, tags=0, shallow=False
        )
        self.tell(content, project or "repo", ago(0, 1), project=project)

    def commits(
        self, *commits: about.CommitFact, ref: str = "refs/heads/main", time: int = 0, repo: str = "repo",
        project: str = "",
    ) -> None:  # fmt: skip
        content = delivery.CommitObserved(repository=Reference(id=repo), ref=ref, commits=commits)
        self.tell(content, commits[0].sha, time or ago(0, 1), project=project)

    def merge(self, name: str, time: int, *commits: about.CommitFact, target: str = "main", **more: Any) -> None:
        if "merged_as" in more:
            more["merged_as"] = sha(more["merged_as"])
        facts = about.MergeFacts(commits=commits, target=target, **more)
        self.tell(cdevents_core.ChangeMerged(), name, time, facts)

    def forge(self, *, protected: bool = True) -> None:
        """Tells that the trunk is protected, and of a merge request of long ago."""
        protection = forge.BranchProtectionObserved(repository=Reference(id="repo"), protected=protected)
        self.tell(protection, "main", ago(300), source=FORGE)
        merged = about.MergeFacts(commits=(), target="main", head=sha("long ago"))
        self.tell(cdevents_core.ChangeMerged(), "0", ago(300), merged, source=FORGE)

    def review(self, name: str, time: int, reviewer: str, revision: str, decision: Any = "approved") -> None:
        """By somebody whose address is known to be theirs."""
        self.link_address(f"{reviewer}@bank.example", reviewer)
        account = about.AccountFact(name=reviewer, email=f"{reviewer}@bank.example")
        facts = about.ReviewFacts(decision=decision, reviewer=reviewer, revision=sha(revision), account=account)
        self.tell(cdevents_core.ChangeReviewed(), name, time, facts)

    def link_address(self, address: str, person: str) -> None:
        linked = platform.IdentityLinked(person=person, by="admin", email=address)
        self.tell(linked, address, ago(400), id_=f"link:{address}:{person}")

    def run(
        self, name: str, begin: int, end: int | None, outcome: Any = "success", *, commit: str = "", **more: Any
    ) -> None:
        more = {"project": "app", "ref": "main", "trigger": "push"} | more
        facts = about.RunFacts(**more, commit=sha(commit) if commit else UNSET)
        self.tell(cdevents_core.PipelineRunQueued(pipeline_name="app"), name, begin, facts)
        if end is not None:
            self.tell(cdevents_core.PipelineRunFinished(pipeline_name="app", outcome=outcome), name, end, facts)

    def job(
        self, run: str, name: str, begin: int, end: int, outcome: Any = "success", *, queued: int | None = None,
        manual: bool = False, **more: Any,
    ) -> None:  # fmt: skip
        subject, reference = f"{run}/{name}", Reference(id=run)
        if manual:
            self._state(subject, "manual", "created", begin - 2)
        if queued is not None:
            self._state(subject, "pending", "manual" if manual else "created", queued)
        facts = about.TaskFacts(**more)
        self.tell(cdevents_core.TaskRunStarted(task_name=name, pipeline_run=reference), subject, begin, facts)
        ended = cdevents_core.TaskRunFinished(task_name=name, pipeline_run=reference, outcome=outcome)
        self.tell(ended, subject, end, facts)

    def unpressed(self, run: str, name: str, time: int) -> None:
        """A job that waits for a person who never comes."""
        self._state(f"{run}/{name}", "manual", "created", time)

    def _state(self, subject: str, state: str, previous: str, time: int) -> None:
        content = delivery.TaskRunStateChanged(state=state, previous=previous, attempt=1)
        self.tell(content, subject, time)

    def deploy(
        self, name: str, end: int, outcome: Any = "success", tier: Any = "production", *, start: int | None = None,
        commit: str = "", bytes_: str = "", attempt: int = 1, intent: Any = "deploy", **more: Any,
    ) -> None:  # fmt: skip
        said: dict[str, Any] = {
            "environment": Reference(id=f"app/{tier}"), "tier": tier, "attempt": attempt, "intent": intent,
            "commit": sha(commit) if commit else UNSET, "digest": digest(bytes_) if bytes_ else UNSET, **more,
        }  # fmt: skip
        if start is not None:
            self.tell(delivery.DeploymentStarted(**said), name, start)
        self.tell(delivery.DeploymentFinished(**said, outcome=outcome), name, end)

    def incident(self, name: str, time: int, cause: str = "", resolved: int | None = None) -> None:
        facts = about.IncidentFacts(detector="alert", cause=cause or UNSET)
        place = Reference(id="app/production")
        self.tell(cdevents_delivery.IncidentDetected(environment=place), name, time, facts)
        if resolved is not None:
            self.tell(cdevents_delivery.IncidentResolved(environment=place), name, resolved, facts)

    def ticket(
        self, name: str, time: int, closed: int | None = None, resolution: str = "completed", source: str = "/plumbline"
    ) -> None:
        content = cdevents_delivery.TicketCreated(summary="s", creator="ann", uri="https://t.example/1")
        self.tell(content, name, time, source=source)
        if closed is not None:
            self.tell(cdevents_delivery.TicketClosed(uri="https://t.example/1", resolution=resolution), name, closed)

    def link(self, one: str, other: str, time: int, person: str = "", source: str = "/plumbline") -> None:
        content = operations.LinkAsserted(kind="tie", target=Reference(id=other), person=person or UNSET)
        if source != "/plumbline":
            self.tell_as(source, content, one, time)
        else:
            self.tell(content, one, time)

    def suite(
        self, name: str, time: int, outcome: Any = "success", commit: str = "", bytes_: str = "", **suite: Any
    ) -> None:
        counts = {name: suite.pop(name) for name in ("types", "total", "failed", "flaky", "named") if name in suite}
        facts = about.TestFacts(
            commit=sha(commit) if commit else UNSET, digest=digest(bytes_) if bytes_ else UNSET, **counts
        )
        content = cdevents_delivery.TestSuiteRunFinished(
            outcome=outcome,
            environment=Reference(id="ci"),
            test_suite=cdevents_delivery.TestSuite(id=suite.pop("suite", "all"), **suite),
        )
        self.tell(content, name, time, facts)

    def case(
        self, run: str, case: str, time: int, outcome: Any = "success", suite: str = "", kind: Any = UNSET
    ) -> None:
        content = cdevents_delivery.TestCaseRunFinished(
            outcome=outcome,
            environment=Reference(id="ci"),
            test_suite_run=Reference(id=suite) if suite else UNSET,
            test_case=cdevents_delivery.TestCase(id=case, type=kind),
        )
        self.tell(content, run, time)

    def artifact(
        self, purl: str, time: int, bytes_: str, commit: str = "c", *, published: bool = True, **more: Any
    ) -> None:
        run = more.pop("run", UNSET)
        facts = about.ArtifactFacts(digest=digest(bytes_), commit=sha(commit), run=run)
        if published:
            self.tell(cdevents_core.ArtifactPublished(**more), purl, time, facts)
        else:
            self.tell(cdevents_core.ArtifactPackaged(change=Reference(id="x"), **more), purl, time, facts)

    def release(self, version: str, time: int, *bytes_: str, **more: Any) -> None:
        if "commit" in more:
            more["commit"] = sha(more["commit"])
        content = delivery.ReleaseReleased(version=version, artifacts=tuple(digest(one) for one in bytes_), **more)
        self.tell(content, version, time)

    def scan(self, name: str, time: int, commit: str, outcome: Any = "success") -> None:
        self.tell(delivery.ScanFinished(kind="sast", tool="x", outcome=outcome, commit=sha(commit)), name, time)

    def gate(self, about_: str, time: int, verdict: Any = "pass") -> str:
        content = delivery.GateEvaluated(verdict=verdict, rules=digest("rules"), rests_on=("e0",))
        return self.tell(content, about_, time)

    def data_change(
        self, name: str, time: int, bytes_: str, tier: str = "production", *, deployment: str = "", back: bool = False
    ) -> None:
        kind = delivery.DataChangeReverted if back else delivery.DataChangeApplied
        content = kind(
            environment=Reference(id=f"app/{tier}"), digest=digest(bytes_), outcome="success",
            deployment=deployment or UNSET,
        )  # fmt: skip
        self.tell(content, name, time)

    def environment(self, name: str, tier: Any, time: int) -> None:
        self.tell(cdevents_delivery.EnvironmentCreated(name=name), name, time, about.EnvironmentFacts(tier=tier))

    def check(self, item: str, environment: str, time: int, *, fine: bool = True) -> None:
        place = Reference(id=environment)
        content: Content = operations.ConfigItemVerified(environment=place, digest=digest("a"))
        if not fine:
            content = operations.ConfigItemDrifted(environment=place, expected=digest("a"))
        self.tell(content, item, time)

    def drill(self, kind: Any, time: int, outcome: Any = "success", seconds: float | None = None) -> None:
        spent = UNSET if seconds is None else seconds
        self.tell(operations.DrillFinished(kind=kind, outcome=outcome, seconds=spent), "drill", time)

    def metric(self, name: str, time: int, value: float | None, version: str = "1") -> None:
        content = operations.MetricComputed(
            metric=name, definition=version, begin=timestamp(time - DAY), end=timestamp(time), as_of=1,
            value=UNSET if value is None else value,
        )  # fmt: skip
        self.tell(content, name, time)

    def measurement(self, measure: str, time: int, value: float, unit: str = "%") -> None:
        self.tell(delivery.MeasurementRecorded(measure=measure, value=value, unit=unit), measure, time)

    def approval(self, name: str, time: int) -> None:
        content = delivery.ApprovalDecided(about=name, decision="approved", person="eve", revision="r")
        self.tell(content, f"approval of {name}", time)

    def runner(self, name: str) -> None:
        self.tell(platform.RunnerRegistered(), name, ago(300))

    def tree(self, **counts: int) -> None:
        found = tuple(
            observation.FoundPart(kind=kind.replace("_", "-"), count=number) for kind, number in counts.items()
        )
        self.tell(
            observation.TreeInspected(commit=sha("head"), files=sum(counts.values()), found=found), "tree", ago(0, 1)
        )


def commit(name: str, time: int, author: str = "ann", *parents: str, **more: Any) -> about.CommitFact:
    """``told``: somebody read its files, so that what is not there is known not to be."""
    if more.pop("told", True):
        more = {"files": 1, "kinds": ("code",)} | more
    if author:
        more = {"mail": f"{author}@bank.example"} | more
    more["reverts"] = tuple(sha(one) for one in more.pop("reverts", ())) or UNSET
    return about.CommitFact(
        sha=sha(name), authored=timestamp(time), committed=timestamp(time), author=author or UNSET,
        parents=tuple(sha(one) for one in parents) or UNSET, **more,
    )  # fmt: skip
