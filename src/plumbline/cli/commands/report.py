"""``plumb report``: what a report file says, and reports that were made elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from plumbline.cli.errors import CONFIGURATION, OK
from plumbline.cli.help import CONTEXT, Choice, Group, command, language_option, option
from plumbline.cli.options import wrong_usage
from plumbline.cli.server_api import ask
from plumbline.kernel import t
from plumbline.kernel.text import nt

if TYPE_CHECKING:
    from plumbline.model.report import Report

_LISTED = 10  # defects
_LAYERS = ("unit", "component", "interface", "user")
_COUNTED = {  # names that the API has for them
    "total": t("tests"), "passed": t("passed"), "failed": t("failed"), "errors": t("with an error"),
    "skipped": t("skipped"), "retried": t("retried"),
    "lines": t("lines"), "lines_hit": t("lines covered"), "files": t("files"), "findings": t("findings"),
    "scope": t("looked at"), "components": t("components"), "operations": t("operations"), "calls": t("calls"),
    "measured": t("measured series"), "thresholds": t("thresholds"), "missed": t("thresholds missed"),
    "killed": t("mutants killed"), "survived": t("mutants that survived"), "not_covered": t("mutants not covered"),
    "other": t("other mutants"), "create": t("to create"), "update": t("to change"), "delete": t("to delete"),
    "judgements": t("judgements"), "subjects": t("subjects"), "values": t("values"), "names": t("variables"),
}  # fmt: skip
_file = click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False))


@language_option
def _report() -> None:
    pass


PART = click.command(
    "report",
    cls=Group,
    text=t("Read report files of tests, coverage and scans, or add one to a server."),
    context_settings=CONTEXT,
)(_report)


@command(
    "show",
    t("Say what a report file is and what it says; nothing is sent."),
    t("Exit status: 0 it can be read, 2 it cannot."),
)
@_file
@option("--kind", metavar="KIND", default="", text=t("A format or a key of artifacts:reports; else what it says."))
@option("--json", "as_json_", is_flag=True, text=t("As JSON."))
def show_command(file: str, kind: str, as_json_: bool) -> int:
    from pathlib import Path

    from plumbline.flow.reports.read_files import LARGEST, too_large
    from plumbline.model.report import Unreadable
    from plumbline.wiring.reports import read_report

    path = Path(file)
    size = path.stat().st_size
    found = read_report("", path.name, path.read_bytes(), kind) if size <= LARGEST else too_large(size)
    if as_json_:
        click.echo(_as_json(found))
    elif isinstance(found, Unreadable):
        click.echo(t("{file} could not be read as a report: {reason}", file=file, reason=found.message), err=True)
    else:
        _tell(path.name, found)
    return CONFIGURATION if isinstance(found, Unreadable) else OK


@command(
    "add",
    t("Add a report that was made elsewhere to a commit or a pipeline of a server."),
    t("It is kept as the word of whoever adds it: no grade takes it for what a job of the server reported. "
      "The same bytes twice change nothing."),
    t("The API token is taken from the environment variable PLUMBLINE_TOKEN; its owner needs the right to add "
      "reports."),
)  # fmt: skip
@_file
@option("--kind", metavar="KIND", required=True, text=t("What it is: a format or a key of artifacts:reports."))
@option("--server", metavar="URL", envvar="PLUMBLINE_SERVER", required=True, text=t("Address of the server."))
@option("--pipeline", type=click.IntRange(1), metavar="ID", text=t("The pipeline that it is about."))
@option("--project", type=click.IntRange(1), metavar="ID", text=t("The project, where it is about a commit."))
@option("--commit", metavar="SHA", default="", text=t("The commit by its full id."))
@option("--layer", type=Choice(_LAYERS), text=t("The layer of tests whose report does not say it."))
def add_command(
    file: str, kind: str, server: str, pipeline: int | None, project: int | None, commit: str, layer: str | None
) -> int:
    from pathlib import Path

    if bool(pipeline) == bool(project):
        raise wrong_usage("one-subject", t("Name a pipeline, or a project with a commit."))
    if project and not commit:
        raise wrong_usage("no-commit", t("--project needs --commit."))
    path = Path(file)
    about = {"kind": kind, "name": path.name, "pipeline": pipeline or 0, "project": project or 0, "commit": commit,
             "layer": layer or ""}  # fmt: skip
    said = ask(server, "/reports", query=about, body=path.read_bytes())
    report = said["report"]
    if said["known"]:
        click.echo(t("Report {id}: the same bytes are there already; nothing changed.", id=report["id"]))
    elif report["problem"]:
        click.echo(t("Report {id} is kept, and could not be read: {reason}", id=report["id"], reason=report["message"]))
    elif report["flagged"]:
        click.echo(t("Report {id} is kept and flagged ({why}): nothing rests on it.", id=report["id"],
                     why=report["flagged"]))  # fmt: skip
    else:
        counts = ", ".join(f"{_COUNTED.get(name, name)} {value:g}" for name, value in report["counts"].items())
        click.echo(t("Report {id}: {format}, {counts}", id=report["id"], format=report["format"], counts=counts))
    return CONFIGURATION if report["problem"] or report["flagged"] else OK


PART.add_command(show_command)
PART.add_command(add_command)


def _tell(name: str, report: Report) -> None:
    from plumbline.flow.reports.contents import counts_of
    from plumbline.flow.reports.spoken import spoken
    from plumbline.model.reported import ReadFile

    tool = " ".join(part for part in (report.tool, report.tool_version) if part)
    click.echo(t("{file}: {format}, of {tool}", file=name, format=report.format, tool=tool or t("no named tool")))
    for line in spoken([ReadFile(kind=report.format, name=name, digest="", size=0, content=report)]):
        click.echo(line)
    for what, number in counts_of(report.content).items():
        click.echo(t("{counted}: {number}", counted=_COUNTED.get(what, what), number=f"{number:g}"))
    for defect in report.defects[:_LISTED]:
        click.echo(t("defect {code}: {message} {where}", code=defect.code, message=defect.message, where=defect.where))
    if (more := len(report.defects) - _LISTED) > 0:
        click.echo(nt("{count} more defect", "{count} more defects", more))


def _as_json(found: object) -> str:
    from plumbline.model.coding import json_of, plain

    return json_of(found, plain).decode("utf-8", "replace")
