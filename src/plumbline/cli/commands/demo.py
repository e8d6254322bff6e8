"""``plumb demo``: the real server with a story that runs in it."""

from __future__ import annotations

import os

import click

from plumbline.cli.errors import status_of
from plumbline.cli.help import command, option
from plumbline.kernel import t


@command(
    "demo",
    t("Start a server with people and repositories in it, and let their pipelines run."),
    t("A bank's small service is pushed with a mistake in it, mended and deployed; in a checkout, Plumbline's own "
      "pipeline runs as well. It serves until Ctrl-C or SIGTERM."),
    t("With DEMO_EXIT=1 it checks that every step really happened, ends, and its exit status is 1 if one did not."),
)  # fmt: skip
@option(
    "--data",
    type=click.Path(file_okay=False),
    metavar="DIR",
    envvar="PLUMBLINE_DATA",
    default=".demo",
    show_default=True,
    text=t("Where the server keeps everything. What an earlier demo left there is removed, nothing else ever is."),
)
@option("--listen", metavar="HOST:PORT", default="127.0.0.1:0", show_default=True,
        text=t("Where to listen; port 0: any."))  # fmt: skip
def PART(data: str, listen: str) -> int:  # noqa: N802
    from pathlib import Path

    from plumbline.cli.demo import play
    from plumbline.wiring.local import guard_server

    leave = os.environ.get("DEMO_EXIT", "") not in ("", "0")
    return guard_server(lambda: status_of(lambda: play(Path(data).resolve(), listen, leave=leave)))
