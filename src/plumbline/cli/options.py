"""The options that say which pipeline is meant, shared by run, plan, lint and why; and their Settings."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import click

from plumbline.cli.help import Choice, option
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from plumbline.cli.display.words import Paint
    from plumbline.flow.jobs.tools import Tools
    from plumbline.model.pipeline import Plan, Variable, VariableSource
    from plumbline.model.ports.jobs import RunStore
    from plumbline.model.run import RunRecord
    from plumbline.wiring.local import Settings

TEMPLATES = "templates"  # under this name the folder of templates is mapped
EVENTS = (
    "push",
    "merge_request_event",
    "tag",
    "schedule",
    "web",
    "api",
    "trigger",
    "pipeline",
)  # what --event knows; "tag" is a push of a tag

_WHERE = (
    option("-C", "--directory", "directory", default=".", metavar="DIR", text=t("Work in this repository.")),
    option(
        "--data",
        metavar="DIR",
        envvar="PLUMBLINE_DATA",
        text=t("Where runs, logs and caches are kept (default: in your user data folder)."),
    ),
)
_CHANGE = (
    option(
        "-f",
        "--file",
        "config_path",
        metavar="FILE",
        text=t("The configuration, relative to the repository (default: .gitlab-ci.yml)."),
    ),
    option("--ref", metavar="NAME", text=t("The branch or tag the pipeline is for (default: what is checked out).")),
    option("--target", metavar="BRANCH", text=t("The target branch of a merge request (default: the default branch).")),
    option("--committed", is_flag=True, text=t("Leave uncommitted changes out.")),
    option("--var", "variables", multiple=True, metavar="K=V", text=t("A pipeline variable; repeatable.")),
    option("--var-file", "variable_files", multiple=True, metavar="FILE", text=t("A file of variables; repeatable.")),
    option(
        "--secret",
        "secrets",
        multiple=True,
        metavar="NAME[=VALUE]",
        text=t("A masked variable; without a value it is taken from the environment; repeatable."),
    ),
    option(
        "--input",
        "inputs",
        multiple=True,
        metavar="K=V",
        text=t("A value for spec:inputs, a list as JSON; repeatable."),
    ),
    option(
        "--map",
        "maps",
        multiple=True,
        metavar="NAME=PATH",
        text=t("Read a project, URL or template from a local path (none: leave it out); repeatable."),
    ),
    option("--allow-network", is_flag=True, text=t("Let remote includes be fetched.")),
)


def repository_options(function: Any) -> Any:
    """``-C`` and ``--data``."""
    for decorate in reversed(_WHERE):
        function = decorate(function)
    return function


def change_options(function: Any) -> Any:
    """Everything that says which pipeline of the repository is meant, except its event."""
    for decorate in reversed((*_WHERE, *_CHANGE)):
        function = decorate(function)
    return function


def event_option(function: Any) -> Any:
    return option(
        "--event",
        type=Choice(EVENTS),
        default="push",
        text=t("What happened (CI_PIPELINE_SOURCE; `tag` is the push of a tag)."),
        show_default=True,
    )(function)


def colour_option(function: Any) -> Any:
    return option(
        "--color/--no-color",
        "colour",
        default=None,
        text=t("Use colours (default: on a terminal, unless NO_COLOR is set)."),
    )(function)


def job_argument(name: str, **settings: Any) -> Callable[[Any], Any]:
    """A JOB argument whose names a shell can complete."""
    return click.argument(name, metavar="[JOB]..." if settings else "JOB", shell_complete=_job_names, **settings)


def _job_names(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    from plumbline.flow.jobs.plan_pipeline import plan_pipeline
    from plumbline.wiring.local import open_tools

    try:
        plan = plan_pipeline(open_tools(settings(ctx.params, ctx.params.get("event") or "push")))
    except PlumblineError:
        return []
    return [job.name for job in plan.jobs if job.name.startswith(incomplete)]


def wrong_usage(code: str, message: Any, hint: Any = None) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.CONFIGURATION)


def pairs(given: Sequence[str], name: str) -> dict[str, str]:
    """``K=V`` arguments by key; the later of two wins. Raises PlumblineError ``not-a-pair``."""
    found: dict[str, str] = {}
    for argument in given:
        key, equals, value = argument.partition("=")
        if not equals or not key:
            raise wrong_usage(
                "not-a-pair", t("{option} {argument}: expected NAME=VALUE.", option=name, argument=argument)
            )
        found[key] = value
    return found


_NAME = re.compile(r"[A-Za-z0-9_]+")  # what GitLab takes for the key of a variable


def _check_names(names: Iterable[str], option: str) -> None:
    """Raises PlumblineError ``invalid-name`` for what no variable is called."""
    for name in names:
        if not _NAME.fullmatch(name):
            raise wrong_usage(
                "invalid-name",
                t("{option} {name}: this cannot be the name of a variable.", option=option, name=repr(name)),
                t("Use letters, digits and underscores."),
            )


def _maps(given: Sequence[str]) -> dict[str, str]:
    """What stands for what. Raises PlumblineError ``invalid-map`` for a name that nothing can have, and for a path
    where nothing is; an empty path leaves out what has the name."""
    found = pairs(given, "--map")
    for name, path in found.items():
        if name != TEMPLATES and "/" not in name:
            from plumbline.pipeline import did_you_mean

            raise wrong_usage(
                "invalid-map",
                t("--map {name}: this is neither the path of a project, nor an address, nor templates.", name=name),
                did_you_mean(name, [TEMPLATES]) or t("Write --map group/project=PATH"),
            )
        if path and not os.path.exists(os.path.expanduser(path)):
            raise wrong_usage(
                "invalid-map",
                t("--map {name}: there is nothing at {path}.", name=name, path=path),
                t("Name a folder or a file; to leave {name} out, name none: --map {name}=", name=name),
            )
    return found


def secret_variables(given: Sequence[str], source: VariableSource) -> tuple[Variable, ...]:
    """``NAME=VALUE``, or ``NAME`` with its value in the environment. Raises PlumblineError ``secret-not-set``."""
    from plumbline.model.pipeline import Variable

    found = []
    for argument in given:
        name, equals, value = argument.partition("=")
        _check_names((name,), "--secret")
        if not equals:
            if name not in os.environ:
                from plumbline.pipeline import did_you_mean

                raise wrong_usage(
                    "secret-not-set",
                    t("--secret {name}: the environment has no variable of this name.", name=name),
                    did_you_mean(name, list(os.environ))
                    or t("Export it first, or write --secret {name}=VALUE.", name=name),
                )
            value = os.environ[name]
        found.append(Variable(name, value, source, raw=True, masked=True))
    return tuple(found)


def open_repository(options: dict[str, Any]) -> Tools:
    """The tools of the repository that is meant, for commands that need no pipeline."""
    from plumbline.wiring.local import Settings, open_tools

    return open_tools(Settings(repository=options["directory"], data=options["data"]))


def open_pipeline(options: dict[str, Any], event: str) -> Tools:
    """The tools for one event. Raises PlumblineError when an option is wrong or the repository is not usable."""
    from plumbline.wiring.local import open_tools

    tools = open_tools(settings(options, event))
    for notice in tools.notices:
        click.echo(t("notice: {what}", what=notice), err=True)
    return tools


def settings(options: dict[str, Any], event: str) -> Settings:
    """What the options mean."""
    from plumbline.model.pipeline import Variable, VariableSource
    from plumbline.wiring.local import Settings

    given = pairs(options["variables"], "--var")
    _check_names(given, "--var")
    asked: dict[str, Any] = {
        "repository": options["directory"],
        "data": options["data"],
        "event": event,
        "ref": options["ref"],
        "target": options["target"],
        "committed": options["committed"],
        "variables": (
            *(Variable(name, value, VariableSource.PIPELINE) for name, value in given.items()),
            *secret_variables(options["secrets"], VariableSource.PIPELINE),
        ),
        "variable_files": tuple(options["variable_files"]),
        "inputs": pairs(options["inputs"], "--input"),
        "maps": _maps(options["maps"]),
        "allow_network": options["allow_network"],
        "config_path": options["config_path"],
    }
    for name in ("jobs", "isolation", "shell"):  # only `plumb run` has these
        if options.get(name):
            asked[name] = options[name]
    return Settings(**{name: value for name, value in asked.items() if value is not None})


def shown_plan(tools: Tools, paint: Paint, *, to_stderr: bool = False, left_out: bool = False) -> Plan:
    """Plan, and show every problem; ``left_out``: with the jobs that are not in it.

    Raises PlumblineError when there is no pipeline to go on with."""
    from plumbline.cli.display.problems import counted_problems, problem_lines
    from plumbline.flow.jobs.plan_pipeline import plan_pipeline
    from plumbline.flow.jobs.redactor import Redactor

    plan = plan_pipeline(tools, left_out=left_out)
    hide = Redactor(tools.asked.variables).text
    for line in problem_lines(plan.problems, paint):
        click.echo(hide(line), err=True, color=paint.enabled and not to_stderr)
    if plan.errors:
        raise wrong_usage(
            "configuration-wrong",
            t("the configuration is not valid: {problems}", problems=counted_problems(plan.problems)),
        )
    if not plan.change.ref:
        note = t("no branch is checked out, so this pipeline is for none; name one with --ref")
        click.echo(f"{paint(t('note:'), 'yellow')} {note}", err=True)
    return plan


def runnable_plan(tools: Tools, event: str, paint: Paint, *, to_stderr: bool = False) -> Plan:
    """As :func:`shown_plan`. Raises PlumblineError ``no-jobs`` for a pipeline that would not be made: nothing to run is
    not a success."""
    plan = shown_plan(tools, paint, to_stderr=to_stderr)
    if plan.jobs:
        return plan
    decision = plan.workflow.decision
    if decision is not None and not decision.included:
        message = t("There is no pipeline for this event: {reason}", reason=decision.reason)
    else:
        message = t("There is no pipeline for this event: none of the jobs is in it.")
    raise wrong_usage("no-jobs", message, t("`plumb plan --event {event}` shows why.", event=event))


def find_run(runs: RunStore, run_id: int | None) -> RunRecord:
    """A run by its number, or the newest. Raises PlumblineError ``no-run``."""
    if run_id is None:
        newest = runs.newest(1)
        if newest:
            return newest[0]
        raise wrong_usage("no-run", t("This repository has no runs yet."), t("`plumb run` makes the first one."))
    record = runs.load(run_id)
    if record is None:
        newest = runs.newest(1)
        hint = t("`plumb history` lists the runs.")
        if newest:
            hint = t("The newest is {run}; `plumb history` lists the runs.", run=newest[0].id)
        raise wrong_usage("no-run", t("There is no run {run}.", run=run_id), hint)
    return record
