"""What a configuration asks whoever starts its pipeline by hand: described variables, and ``spec:inputs``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from plumbline.model.problem import Problem, Severity
from plumbline.pipeline._inputs import as_options
from plumbline.pipeline.assemble import assemble
from plumbline.pipeline.inputs import embedded
from plumbline.pipeline.language import predefined
from plumbline.pipeline.language.scope import Scope, values

if TYPE_CHECKING:
    from plumbline.model.ports.jobs import Repository
    from plumbline.pipeline.plan import PlanRequest


class AskedValue(msgspec.Struct, frozen=True, kw_only=True):
    """One value that may be given. ``value``: what holds where none is given, as a text; a list as JSON."""

    name: str
    kind: str = "string"  # or number, boolean, array
    description: str = ""
    value: str = ""
    options: tuple[str, ...] = ()  # empty: any
    pattern: str = ""  # that it has to match
    required: bool = False  # nothing holds where none is given


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """``problem``: the first error of the configuration; what is asked is then what could be read. ``refused``: the
    first input that is missing, or that takes no such value; it is no ``problem``."""

    variables: tuple[AskedValue, ...] = ()
    inputs: tuple[AskedValue, ...] = ()
    problem: Problem | None = None
    refused: Problem | None = None


def asking(request: PlanRequest, repository: Repository) -> Asking:
    """Read the configuration with all it includes. (docs: ci/pipelines/#prefill-variables-in-manual-pipelines)

    Nothing is asked where there is no configuration. May raise PlumblineError as the repository does.
    """
    content = repository.read(request.config_path)
    if content is None:
        return Asking()
    known = predefined.pre_pipeline(request.change, request.config_path, predefined.timestamp(request.now))
    scope = Scope((*known, *request.variables), protected=request.change.protected)
    problems: list[Problem] = []
    visible = values(scope.of_job(()))
    found = assemble(content, request.config_path, repository, visible, request.inputs, problems, request.parsed)
    errors = [one for one in problems if one.severity is Severity.ERROR]
    refused = [one for one in errors if _of_a_value(one)]
    broken = [one for one in errors if one not in refused]
    written = found.config.get("variables")
    described = written.items() if isinstance(written, dict) else ()
    return Asking(
        variables=tuple(_variable(str(name), one) for name, one in described if _is_asked(one)),
        inputs=tuple(_input(str(name), one, found.pipeline_inputs) for name, one in found.declared.items()),
        problem=broken[0] if broken else None,
        refused=refused[0] if refused else None,
    )


def _of_a_value(problem: Problem) -> bool:
    """Of one that was given, or was not: nothing in the files is wrong."""
    of_input = (problem.keyword or "").startswith("inputs:")
    return of_input and (problem.code == "missing-input" or problem.where is None or not problem.where.line)


def _is_asked(written: Any) -> bool:
    return isinstance(written, dict) and written.get("description") is not None


def _variable(name: str, written: dict[str, Any]) -> AskedValue:
    value, options = written.get("value"), written.get("options")
    return AskedValue(
        name=name,
        description=str(written["description"]),
        value="" if value is None else embedded(value),
        options=tuple(str(option) for option in options) if isinstance(options, list) else (),
    )


def _input(name: str, written: Any, settled: Any) -> AskedValue:
    """Where the options of an input follow from the values of others, any is offered here, and checked later."""
    told = written if isinstance(written, dict) else {}
    kind = str(told.get("type") or "string")
    options = [True, False] if kind == "boolean" else told.get("options")
    return AskedValue(
        name=name,
        kind=kind,
        description=str(told.get("description") or ""),
        value=embedded(settled[name]) if name in settled else "",
        options=tuple(embedded(option) for option in as_options(options, kind)) if isinstance(options, list) else (),
        pattern=str(told.get("regex") or ""),
        required=name not in settled,
    )
