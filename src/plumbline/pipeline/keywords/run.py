"""``run``."""

from __future__ import annotations

import re
from typing import Any

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import Reading

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KINDS = ("script", "step", "func")


def read(reading: Reading) -> tuple[Any, ...]:
    """The steps as written, each with ``name`` and ``script``, perhaps ``env``."""
    for step in reading.items(lowest=1):
        keys = step.map(("name",))
        if "name" in keys:
            _check_name(keys["name"])
        if "env" in keys:
            for name, value in keys["env"].entries().items():
                if not _NAME.fullmatch(name):
                    _refuse_name(value, name)
                value.string(empty=True)
        if "inputs" in keys:
            keys["inputs"].entries()
        _check_kind(step, keys)
    return tuple(reading.value) if isinstance(reading.value, list) else ()


def _check_kind(step: Reading, keys: dict[str, Reading]) -> None:
    kinds = [kind for kind in _KINDS if kind in keys]
    if len(kinds) != 1 and step.value:
        code = "exclusive-keys" if kinds else "missing-key"
        step.fail(code, t("a step has exactly one of script, step and func"))
    if "script" in keys:
        keys["script"].string()
    for kind in ("step", "func"):
        if kind in keys:
            keys[kind].refuse(
                t("Plumbline runs the script of a step, but fetches no steps from elsewhere"),
                t("write the commands as script"),
            )


def _check_name(reading: Reading) -> None:
    name = reading.string()
    if name and not _NAME.fullmatch(name):
        _refuse_name(reading, name)


def _refuse_name(reading: Reading, name: str) -> None:
    reading.fail(
        "invalid-name",
        t("{name} is not a name", name=repr(name)),
        t("use letters, digits and underscores, and no digit first"),
    )


_ELSEWHERE = t("steps from elsewhere are not fetched; the job is refused")

PART = Keyword(
    name="run",
    places=(Place.JOB,),
    title=t("Steps instead of script"),
    read=read,
    status=Status.PARTIAL,
    note=t("steps with script run, one after the other; a step from elsewhere (step, func) is refused"),
    reference="ci/yaml/#run",
    subkeys=(
        Subkey("name"),
        Subkey("script"),
        Subkey("env"),
        Subkey("inputs", Status.REFUSED, _ELSEWHERE),
        *(
            Subkey(f"{kind}{path}", Status.REFUSED, _ELSEWHERE)
            for kind in ("step", "func")
            for path in (
                "",
                *(f":git{key}" for key in ("", ":url", ":rev", ":dir", ":file")),
                *(f":oci{key}" for key in ("", ":registry", ":repository", ":tag", ":dir", ":file")),
            )
        ),
    ),
    since="17.3",
)
