"""``$[[ inputs.name | function ]]`` in every key and text of a document; the parsed tree is changed, never its text.

``$[[ matrix.NAME ]]`` stays as it is: it belongs to ``needs``, and is resolved when jobs are fanned out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from plumbline.kernel import Text, t
from plumbline.model.problem import Mark, Problem
from plumbline.pipeline.inputs import embedded
from plumbline.pipeline.language.variables import expand
from plumbline.pipeline.source.merge import TooLarge
from plumbline.pipeline.source.syntax import Map, Reference, Seq, mark_of
from plumbline.pipeline.source.wording import choices, did_you_mean

MAX_FUNCTIONS = 3  # in one block
MAX_BLOCK = 1024  # bytes of one block
MAX_TEXT = 16 * 1024 * 1024  # characters that interpolation may make in one pipeline

BLOCK = re.compile(r"\$\[\[((?:(?!\]\]).)*)\]\]")
_CALL = re.compile(r"([a-z_]+)\s*(?:\(([^()]*)\))?")
_TRUNCATE = re.compile(r"\s*(\d{1,9})\s*,\s*(\d{1,9})\s*")
_SAFE = re.compile(r"[^A-Za-z0-9_\-.,:+/@\n]")


class Component(NamedTuple):
    """Where a component came from; ``sha`` is empty where that is not known."""

    name: str
    sha: str
    version: str
    reference: str


class Room:
    """How many characters may still be made."""

    def __init__(self) -> None:
        self.left = MAX_TEXT


class Values(NamedTuple):
    """What blocks may ask for. ``component`` holds the facts that ``spec:component`` lists."""

    inputs: Mapping[str, Any]
    component: Mapping[str, str]
    variables: Mapping[str, str]
    declared: frozenset[str]  # also the inputs whose value has a problem of its own


def interpolate(content: Any, values: Values, room: Room, problems: list[Problem]) -> Any:
    """The document with every block replaced. A text that is one block takes the value's type.

    What cannot be replaced is reported and stays. Shared parts stay shared. Raises TooLarge at :data:`MAX_TEXT`.
    """
    return _Interpolation(values, room, problems).value(content, mark_of(content))


def first_block(content: Any) -> Mark | None:
    """The place of the first ``$[[ inputs… ]]`` or ``$[[ component… ]]`` of a document."""
    seen: set[int] = set()
    todo: list[tuple[Any, Mark]] = [(content, mark_of(content))]
    while todo:
        value, where = todo.pop()
        if isinstance(value, str):
            if any(found[1].strip().startswith(("inputs", "component")) for found in BLOCK.finditer(value)):
                return where
        elif isinstance(value, (Map, Seq)) and id(value) not in seen:
            seen.add(id(value))
            if isinstance(value, Map):
                inside = [(item, mark_of(value, key)) for key, item in value.items()]
                inside += [(key, mark_of(value, key)) for key in value if "$[[" in key]
            else:
                inside = [(item, mark_of(value, index)) for index, item in enumerate(value)]
            todo.extend(reversed(inside))
    return None


class _Wrong(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, message: Text, hint: Text | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.hint = hint


class _Left(Exception):  # noqa: N818 - never leaves this module
    """The block is for somebody else, or was reported already."""


class _Interpolation:
    def __init__(self, values: Values, room: Room, problems: list[Problem]) -> None:
        self.values = values
        self.room = room
        self.problems = problems
        self.seen: dict[int, Any] = {}

    def value(self, value: Any, where: Mark) -> Any:
        kind = type(value)
        if kind is str:
            return self._text(value, where) if "$[[" in value else value
        if kind is not Map and kind is not Seq:
            if kind is Reference and any("$[[" in name for name in value):
                return Reference.to((embedded(self.value(name, value.mark)) for name in value), value.mark)
            return value
        made = self.seen.get(id(value))
        if made is None:
            made = self._map(value) if kind is Map else self._seq(value)
            self.seen[id(value)] = made
        return made

    def _map(self, source: Map) -> Map:
        result = Map((), source.mark)
        changed = False
        for key, item in source.items():
            where = source.marks.get(key, source.mark)
            name = embedded(self._text(key, where)) if "$[[" in key else key
            made = self.value(item, where)
            changed = changed or made is not item or name is not key
            result[name] = made
            result.marks[name] = where
        return result if changed else source

    def _seq(self, source: Seq) -> Seq:
        items = [self.value(item, mark_of(source, index)) for index, item in enumerate(source)]
        if all(made is item for made, item in zip(items, source, strict=True)):
            return source
        return Seq(items, source.mark, source.marks)

    def _text(self, text: str, where: Mark) -> Any:
        whole = BLOCK.fullmatch(text.strip())
        try:
            if whole:
                value = self._block(whole[1])
                self._spend(len(value) if isinstance(value, str) else 0)
                return value
            return BLOCK.sub(lambda found: self._inside(found, where), text)
        except _Left:
            return text
        except _Wrong as wrong:
            self._report(wrong, whole[0] if whole else text, where)
            return text

    def _inside(self, found: re.Match[str], where: Mark) -> str:
        try:
            made = embedded(self._block(found[1]))
            self._spend(len(made))
        except _Left:
            return found[0]
        except _Wrong as wrong:
            self._report(wrong, found[0], where)
            return found[0]
        return made

    def _spend(self, count: int) -> None:
        self.room.left -= count
        if self.room.left < 0:
            message = t("inputs make more than {limit} characters of the configuration", limit=MAX_TEXT)
            raise TooLarge(Problem(code="configuration-too-large", message=message))

    def _report(self, wrong: _Wrong, block: str, where: Mark) -> None:
        problem = Problem(
            code="invalid-interpolation", message=wrong.message, where=where, keyword=block[:80], hint=wrong.hint
        )
        self.problems.append(problem)

    def _block(self, body: str) -> Any:
        access, *calls = (part.strip() for part in body.split("|"))
        kind, _, name = access.partition(".")
        if kind == "matrix":
            raise _Left
        if len(body.encode()) > MAX_BLOCK:
            raise _Wrong(t("the block is longer than {limit} bytes", limit=MAX_BLOCK))
        if len(calls) > MAX_FUNCTIONS:
            raise _Wrong(t("at most {limit} functions may follow one another", limit=MAX_FUNCTIONS))
        value = self._access(kind, name)
        for call in calls:
            value = self._call(call, value)
        return value

    def _access(self, kind: str, name: str) -> Any:
        if kind == "inputs":
            if name in self.values.inputs:
                return self.values.inputs[name]
            if name in self.values.declared:
                raise _Left
            declared = sorted(self.values.declared)
            hint = did_you_mean(name, declared) or t("declare it in the header: spec:inputs:{name}", name=name)
            raise _Wrong(t("the file has no input {name}", name=name), hint)
        if kind == "component":
            found = self.values.component.get(name)
            if found:
                return found
            if name not in self.values.component:
                hint = t("list it in the header: spec:component: [{name}]", name=name)
                raise _Wrong(t("spec:component does not list {name}", name=name), hint)
            hint = t("include the file as a component, at a version whose {name} is known", name=name)
            raise _Wrong(t("component.{name} is not known here", name=name), hint)
        hint = t("write {example}", example="$[[ inputs.name ]]")
        raise _Wrong(t("{kind} is not known in an interpolation block", kind=kind or "$[[ ]]"), hint)

    def _call(self, call: str, value: Any) -> Any:
        found = _CALL.fullmatch(call)
        function = _FUNCTIONS.get(found[1]) if found else None
        if found is None or function is None:
            hint = did_you_mean(call, _FUNCTIONS) or t("the functions are: {names}", names=choices(_FUNCTIONS))
            raise _Wrong(t("there is no function {call}", call=call or "||"), hint)
        if not isinstance(value, str):
            raise _Wrong(t("{name} is only for texts", name=found[1]))
        return function(value, found[2] or "", self.values.variables)


def _expand_vars(value: str, _arguments: str, variables: Mapping[str, str]) -> str:
    return expand(value, variables)


def _truncate(value: str, arguments: str, _variables: Mapping[str, str]) -> str:
    found = _TRUNCATE.fullmatch(arguments)
    if not found:
        raise _Wrong(t("truncate takes two numbers: an offset and a length"), t("write truncate(0, 8)"))
    start, length = int(found[1]), int(found[2])
    return value[start : start + length]


def _posix_escape(value: str, _arguments: str, _variables: Mapping[str, str]) -> str:
    if not value:
        return "''"
    return _SAFE.sub(lambda found: f"\\{found[0]}", value).replace("\n", "'\n'")


_FUNCTIONS: dict[str, Callable[[str, str, Mapping[str, str]], str]] = {
    "expand_vars": _expand_vars,
    "truncate": _truncate,
    "posix_escape": _posix_escape,
}
