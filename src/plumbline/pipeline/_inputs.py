"""Inputs: how they are declared (``spec:inputs``, ``inputs`` of a job) and how values are given to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.pipeline.scalar_texts import as_text, is_scalar

if TYPE_CHECKING:
    from plumbline.pipeline.reading import Reading

TYPES = ("string", "number", "boolean", "array")
MAX_OPTIONS = 50
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
        if "default" in keys:
            _default(keys["default"], kind, options)
        if "rules" in keys:
            _rules(keys, kind)
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


def _default(reading: Reading, kind: str, options: list[Any] | None) -> None:
    value = coerced(reading.value, kind)
    wrong = isinstance(value, bool) != (kind == "boolean") or not isinstance(value, _PYTHON_TYPES[kind])
    if wrong:
        reading.wrong_type(t("a value of type {kind}", kind=kind))
    elif options is not None and kind != "array" and value not in [coerced(option, kind) for option in options]:
        reading.fail("invalid-value", t("the default {value} is not among the options", value=value))


def _rules(keys: dict[str, Reading], kind: str) -> None:
    for other in ("options", "default"):
        if other in keys:
            keys[other].fail("exclusive-keys", t("{key} and rules exclude each other", key=other))
    for rule in keys["rules"].items():
        inside = rule.map()
        if "if" in inside:
            inside["if"].string()
        options = read_options(inside)
        if "default" in inside:
            _default(inside["default"], kind, options)


def read_given(reading: Reading) -> dict[str, object]:
    """Values for the inputs of another file: texts, numbers, truth values, lists."""
    reading.entries()
    return reading.value if isinstance(reading.value, dict) else {}
