"""Text of a pack or of an overlay in, a checked pack out; what is wrong is said with file, line and cure."""

from __future__ import annotations

import re
from functools import reduce
from operator import getitem
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import msgspec
import yaml

from plumbline.judging import signal_mistakes
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.maturity.pack import FORMAT, Criterion, Item, Pack, PackFile
from plumbline.model.ready import ready
from plumbline.model.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
Path = tuple[Any, ...]  # names, and numbers of list items
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_MOST = 20  # mistakes told at once
_DEEPEST = 100  # levels of nesting; the parser, which is written in C, would crash at some thousands
_BOOL = "tag:yaml.org,2002:bool"
_TRUTH = re.compile(r"(?:true|True|TRUE|false|False|FALSE)$")
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UniqueKeys:
    """YAML takes the last of two equal keys and says nothing; a level that stands twice would lose its criteria."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    problem = f"the key '{key.value}' stands here twice"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)  # type: ignore[misc]


class _Loader(UniqueKeys, _BASE):  # type: ignore[misc]
    """In YAML 1.1 `off` and `no` are booleans; here, as in YAML 1.2, only `true` and `false` are."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [one for one in found if one[0] != _BOOL] + [(_BOOL, _TRUTH)] * (first in "tTfF")
        for first, found in _BASE.yaml_implicit_resolvers.items()
    }


def refuse_depth(text: str, name: str) -> None:
    """For text from outside, before it is read. Raises PlumblineError ``pack-wrong``."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_BASE):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise Source("", name).wrong(line, t("nested more than {limit} levels deep", limit=_DEEPEST))
    except (yaml.YAMLError, ValueError):
        return  # whoever reads it says so


class Source:
    """A YAML text, its values, and where each of them stands."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self._root: Any = None
        try:
            self.plain = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise self.wrong(line, t("This is not YAML: {reason}.", reason=error.problem or "?")) from None
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise self.wrong(1, t("This is not YAML: {reason}.", reason=error)) from None

    def convert(self, kind: type[T]) -> T:
        try:
            return msgspec.convert(self.plain, ready(kind), strict=True)
        except msgspec.ValidationError as error:
            reason, path = blame(self.plain, kind, error)
            raise self.wrong(self.line(path), t("{reason} (at {place}).", reason=reason, place=_shown(path))) from None

    def line(self, path: Path) -> int:
        """Of the value at a path, or of the nearest thing around it."""
        if self._root is None:
            self._root = yaml.compose(self.text, Loader=_Loader)
        node, line = self._root, 1
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            key, node = found
            line = key.start_mark.line + 1
        return line

    def wrong(self, line: int, *messages: Text, hint: Text | None = None) -> PlumblineError:
        text = messages[0]
        return PlumblineError(
            "pack-wrong",
            t("{file}:{line}: {message}", file=self.name, line=line, message=text),
            hint or t("Mend the file; docs/maturity.md has the form of a pack and of an overlay."),
            kind=ErrorKind.CONFIGURATION,
        )


def _child(node: Any, step: str | int) -> tuple[Any, Any] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def _path(text: str) -> Path:
    return tuple(name or (int(number) if number.isdigit() else ...) for name, number in _STEP.findall(text))


def blame(plain: Any, kind: type, error: msgspec.ValidationError) -> tuple[str, Path]:
    """What is wrong, and where."""
    said, _, place = str(error).partition(" - at `")
    key, inside, mapping = place.rpartition("key` in `")
    path = _path((mapping if inside else place).rstrip("`"))
    while ... in path:
        path = _named(plain, kind, path, str(error))
    if inside and not key:
        path = _named(plain, kind, (*path, ...), str(error))
    return said, path


def _named(plain: Any, kind: type, path: Path, said: str) -> Path:
    """msgspec names the fields of a struct, not the keys of a mapping: find the one that is meant, by trying each."""
    at = path.index(...)
    place = reduce(getitem, path[:at], plain)
    whole = dict(place)
    found: Any = "?"
    for name, value in whole.items():
        place.clear()
        place[name] = value
        try:
            msgspec.convert(plain, ready(kind), strict=True)
        except msgspec.ValidationError as error:
            if str(error) == said:
                found = name
                break
    place.clear()
    place.update(whole)
    return (*path[:at], found, *path[at + 1 :])


def _shown(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".") or "$"


