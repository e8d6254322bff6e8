"""``variables``."""

from __future__ import annotations

from plumbline.kernel import t
from plumbline.model.pipeline import Variable, VariableSource
from plumbline.pipeline._variables import read_variables
from plumbline.pipeline.keyword import Keyword, Place, Subkey
from plumbline.pipeline.reading import Reading


def read(reading: Reading) -> tuple[Variable, ...]:
    """The variables, in the order of the file; at the top level they may have a description and options."""
    if reading.place is Place.GLOBAL:
        return read_variables(reading, VariableSource.TOP_LEVEL, ("value", "expand", "description", "options"))
    return read_variables(reading, VariableSource.JOB, ("value", "expand"))


PART = Keyword(
    name="variables",
    places=(Place.GLOBAL, Place.JOB),
    title=t("Variables of all jobs, or of one"),
    read=read,
    reference="ci/yaml/#variables",
    subkeys=(
        Subkey("*:value"),
        Subkey("*:expand"),
        Subkey("*:description", note=t("at the top level only")),
        Subkey("*:options", note=t("at the top level only; the value must be one of them")),
    ),
    differs=(t("a name with = in it is refused: no shell can have it"),),
)
