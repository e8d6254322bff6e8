"""Variables as YAML gives them: a value, or a map with a value and how to treat it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.model.pipeline import Variable, VariableSource
from plumbline.pipeline.reading import as_text
from plumbline.pipeline.source.wording import choices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.pipeline.reading import Reading

_SCALARS = frozenset({str, int, float, bool})


def variables_of(values: Mapping[str, Any], source: VariableSource) -> tuple[Variable, ...]:
    """The variables of a map that has been read without a problem; a name with no value is left out."""
    found = []
    for name, value in values.items():
        if isinstance(value, dict):
            raw = value.get("expand") is False
            found.append(Variable(str(name), as_text(value.get("value", "")), source, raw))
        elif value is not None:
            found.append(Variable(str(name), value if type(value) is str else as_text(value), source))
    return tuple(found)


def read_variables(reading: Reading, source: VariableSource, allowed: tuple[str, ...] = ()) -> tuple[Variable, ...]:
    """Check a map of variables, and make them; ``allowed`` are the keys of one that is itself a map (none: no maps)."""
    values = reading.value
    if not isinstance(values, dict):
        reading.wrong_type(t("a map of names and values"))
        return ()
    for name, value in values.items():
        if type(value) not in _SCALARS and value is not None:
            _complex(reading.child(name), allowed)
        if not name or "=" in name or "\0" in name:
            reading.fail("invalid-name", t("{name} cannot be the name of a variable", name=repr(name)), at=name)
    return variables_of(values, source)


def _complex(reading: Reading, allowed: tuple[str, ...]) -> None:
    """A variable that is written as a map."""
    if not isinstance(reading.value, dict) or not allowed:
        reading.wrong_type(t("a text, a number, true or false"))
        return
    keys = {}
    for name in reading.value:
        if name not in allowed:
            reading.unknown(name, allowed)
        elif reading.value[name] is not None:
            keys[name] = reading.child(name)
    value = keys["value"].text_or_number() if "value" in keys else ""
    if "description" in keys:
        keys["description"].string(empty=True)
    if "expand" in keys:
        keys["expand"].boolean()
    if "options" in keys:
        options = keys["options"].strings(single=False, lowest=1)
        if value not in options:
            message = t("the value {value} is not among the options: {options}", value=value, options=choices(options))
            reading.fail("invalid-value", message, t("add it to the options, or choose one of them"))
