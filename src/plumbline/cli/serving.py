"""Options of the commands that work with the server's store."""

from __future__ import annotations

from typing import Any

from plumbline.cli.help import option
from plumbline.kernel import t

_STORE = (
    option(
        "--data",
        metavar="DIR",
        envvar="PLUMBLINE_DATA",
        text=t("Where the server keeps everything (default: in your user data folder)."),
    ),
    option(
        "--database",
        metavar="URL",
        envvar="PLUMBLINE_DATABASE",
        text=t("A PostgreSQL database, postgresql://user:password@host/name (default: a file in the data folder)."),
    ),
)


def store_options(function: Any) -> Any:
    """``--data`` and ``--database``."""
    for decorate in reversed(_STORE):
        function = decorate(function)
    return function
