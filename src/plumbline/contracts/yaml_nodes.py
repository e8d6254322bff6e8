"""YAML as nodes that know their place, with everything refused that a contract has no use for: aliases, depth, size."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import yaml

from plumbline.kernel import Text, t
from plumbline.model.problem import Mark, Problem

if TYPE_CHECKING:
    from collections.abc import Collection

LARGEST = 256 << 10  # characters
DEEPEST = 12  # levels
MOST_PROBLEMS = 50
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Refused(Exception):  # noqa: N818
    """The text cannot be read at all; the problem says why."""


class Problems:
    """All mistakes of one text, with their places."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.found: list[Problem] = []

    def add(self, code: str, node: Any, message: Text, hint: Text | None = None, keyword: str = "") -> None:
        if len(self.found) < MOST_PROBLEMS:
            mark = getattr(node, "start_mark", node)
            place = Mark(self._name, mark.line + 1, mark.column + 1) if mark is not None else Mark(self._name, 1, 1)
            self.found.append(Problem(code=code, message=message, where=place, keyword=keyword, hint=hint))

    def refuse(self, code: str, node: Any, message: Text, hint: Text | None = None) -> Refused:
        self.add(code, node, message, hint)
        return Refused(code)


def compose(text: str, problems: Problems) -> Any:
    """The top node. Raises Refused."""
    if len(text) > LARGEST:
        raise problems.refuse("too-large", None, t("A contract has at most {limit} characters.", limit=LARGEST))
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent):
                message = t("Aliases (`*name`) are not read in a contract; write it out.")
                raise problems.refuse("alias", event, message)
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                raise problems.refuse("too-deep", event, t("nested more than {limit} levels deep", limit=DEEPEST))
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        message = t("This is not YAML: {reason}.", reason=error.problem or "?")
        raise problems.refuse("not-yaml", error.problem_mark, message) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise problems.refuse("not-yaml", None, t("This is not YAML: {reason}.", reason=error)) from None
    if not isinstance(node, yaml.MappingNode):
        raise problems.refuse("not-a-mapping", node, t("A contract is a mapping that begins with `contract: NAME`."))
    return node


class Fields:
    """The keys of one mapping, each asked for once; what is unknown, or stands twice, is a problem."""

    def __init__(self, node: Any, known: Collection[str], problems: Problems, keyword: str = "") -> None:
        self.node = node
        self._problems = problems
        self._keyword = keyword
        self._found: dict[str, Any] = {}
        if not isinstance(node, yaml.MappingNode):
            problems.add("wrong-form", node, t("Here stands a mapping: names with values."), keyword=keyword)
            return
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if name not in known:
                self._unknown(key, name, known)
            elif name in self._found:
                problems.add("key-twice", key, t("The key '{key}' stands here twice.", key=name), keyword=keyword)
            else:
                self._found[name] = value

    def _unknown(self, key: Any, name: str, known: Collection[str]) -> None:
        message = t("The key '{key}' is not known here.", key=name)
        self._problems.add("unknown-key", key, message, nearest(name, known), self._keyword)

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def at(self, name: str) -> Any:
        """The node of a value, or of the mapping where there is none."""
        return self._found.get(name, self.node)

    def get(self, name: str) -> Any:
        return self._found.get(name)

    def text(self, name: str, default: str = "") -> str:
        node = self._found.get(name)
        if node is None:
            return default
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self._wrong(name, t("'{key}' is one text.", key=name))
            return default
        return str(node.value).strip()

    def flag(self, name: str) -> bool:
        node = self._found.get(name)
        if node is None:
            return False
        if not isinstance(node, yaml.ScalarNode) or node.value not in ("true", "false"):
            self._wrong(name, t("'{key}' is true or false.", key=name))
            return False
        return bool(node.value == "true")

    def texts(self, *names: str) -> tuple[str, ...]:
        """One text, or a list of them, under any of these names."""
        return tuple(value for _, value in self.items(*names))

    def items(self, *names: str) -> list[tuple[Any, str]]:
        """The same with the node of each."""
        found: dict[str, Any] = {}
        for name in names:
            node = self._found.get(name)
            if node is None:
                continue
            parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
            if not parts:
                self._wrong(name, t("The list '{key}' is empty; leave the key out, or name something.", key=name))
            for part in parts:
                if isinstance(part, yaml.ScalarNode) and part.value.strip():
                    found.setdefault(part.value.strip(), part)
                else:
                    self._wrong(name, t("'{key}' is a text or a list of texts.", key=name))
        return [(node, value) for value, node in found.items()]

    def _wrong(self, name: str, message: Text) -> None:
        self._problems.add("wrong-form", self.at(name), message, keyword=self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._keyword}:{name}" if self._keyword else name


def nearest(name: str, known: Collection[str]) -> Text:
    """What was meant, or what there is."""
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return t("Did you mean '{name}'?", name=close[0])
    return t("There are: {names}.", names=", ".join(sorted(known)) or "-")
