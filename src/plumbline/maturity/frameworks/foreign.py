"""Text of others in, plain values out: limited in size and depth, every scalar as it is written, lines at hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import yaml

from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.maturity.reading import Source, UniqueKeys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.maturity.reading import Path

MOST_BYTES = 32 << 20
DEEPEST = 60
_MOST_LINED = 4 << 20  # characters
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = "tag:yaml.org,2002:null"
_HINT = t("docs/frameworks.md says what is read of a catalogue.")


class _Loader(UniqueKeys, _BASE):  # type: ignore[misc]
    """`2.0` is a version and no number, `2024-05-08` no date: nothing but an empty value is resolved."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [one for one in found if one[0] == _NULL] for first, found in _BASE.yaml_implicit_resolvers.items()
    }


def wrong(name: str, line: int, message: Text, hint: Text | None = None) -> PlumblineError:
    return PlumblineError(
        "framework-wrong",
        t("{file}:{line}: {message}", file=name, line=line, message=message),
        hint or _HINT,
        kind=ErrorKind.CONFIGURATION,
    )


class ForeignSource(Source):
    """A document in YAML, or in JSON where ``as_json``. Raises PlumblineError ``framework-wrong``."""

    def __init__(self, text: str, name: str, *, as_json: bool = False) -> None:
        self.text = text
        self.name = name
        self._root: Any = None
        if len(text) > MOST_BYTES:
            raise wrong(name, 1, t("This is larger than {limit} MiB.", limit=MOST_BYTES >> 20))
        self.plain = self._json() if as_json else self._yaml()
        if not isinstance(self.plain, dict):
            raise wrong(name, 1, t("This is no catalogue: it has no names at its top."))

    def _yaml(self) -> Any:
        """Aliases are refused: a few lines of them stand for millions of values."""
        try:
            self._look_through()
            return yaml.load(self.text, Loader=_Loader)  # noqa: S506 - a safe loader
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise wrong(self.name, line, t("This is not YAML: {reason}.", reason=error.problem or "?")) from None
        except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
            raise wrong(self.name, 1, t("This is not YAML: {reason}.", reason=error)) from None

    def _look_through(self) -> None:
        depth = 0
        for event in yaml.parse(self.text, Loader=_BASE):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent):
                raise wrong(self.name, line, t("Aliases (`*name`) are not read here."), t("Write the value out."))
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                raise wrong(self.name, line, t("nested more than {limit} levels deep", limit=DEEPEST))

    def _json(self) -> Any:
        try:
            plain = json.loads(self.text, object_pairs_hook=_once)
        except json.JSONDecodeError as error:
            raise wrong(self.name, error.lineno, t("This is not JSON: {reason}.", reason=error.msg)) from None
        except (ValueError, RecursionError) as error:
            raise wrong(self.name, 1, t("This is not JSON: {reason}.", reason=error)) from None
        if _depth(plain) > DEEPEST:
            raise wrong(self.name, 1, t("nested more than {limit} levels deep", limit=DEEPEST))
        return plain

    def line(self, path: Path) -> int:
        """1 where finding it would take longer than anybody waits: the message has the path besides."""
        return super().line(path) if len(self.text) < _MOST_LINED else 1

    def wrong(self, line: int, *messages: Text, hint: Text | None = None) -> PlumblineError:
        return wrong(self.name, line, messages[0], hint)

    def refuse(self, path: Path, message: Text, hint: Text) -> PlumblineError:
        return wrong(self.name, self.line(path), message, hint)


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key '{twice}' stands here twice")
    return found


def _depth(value: Any) -> int:
    deepest, left = 0, [(value, 1)]
    while left:
        one, depth = left.pop()
        deepest = max(deepest, depth)
        inside = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        left += [(part, depth + 1) for part in inside]
    return deepest
