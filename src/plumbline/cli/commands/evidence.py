"""``plumb evidence``: what is due, what came, what is missing, and statements about runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from plumbline.cli.errors import CONFIGURATION, JOB_FAILED, OK
from plumbline.cli.evidence_verify import export_command, verify_command
from plumbline.cli.help import CONTEXT, Choice, Group, command, language_option, option
from plumbline.cli.options import wrong_usage
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LAYERS = ("unit", "component", "interface", "user")
_TOKEN = t("The API token is taken from the environment variable PLUMBLINE_TOKEN.")


@language_option
def _evidence() -> None:
    pass


PART = click.command(
    "evidence",
    cls=Group,
    text=t("See what is due, what came and what is missing; add evidence; verify statements about runs."),
    context_settings=CONTEXT,
)(_evidence)


def _server(function: Callable[..., Any]) -> Callable[..., Any]:
    said = t("Address of the server.")
    made: Callable[..., Any] = option("--server", metavar="URL", envvar="PLUMBLINE_SERVER", required=True, text=said)(
        function
    )
    return made


@command(
    "status",
    t("Say what is due for a pipeline, what came of it, and until when it may come."),
    _TOKEN,
    t("Exit status: 0 everything that is due is there, 1 something is missing, or nothing is due."),
)
@_server
@option("--pipeline", type=click.IntRange(1), metavar="ID", text=t("The pipeline."))
@option("--node", type=click.IntRange(0), metavar="ID", text=t("Or what is open at a node and below it."))
@option("--json", "as_json_", is_flag=True, text=t("As JSON."))
def status_command(server: str, pipeline: int | None, node: int | None, as_json_: bool) -> int:
    from plumbline.cli.display.collections import collection_lines
    from plumbline.cli.server_api import ask

    if (pipeline is None) == (node is None):
        raise wrong_usage("one-subject", t("Name a pipeline, or a node."))
    if pipeline is not None:
        found = ask(server, f"/pipelines/{pipeline}/evidence")["collections"]
    else:
        found = ask(server, f"/nodes/{node}/collections", query={"open": "true"})["collections"]
    if as_json_:
        _write(found)
    elif not found and pipeline is None:
        click.echo(t("Nothing is open at this node or below it. What was closed is told by its pipeline."))
    elif not found:
        click.echo(t("No contract holds: nothing is due here."))
    else:
        for one in found:
            _indented(collection_lines(one))
    return OK if found and all(one["complete"] for one in found) else JOB_FAILED


@command(
    "explain",
    t("Say what would fill a slot, what came for it, and why that does not count."),
    t("SLOT is the id of a slot, or of its line in the contract."),
    _TOKEN,
)
@click.argument("slot", metavar="SLOT")
@_server
@option("--pipeline", type=click.IntRange(1), metavar="ID", text=t("The pipeline."))
@option("--collection", default="", metavar="ID", text=t("Or the collection."))
@option("--json", "as_json_", is_flag=True, text=t("As JSON."))
def explain_command(slot: str, server: str, pipeline: int | None, collection: str, as_json_: bool) -> int:
    from plumbline.cli.display.collections import explained_lines
    from plumbline.cli.server_api import ask, quoted

    if bool(pipeline) == bool(collection):
        raise wrong_usage("one-subject", t("Name a pipeline, or a collection."))
    wanted = collection or _with_slot(ask(server, f"/pipelines/{pipeline}/evidence")["collections"], slot)
    found = ask(server, f"/collections/{quoted(wanted)}/slot", query={"slot": slot})
    if as_json_:
        _write(found)
    else:
        _indented(explained_lines(found))
    return OK


def _with_slot(collections: list[dict[str, Any]], slot: str) -> str:
    """The newest one that has it, else the newest one: the server says which slots there are."""
    named = [one for one in collections if any(slot in (each["id"], each["need"]) for each in one["slots"])]
    if not collections:
        raise wrong_usage("nothing-due", t("No contract holds: nothing is due here."))
    return str((named or collections)[-1]["uid"])


@command(
    "add",
    t("Add evidence that was made elsewhere to a pipeline or a commit."),
    t("It is kept as the word of whoever adds it, and fills only what a contract lets a person's word fill. "
      "The same bytes twice change nothing."),
    _TOKEN,
    t("Exit status: 0 it fills a slot, 1 it is kept and fills none."),
)  # fmt: skip
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False))
@option("--kind", metavar="KIND", required=True, text=t("What it is: a format or a key of artifacts:reports."))
@option("--slot", default="", metavar="SLOT", text=t("The slot that it is meant for; it is checked first."))
@_server
@option("--pipeline", type=click.IntRange(1), metavar="ID", text=t("The pipeline that it is about."))
@option("--project", type=click.IntRange(1), metavar="ID", text=t("The project, where it is about a commit."))
@option("--commit", metavar="SHA", default="", text=t("The commit by its full id."))
@option("--layer", type=Choice(_LAYERS), text=t("The layer of tests whose report does not say it."))
def add_command(
    file: str,
    kind: str,
    slot: str,
    server: str,
    pipeline: int | None,
    project: int | None,
    commit: str,
    layer: str | None,
) -> int:
    from pathlib import Path

    from plumbline.cli.display.collections import slot_line
    from plumbline.cli.server_api import ask

    if bool(pipeline) == bool(project):
        raise wrong_usage("one-subject", t("Name a pipeline, or a project with a commit."))
    if project and not commit:
        raise wrong_usage("no-commit", t("--project needs --commit."))
    path = Path(file)
    about = {"kind": kind, "name": path.name, "pipeline": pipeline or 0, "project": project or 0, "commit": commit,
             "layer": layer or "", "slot": slot}  # fmt: skip
    said = ask(server, "/evidence", query=about, body=path.read_bytes())
    if said["known"]:
        click.echo(t("Report {id}: the same bytes are there already; nothing changed.", id=said["report"]))
    else:
        click.echo(t("Report {id} is kept.", id=said["report"]))
    if said["late"]:
        click.echo(t("What was due is closed already: it came too late, and changes nothing that was decided."))
    for one in said["slots"]:
        click.echo(f"  {slot_line(one)}")
    if not said["slots"]:
        click.echo(t("It fills no slot."))
    return OK if any(one["state"] == "filled" for one in said["slots"]) else JOB_FAILED


@command(
    "doctor",
    t("Look for contracts that cannot be read, and for lines that nobody could ever fill."),
    _TOKEN,
    t("Exit status: 0 nothing was found, 2 something was, or no contract holds."),
)
@_server
@option("--node", type=click.IntRange(0), metavar="ID", default=0, text=t("The node (default: the installation)."))
@option("--file", "file", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
        text=t("A contract that is not saved yet, in place of those that hold."))  # fmt: skip
def doctor_command(server: str, node: int, file: str | None) -> int:
    from plumbline.cli.server_api import ask

    if file is not None:
        return _check_file(server, node, file)
    found = ask(server, f"/nodes/{node}/evidence-contracts")["contracts"]
    wrong = 0
    for one in found:
        name = f"{one['path'] or '/'}: {one['name']} ({one['version']})"
        wrong += _tell(name, [*one["problems"], *one["dead"]])
    if not found:
        click.echo(t("No contract holds: nothing is due here."))
    return CONFIGURATION if wrong or not found else OK


def _check_file(server: str, node: int, file: str) -> int:
    from pathlib import Path

    import msgspec

    from plumbline.cli.server_api import ask

    text = Path(file).read_text("utf-8", "replace")
    said = ask(server, f"/nodes/{node}/evidence-contracts/check", body=msgspec.json.encode({"text": text}), json=True)
    wrong = _tell(file, [*said["problems"], *said["weaker"], *said["dead"]])
    return CONFIGURATION if wrong else OK


def _tell(name: str, problems: list[dict[str, Any]]) -> int:
    for one in problems:
        place = f":{one['line']}:{one['column']}" if one.get("line") else f" {one['need']}" if one.get("need") else ""
        click.echo(f"{name}{place}: {one['message']}")
        if one["hint"]:
            click.echo(f"  {one['hint']}")
    if not problems:
        click.echo(t("{name}: nothing wrong was found", name=name))
    return len(problems)


def _indented(lines: Iterable[object]) -> None:
    """Below the first one."""
    for at, line in enumerate(lines):
        click.echo(f"  {line}" if at else str(line))


def _write(found: object) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())


for _one in (status_command, explain_command, add_command, doctor_command, verify_command, export_command):
    PART.add_command(_one)
