"""What is found in the tree and among people, pipelines and jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from plumbline.access import use_cases
from plumbline.flow.people.people import seen_people
from plumbline.flow.search.found import Found, FoundKind, Rank
from plumbline.flow.tree.read_tree import visible_nodes
from plumbline.model.tree import NodeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from plumbline.flow.search.found import Wanted
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.server import JobNamed, StoredPipeline
    from plumbline.model.tree import Node

_HEX = frozenset("0123456789abcdef")
_SHORTEST_COMMIT = 4  # letters
_OF_A_WORD = 500  # names of jobs that are looked through for the other words


def in_store(unit: UnitOfWork, wanted: Wanted, most: int) -> Iterator[Found]:
    """More than ``most`` of a kind where there are more."""
    yield from _nodes(unit, wanted)
    everybody = unit.everywhere(use_cases.VIEW_PERSON)
    seen = set() if everybody else {person.id for person in seen_people(unit, use_cases.VIEW_PERSON)}
    for person in unit.tx.people.like(wanted.text, most + 1 if everybody else _OF_A_WORD) if everybody or seen else ():
        if everybody or person.id in seen:
            rank = wanted.rank(person.name, person.title) or Rank(3)
            yield Found(FoundKind.PERSON, person.title or person.name, person.name, f"/people/{person.id}", rank)
    yield from _Runs(unit, most).found(wanted)


def _nodes(unit: UnitOfWork, wanted: Wanted) -> Iterator[Found]:
    for node in visible_nodes(unit.tx, unit.actor):
        rank = wanted.rank(node.title, node.name, node.path)
        if rank is not None:
            kind = FoundKind.PROJECT if node.kind is NodeKind.PROJECT else FoundKind.NODE
            yield Found(kind, node.title or node.name, node.path, _address(node), rank)


def _address(node: Node) -> str:
    return f"/projects/{node.id}" if node.kind is NodeKind.PROJECT else f"/nodes/{node.id}"


class _Runs:
    """Pipelines and jobs of the projects in which the actor may see them."""

    def __init__(self, unit: UnitOfWork, most: int) -> None:
        self._unit = unit
        self._most = most + 1
        self._nodes: Mapping[int, Node] = {node.id: node for node in unit.nodes(use_cases.VIEW_PIPELINE)}
        everywhere = unit.everywhere(use_cases.VIEW_PIPELINE)
        self._projects: Collection[int] | None = None if everywhere else list(self._nodes)

    def found(self, wanted: Wanted) -> Iterator[Found]:
        if not self._nodes:
            return
        yield from self._numbered(wanted.folded.removeprefix("#"))
        yield from self._jobs(wanted)
        for pipeline in self._unit.tx.pipelines.like(wanted.text, self._most, self._projects):
            yield from self._named(wanted, pipeline)
        yield from self._commits(wanted.folded)

    def _numbered(self, text: str) -> Iterator[Found]:
        """A pipeline in all, one of a project and a job may have this number."""
        if not text.isascii() or not text.isdecimal() or len(text) > 18:
            return
        number, tx = int(text), self._unit.tx
        pipeline, job = tx.pipelines.get(number), tx.jobs.get(number)
        of_projects = tx.pipelines.numbered_in(number, self._most, list(self._nodes)) if self._nodes else ()
        for one in (pipeline, *of_projects):
            if one is not None and one.project in self._nodes:
                yield self._pipeline(one, Rank(0))
        own = tx.pipelines.get(job.pipeline) if job else None
        if job and own and own.project in self._nodes:
            yield Found(FoundKind.JOB, f"#{job.id} {job.name}", self._place(own), f"/jobs/{number}", Rank(0))

    def _jobs(self, wanted: Wanted) -> Iterator[Found]:
        """By their names, or by some words of their names and the others of what their project is called."""
        jobs, several = self._unit.tx.jobs, len(wanted.words) > 1
        found: dict[int, JobNamed] = {one.job: one for one in jobs.named(wanted.text, self._most, self._projects)}
        for word in wanted.words if several else ():
            found |= {one.job: one for one in jobs.named(word, _OF_A_WORD, self._projects)}
        for one in found.values():
            node = self._nodes[one.project]
            rank = wanted.rank(one.name, place=f"{node.title} {node.path}")
            if rank is not None:
                yield Found(FoundKind.JOB, one.name, node.title or node.path, f"/jobs/{one.job}", rank)

    def _named(self, wanted: Wanted, pipeline: StoredPipeline) -> Iterator[Found]:
        """Its branch or tag, where that has the text in its name; itself, where the title of its commit has."""
        title, place = _title(pipeline), self._place(pipeline)
        if (rank := wanted.rank(pipeline.ref)) is not None:
            kind = FoundKind.TAG if pipeline.change.tag else FoundKind.BRANCH
            path = f"/projects/{pipeline.project}?{urlencode({'ref': pipeline.ref})}"
            yield Found(kind, pipeline.ref, place, path, rank)
        if (rank := wanted.rank(title)) is not None:
            yield self._pipeline(pipeline, Rank(rank.how))  # the newest first

    def _commits(self, text: str) -> Iterator[Found]:
        if not _SHORTEST_COMMIT <= len(text) <= 64 or set(text) - _HEX:
            return
        seen: set[tuple[int, str]] = set()
        for one in self._unit.tx.pipelines.of_commit(text):
            if one.project in self._nodes and (one.project, one.sha) not in seen:
                seen.add((one.project, one.sha))
                title = f"{one.sha[:12]} {_title(one)}"
                rank = Rank(0 if one.sha == text else 1)
                yield Found(FoundKind.COMMIT, title, self._place(one), f"/pipelines/{one.id}", rank)
                if len(seen) == self._most:
                    return

    def _pipeline(self, one: StoredPipeline, rank: Rank) -> Found:
        title = f"#{one.iid} {one.name or _title(one)}"
        return Found(FoundKind.PIPELINE, title, self._place(one), f"/pipelines/{one.id}", rank)

    def _place(self, pipeline: StoredPipeline) -> str:
        node = self._nodes[pipeline.project]
        return f"{node.title or node.path} · {pipeline.ref}"


def _title(pipeline: StoredPipeline) -> str:
    return pipeline.change.message.partition("\n")[0]
