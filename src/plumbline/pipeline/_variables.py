"""Variables as YAML gives them: a value, or a map with a value and how to treat it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.model.pipeline import Variable, VariableSource
from plumbline.pipeline.scalar_texts import as_text
from plumbline.pipeline.source.wording import choices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.pipeline.reading import Reading

_SCALARS = frozenset({str, int, float, bool})


def variables_of(values: Mapping[str, Any], source: VariableSource) -> tuple[Variable, ...]:
    """The variables of a map that has been read without a problem; one with no value is the empty text, as it is to
    GitLab."""
    found = []
    for name, value in values.items():
        if isinstance(value, dict):
            raw = value.get("expand") is False
            written = value.get("value")
            found.append(Variable(str(name), "" if written is None else as_text(written), source, raw))
        elif value is None:
            found.append(Variable(str(name), "", source))
        else:
            found.append(Variable(str(name), value if type(value) is str else as_text(value), source))
    for name in getattr(values, "dropped", ()):  # null over a value from elsewhere
        if name not in values:
            found.append(Variable(str(name), "", source))
    return tuple(found)


def read_variables(reading: Reading, source: VariableSource, allowed: tuple[str, ...] = ()) -> tuple[Variable, ...]:
    """Check a map of variables, and make them; ``allowed`` are the keys of one that is itself a map (none: no maps)."""
    values = reading.value
    if not isinstance(values, dict):
        reading.wrong_type(t("a map of names and values"))
        return ()
    for name, value in values.items():
        if type(value) not in _SCALARS and not (value is None and allowed):
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
        description = keys["description"]
        if not isinstance(description.value, int) or isinstance(description.value, bool):
            description.string(empty=True)
    if "expand" in keys:
        keys["expand"].boolean()
    if "options" in keys:
        options = keys["options"].strings(single=False, empty=True)
        if options and (value not in options or not isinstance(reading.value.get("value"), str)):
            message = t("the value {value} is not among the options: {options}", value=value, options=choices(options))
            reading.fail("invalid-value", message, t("add it to the options, or choose one of them"))
