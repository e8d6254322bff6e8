"""Merge maps, follow ``extends``, then follow ``!reference``. Inputs are never changed; what stays equal is shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.kernel import t
from plumbline.model.problem import Mark, Problem
from plumbline.pipeline.source.syntax import MAX_DEPTH, MAX_NODES, Map, Reference, Seq, mark_of
from plumbline.pipeline.source.wording import Hints

if TYPE_CHECKING:
    from plumbline.kernel import Text

MAX_EXTENDS = 11  # levels of parents
MAX_REFERENCES = 10  # levels of references in what a reference brings
MAX_LISTS = 10  # levels of lists in lists
SCRIPTS = ("before_script", "script", "after_script")
RESERVED = frozenset(
    ("image", "services", "stages", "types", "variables", "cache", "include", "default", "workflow", "spec", *SCRIPTS)
)
SPLICED = frozenset((*SCRIPTS, "pre_get_sources_script", "rules", "stages"))


class TooLarge(Exception):  # noqa: N818 - becomes a problem in this room
    """A limit was reached: what it is about."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class Budget:
    """How many more values may be made; the limit is :data:`MAX_NODES`."""

    def __init__(self, where: Mark | None, what: Text) -> None:
        self.left = MAX_NODES
        self.where = where
        self.what = what

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            message = t("{what} makes more than {limit} values of the configuration", what=self.what, limit=MAX_NODES)
            raise TooLarge(Problem(code="configuration-too-large", message=message, where=self.where))


def deep_merge(
    base: Map, over: Map, budget: Budget | None = None, merged: dict[tuple[int, int], Map] | None = None
) -> Map:
    """``over`` laid over ``base``: maps merge deep, everything else is replaced whole, ``null`` removes the key.

    Marks follow the value that won. Removed keys are remembered in ``dropped``, so that the order in which three maps
    are merged does not matter. Maps that aliases share are merged once (``merged`` remembers them) and shared again.
    """
    if not base and not base.dropped:
        return over
    if not over and not over.dropped:
        return base
    merged = {} if merged is None else merged
    same = merged.get((id(base), id(over)))
    if same is not None:
        return same
    if budget:
        budget.spend(len(base) + len(over))
    result = Map(base, over.mark, dict(base.marks))
    for key in over.dropped:
        result.pop(key, None)
    dropped = base.dropped | over.dropped if base.dropped or over.dropped else base.dropped
    for key, value in over.items():
        old = result.get(key)
        if value is None and (key in base or key in dropped):
            result.pop(key, None)
            dropped |= {key}
            continue
        if type(value) is Map and type(old) is not Map and key in result:
            dropped |= {key}  # what is merged below both must not shine through
        result[key] = deep_merge(old, value, budget, merged) if type(value) is Map and type(old) is Map else value
        result.marks[key] = over.marks.get(key, over.mark)
    result.dropped = dropped
    merged[id(base), id(over)] = result
    return result


def resolve_extends(config: Map, problems: list[Problem]) -> Map:
    """Every job with what it inherits; ``extends`` itself is gone. Later parents win, a job's own keys win last."""
    return _Extends(config, problems).all()


