"""The conditions of one rule: ``if``, ``changes`` and ``exists``, and what they may ask about the change."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.kernel import PlumblineError, Text, t
from plumbline.kernel.text import nt
from plumbline.model.change import Event
from plumbline.model.problem import Mark, Problem
from plumbline.pipeline.language.expression import ExpressionError, parse
from plumbline.pipeline.language.globs import GlobError, Matcher, ruby_glob
from plumbline.pipeline.language.path_regex import MAX_LENGTH, path_regex
from plumbline.pipeline.language.regex import RegexError
from plumbline.pipeline.language.variables import expand
from plumbline.pipeline.source.syntax import mark_of

if TYPE_CHECKING:
    from plumbline.model.ports.jobs import Repository

MAX_COMPARISONS = 50_000  # of a path with a pattern; beyond, GitLab takes a condition for true
CONDITIONS = ("if", "changes", "exists")
_NESTING = 10  # rounds of expansion in a path

Values = tuple[tuple[str, str | None], ...]


class RuleContext:
    """What rules may look at. ``variables`` are taken as they are; answers of ``repository`` are kept in ``memo``,
    which contexts made by :meth:`with_variables` share."""

    __slots__ = ("_memo", "event", "repository", "variables")

    def __init__(
        self, *, variables: Mapping[str, str], repository: Repository, event: Event, memo: dict[Any, Any] | None = None
    ) -> None:
        self.variables = variables
        self.repository = repository
        self.event = event
        self._memo: dict[Any, Any] = {} if memo is None else memo

    def with_variables(self, variables: Mapping[str, str]) -> RuleContext:
        """The same change seen with other variables; what was asked already is not asked again."""
        return RuleContext(variables=variables, repository=self.repository, event=self.event, memo=self._memo)

    def expand(self, text: str) -> str:
        """Variables in a path or a name, and the variables in their values."""
        for _ in range(_NESTING):
            expanded = expand(text, self.variables)
            if expanded == text:
                break
            text = expanded
        return text

    def once(self, key: Hashable, ask: Callable[[], Any]) -> Any:
        """The answer to a question that does not depend on variables."""
        if key not in self._memo:
            self._memo[key] = ask()
        return self._memo[key]

    def changed(self, compare_to: str | None) -> Sequence[str] | None:
        """The changed paths, sorted; None: nothing to compare with. Raises PlumblineError."""

        def ask() -> Sequence[str] | None:
            found = self.repository.changed(compare_to)
            return None if found is None else sorted(found)

        found: Sequence[str] | None = self.once(("changed", compare_to), ask)
        return found


class Checked(NamedTuple):
    """Whether all conditions of a rule hold, why, and the variables that were looked at. With a ``problem`` the rule
    could not be evaluated, and does not hold."""

    holds: bool
    reason: Text
    values: Values = ()
    problem: Problem | None = None


ALWAYS = Checked(True, t("it has no condition"))


def check(rule: Mapping[str, Any], context: RuleContext, keyword: str = "rules") -> Checked:
    """Check a rule's conditions in turn, up to the first that does not hold. ``keyword`` is its path, for problems."""
    reasons: list[Text] = []
    values: Values = ()
    for name in CONDITIONS:
        written = rule.get(name)
        if written is None:
            continue
        try:
            found = _CHECKS[name](written, context)
        except _Wrong as wrong:
            problem = Problem(
                code=wrong.code,
                message=wrong.message,
                where=place_of(wrong.within if wrong.within is not None else rule, wrong.key or name),
                keyword=f"{keyword}:{name}" + (f":{wrong.key}" if wrong.key else ""),
                hint=wrong.hint,
            )
            return Checked(
                False, t("'{name}' could not be evaluated: {why}", name=name, why=wrong.message), values, problem
            )
        values += found.values
        reasons.append(found.reason)
        if not found.holds:
            return Checked(False, found.reason, values)
    if not reasons:
        return ALWAYS
    reason = reasons[0]
    for more in reasons[1:]:
        reason = t("{first}, and {second}", first=reason, second=more)
    return Checked(True, reason, values)


