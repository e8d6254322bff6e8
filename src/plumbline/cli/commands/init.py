"""``plumb init``: propose the first pipeline of a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from plumbline.cli.help import command, option
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from plumbline.flow.jobs.tools import Tools
    from plumbline.starters import Proposal

_FILE = ".gitlab-ci.yml"


@command(
    "init",
    t("Propose a .gitlab-ci.yml for this repository."),
    t("Its files say what it is written in and how it is built and tested; the proposal says what was taken from "
      "where, what is guessed, and what is not in it. Nothing is changed unless --write is given, and nothing is "
      "committed."),
    t("PATH is a folder of the repository (default: the current one). Uncommitted files count too."),
)  # fmt: skip
@click.argument("path", metavar="[PATH]", default=".")
@option("--write", is_flag=True, text=t("Write it to {file}, where there is none yet.", file=_FILE))
@option("--no-images", is_flag=True, text=t("For runners that have a shell alone: name no images."))
@option("--json", "as_json_", is_flag=True, text=t("As JSON."))
def PART(path: str, write: bool, no_images: bool, as_json_: bool) -> None:  # noqa: N802
    from plumbline.cli.display.screen import say
    from plumbline.flow.jobs.propose import propose_for
    from plumbline.starters import pipeline_text
    from plumbline.wiring.local import Settings, open_tools

    tools = open_tools(Settings(repository=path))
    proposal = propose_for(tools.repository)
    if not proposal.seen:
        raise _nothing()
    text = pipeline_text(proposal, images=not no_images)
    written = _write(path, text) if write else ""
    if as_json_:
        from plumbline.cli.display.events import as_json

        say(as_json({**_fields(proposal), "text": text, "written": written}))
        return
    say(text.rstrip("\n"))
    for line in _next(tools, proposal, written, images=not no_images):
        click.echo(line, err=True)


def _nothing() -> PlumblineError:
    from plumbline.starters import starters

    titles = ", ".join(str(part.title) for part in starters().values())
    return PlumblineError(
        "nothing-recognised",
        t("Nothing in this repository says how it is built or tested."),
        t(
            "What is recognised: {titles}. `plumb lint` checks a {file} that you write yourself.",
            titles=titles,
            file=_FILE,
        ),
        kind=ErrorKind.CONFIGURATION,
    )


def _fields(proposal: Proposal) -> dict[str, Any]:
    return {
        "stacks": [
            {
                "stack": seen.name,
                "title": str(seen.title),
                "folder": seen.found.folder,
                "files": seen.found.files,
                "jobs": list(seen.jobs),
            }
            for seen in proposal.seen
        ],
        "said": [str(text) for text in proposal.said],
        "guessed": [str(text) for text in proposal.guessed],
        "missing": [str(text) for text in proposal.missing],
        "tools": proposal.tools,
    }


def _write(path: str, text: str) -> str:
    """Where it was written. Raises PlumblineError ``configuration-there``, ``no-working-tree``."""
    from plumbline.wiring.local import top_folder

    top = top_folder(path)
    if not top:
        raise PlumblineError(
            "no-working-tree",
            t("This repository has no working tree to write {file} into.", file=_FILE),
            t("Run it without --write, or in a clone."),
            kind=ErrorKind.CONFIGURATION,
        )
    place = f"{top}/{_FILE}"
    try:
        with open(place, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise PlumblineError(
            "configuration-there",
            t("{path} is there already, and was not touched.", path=place),
            t("Without --write the proposal is only shown, to be compared with it."),
            kind=ErrorKind.REFUSED,
        ) from error
    except OSError as error:
        raise PlumblineError(
            "file-not-written", t("Cannot write {path}: {reason}", path=place, reason=error.strerror or error)
        ) from error
    return place


def _next(tools: Tools, proposal: Proposal, written: str, *, images: bool) -> list[object]:
    """What to do with it, on this machine."""
    import os
    import shutil

    from plumbline.wiring.local import runs_containers

    lines: list[object] = [""]
    if written:
        lines.append(t("Written to {path}; nothing is committed.", path=written))
    elif _FILE in tools.repository.files():
        lines.append(t("There is a {file} already; this is what would be proposed without it.", file=_FILE))
        return lines
    else:
        lines.append(t("Shown only. `plumb init --write` writes it to {file}.", file=_FILE))
    if not images or not runs_containers():
        lines.append(t("Then run it here: {command}", command="plumb run --shell" if images else "plumb run"))
        places = {tool: shutil.which(tool) or "" for tool in proposal.tools}
        if missing := [tool for tool, place in places.items() if not place]:
            lines.append(t("It needs what this machine does not have: {tools}", tools=", ".join(missing)))
        home = os.path.expanduser("~/")
        if hidden := [tool for tool, place in places.items() if place.startswith(home)]:
            lines.append(t("In a sandbox jobs see nothing of your home: declare where {tools} is, as `tools` in your "
                           "settings.", tools=", ".join(hidden)))  # fmt: skip
    else:
        lines.append(t("Then run it here: {command}", command="plumb run"))
    return lines
