"""What standard output can show: colours, and whether it is a terminal at all."""

from __future__ import annotations

import os
import shutil
import sys

import click

from plumbline.cli.display.table import marked
from plumbline.cli.display.words import Paint


def paint_for(colour: bool | None) -> Paint:
    """``colour``: --color or --no-color; None: on a terminal, unless NO_COLOR is set."""
    if colour is None:
        colour = is_terminal() and not os.environ.get("NO_COLOR")
    return Paint(colour)


def width() -> int:
    """How many cells a line of standard output has; 0 where it is no terminal."""
    return shutil.get_terminal_size().columns if is_terminal() else 0


def is_terminal() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def say(line: object) -> None:
    """A line on standard output. Colours stand in it only if they are wanted, so click must not strip them."""
    click.echo(marked(str(line)), color=True)
