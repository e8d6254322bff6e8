"""Inputs: how they are declared (``spec:inputs``, ``inputs`` of a job) and how values are given to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.pipeline.scalar_texts import as_text, is_scalar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from plumbline.pipeline.reading import Reading

TYPES = ("string", "number", "boolean", "array")
MAX_OPTIONS = 50
REFERENCE = re.compile(r"\$\[\[\s*inputs\.([^\]|]*[^\]|\s])\s*\]\]")
_WITH_OPTIONS = ("string", "number")
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
}


def coerced(value: Any, kind: str) -> Any:
    """A value as GitLab takes it for an input of this type: what is given to a text becomes one (nothing at all: the
    empty text), and a text that is given to another type is read as JSON, if it is JSON."""
    if kind == "string":
        return as_text(value) if is_scalar(value) else "" if value is None else value
    if not isinstance(value, str):
        return value
    import msgspec

    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return value


def as_options(options: Iterable[Any], kind: str) -> list[Any]:
    """The options as they are compared with a value of this type: for a text as texts, else as they are."""
    return [coerced(option, kind) if kind == "string" else option for option in options]


def references(condition: str) -> list[str]:
    """The inputs that the condition of an input's rule names, as often as it does."""
    return REFERENCE.findall(condition)


def read_declarations(reading: Reading, *, default_required: bool = False) -> Any:
    """Check a map of input declarations, and return it as it is written."""
    for entry in reading.entries(nothing=True).values():
        keys = entry.map(("default",) if default_required else ())
        kind = keys["type"].one_of(TYPES) if "type" in keys else "string"
        if "description" in keys and type(keys["description"].value) is not int:
            keys["description"].string(empty=True)
        if "regex" in keys:
            _regex(keys["regex"], kind)
        options = read_options(keys)
        if options is not None and kind not in _WITH_OPTIONS:
            keys["options"].fail("exclusive-keys", t("options are only for inputs of type string or number"))
        if "default" in keys:
            _default(keys["default"], kind, options)
            if default_required and "regex" in keys:
                _check_match(keys["default"], keys["regex"])
        if "rules" in keys:
            _rules(keys, kind, reading.value)
    return reading.value


def read_options(keys: dict[str, Reading]) -> list[Any] | None:
    """The values an input may have; None where any will do."""
    if "options" not in keys:
        return None
    for option in keys["options"].items(highest=MAX_OPTIONS):
        if not is_scalar(option.value):
            option.wrong_type(t("a text, a number, true or false"))
    return keys["options"].value if isinstance(keys["options"].value, list) else None


def _regex(reading: Reading, kind: str) -> None:
    if kind != "string":
        reading.fail("exclusive-keys", t("regex is only for inputs of type string"))
    pattern = reading.string()
    if pattern:
        reading.check_regex(pattern)


def _check_match(reading: Reading, pattern: Reading) -> None:
    """The default of a job's input must match too: nothing else is given as the job is planned."""
    from plumbline.pipeline.language.regex import RegexError, regex

    if not isinstance(pattern.value, str) or not isinstance(reading.value, str):
        return
    try:
        matches = regex(pattern.value).found_in(reading.value)
    except RegexError:
        return  # reported where it is written
    if not matches:
        message = t("the default {value} does not match {pattern}", value=reading.value, pattern=pattern.value)
        reading.fail("invalid-value", message)


def _default(reading: Reading, kind: str, options: list[Any] | None) -> None:
    value = coerced(reading.value, kind)
    wrong = isinstance(value, bool) != (kind == "boolean") or not isinstance(value, _PYTHON_TYPES[kind])
    if wrong:
        reading.wrong_type(t("a value of type {kind}", kind=kind))
    elif options is not None and value not in as_options(options, kind):
        reading.fail("invalid-value", t("the default {value} is not among the options", value=value))


def _rules(keys: dict[str, Reading], kind: str, declared: Collection[str]) -> None:
    for other in ("options", "default"):
        if other in keys:
            keys[other].fail("exclusive-keys", t("{key} and rules exclude each other", key=other))
    for rule in keys["rules"].items():
        inside = rule.map()
        if "if" in inside:
            for name in references(inside["if"].string()):
                if name not in declared:
                    message = t("there is no input {name} here", name=name)
                    inside["if"].fail("unknown-input", message, inside["if"].reader.near(name, declared))
        options = read_options(inside)
        if "default" in inside:
            _default(inside["default"], kind, options)


def read_given(reading: Reading) -> dict[str, object]:
    """Values for the inputs of another file: texts, numbers, truth values, lists."""
    reading.entries()
    return reading.value if isinstance(reading.value, dict) else {}
