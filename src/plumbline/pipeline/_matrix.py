"""The maps of a matrix, in ``parallel`` and in ``needs:parallel``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.pipeline.scalar_texts import is_scalar

if TYPE_CHECKING:
    from plumbline.pipeline.reading import Reading


def read_axes(reading: Reading) -> dict[str, tuple[str, ...]]:
    """One map of a matrix: variables, each with one value or several."""
    axes = {}
    if reading.value == {}:
        reading.fail("empty", t("the map is empty"), t("name at least one variable"))
    for name, entry in reading.entries(nothing=True).items():
        axes[name] = tuple(_value(item) for item in entry.items(lowest=1, single=True))
    return axes


def _value(reading: Reading) -> str:
    """One value of the matrix: a text, which may be empty, or a whole number."""
    value = reading.value
    if isinstance(value, str):
        return reading.string(empty=True)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    reading.wrong_type(t("a text or a whole number"), t("put it in quotes") if is_scalar(value) else None)
    return ""
