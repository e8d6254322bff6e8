"""``inputs`` of a job: their values, and the texts of the job into which they are filled when it starts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.pipeline.inputs import Given, embedded, settle
from plumbline.pipeline.source.syntax import NOWHERE, Map
from plumbline.pipeline.source.wording import did_you_mean

if TYPE_CHECKING:
    from plumbline.model.pipeline import Job
    from plumbline.model.problem import Problem

_FILLED = ("before_script", "script", "after_script", "artifacts", "caches", "image", "services")
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_INPUT = re.compile(r"\s*job\.inputs\.(\w+)\s*", re.ASCII)


def give_inputs(job: Job, given: Mapping[str, object]) -> Job:
    """The job with these values in the place of its defaults; a text that is given to another type is read as JSON.
    Raises PlumblineError ``job-input`` where it has no such input, or the input takes no such value."""
    values = _values(job, given)
    return replace(job, inputs={name: {**written, "default": values[name]} for name, written in job.inputs.items()})


def chosen_inputs(job: Job, given: Mapping[str, object]) -> dict[str, object]:
    """Those of these values that are not the defaults, each of the type of its input. Raises as :func:`give_inputs`."""
    usual, values = _values(job, {}), _values(job, given)
    return {name: value for name, value in values.items() if value != usual[name]}


def fill_inputs(job: Job) -> Job:
    """The job as it starts: ``${{ job.inputs.NAME }}`` replaced in its scripts, artifacts, caches, image and services,
    where it declares inputs at all. Raises PlumblineError ``job-input`` for any other expression, and where a value
    does not fit its declaration."""
    if not job.inputs:
        return job
    values = _values(job, {})

    def value(found: re.Match[str]) -> str:
        named = _INPUT.fullmatch(found[1])
        if named is None:
            raise _refused(
                job,
                t("the expression {text} cannot be worked out here", text=found[0]),
                t("Only values are filled in: ${{ job.inputs.NAME }}"),
            )
        if named[1] not in values:
            raise _refused(job, t("there is no input {name} here", name=named[1]), did_you_mean(named[1], values))
        return embedded(values[named[1]])

    return replace(job, **{field: _filled(getattr(job, field), lambda text: _EXPRESSION.sub(value, text))
                           for field in _FILLED})  # fmt: skip


def _values(job: Job, given: Mapping[str, object]) -> dict[str, Any]:
    declared = Map({name: Map(written) for name, written in job.inputs.items()})
    problems: list[Problem] = []
    values = settle(declared, Given(given, NOWHERE), problems)
    for problem in problems:
        raise _refused(job, problem.message, problem.hint)
    return values


def _refused(job: Job, message: Any, hint: Any) -> PlumblineError:
    said = t("The inputs of '{job}': {message}", job=job.group, message=message)
    return PlumblineError("job-input", said, hint, kind=ErrorKind.CONFIGURATION)


def _filled(value: Any, fill: Callable[[str], str]) -> Any:
    """A value of the model with all its texts filled."""
    if type(value) is str:  # not one of a fixed set of words
        return fill(value)
    if isinstance(value, tuple):
        return tuple(_filled(each, fill) for each in value)
    if isinstance(value, Struct):
        return replace(value, **{name: _filled(getattr(value, name), fill) for name in value.__struct_fields__})
    return value
