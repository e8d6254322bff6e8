"""The inputs of a job as its page shows them, and as its form gives them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbline.pipeline import embedded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plumbline.model.pipeline import Job
    from plumbline.model.server import StoredJob

_START = "input."  # of the names of fields


@dataclass(frozen=True, slots=True)
class InputField:
    """``value`` as text, a list as JSON; ``options`` empty: any value. ``chosen``: it is not the default."""

    name: str
    field: str
    description: str
    value: str
    options: tuple[str, ...]
    chosen: bool

    @property
    def lines(self) -> int:
        return self.value.count("\n") + 1


def input_fields(planned: Job | None, job: StoredJob) -> tuple[InputField, ...]:
    """The inputs that the job declares, with the values of this attempt."""
    declared = planned.inputs if planned is not None else {}
    return tuple(_field(name, written, job.inputs) for name, written in declared.items())


def _field(name: str, written: Mapping[str, object], chosen: Mapping[str, object]) -> InputField:
    options = written.get("options")
    if written.get("type") == "boolean":
        options = [True, False]
    return InputField(
        name=name,
        field=_START + name,
        description=str(written.get("description") or ""),
        value=embedded(chosen.get(name, written["default"])),
        options=tuple(embedded(option) for option in options) if isinstance(options, list) else (),
        chosen=name in chosen,
    )


def given_inputs(form: Mapping[str, str]) -> dict[str, str]:
    """What a form gives, lines ended as they were; a text for another type is read as such later."""
    return {
        name.removeprefix(_START): text.replace("\r\n", "\n") for name, text in form.items() if name.startswith(_START)
    }