class _Wrong(Exception):  # noqa: N818 - never leaves this module
    """A condition that cannot be evaluated; ``key`` of the map ``within`` is to blame, or the condition as a whole."""

    def __init__(
        self, code: str, message: Text, hint: Text | None = None, *, within: Any = None, key: str = ""
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.hint = hint
        self.within = within
        self.key = key


def place_of(container: Any, key: str | int) -> Mark | None:
    """Where a key or an item stands, if that is known."""
    mark = mark_of(container, key)
    return mark if mark.file else None


def _if(written: Any, context: RuleContext) -> Checked:
    try:
        expression = parse(written if isinstance(written, str) else str(written))
    except ExpressionError as error:
        raise _Wrong("invalid-expression", error.message, error.hint) from None
    values = tuple((name, context.variables.get(name)) for name in expression.names)
    if expression.evaluate(context.variables):
        return Checked(True, t("'if' is true"), values)
    return Checked(False, t("'if' is false"), values)


def _changes(written: Any, context: RuleContext) -> Checked:
    compare_to = written.get("compare_to") if isinstance(written, dict) else None
    if compare_to is not None:
        compare_to = context.expand(str(compare_to))
    try:
        changed = context.changed(compare_to)
    except PlumblineError as error:
        key = "compare_to" if compare_to is not None else ""
        raise _Wrong(error.code, error.message, error.hint, within=written if key else None, key=key) from None
    if changed is None:
        return Checked(True, t("there is nothing to compare with, which 'changes' takes for a change"))
    if not changed:
        return Checked(False, t("no file changed"))
    patterns, matchers = _matchers(written, context)
    if len(changed) * len(matchers) > MAX_COMPARISONS:
        return _TOO_MANY
    question = ("changes", compare_to, _is_regexp(written), patterns)
    path = context.once(question, lambda: _first(matchers, changed))
    if path is not None:
        return Checked(True, t("{path} changed", path=path))
    return Checked(
        False, nt("the changed file does not match", "none of the {count} changed files matches", len(changed))
    )


def _exists(written: Any, context: RuleContext) -> Checked:
    project = ref = None
    if isinstance(written, dict) and written.get("project") is not None:
        project = context.expand(str(written["project"]))
        ref = context.expand(str(written["ref"])) if written.get("ref") is not None else None
    patterns, matchers = _matchers(written, context)

    def search() -> str | Checked | None:
        repository = context.repository if project is None else context.repository.project(project, ref)
        if _is_regexp(written):
            files = repository.files()
            return _TOO_MANY if len(files) > MAX_COMPARISONS else _first(matchers, files)
        return _search(patterns, matchers, repository.files())

    try:
        question = ("exists", id(context.repository), project, ref, _is_regexp(written), patterns)
        found = context.once(question, search)
    except PlumblineError as error:
        key = "project" if project is not None else ""
        raise _Wrong(error.code, error.message, error.hint, within=written if key else None, key=key) from None
    if isinstance(found, Checked):
        return found
    if found is not None:
        return Checked(True, t("{path} exists", path=found))
    return Checked(False, t("no file matches {patterns}", patterns=", ".join(patterns)))


_TOO_MANY = Checked(True, t("more than {limit} comparisons, which are taken for a match", limit=MAX_COMPARISONS))


def _matchers(written: Any, context: RuleContext) -> tuple[tuple[str, ...], list[Matcher]]:
    """The patterns with their variables expanded, and what they match."""
    try:
        if _is_regexp(written):
            pattern = context.expand(written["regexp"])
            if len(pattern) > MAX_LENGTH:
                raise RegexError(t("it has more than {limit} characters", limit=MAX_LENGTH))
            return (f"/{pattern}/",), [path_regex(pattern).found_in]
        patterns = tuple(dict.fromkeys(context.expand(path) for path in _paths(written)))
        return patterns, [ruby_glob(pattern) for pattern in patterns]
    except GlobError as error:
        raise _Wrong("invalid-pattern", error.message, within=written, key="paths") from None
    except RegexError as error:
        raise _Wrong("invalid-regex", error.message, within=written, key="regexp") from None


def _is_regexp(written: Any) -> bool:
    return isinstance(written, dict) and isinstance(written.get("regexp"), str)


def _paths(written: Any) -> Iterable[str]:
    """Paths of ``changes`` and ``exists``: a list, or a map with one."""
    if isinstance(written, dict):
        written = written.get("paths")
    if isinstance(written, list):
        for item in written:
            yield from _paths(item)
    elif written is not None:
        yield str(written)


def _first(matchers: Sequence[Matcher], paths: Iterable[str]) -> str | None:
    for path in paths:
        for matches in matchers:
            if matches(path):
                return path
    return None


def _search(patterns: Sequence[str], matchers: Sequence[Matcher], files: Sequence[str]) -> str | Checked | None:
    """The first path of the tree that a pattern matches; a pattern that ends with ``/`` looks for folders."""
    compared = 0
    folders: Sequence[str] | None = None
    if not any("/" in pattern or "**" in pattern for pattern in patterns):
        files = [file for file in files if "/" not in file]
    for pattern, matches in zip(patterns, matchers, strict=True):
        paths = files
        if pattern.endswith("/"):
            folders = _folders(files) if folders is None else folders
            paths = folders
        for path in paths:
            if matches(path):
                return path
        if not _is_simple(pattern):
            compared += len(paths)
            if compared > MAX_COMPARISONS:
                return _TOO_MANY
    return None


def _is_simple(pattern: str) -> bool:
    """A whole name, or an extension anywhere: GitLab does not count their comparisons."""
    rest = pattern.removeprefix("**/*")
    plain = not any(character in rest for character in "*?[{")
    return plain and (rest == pattern or (rest.startswith(".") and "/" not in rest))


def _folders(files: Iterable[str]) -> Sequence[str]:
    """Every folder that holds a file, with a ``/`` at its end, sorted."""
    folders: set[str] = set()
    for file in files:
        folder = file.rpartition("/")[0]
        while folder and f"{folder}/" not in folders:
            folders.add(f"{folder}/")
            folder = folder.rpartition("/")[0]
    return sorted(folders)


_CHECKS: dict[str, Callable[[Any, RuleContext], Checked]] = {"if": _if, "changes": _changes, "exists": _exists}
