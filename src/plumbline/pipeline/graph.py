"""Who waits for whom: needs resolved to full job names, checked against stages, and free of cycles."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.model import Mark, Need, Problem
from plumbline.pipeline import matrix

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plumbline.kernel import Text
    from plumbline.pipeline.draft import Draft

LIMIT = 50  # entries of one job's needs (docs: ci/yaml/#needs)


class Graph:
    """The jobs of one pipeline by the names that ``needs`` and ``dependencies`` may use.

    ``defined``: every visible job of the file, whether it is in this pipeline or not.
    """

    def __init__(self, drafts: Sequence[Draft], defined: Iterable[str], problems: list[Problem]) -> None:
        self._problems = problems
        self._defined = set(defined)
        self._by_name: dict[str, list[Draft]] = {}
        for draft in drafts:
            self._by_name.setdefault(draft.group, []).append(draft)
            if draft.name != draft.group:
                self._by_name.setdefault(draft.name, []).append(draft)
        self._refuse_twins(drafts)

    def _refuse_twins(self, drafts: Sequence[Draft]) -> None:
        seen: set[str] = set()
        for draft in drafts:
            if draft.name in seen:
                message = t("two jobs are called '{job}'", job=draft.name)
                hint = t("Give each combination of a matrix once, and no job the name of an instance of another.")
                self._fail(draft, draft.place("parallel"), "duplicate-job", message, hint, "parallel")
            seen.add(draft.name)

    def needs(self, draft: Draft, written: tuple[Need, ...]) -> tuple[Need, ...]:
        """One entry per job that is really there; problems for those that are not."""
        resolved: dict[str, Need] = {}
        for position, need in enumerate(written):
            where = draft.place("needs", position)
            if need.pipeline or need.project:
                resolved[f"{need.pipeline}|{need.project}|{need.job}"] = need
                continue
            found = self._targets(draft, need, where)
            for target in found:
                if target.stage_index > draft.stage_index:
                    self._later_stage(draft, target, where)
                elif target.name == draft.name:
                    self._fail(draft, where, "needs-itself", t("the job needs itself"))
                else:
                    resolved[target.name] = Need(job=target.name, artifacts=need.artifacts, optional=need.optional)
        return tuple(resolved.values())

    def _targets(self, draft: Draft, need: Need, where: Mark) -> list[Draft]:
        found = self._by_name.get(need.job, [])
        if need.matrix and found:
            wanted = _own_values(need.matrix, dict(draft.instance.variables))
            found = [target for target in found if matrix.selects(wanted, target.instance.variables)]
            if not found and not need.optional:
                message = t("no instance of '{job}' has these matrix values", job=need.job)
                self._fail(draft, where, "unknown-need", message, t("Keys must stand as in the matrix of that job."))
            return found
        if not found and not need.optional:
            self._absent(draft, need.job, where, "needs")
        return found

    def _absent(self, draft: Draft, name: str, where: Mark, keyword: str) -> None:
        base = _group_of(name)
        if name in self._defined or base in self._defined:
            self._fail(
                draft,
                where,
                "need-not-in-pipeline",
                t("'{job}' is not in this pipeline", job=name),
                t("Give both jobs the same rules, or write 'optional: true'."),
                keyword,
            )
            return
        close = difflib.get_close_matches(name, self._defined, 1)
        hint = t("Did you mean '{name}'?", name=close[0]) if close else t("No job of that name is in the file.")
        self._fail(draft, where, "unknown-need", t("there is no job '{job}'", job=name), hint, keyword)

    def _later_stage(self, draft: Draft, target: Draft, where: Mark) -> None:
        self._fail(
            draft,
            where,
            "need-in-later-stage",
            t("'{job}' is in the later stage '{stage}'", job=target.name, stage=target.stage),
            t("A job can only need jobs of its own stage or of earlier ones."),
        )

    def dependencies(self, draft: Draft, written: tuple[str, ...], needs: tuple[Need, ...] | None) -> tuple[str, ...]:
        """Full names of the jobs whose archives are wanted; that they are among the needs has been seen to."""
        needed = None if needs is None else {need.job for need in needs}
        names: dict[str, None] = {}
        for position, name in enumerate(written):
            where = draft.place("dependencies", position)
            found = self._by_name.get(name, [])
            if not found:
                if name not in self._defined and _group_of(name) not in self._defined:
                    self._absent(draft, name, where, "dependencies")
                continue  # a job that the rules left out has no archive; GitLab lets it pass
            if needed is not None:
                found = [target for target in found if target.name in needed]  # of a parallel job perhaps only some
            for target in found:
                if needed is None and target.stage_index >= draft.stage_index:
                    message = t("'{job}' is not in an earlier stage", job=name)
                    hint = t("Dependencies come from earlier stages.")
                    self._fail(draft, where, "dependency-not-earlier", message, hint, "dependencies")
                else:
                    names[target.name] = None
        return tuple(names)

    def _fail(
        self, draft: Draft, where: Mark, code: str, message: Text, hint: Text | None = None, keyword: str = "needs"
    ) -> None:
        problem = Problem(code=code, message=message, hint=hint, where=where, keyword=f"{draft.group}:{keyword}")
        if problem not in self._problems:  # every instance of a parallel job says the same
            self._problems.append(problem)


def _own_values(
    wanted: tuple[tuple[tuple[str, str], ...], ...], own: Mapping[str, str]
) -> tuple[tuple[tuple[str, str], ...], ...]:
    """``$[[ matrix.X ]]`` in a need's matrix stands for the needing job's own value of X."""

    def value_of(text: str) -> str:
        inner = text.strip()
        if inner.startswith("$[[") and inner.endswith("]]"):
            name = inner[3:-2].strip().removeprefix("matrix.")
            return own.get(name, text)
        return text

    return tuple(tuple((key, value_of(value)) for key, value in chosen) for chosen in wanted)


def _group_of(name: str) -> str:
    """The name in the file of ``test 1/3`` or ``build: [a, b]``."""
    head, bracket, _ = name.partition(": [")
    if bracket:
        return head
    head, space, tail = name.rpartition(" ")
    return head if space and "/" in tail and tail.replace("/", "").isdigit() else name


def find_cycle(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """The first cycle found, as ``[a, b, a]``; empty when there is none. Iterative, linear."""
    done: set[str] = set()
    for start in needs:
        path: list[str] = []
        on_path: set[str] = set()
        stack: list[tuple[str, int]] = [(start, 0)]
        while stack:
            name, position = stack.pop()
            if position == 0:
                if name in on_path:
                    return [*path[path.index(name) :], name]
                if name in done:
                    continue
                path.append(name)
                on_path.add(name)
            targets = needs.get(name, ())
            if position < len(targets):
                stack.append((name, position + 1))
                stack.append((targets[position], 0))
            else:
                done.add(name)
                on_path.discard(path.pop())
    return []
