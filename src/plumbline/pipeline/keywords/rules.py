"""``rules``."""

from __future__ import annotations

from typing import Any

from plumbline.kernel import t
from plumbline.model.pipeline import VariableSource
from plumbline.pipeline import _conditions as conditions
from plumbline.pipeline._needs import read_needs
from plumbline.pipeline._variables import read_variables
from plumbline.pipeline.keyword import Keyword, Place, Subkey
from plumbline.pipeline.reading import Reading

_WHEN = ("on_success", "on_failure", "always", "never", "manual", "delayed")
_WEEK = ("1 week", 604800.0)


def read(reading: Reading) -> Any:
    """The list as written, lists in it spliced; every rule has been checked."""
    for keys in conditions.read_rules(reading):
        _read_effect(keys)
    return reading.spliced()


def _read_effect(keys: dict[str, Reading]) -> None:
    when = keys["when"].one_of(_WHEN) if "when" in keys else ""
    if "start_in" in keys:
        keys["start_in"].duration(limit=_WEEK)
        if when != "delayed":
            keys["start_in"].fail(
                "exclusive-keys", t("start_in is only for when: delayed"), t("add when: delayed to this rule")
            )
    elif when == "delayed":
        keys["when"].fail("missing-key", t("{key} is missing", key="start_in"), t("add {key}", key="start_in"))
    if "allow_failure" in keys:
        keys["allow_failure"].boolean()
    if "interruptible" in keys:
        keys["interruptible"].boolean()
    if "variables" in keys:
        read_variables(keys["variables"], VariableSource.JOB_RULE)
    if "needs" in keys:
        read_needs(keys["needs"], elsewhere=False)


PART = Keyword(
    name="rules",
    places=(Place.JOB,),
    title=t("Whether the job is in the pipeline, and how: the first rule that matches decides"),
    read=read,
    reference="ci/yaml/#rules",
    subkeys=(
        *conditions.subkeys(""),
        Subkey("when"),
        Subkey("start_in"),
        Subkey("allow_failure"),
        Subkey("variables"),
        Subkey("needs"),
        Subkey("needs:job"),
        Subkey("needs:artifacts"),
        Subkey("needs:optional"),
        Subkey("interruptible"),
    ),
    differs=(
        t("regexp is one of RE2, with look-aheads at its start only, behind \\A or ^; GitLab takes all of Ruby's"),
        t("exists with an empty map or false is refused: it names no file"),
    ),
)
