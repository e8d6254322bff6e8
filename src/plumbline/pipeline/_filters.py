"""``only`` and ``except`` have the same shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.kernel import t
from plumbline.pipeline.keyword import Status, Subkey

if TYPE_CHECKING:
    from plumbline.pipeline.reading import Reading


def subkeys() -> tuple[Subkey, ...]:
    """References, variables, changes and the state of a cluster."""
    return (
        Subkey("refs"),
        Subkey("variables"),
        Subkey("changes"),
        Subkey("kubernetes", Status.PARTIAL, t("there is never an active cluster on a developer's machine")),
    )


def read_filter(reading: Reading) -> Any:
    """Check the shape, and return the value as it is written."""
    if isinstance(reading.value, list):
        reading.strings(check=_ref)
        return reading.value
    if not isinstance(reading.value, dict):
        hint = t("write it as a list: [{value}]", value=reading.value) if isinstance(reading.value, str) else None
        reading.wrong_type(t("a list of references, or a map"), hint)
        return reading.value
    if not reading.value:
        reading.fail("empty", t("the map is empty"), t("remove it, or name refs, variables or changes"))
    keys = reading.map()
    if "refs" in keys:
        keys["refs"].strings(single=False, check=_ref)
    if "variables" in keys:
        keys["variables"].strings(single=False, check=_expression)
    if "changes" in keys:
        keys["changes"].strings(single=False)
    if "kubernetes" in keys:
        keys["kubernetes"].one_of(("active",))
    return reading.value


def _ref(reading: Reading) -> None:
    value = reading.string(empty=True)
    body, slash, flags = value[1:].rpartition("/")
    if value.startswith("/") and slash and body and not flags.strip("imsU"):
        reading.check_regex(body)


def _expression(reading: Reading) -> None:
    from plumbline.pipeline.language.expression import ExpressionError, parse

    try:
        parse(reading.string())
    except ExpressionError as error:
        reading.fail("invalid-expression", error.message, getattr(error, "hint", None))
