"""Events of one subject, sorted by kind, and what follows from them: what every fact is computed from."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from plumbline.evidence.origin import FILE, OWN, forge_of
from plumbline.facts.nodes import Nodes
from plumbline.facts.people import People
from plumbline.facts.rights import Rights
from plumbline.model.assessment import Late
from plumbline.model.fact import Cited
from plumbline.trace import (
    Commit,
    Delivery,
    Deployment,
    Merge,
    Run,
    Task,
    Tree,
    derive_deliveries,
    derive_merges,
    derive_runs,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from plumbline.trace import Seen


# Told of a repository whose history reaches back beyond whoever looks at it: their times are those of the repository.
_SHOWN = frozenset({
    "agent.configured", "branch.observed", "change.merged", "commit.observed", "release.released",
    "repository.observed", "repository.rewritten", "tree.inspected",
})  # fmt: skip


# What holds at nodes above as well, told whenever they were made: no sign that anybody watched what is asked about.
_STANDING = frozenset({
    "node.archived", "node.changed", "node.created", "node.deleted", "node.moved", "person.deactivated",
    "person.reactivated", "repository.bound",
    "role.granted", "role.revoked",
})  # fmt: skip


class Evidence:
    """``as_of``: nothing later counts. What a correction names is left out; what stands instead is an event too. This
    server corrects whatever is in its ledger, a source what it told itself."""

    def __init__(self, seen: Iterable[Seen], as_of: int) -> None:
        self.as_of = as_of
        self._by_kind: dict[str, list[Seen]] = defaultdict(list)
        self._words: dict[str, str] = {}
        self.ignored: list[Cited] = []  # events that claim to be of a kind, and count as none
        for one in seen:
            if one.time <= as_of:
                self._by_kind[one.what].append(one)
                if one.word:
                    self._words[one.cited.source] = one.word
                if one.ignored:
                    self.ignored.append(one.cited)
        wrong = {
            Cited(str(one.content.get("correctsSource")), str(one.content.get("corrects"))): one.word
            for one in sorted(self._by_kind.get("ledger.corrected", ()), key=lambda one: one.own)
            if one.word != FILE or one.cited.source == one.content.get("correctsSource")
        }
        for what, found in self._by_kind.items():
            kept = [one for one in found if wrong.get(one.cited) not in (OWN, one.word)] if wrong else found
            kept = _once(kept) if what == "release.released" else kept
            self._by_kind[what] = sorted(kept, key=lambda one: (one.time, one.cited.id))

    def word_of(self, source: str) -> str:
        """Whose word the events with this context.source are."""
        return self._words.get(source, "")

    def of(self, *what: str) -> Sequence[Seen]:
        """Events of these kinds, each kind in order of time."""
        if len(what) == 1:
            return self._by_kind.get(what[0], [])
        return [one for name in what for one in self._by_kind.get(name, ())]

    def has(self, *what: str) -> bool:
        return any(self._by_kind.get(name) for name in what)

    @property
    def kinds(self) -> dict[str, int]:
        return {what: len(found) for what, found in sorted(self._by_kind.items()) if found}

    def since(self, *what: str) -> int | None:
        """From when on there was somebody to tell of these kinds; None where nobody ever did.

        What a repository shows reaches back to its own beginning, whoever looks at it and whenever. Others tell of what
        happens from their first word on.
        """
        found = [self._begun[name] for name in what if name in self._begun]
        return min(found, default=None)

    @cached_property
    def late(self) -> tuple[Late, ...]:
        """Of each who told something late, how much of what counts; by whose word."""
        told: dict[str, list[bool]] = defaultdict(list)
        for kind, found in self._by_kind.items():
            for one in found if kind.count(".") == 1 else ():
                told[one.word].append(one.late)
        return tuple(
            Late(word=word, late=sum(found), events=len(found)) for word, found in sorted(told.items()) if any(found)
        )

    def late_share(self, what: Iterable[str], inside: Callable[[int], bool]) -> float:
        """Of the events of these kinds that happened then: 0.0 to 1.0."""
        found = [one.late for kind in what for one in self._by_kind.get(kind, ()) if inside(one.time)]
        return sum(found) / len(found) if found else 0.0

    @cached_property
    def _begun(self) -> dict[str, int]:
        """By kind, since when there was somebody to tell of it."""
        first: dict[tuple[str, bool], int] = {}
        tellers: dict[str, set[tuple[str, bool]]] = {}
        for what, told in self._by_kind.items():
            of_word: dict[str, Seen] = {}
            for one in told if what not in _STANDING else ():  # the first of each word is the earliest
                if one.word not in of_word:
                    of_word[one.word] = one
            for one in of_word.values():
                teller = _teller(one)
                first[teller] = min(first.get(teller, one.time), one.time)
                tellers.setdefault(what, set()).add(teller)
        return {what: min(first[one] for one in found) for what, found in tellers.items()}

    @cached_property
    def commits(self) -> dict[str, Commit]:
        """By sha; of one that several events tell, the first that tells what is in it, else the first."""
        found: dict[str, Commit] = {}
        for one in self.of("commit.observed"):
            for said in one.content.get("commits", ()):
                commit = Commit.read(said, one)
                known = found.get(commit.sha)
                if known is None or (commit.told and not known.told):
                    found[commit.sha] = commit
        return found

    @cached_property
    def merges(self) -> tuple[Merge, ...]:
        """Merges to the trunk, in order of time."""
        return derive_merges(
            self.of("change.merged"),
            self.of("change.reviewed"),
            self.of("commit.observed"),
            self.of("change.created", "change.updated"),
        )

    @cached_property
    def people(self) -> People:
        """Which accounts are whose."""
        return People(self.of("identity.linked", "identity.unlinked"))

    @cached_property
    def nodes(self) -> Nodes:
        """The projects that there are, and what is set."""
        return Nodes(self.of("node.created", "node.changed", "node.archived", "node.deleted", "repository.bound"))

    @cached_property
    def rights(self) -> Rights:
        """Who may do what."""
        return Rights(self.of("role.granted", "role.revoked", "person.deactivated", "person.reactivated"))

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """Pipeline runs with their tasks, in order of their creation."""
        return derive_runs(self.of("pipelinerun.queued", "pipelinerun.started", "pipelinerun.finished"), self.tasks)

    @cached_property
    def runs_by_id(self) -> dict[str, Run]:
        return {one.id: one for one in self.runs}

    def on_trunk(self, run: Run) -> bool:
        """Whether it is a run of the trunk of its project; of one of which nobody told the trunk, it is none."""
        trunk = self.trunk(run.project)
        return bool(trunk) and run.ref in (trunk, f"refs/heads/{trunk}")

    @cached_property
    def trunk_runs(self) -> dict[str, list[Run]]:
        """By project, the conclusive runs on its trunk in order of their ends."""
        found: dict[str, list[Run]] = defaultdict(list)
        for one in sorted(self.runs, key=lambda one: (one.finished or 0, one.id)):
            if one.conclusive and not one.child and one.trigger != "merge_request_event" and self.on_trunk(one):
                found[one.project].append(one)
        return dict(sorted(found.items()))

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        return Task.derive(self.of("taskrun.started", "taskrun.finished", "taskrun.stateChanged"))

    @cached_property
    def deployments(self) -> tuple[Deployment, ...]:
        return Deployment.derive(self.of("deployment.queued", "deployment.started", "deployment.finished"))

    @cached_property
    def delivered(self) -> tuple[Delivery, ...]:
        """What each effective production deployment brought that none before it had, in order of their ends."""
        return derive_deliveries(self.deployments, self.commits)

    @cached_property
    def ties(self) -> dict[str, dict[str, tuple[int, Cited]]]:
        """What was asserted to belong to what, readable from either side, with the first time that it was said."""
        found: dict[str, dict[str, tuple[int, Cited]]] = defaultdict(dict)
        for one in self.of("link.asserted"):
            target = str((one.content.get("target") or {}).get("id", ""))
            found[one.subject].setdefault(target, (one.time, one.cited))
            found[target].setdefault(one.subject, (one.time, one.cited))
        return dict(found)

    @cached_property
    def tickets(self) -> set[str]:
        """The work items that somebody told of."""
        return {one.subject for one in self.of("ticket.created", "ticket.updated", "ticket.closed")}

    @cached_property
    def with_items(self) -> set[str]:
        """Commits with a work item of their own, or of the merge that brought them or that they are."""
        found = {
            sha
            for sha, commit in self.commits.items()
            if commit.work_items or self.ties.get(sha, {}).keys() & self.tickets
        }
        for merge in self.merges:
            found |= {one.sha for one in merge.details if one.work_items}
            if merge.work_items or self.ties.get(merge.change, {}).keys() & self.tickets:
                found |= {merge.merged_as, *merge.commits} - {""}
            elif found & {*merge.commits}:
                found.add(merge.merged_as)
        return found - {""}

    @cached_property
    def trees(self) -> tuple[Tree, ...]:
        """The newest look at what is in each repository; of two at the same commit, the one that saw more."""
        looks = sorted(self.of("tree.inspected"), key=lambda one: (one.time, len(one.content.get("found", ()))))
        newest = {(one.cited.source, str(one.custom.get("project", ""))): one for one in looks}
        return tuple(Tree.read(one) for _, one in sorted(newest.items()))

    def trunk(self, project: str) -> str:
        """The name of its default branch; empty where nobody told it. Where nobody told of this project, it is what
        all the others call theirs."""
        if project in self._trunks:
            return self._trunks[project]
        every = set(self._trunks.values())
        return every.pop() if len(every) == 1 else ""

    @cached_property
    def _trunks(self) -> dict[str, str]:
        """By project, as it was seen last."""
        return {
            str(one.custom.get("project") or one.subject): str(one.content["defaultBranch"])
            for one in self.of("repository.observed")
            if one.content.get("defaultBranch")
        }

    def within(self, what: str, inside: Callable[[int], bool]) -> list[Seen]:
        return [one for one in self.of(what) if inside(one.time)]


def _teller(seen: Seen) -> tuple[str, bool]:
    """Whose word it is, and whether it was read off a repository."""
    return seen.word, seen.what in _SHOWN and seen.word in (OWN, FILE)


def _once(releases: list[Seen]) -> list[Seen]:
    """A tag of a project is one release, whoever tells it: the repository that shows it, its forge, a tool. Who names
    packages and commit tells most; else the repository is believed first."""
    fullest: dict[tuple[str, str], Seen] = {}
    for one in sorted(releases, key=_told_of):
        fullest.setdefault(_tagged(one), one)
    return [one for one in releases if not one.content.get("tag") or fullest[_tagged(one)] is one]


def _told_of(release: Seen) -> tuple[int, bool, bool]:
    told = sum(bool(release.content.get(name)) for name in ("artifacts", "commit"))
    return -told, not release.own, forge_of(release.cited.source) is not None


def _tagged(release: Seen) -> tuple[str, str]:
    return str(release.custom.get("project", "")), str(release.content.get("tag", ""))
