"""``plumb restore``: put a backup back."""

from __future__ import annotations

import click

from plumbline.cli.help import command, option
from plumbline.cli.serving import store_options
from plumbline.kernel import t
from plumbline.kernel.text import nt


@command(
    "restore",
    t("Put a backup of the server's store back, and verify its ledger."),
    t("The server must not run. What was in the folder stays as it was until the backup is whole and verified."),
    t("A backup of a server without a database of its own can go into one: name an empty one with --database."),
)
@click.argument("file", metavar="FILE")
@option("--force", is_flag=True, text=t("Replace what is there; it is moved to the folder backups."))
@store_options
def PART(file: str, force: bool, data: str | None, database: str | None) -> None:  # noqa: N802
    from plumbline.wiring.local import restore

    made = restore(file, data, database, force=force)
    click.echo(
        nt(
            "Restored {path}: {count} entry of the ledger, its chain is whole.",
            "Restored {path}: {count} entries of the ledger, their chain is whole.",
            made.entries,
            path=file,
        )
        if made.entries
        else t("Restored {path}. Its ledger is empty: there was nothing to verify.", path=file)
    )
