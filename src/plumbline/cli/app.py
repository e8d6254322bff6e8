"""``plumb``: finds the command on its shelf, and ends the process with the right status."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from functools import cache
from typing import TYPE_CHECKING

import click

from plumbline.cli import commands
from plumbline.cli.errors import status_of
from plumbline.cli.help import CONTEXT, Command, language_option, option, with_nearest
from plumbline.cli.language import clicks_words, wanted
from plumbline.kernel import t, use_language

if TYPE_CHECKING:
    from collections.abc import Sequence


class Shelf(click.Group, Command):
    """The group of all commands; each is imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_names())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _names():
            return None
        part: click.Command = importlib.import_module(f"{commands.__name__}.{cmd_name}").PART
        return part

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        with clicks_words():
            try:
                return super().resolve_command(ctx, args)
            except click.UsageError as error:
                message = with_nearest(error.message, args[0] if args else "", list(_names()))
                raise click.UsageError(message, error.ctx) from error


@cache
def _names() -> tuple[str, ...]:
    files = (
        name.removesuffix(".py") for folder in commands.__path__ for name in os.listdir(folder) if name.endswith(".py")
    )
    return tuple(sorted(name for name in files if not name.startswith("_")))


def _show_version(ctx: click.Context, _parameter: click.Parameter, wanted_it: bool) -> None:
    if wanted_it:
        from plumbline import __version__

        click.echo(f"plumb {__version__}")
        ctx.exit()


@language_option
@option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    text=t("Show the version and exit."),
)
def _plumb() -> None:
    pass


plumb = click.command(
    "plumb",
    cls=Shelf,
    text=t("Run, understand and check a repository's .gitlab-ci.yml on this machine."),
    details=(t("Begin with `plumb lint`, `plumb plan` and `plumb run` inside a git repository."),),
    context_settings=CONTEXT,
)(_plumb)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line; never returns."""
    gc.set_threshold(10_000, 20, 100)  # a plan is many small values that stay: looking them through finds no garbage
    _open_standard_streams()
    given = list(sys.argv[1:] if arguments is None else arguments)
    use_language(wanted(given, os.environ))
    status = status_of(lambda: plumb.main(given, prog_name="plumb", standalone_mode=False))
    gc.freeze()  # spares the end of the process a last look for garbage in what goes away with it
    sys.exit(status)


def _open_standard_streams() -> None:
    """Whoever started us may have closed them; what is opened next would get their numbers."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115
