"""Bytes in, documents out: YAML as GitLab reads it, with the place of every key and item.

All values are native: :class:`Map` and :class:`Seq` (a ``dict`` and a ``list`` that know their places), ``str``,
``int``, ``float``, ``bool``, ``None``, and :class:`Reference`. Aliases are shared objects, never copies: whoever walks
a document must remember what was seen (by ``id``), or rely on the limit on its expanded size.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.kernel import Text, t
from plumbline.model.problem import Mark, Problem, Severity
from plumbline.pipeline.source import parser
from plumbline.pipeline.source.parser import decode, explain
from plumbline.pipeline.source.scalars import is_date, scalar
from plumbline.pipeline.source.wording import describe, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 100
MAX_NODES = 1_000_000  # with every alias counted as often as it is used
MAX_READ = 500_000  # parts of YAML (values, beginnings and ends of maps and lists) in all files of a pipeline
MAX_DOCUMENTS = 100

NOWHERE = Mark("")


class Map(dict[str, Any]):
    """A map: ``marks`` has the place of each key, ``mark`` its own. ``dropped`` are keys that a ``null`` removed."""

    __slots__ = ("dropped", "mark", "marks")

    def __init__(self, items: Any = (), mark: Mark = NOWHERE, marks: dict[str, Mark] | None = None) -> None:
        super().__init__(items)
        self.mark = mark
        self.marks: dict[str, Mark] = {} if marks is None else marks
        self.dropped: frozenset[str] = frozenset()


class Seq(list[Any]):
    """A list: ``marks`` has the place of each item, ``mark`` its own."""

    __slots__ = ("mark", "marks")

    def __init__(self, items: Iterable[Any] = (), mark: Mark = NOWHERE, marks: list[Mark] | None = None) -> None:
        super().__init__(items)
        self.mark = mark
        self.marks: list[Mark] = [] if marks is None else marks


class Reference(tuple[str, ...]):
    """``!reference [a, b]``: the way to another value, and the place where it is asked for."""

    mark: Mark = NOWHERE

    @classmethod
    def to(cls, path: Iterable[str], mark: Mark) -> Reference:
        made = cls(path)
        made.mark = mark
        return made


def mark_of(container: Any, key: str | int | None = None) -> Mark:
    """The place of a key or an item, as near as it is known: else that of the container, else :data:`NOWHERE`."""
    own: Mark = getattr(container, "mark", NOWHERE)
    if isinstance(container, Map) and isinstance(key, str):
        return container.marks.get(key, own)
    if isinstance(container, Seq) and isinstance(key, int):
        return container.marks[key] if -len(container.marks) <= key < len(container.marks) else own
    return own


class Quota:
    """How much more may be read in the files of one pipeline."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_READ


def read(data: bytes, file: str, problems: list[Problem], quota: Quota | None = None) -> list[Any]:
    """All documents of a file; an empty list where it cannot be read, with the reason in ``problems``."""
    if len(data) > MAX_BYTES:
        message = t("the file has {size} bytes, at most {limit} are allowed", size=len(data), limit=MAX_BYTES)
        problems.append(Problem(code="file-too-large", message=message, where=Mark(file)))
        return []
    text = decode(data, file, problems)
    if text is None:
        return []
    blocks: list[str] = []
    masked = _mask(text, blocks)
    builder = _Builder(file, problems, blocks, quota or Quota())
    try:
        return builder.documents(masked)
    except _Refusal as refusal:
        problems.append(refusal.problem)
    except parser.error_type() as error:
        problems.append(explain(error, masked, file))
    return []


# ``$[[ … ]]`` may stand where YAML would see the beginning of a list, so it is hidden while YAML is read.

_BLOCK = re.compile(r"\$\[\[.*?\]\]")
_HIDDEN = re.compile("\ue000(\\d+)\ue001+")


def _mask(text: str, blocks: list[str]) -> str:
    if "$[[" not in text or "\ue000" in text:
        return text

    def hide(found: re.Match[str]) -> str:
        blocks.append(found[0])
        return f"\ue000{len(blocks) - 1}".ljust(len(found[0]) - 1, "\ue001") + "\ue001"

    return _BLOCK.sub(hide, text)


