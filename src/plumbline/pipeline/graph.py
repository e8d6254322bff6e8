"""Who waits for whom: needs resolved to full job names, checked against stages, and free of cycles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.model.pipeline import Need
from plumbline.model.problem import Mark, Problem, Severity
from plumbline.pipeline.language import matrix
from plumbline.pipeline.source.syntax import mark_of
from plumbline.pipeline.source.wording import Hints

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.kernel import Text
    from plumbline.model.pipeline import Trigger
    from plumbline.pipeline.draft import Draft

_MATRIX = re.compile(r"\$\[\[\s*matrix\.([\w-]+)\s*\]\]")


class Graph:
    """The jobs of one pipeline by the names that ``needs`` and ``dependencies`` may use.

    ``defined``: every visible job of the file, whether it is in this pipeline or not, and the index of its stage
    (-1: it has none that is known).
    """

    def __init__(self, drafts: Sequence[Draft], defined: Mapping[str, int], problems: list[Problem]) -> None:
        self._problems = problems
        self._defined = defined
        self._hints = Hints()
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
                    self._later_stage(draft, target.name, where)
                elif target.name == draft.name:
                    self._fail(draft, where, "needs-itself", t("the job needs itself"))
                else:
                    resolved[target.name] = Need(job=target.name, artifacts=need.artifacts, optional=need.optional)
        return tuple(resolved.values())

    def _targets(self, draft: Draft, need: Need, where: Mark) -> list[Draft]:
        found = self._by_name.get(need.job, [])
        if need.matrix and found:
            return self._instances(draft, need, found, where)
        if not found and not need.optional:
            self._absent(draft, need.job, where, "needs")
        return found

    def _instances(self, draft: Draft, need: Need, found: list[Draft], where: Mark) -> list[Draft]:
        """Of the instances of a job those that ``needs:parallel:matrix`` names."""
        try:
            wanted = _own_values(need.matrix, dict(draft.instance.variables))
        except KeyError as unknown:
            message = t("the matrix of '{job}' has no variable {name}", job=draft.group, name=unknown.args[0])
            hint = t("'$[[ matrix… ]]' stands for values of the job's own matrix.")
            self._fail(draft, where, "unknown-need", message, hint)
            return []
        if not any(target.instance.variables for target in found):
            self._fail(draft, where, "unknown-need", t("'{job}' has no matrix", job=need.job))
            return []
        found = [target for target in found if matrix.selects(wanted, target.instance.variables)]
        if not found and not need.optional:
            message = t("no instance of '{job}' has these matrix values", job=need.job)
            hint = t("Give a value for every variable of that job's matrix, in its order.")
            self._fail(draft, where, "unknown-need", message, hint)
        return found

    def _absent(self, draft: Draft, name: str, where: Mark, keyword: str) -> None:
        base = group_of(name)
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
        hint = self._hints.near(name, self._defined) or t("No job of that name is in the file.")
        self._fail(draft, where, "unknown-need", t("there is no job '{job}'", job=name), hint, keyword)

    def _later_stage(self, draft: Draft, name: str, where: Mark, keyword: str = "needs") -> None:
        message = t("'{job}' is in a later stage than '{needing}'", job=name, needing=draft.group)
        hint = t("A job can only need jobs of its own stage or of earlier ones.")
        self._fail(draft, where, "need-in-later-stage", message, hint, keyword)

    def check_left_out(self, draft: Draft) -> None:
        """A job that the rules left out may not name jobs either that are nowhere in the file or in a later stage."""
        for position, need in enumerate(draft.values.get("needs") or ()):
            if not need.pipeline and not need.project:
                where = draft.place("needs", position)
                self._check_name(draft, need.job, where, "needs", optional=need.optional)
        for position, name in enumerate(draft.values.get("dependencies") or ()):
            self._check_name(draft, name, draft.place("dependencies", position), "dependencies")

    def check_sources(self, draft: Draft) -> None:
        """The job that leaves the configuration of a child pipeline is one of this stage or an earlier one."""
        trigger: Trigger | None = draft.values.get("trigger")
        for position, include in enumerate(trigger.include if trigger else ()):
            if include.job and "$" not in include.job:
                where = _source_place(draft, position)
                self._check_name(draft, include.job, where, "trigger:include:job")

    def _check_name(self, draft: Draft, name: str, where: Mark, keyword: str, *, optional: bool = False) -> None:
        stage = self._defined.get(name, self._defined.get(group_of(name)))
        if stage is not None and stage > draft.stage_index:
            self._later_stage(draft, name, where, keyword)
        elif stage is None and not optional:
            self._absent(draft, name, where, keyword)

    def dependencies(self, draft: Draft, written: tuple[str, ...], needs: tuple[Need, ...] | None) -> tuple[str, ...]:
        """Full names of the jobs whose archives are wanted; that they are among the needs has been seen to."""
        needed = None if needs is None else {need.job for need in needs}
        names: dict[str, None] = {}
        for position, name in enumerate(written):
            where = draft.place("dependencies", position)
            found = self._by_name.get(name, [])
            if not found:
                if name not in self._defined and group_of(name) not in self._defined:
                    self._absent(draft, name, where, "dependencies")
                continue  # a job that the rules left out has no archive; GitLab lets it pass
            if needed is not None:
                found = [target for target in found if target.name in needed]  # of a parallel job perhaps only some
            for target in found:
                if needed is not None or target.stage_index < draft.stage_index:
                    names[target.name] = None
                else:
                    self._not_earlier(draft, target, where)
        return tuple(names)

    def _not_earlier(self, draft: Draft, target: Draft, where: Mark) -> None:
        """GitLab takes dependencies of the same stage, and brings nothing for them."""
        message = t("'{job}' is not in an earlier stage", job=target.group)
        hint = t("Dependencies come from earlier stages; inside a stage write needs.")
        severity = Severity.WARNING if target.stage_index == draft.stage_index else Severity.ERROR
        self._fail(draft, where, "dependency-not-earlier", message, hint, "dependencies", severity)

    def _fail(
        self,
        draft: Draft,
        where: Mark,
        code: str,
        message: Text,
        hint: Text | None = None,
        keyword: str = "needs",
        severity: Severity = Severity.ERROR,
    ) -> None:
        path = f"{draft.group}:{keyword}"
        problem = Problem(code=code, severity=severity, message=message, hint=hint, where=where, keyword=path)
        if problem not in self._problems:  # every instance of a parallel job says the same
            self._problems.append(problem)


def _own_values(
    wanted: tuple[tuple[tuple[str, str], ...], ...], own: Mapping[str, str]
) -> tuple[tuple[tuple[str, str], ...], ...]:
    """``$[[ matrix.X ]]`` in a need's matrix stands for the needing job's own value of X. Raises KeyError."""
    return tuple(
        tuple((key, _MATRIX.sub(lambda found: own[found[1]], value)) for key, value in chosen) for chosen in wanted
    )


def _source_place(draft: Draft, position: int) -> Mark:
    """Where a source of a child pipeline stands."""
    trigger = draft.raw.get("trigger")
    include = trigger.get("include") if isinstance(trigger, dict) else None
    at = mark_of(include, position) if isinstance(include, list) else mark_of(trigger, "include")
    return at if at.file else draft.place("trigger")


def group_of(name: str) -> str:
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