class _Extends:
    def __init__(self, config: Map, problems: list[Problem]) -> None:
        self.config = config
        self.problems = problems
        self.done: dict[str, tuple[Map, int]] = {}  # the job, and how many levels of parents it has
        self.chain: list[str] = []
        self.deep: set[str] = set()
        self.hints = Hints()
        self.budget = Budget(config.mark, t("extends"))

    def all(self) -> Map:
        result = Map(self.config, self.config.mark, self.config.marks)
        try:
            for name, value in self.config.items():
                if type(value) is Map and "extends" in value and name not in RESERVED:
                    result[name] = self._job(name, value)[0]
        except TooLarge as refusal:
            self.problems.append(refusal.problem)
            return Map((), self.config.mark)
        return result

    def _job(self, name: str, own: Map) -> tuple[Map, int]:
        if "extends" not in own or name in RESERVED:
            return own, 0
        known = self.done.get(name)
        if known:
            return known
        self.chain.append(name)
        merged = Map((), own.mark)
        levels = 0
        for parent in self._parents(name, own):
            inherited, above = self._parent(name, parent, own)
            merged = deep_merge(merged, inherited, self.budget)
            levels = max(levels, above + 1)
        if levels > MAX_EXTENDS:
            self._too_deep(name, own)
            levels = 0
        self.chain.pop()
        result = deep_merge(merged, _without_extends(own), self.budget)
        self.done[name] = result, levels
        return result, levels

    def _parents(self, name: str, own: Map) -> list[str]:
        written = own["extends"]
        parents = written if isinstance(written, list) else [] if written is None else [written]
        if all(type(parent) is str for parent in parents):
            return parents
        message = t("extends takes the name of a job, or a list of names")
        hint = t("!reference is resolved after extends") if isinstance(written, Reference) else None
        self._report("wrong-type", name, own, message, hint)
        return [parent for parent in parents if type(parent) is str]

    def _parent(self, name: str, parent: str, own: Map) -> tuple[Map, int]:
        """What a job inherits from one parent; nothing where that cannot be."""
        nothing = Map(()), 0
        found = self.config.get(parent)
        if parent in self.chain:
            circle = [*self.chain[self.chain.index(parent) :], parent]
            message = t("jobs extend each other in a circle: {chain}", chain=" -> ".join(circle))
            self._report("cyclic-extends", name, own, message, t("take one of these extends away"))
        elif type(found) is not Map:
            message = t("there is no job {name} to extend", name=parent)
            if parent in self.config:
                message = t("{name} is not a job, so it cannot be extended", name=parent)
            self._report("unknown-extends", name, own, message, self.hints.near(parent, self.config))
        elif len(self.chain) > MAX_EXTENDS:
            self._too_deep(self.chain[0], self.config[self.chain[0]])
        else:
            return self._job(parent, found)
        return nothing

    def _too_deep(self, name: str, own: Map) -> None:
        if name in self.deep:
            return
        self.deep.add(name)
        message = t("extends goes more than {limit} levels deep", limit=MAX_EXTENDS)
        self._report("extends-too-deep", name, own, message, t("extend fewer jobs, each with more in it"))

    def _report(self, code: str, name: str, own: Map, message: Text, hint: Text | None) -> None:
        where = mark_of(own, "extends")
        self.problems.append(Problem(code=code, message=message, where=where, keyword=f"{name}:extends", hint=hint))


def _without_extends(own: Map) -> Map:
    result = Map(own, own.mark, own.marks)
    del result["extends"]
    result.dropped = own.dropped
    return result


def resolve_references(config: Map, problems: list[Problem]) -> Map:
    """Every ``!reference`` replaced by what it names; lists in scripts, rules and stages are spliced.

    What cannot be resolved is reported and left out. The result stands for at most :data:`MAX_NODES` values and is at
    most :data:`MAX_DEPTH` levels deep; beyond that it is empty, with a problem.
    """
    try:
        return _References(config, problems).all()
    except TooLarge as refusal:
        problems.append(refusal.problem)
        return Map((), config.mark)


_LOST: Any = object()  # stands for a value that could not be resolved


class _Resolved(NamedTuple):
    value: Any
    size: int = 1  # values it stands for
    height: int = 0  # levels below it
    levels: int = 0  # references that were followed one after the other
    lists: int = 0  # of a list: it, and the lists in lists in it, before they are spliced


