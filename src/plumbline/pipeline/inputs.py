"""``spec:inputs``: which inputs a file takes, and which values they have once some are given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any, NamedTuple

from plumbline.kernel import Text, t
from plumbline.model.problem import Mark, Problem
from plumbline.pipeline._inputs import REFERENCE, as_options, coerced
from plumbline.pipeline.keyword import Place
from plumbline.pipeline.language.expression import ExpressionError, parse
from plumbline.pipeline.language.regex import RegexError, regex
from plumbline.pipeline.sections import Reader
from plumbline.pipeline.source.syntax import NOWHERE, Map, Seq, mark_of
from plumbline.pipeline.source.wording import choices, describe, did_you_mean

MAX_ITEMS = 10_000  # values in one array
MAX_LEVELS = 20  # of lists and maps in one array
MAX_LENGTH = 1024 * 1024  # characters of one text

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (Seq, list, tuple),
}
_ARTICLES = {
    "string": t("a text"),
    "number": t("a number"),
    "boolean": t("true or false"),
    "array": t("a list"),
}


class Header(NamedTuple):
    """What stands above ``---``: the declared inputs by name, and the facts of ``spec:component``."""

    inputs: Map
    component: frozenset[str]


def split(documents: list[Any], file: str, problems: list[Problem]) -> tuple[Map | None, Any]:
    """The header document, if there is one, and the content. Documents beyond are reported."""
    if not documents:
        return None, None
    first, rest = documents[0], documents[1:]
    if not (isinstance(first, Map) and "spec" in first):
        if rest:
            message = t("only the first document of the file is read: it has no spec")
            where = mark_of(rest[0]) if mark_of(rest[0]).line else Mark(file)
            problems.append(Problem(code="too-many-documents", message=message, where=where, hint=_ONE_DOCUMENT))
        return None, first
    for key in first:
        if key != "spec":
            message = t("{key} cannot stand in the header beside spec", key=key)
            hint = t("write a line with --- between spec and the rest of the file")
            problems.append(Problem(code="misplaced-keyword", message=message, where=first.marks[key], hint=hint))
    if len(rest) > 1:
        message = t("a file has at most two documents: the header and the content")
        where = mark_of(rest[1]) if mark_of(rest[1]).line else Mark(file)
        problems.append(Problem(code="too-many-documents", message=message, where=where, hint=_ONE_DOCUMENT))
    return first, rest[0] if rest else None


_ONE_DOCUMENT = t("remove the line with ---, or move the rest into a file of its own")


def read_header(header: Map, problems: list[Problem], shared: Map) -> Header | None:
    """The declarations of a header, over those of ``spec:include`` (``shared``); None where it has errors."""
    reader = Reader(problems)
    spec = header["spec"]
    reader.section(Map({"spec": spec}, header.mark, header.marks), Place.GLOBAL)
    if reader.errors:
        return None
    spec = spec if isinstance(spec, Map) else Map()
    own = spec.get("inputs") or Map()
    declared = Map(shared, own.mark, {**shared.marks, **own.marks})
    declared.update(own)
    return Header(declared, frozenset(spec.get("component") or ()))


class Given(NamedTuple):
    """Values for inputs, and the place where they are given (of an ``include``; the file for the pipeline's own)."""

    values: Mapping[str, Any]
    where: Mark

    def place(self, name: str) -> Mark:
        mark = mark_of(self.values, name) if isinstance(self.values, Map) else NOWHERE
        return mark if mark.line else self.where


def settle(declared: Map, given: Given, problems: list[Problem]) -> dict[str, Any]:
    """The value of every declared input: the one given, else its default. An input with a problem is left out."""
    for name in given.values:
        if name not in declared:
            message = t("there is no input {name} here", name=name)
            hint = did_you_mean(str(name), declared) or (
                t("the inputs are: {names}", names=choices(declared)) if declared else t("the file takes no inputs")
            )
            problems.append(
                Problem(code="unknown-input", message=message, where=given.place(name), keyword="inputs", hint=hint)
            )
    settled: dict[str, Any] = {}
    late = [name for name, written in declared.items() if isinstance(written, Map) and "rules" in written]
    for name in [*(name for name in declared if name not in late), *late]:
        _Input(name, declared, given, problems).settle(settled)
    return settled


class _Input:
    def __init__(self, name: str, declared: Map, given: Given, problems: list[Problem]) -> None:
        self.name = name
        self.declared_at = mark_of(declared, name)
        written = declared[name]
        self.written: Map = written if isinstance(written, Map) else Map()
        self.type = str(self.written.get("type") or "string")
        self.given = given
        self.problems = problems

    def settle(self, settled: dict[str, Any]) -> None:
        rule = self._rule(settled)
        options = rule.get("options")
        if self.given.values.get(self.name) is not None:
            value, where = self.given.values[self.name], self.given.place(self.name)
        elif "default" in rule:
            value, where = rule["default"], mark_of(rule, "default")
        else:
            where = self.given.where if self.given.where.line else self.declared_at
            message = t("the input {name} is missing", name=self.name)
            hint = t("give it a value under inputs, or a default at {place}", place=str(self.declared_at))
            self._report("missing-input", message, where, hint)
            return
        value = coerced(value, self.type)
        if isinstance(options, list):
            options = as_options(options, self.type)
        if self._fits(value, options, where):
            settled[self.name] = value

    def _rule(self, settled: dict[str, Any]) -> Map:
        """Where default and options stand: the declaration itself, or the first of its rules that matches."""
        rules = self.written.get("rules")
        if not isinstance(rules, list):
            return self.written
        for rule in rules:
            if isinstance(rule, Map) and self._matches(rule.get("if"), settled, rule):
                return rule
        return Map((), self.declared_at)

    def _matches(self, condition: Any, settled: dict[str, Any], rule: Map) -> bool:
        """``if`` of an input's rule, in which ``$[[ inputs.x ]]`` stands where else variables do."""
        if condition is None:
            return True
        names: list[str] = []

        def variable(found: re.Match[str]) -> str:
            names.append(found[1])
            return f"$INPUT_{len(names) - 1}"

        try:
            expression = parse(REFERENCE.sub(variable, str(condition)))
        except ExpressionError as error:
            self._report("invalid-expression", error.message, mark_of(rule, "if"), error.hint)
            return False
        values = {f"INPUT_{n}": embedded(settled[name]) for n, name in enumerate(names) if name in settled}
        return expression.evaluate(values)

    def _fits(self, value: Any, options: Any, where: Mark) -> bool:
        """Whether a value is of the type, among the options and matched by the expression; else report it."""
        if not isinstance(value, _TYPES[self.type]) or isinstance(value, bool) != (self.type == "boolean"):
            message = t(
                "the input {name} takes {expected}, found {found}",
                name=self.name,
                expected=_ARTICLES[self.type],
                found=describe(value),
            )
            self._report("wrong-type", message, where)
            return False
        if self.type == "array" and not _bounded(value):
            message = t(
                "the input {name} has more than {limit} values or {levels} levels",
                name=self.name,
                limit=MAX_ITEMS,
                levels=MAX_LEVELS,
            )
            self._report("input-too-large", message, where)
            return False
        if isinstance(value, str) and len(value) > MAX_LENGTH:
            message = t("the input {name} has more than {limit} characters", name=self.name, limit=MAX_LENGTH)
            self._report("input-too-large", message, where)
            return False
        if isinstance(options, list) and value not in options:
            message = t("the input {name} cannot be {value}", name=self.name, value=embedded(value)[:60])
            hint = t("it is one of: {options}", options=choices([embedded(option) for option in options]))
            self._report("invalid-input", message, where, hint)
            return False
        return self._matched(value, where)

    def _matched(self, value: Any, where: Mark) -> bool:
        pattern = self.written.get("regex")
        if not isinstance(pattern, str) or not isinstance(value, str):
            return True
        try:
            if regex(pattern).found_in(value):
                return True
        except RegexError:
            return False  # reported where it is declared
        message = t("the input {name} does not match: {value}", name=self.name, value=value[:60])
        hint = t("it has to match the regular expression {pattern}", pattern=pattern)
        self._report("invalid-input", message, where, hint)
        return False

    def _report(self, code: str, message: Text, where: Mark, hint: Text | None = None) -> None:
        self.problems.append(Problem(code=code, message=message, where=where, keyword=f"inputs:{self.name}", hint=hint))


def embedded(value: Any) -> str:
    """A value as it stands in a longer text; a list stands there as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict, tuple)):
        import msgspec.json

        return msgspec.json.encode(value).decode()
    return "" if value is None else str(value)


def _bounded(value: Any) -> bool:
    """Whether an array is small enough to be handed on from file to file."""
    room = MAX_ITEMS
    level = [value]
    for _ in range(MAX_LEVELS):
        inside = (container.values() if isinstance(container, dict) else container for container in level)
        items = [item for container in inside for item in islice(container, MAX_ITEMS + 1)]
        room -= len(items)
        if room < 0:
            return False
        level = [item for item in items if isinstance(item, (list, dict, tuple))]
        if not level:
            return True
    return False