class _Refusal(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class _Node(NamedTuple):
    """A finished value: how many nodes it stands for, and how many levels it has below it."""

    value: Any
    size: int = 1
    height: int = 0


_NO_KEY: Any = object()


class _Frame:
    """A container that is still open."""

    __slots__ = ("anchor", "container", "height", "is_map", "key", "key_mark", "merged", "size", "tag")

    def __init__(self, container: Map | Seq, anchor: str | None, tag: str | None) -> None:
        self.container: Any = container
        self.is_map = isinstance(container, Map)
        self.anchor = anchor
        self.tag = tag
        self.key: Any = _NO_KEY
        self.key_mark = NOWHERE
        self.merged: set[str] | None = None  # keys that came with "<<"
        self.size = 1
        self.height = 0


class _Builder:
    """Turns the events of the YAML parser into documents, without recursion."""

    def __init__(self, file: str, problems: list[Problem], blocks: list[str], quota: Quota) -> None:
        self.file = file
        self.quota = quota
        self.problems = problems
        self.blocks = blocks
        self.stack: list[_Frame] = []
        self.anchors: dict[str, _Node | None] = {}  # None: still open
        self.found: list[Any] = []

    def documents(self, text: str) -> list[Any]:
        get_event, kinds = parser.events(text)
        last = kinds.StreamEndEvent
        handlers = {
            kinds.DocumentStartEvent: self.start_document,
            kinds.ScalarEvent: self.scalar,
            kinds.AliasEvent: self.alias,
            kinds.MappingStartEvent: self.start_map,
            kinds.SequenceStartEvent: self.start_seq,
            kinds.MappingEndEvent: self.end,
            kinds.SequenceEndEvent: self.end,
        }
        quota = self.quota
        while True:
            event = get_event()
            kind = type(event)
            if kind is last:
                return self.found
            quota.left -= 1
            if quota.left < 0:
                message = t("the files of the pipeline have more than {limit} values together", limit=MAX_READ)
                self._refuse("configuration-too-large", message, self._at(event))
            handler = handlers.get(kind)
            if handler:
                handler(event)

    # Events

    def start_document(self, event: Any) -> None:
        self.anchors.clear()
        if len(self.found) >= MAX_DOCUMENTS:
            self._refuse("too-many-documents", t("more than {limit} documents", limit=MAX_DOCUMENTS), self._at(event))

    def scalar(self, event: Any) -> None:
        mark = event.start_mark
        where = tuple.__new__(Mark, (self.file, mark.line + 1, mark.column + 1))
        value: str = event.value
        made: Any
        if event.implicit[0] and "\ue000" not in value:
            made = scalar(value)
            if made is value and value[:1].isdigit() and is_date(value):
                self._warn_of_date(value, where)
        elif event.tag is None or event.tag == "!":
            made = value
        else:
            made = self._tagged_scalar(event.tag, value, where, plain=event.implicit[0] or not event.style)
        if self.blocks and type(made) is str and "\ue000" in made:
            made = _HIDDEN.sub(lambda found: self.blocks[int(found[1])], made)
        if event.anchor is not None:
            self.anchors[event.anchor] = _Node(made)
        self._add(made, where, 1, 0)

    def alias(self, event: Any) -> None:
        where = self._at(event)
        node = self.anchors.get(event.anchor)
        if node is None:
            if event.anchor in self.anchors:
                message = t("the alias *{name} stands inside its own anchor", name=event.anchor)
                self._refuse("yaml-self-reference", message, where)
            self._refuse(
                "yaml-unknown-alias",
                t("there is no anchor &{name} above this line in this file", name=event.anchor),
                where,
                did_you_mean(event.anchor, self.anchors)
                or t("anchors are known only in their own file; use extends or !reference across files"),
            )
        else:
            self._add(node.value, where, node.size, node.height)

    def start_map(self, event: Any) -> None:
        self._open(Map((), self._at(event)), event)

    def start_seq(self, event: Any) -> None:
        self._open(Seq((), self._at(event)), event)

    def _open(self, container: Map | Seq, event: Any) -> None:
        if len(self.stack) >= MAX_DEPTH:
            self._refuse_depth(container.mark)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.stack.append(_Frame(container, event.anchor, event.tag))

    def end(self, _event: Any) -> None:
        frame = self.stack.pop()
        value = frame.container
        if frame.tag is not None:
            value = self._tagged_container(frame.tag, value)
        if frame.anchor is not None:
            self.anchors[frame.anchor] = _Node(value, frame.size, frame.height)
        self._add(value, frame.container.mark, frame.size, frame.height)

    # Values into containers

    def _add(self, value: Any, where: Mark, size: int, height: int) -> None:
        if not self.stack:
            self.found.append(value)
            return
        frame = self.stack[-1]
        frame.size += size
        if height >= frame.height:
            if len(self.stack) + height > MAX_DEPTH:
                self._refuse_depth(where)
            frame.height = height + 1
        if frame.size > MAX_NODES:
            message = t("the file stands for more than {limit} values once aliases are followed", limit=MAX_NODES)
            self._refuse("yaml-too-many-values", message, where)
        if not frame.is_map:
            frame.container.append(value)
            frame.container.marks.append(where)
        elif frame.key is _NO_KEY:
            frame.key = value if type(value) is str else self._key(value, where)
            frame.key_mark = where
        else:
            self._put(frame, frame.key, value)
            frame.key = _NO_KEY

    def _put(self, frame: _Frame, key: str, value: Any) -> None:
        container = frame.container
        if key == "<<":
            self._merge(frame, value)
            return
        if key in container:
            if frame.merged is not None and key in frame.merged:
                frame.merged.discard(key)
            else:
                self._warn_of_duplicate(key, container.marks[key], frame.key_mark)
        container[key] = value
        container.marks[key] = frame.key_mark

    def _key(self, value: Any, where: Mark) -> str:
        """Keys are texts: ``1:`` is "1", ``on:`` is "true". The name of a job has to be written as one."""
        if value is None or isinstance(value, (bool, int, float)):
            text = "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            if len(self.stack) == 1:
                message = t("a job's name must be a text, found {found}", found=describe(value))
                self._report("job-name-not-text", message, where, t("put it in quotes"))
            return text
        self._report("yaml-complex-key", t("a key must be a text"), where, t("put the key in quotes"))
        return f"{where}"

    def _merge(self, frame: _Frame, value: Any) -> None:
        """``<<``: shallow, and as in Ruby it wins over keys that stand above it; in a list the first map wins."""
        sources = value[::-1] if isinstance(value, Seq) else [value]
        if not all(isinstance(source, Map) for source in sources):
            self._report(
                "yaml-merge",
                t("'<<' takes a map or a list of maps"),
                frame.key_mark,
                t("use extends instead") if isinstance(value, Reference) else t("write <<: *anchor"),
            )
            return
        container = frame.container
        came = frame.merged = frame.merged or set()
        for key in {key for source in sources for key in source if key in container and key not in came}:
            message = t("'<<' stands below the key {key} and replaces it", key=key)
            hint = t("put '<<' first, so that the keys below it win")
            self._report("yaml-merge-replaces", message, frame.key_mark, hint, Severity.WARNING)
        for source in sources:
            container.update(source)
            container.marks.update(source.marks)
            came.update(source)

    # Tags

    def _tagged_scalar(self, tag: str, value: str, where: Mark, *, plain: bool) -> Any:
        kind = tag.removeprefix("tag:yaml.org,2002:")
        if kind in ("str", "!str"):
            return value
        if kind in ("int", "bool", "null", "float", "timestamp"):
            made = scalar(value) if plain else value
            return float(made) if kind == "float" and type(made) is int else made
        if tag == "!reference":
            message = t("!reference takes a list of names")
            self._report("invalid-reference", message, where, t("write !reference [job, keyword]"))
            return None
        self._unknown_tag(tag, where)
        return value

    def _tagged_container(self, tag: str, value: Any) -> Any:
        if tag == "!reference":
            return self._reference(value)
        if tag not in ("!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            self._unknown_tag(tag, value.mark)
        return value

    def _reference(self, value: Any) -> Reference | None:
        if isinstance(value, Seq) and value and all(isinstance(item, (str, int)) for item in value):
            names = (item if isinstance(item, str) else self._key(item, value.mark) for item in value)
            return Reference.to(names, value.mark)
        message = t("!reference takes a list of names")
        self._report("invalid-reference", message, value.mark, t("write !reference [job, keyword]"))
        return None

    def _unknown_tag(self, tag: str, where: Mark) -> None:
        name = tag.replace("tag:yaml.org,2002:", "!!")
        hint = did_you_mean(name, ["!reference"]) or t("put the value in quotes if it is meant to begin with '!'")
        self._report("yaml-unknown-tag", t("unknown tag {tag}", tag=name), where, hint)

    # Problems

    def _at(self, event: Any) -> Mark:
        mark = event.start_mark
        made: Mark = tuple.__new__(Mark, (self.file, mark.line + 1, mark.column + 1))
        return made

    def _report(
        self,
        code: str,
        message: Text,
        where: Mark,
        hint: Text | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:
        self.problems.append(Problem(code=code, message=message, where=where, hint=hint, severity=severity))

    def _refuse(self, code: str, message: Text, where: Mark, hint: Text | None = None) -> None:
        raise _Refusal(Problem(code=code, message=message, where=where, hint=hint))

    def _refuse_depth(self, where: Mark) -> None:
        self._refuse("yaml-too-deep", t("nested more than {limit} levels deep", limit=MAX_DEPTH), where)

    def _warn_of_duplicate(self, key: str, first: Mark, second: Mark) -> None:
        message = t("the key {key} is there twice; line {line} is ignored", key=key, line=first.line)
        self._report("duplicate-key", message, second, t("remove one of the two"), Severity.WARNING)

    def _warn_of_date(self, value: str, where: Mark) -> None:
        message = t("GitLab does not take the date {value} without quotes", value=value)
        self._report("yaml-date", message, where, t("put it in quotes"), Severity.WARNING)