class _References:
    def __init__(self, config: Map, problems: list[Problem]) -> None:
        self.config = config
        self.problems = problems
        self.seen: dict[tuple[int, bool], _Resolved] = {}
        self.paths: dict[Reference, _Resolved | None] = {}
        self.chain: list[Reference] = []
        self.reported: set[tuple[str, Mark]] = set()
        self.hints = Hints()
        self.depth = 0
        self.budget = Budget(config.mark, t("!reference"))

    def all(self) -> Map:
        result: Map = self._walk(self.config, spliced=False).value
        return result

    def _walk(self, value: Map | Seq, *, spliced: bool) -> _Resolved:
        """A container with all references in it resolved; itself where there are none."""
        known = self.seen.get((id(value), spliced))
        if known:
            return known
        self.depth += 1
        if self.depth > MAX_DEPTH + 1:
            self._refuse_depth(value)
        size, height, levels, lists = 1, 0, 0, 0
        changes: dict[Any, Any] = {}  # key or index -> new value
        for key, item in value.items() if type(value) is Map else enumerate(value):
            kind = type(item)
            if kind is Map or kind is Seq:
                found: _Resolved | None = self._walk(item, spliced=spliced if type(value) is Seq else key in SPLICED)
            elif kind is Reference:
                found = self._reference(item)
            else:
                size += 1
                continue
            if found is None:
                changes[key] = _LOST
                continue
            if found.value is not item:
                changes[key] = found.value
            size += found.size
            height = max(height, found.height + 1)
            levels = max(levels, found.levels)
            lists = max(lists, found.lists)
        self.depth -= 1
        if size > MAX_NODES:
            self.budget.spend(size)
        if height > MAX_DEPTH:
            self._refuse_depth(value)
        made = _changed(value, changes)
        lists = lists + 1 if type(value) is Seq else 0
        if spliced and lists == MAX_LISTS + 1:
            self._nested_too_deep(value)
        result = _Resolved(self._splice(made) if spliced and type(made) is Seq else made, size, height, levels, lists)
        self.seen[id(value), spliced] = result
        return result

    def _reference(self, reference: Reference) -> _Resolved | None:
        if reference in self.paths:
            found = self.paths[reference]
        elif reference in self.chain:
            circle = [*self.chain[self.chain.index(reference) :], reference]
            chain = " -> ".join(f"[{', '.join(path)}]" for path in circle)
            self._report("cyclic-reference", reference, t("references go in a circle: {chain}", chain=chain))
            return None
        elif len(self.chain) >= MAX_REFERENCES:
            self._too_deep(reference)
            return None
        else:
            self.chain.append(reference)
            found = self._target(reference)
            self.chain.pop()
            self.paths[reference] = found
        if found and found.levels > MAX_REFERENCES:
            self._too_deep(reference)
            return None
        return found

    def _target(self, reference: Reference) -> _Resolved | None:
        value: Any = self.config
        for step in reference:
            inside = value
            value = inside.get(step) if type(inside) is Map else None
            if value is None:
                path = ", ".join(reference)
                message = t("!reference [{path}]: there is nothing called {step}", path=path, step=step)
                hint = self.hints.near(step, inside) if type(inside) is Map else None
                self._report("unknown-reference", reference, message, hint)
                return None
        if type(value) is Map or type(value) is Seq:
            found: _Resolved | None = self._walk(value, spliced=reference[-1] in SPLICED)
        elif type(value) is Reference:
            found = self._reference(value)
        else:
            found = _Resolved(value)
        return found and found._replace(levels=found.levels + 1)

    def _splice(self, value: Seq) -> Seq:
        if not any(type(item) is Seq for item in value):
            return value
        result = Seq((), value.mark)
        self._pour(value, result)
        self.budget.spend(len(result))
        return result

    def _nested_too_deep(self, value: Map | Seq) -> None:
        message = t("lists are nested more than {limit} levels deep", limit=MAX_LISTS)
        problem = Problem(code="nested-too-deep", message=message, where=value.mark)
        if problem not in self.problems:
            self.problems.append(problem)

    def _pour(self, value: Seq, result: Seq) -> None:
        for index, item in enumerate(value):
            if type(item) is Seq:
                self._pour(item, result)
            else:
                result.append(item)
                result.marks.append(mark_of(value, index))

    def _too_deep(self, reference: Reference) -> None:
        message = t("!reference goes more than {limit} levels deep", limit=MAX_REFERENCES)
        self._report("reference-too-deep", reference, message)

    def _report(self, code: str, reference: Reference, message: Text, hint: Text | None = None) -> None:
        if (code, reference.mark) not in self.reported:
            self.reported.add((code, reference.mark))
            self.problems.append(Problem(code=code, message=message, where=reference.mark, hint=hint))

    def _refuse_depth(self, value: Map | Seq) -> None:
        message = t("!reference makes the configuration more than {limit} levels deep", limit=MAX_DEPTH)
        raise TooLarge(Problem(code="configuration-too-deep", message=message, where=value.mark))


def _changed(value: Map | Seq, changes: dict[Any, Any]) -> Map | Seq:
    """The container with new values for some keys or indexes; those that are lost are left out."""
    if not changes:
        return value
    if type(value) is Map:
        made = Map(value, value.mark, value.marks)
        made.dropped = value.dropped
        made.update(changes)
        for key, item in changes.items():
            if item is _LOST:
                del made[key]
        return made
    items = list(value)
    for index, item in changes.items():
        items[index] = item
    kept = [index for index, item in enumerate(items) if item is not _LOST]
    return Seq([items[index] for index in kept], value.mark, [mark_of(value, index) for index in kept])
