"""``run``."""

from __future__ import annotations

import re
from shlex import quote

import msgspec

from plumbline.kernel import t
from plumbline.pipeline.keyword import Keyword, Place, Status, Subkey
from plumbline.pipeline.reading import Reading

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KINDS = ("script", "step", "func")


class RunStep(msgspec.Struct, frozen=True):
    """One step: a script with variables of its own."""

    name: str
    script: str
    env: dict[str, str] = {}

    @property
    def command(self) -> str:
        """The step as one command of a shell, which keeps what it sets to itself."""
        exports = "".join(f"export {name}={quote(value)}\n" for name, value in self.env.items())
        return f"( # {self.name}\n{exports}{self.script.rstrip()}\n)"


def read(reading: Reading) -> tuple[RunStep, ...]:
    """The steps, in order."""
    return tuple(_read_step(step) for step in reading.items(lowest=1))


def _read_step(step: Reading) -> RunStep:
    keys = step.map(("name",))
    _check_kind(step, keys)
    if "inputs" in keys:
        keys["inputs"].entries()
    return RunStep(
        _read_name(keys["name"]) if "name" in keys else "",
        _read_text(keys["script"]) if "script" in keys else "",
        _read_env(keys["env"]) if "env" in keys else {},
    )


def _read_text(reading: Reading, *, empty: bool = False) -> str:
    text = reading.string(empty=empty)
    if "${{" in text:
        reading.refuse(t("expressions in ${{ }} are not filled in"), t("use variables of the shell"))
    return text


def _read_env(reading: Reading) -> dict[str, str]:
    found = {}
    for name, value in reading.entries().items():
        if not _NAME.fullmatch(name):
            _refuse_name(value, name)
        found[name] = _read_text(value, empty=True)
    return found


def _check_kind(step: Reading, keys: dict[str, Reading]) -> None:
    kinds = [kind for kind in _KINDS if kind in keys]
    if len(kinds) != 1 and step.value:
        code = "exclusive-keys" if kinds else "missing-key"
        step.fail(code, t("a step has exactly one of script, step and func"))
    for kind in ("step", "func"):
        if kind in keys:
            keys[kind].refuse(
                t("Plumbline runs the script of a step, but fetches no steps from elsewhere"),
                t("write the commands as script"),
            )


def _read_name(reading: Reading) -> str:
    name = reading.string()
    if name and not _NAME.fullmatch(name):
        _refuse_name(reading, name)
    return name


def _refuse_name(reading: Reading, name: str) -> None:
    reading.fail(
        "invalid-name",
        t("{name} is not a name", name=repr(name)),
        t("use letters, digits and underscores, and no digit first"),
    )


_ELSEWHERE = t("steps from elsewhere are not fetched; the job is refused")

PART = Keyword(
    name="run",
    differs=(t("a run with nothing behind it is refused: the job would do nothing"),),
    places=(Place.JOB,),
    title=t("Steps instead of script"),
    read=read,
    status=Status.PARTIAL,
    note=t(
        "steps with script run one after the other, each in a shell of its own; a step from elsewhere (step, func) and"
        " an expression in ${{ }} are refused"
    ),
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
