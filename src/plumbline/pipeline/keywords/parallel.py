"""``parallel``."""

from __future__ import annotations

import msgspec

from plumbline.kernel import t
from plumbline.pipeline._matrix import read_axes
from plumbline.pipeline.keyword import Keyword, Place, Subkey
from plumbline.pipeline.language.matrix import LIMIT, count
from plumbline.pipeline.reading import Reading


class Parallel(msgspec.Struct, frozen=True):
    """Either ``total`` instances of a job, or one for each combination of each map of ``matrix``."""

    total: int | None = None
    matrix: tuple[dict[str, tuple[str, ...]], ...] = ()


def read(reading: Reading) -> Parallel:
    """How many instances, or the matrix, its values as texts."""
    if not isinstance(reading.value, dict):
        return Parallel(total=reading.integer(1, LIMIT))
    keys = reading.map(("matrix",))
    if "matrix" not in keys:
        return Parallel()
    matrix = tuple(read_axes(entry) for entry in keys["matrix"].items(lowest=1, highest=LIMIT))
    size = count(matrix)
    if size > LIMIT:
        message = t("makes {size} jobs, at most {limit} are allowed", size=size, limit=LIMIT)
        keys["matrix"].fail("too-many", message)
    return Parallel(matrix=matrix)


PART = Keyword(
    name="parallel",
    places=(Place.JOB,),
    title=t("Several instances of a job at the same time"),
    read=read,
    reference="ci/yaml/#parallel",
    subkeys=(Subkey("matrix"),),
    differs=(t("a matrix without a map, and a variable of it without a value, is refused: there would be no job"),),
)