def read_pack(text: str, name: str) -> Pack:
    """The pack, checked. Raises PlumblineError ``pack-wrong`` with the line, for the first of its mistakes."""
    source = Source(text, name)
    pack = source.convert(Pack)
    mistakes = sorted({(source.line(path), str(message)): message for path, message in mistakes_in(pack)}.items())
    if mistakes:
        (line, _), message = mistakes[0]
        rest = [f"{name}:{line}: {text}" for (line, text), _ in mistakes[1:_MOST]]
        hint = t("Also: {mistakes}", mistakes="; ".join(rest)) if rest else None
        raise source.wrong(line, message, hint=hint)
    return pack


def mistakes_in(pack: Pack) -> Iterator[tuple[Path, Text]]:
    """What a schema cannot say, with the path of what is wrong."""
    if pack.format != FORMAT:
        yield ("format",), t("The format is {found}; this version reads {known}.", found=pack.format, known=FORMAT)
    if not pack.levels:
        yield ("levels",), t("A pack needs at least one level.")
    for number, level in enumerate(pack.levels):
        if level.id in [one.id for one in pack.levels[:number]]:
            yield ("levels", number, "id"), t("The level '{level}' stands here twice.", level=level.id)
    yield from _language_mistakes((), pack)
    seen: dict[str, Path] = {}
    for path, id_ in _ids(pack):
        if id_ in seen:
            yield (*path, "id"), t("The id '{id}' is taken already.", id=id_)
        seen[id_] = path
    if not pack.every_item():
        yield ("groups",), t("A pack without items grades nothing.")
    for path, item in _items(pack.groups, ("groups",)):
        yield from _item_mistakes(pack, path, item)
    yield from _cycles(pack)


def _ids(pack: Pack) -> Iterator[tuple[Path, str]]:
    for path, group in _groups(pack.groups, ("groups",)):
        yield path, group.id
    for path, item in _items(pack.groups, ("groups",)):
        yield path, item.id
        for place, criterion in _criteria(path, item):
            yield place, criterion.id


def _groups(groups: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    for number, group in enumerate(groups):
        here = (*path, number)
        yield here, group
        yield from _groups(group.groups, (*here, "groups"))


def _items(groups: Any, path: Path) -> Iterator[tuple[Path, Item]]:
    for here, group in _groups(groups, path):
        for number, item in enumerate(group.items):
            yield (*here, "items", number), item


def _criteria(path: Path, item: Item) -> Iterator[tuple[Path, Criterion]]:
    for level, criteria in item.levels.items():
        for number, criterion in enumerate(criteria):
            yield (*path, "levels", level, number), criterion


def _item_mistakes(pack: Pack, path: Path, item: Item) -> Iterator[tuple[Path, Text]]:
    known = {level.id for level in pack.levels}
    own = {criterion.id for criterion in item.criteria}
    for level in item.levels:
        if level not in known:
            yield (*path, "levels", level), t("The level '{level}' is not in this pack.", level=level)
    if item.off and not item.off.stands:
        yield (*path, "off"), t("To switch an item off takes a reason and a second person.")
    for place, criterion in _criteria(path, item):
        for other in criterion.replaced_by:
            if other not in own:
                yield (*place, "replaced_by"), t("'{id}' is no criterion of this item.", id=other)
        if criterion.unbound and criterion.signals:
            yield place, t("The criterion '{id}' is unbound, and has signals: only one can hold.", id=criterion.id)
        if not criterion.unbound and not any(one.at is None or one.at.binding for one in criterion.signals):
            yield place, t("The criterion '{id}' has no binding signal: nothing could decide it.", id=criterion.id)
        for number, signal in enumerate(criterion.signals):
            for message in signal_mistakes(signal):
                yield (*place, "signals", number), message


def _language_mistakes(path: Path, value: Any) -> Iterator[tuple[Path, Text]]:
    """Of every text inside."""
    if isinstance(value, Words):
        for language in ("en", "zh"):
            if not getattr(value, language).strip():
                yield path, t("A text here is missing in the language '{language}'.", language=language)
    elif isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from _language_mistakes((*path, field), getattr(value, field))
    elif isinstance(value, tuple):
        for number, one in enumerate(value):
            yield from _language_mistakes((*path, number), one)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _language_mistakes((*path, name), one)


def _cycles(pack: Pack) -> Iterator[tuple[Path, Text]]:
    """Criteria that outgrow each other would leave nothing to demand."""
    follows = {id_: criterion.replaced_by for id_, (_, _, criterion) in PackFile(pack).criteria.items()}
    for path, item in _items(pack.groups, ("groups",)):
        for place, criterion in _criteria(path, item):
            if criterion.id in _reached(follows, criterion.replaced_by):
                yield (*place, "replaced_by"), t("'{id}' replaces itself in a circle.", id=criterion.id)


def _reached(follows: dict[str, tuple[str, ...]], start: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += follows.get(one, ())
    return found
