"""The maps of a matrix, in ``parallel`` and in ``needs:parallel``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.pipeline.reading import Reading


def read_axes(reading: Reading) -> dict[str, tuple[str, ...]]:
    """One map of a matrix: variables, each with one value or several."""
    axes = {}
    if reading.value == {}:
        reading.fail("empty", t("the map is empty"), t("name at least one variable"))
    for name, entry in reading.entries().items():
        axes[name] = tuple(item.text_or_number() for item in entry.items(lowest=1, single=True))
    return axes
