"""``inherit``."""

from __future__ import annotations

import msgspec

from plumbline.kernel import t
from plumbline.pipeline.inherit import KEYWORDS
from plumbline.pipeline.keyword import Keyword, Place, Subkey
from plumbline.pipeline.reading import Reading


class Inherit(msgspec.Struct, frozen=True):
    """What a job takes over: everything, nothing, or what is named."""

    default: bool | tuple[str, ...] = True
    variables: bool | tuple[str, ...] = True


def read(reading: Reading) -> Inherit:
    """Which defaults and which top-level variables the job takes over."""
    keys = reading.map()
    default: bool | tuple[str, ...] = True
    if "default" in keys:
        default = _read(keys["default"], KEYWORDS)
    return Inherit(default=default, variables=_read(keys["variables"]) if "variables" in keys else True)


def _read(reading: Reading, allowed: frozenset[str] = frozenset()) -> bool | tuple[str, ...]:
    if isinstance(reading.value, bool):
        return reading.value
    if not isinstance(reading.value, list):
        reading.wrong_type(t("true, false, or a list of names"))
        return True
    return reading.strings(single=False, check=(lambda name: name.one_of(allowed)) if allowed else None)


PART = Keyword(
    name="inherit",
    places=(Place.JOB,),
    title=t("Which defaults and which variables the job takes over"),
    read=read,
    reference="ci/yaml/#inherit",
    subkeys=(Subkey("default"), Subkey("variables")),
)
