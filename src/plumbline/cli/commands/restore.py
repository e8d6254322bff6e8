"""``plumb restore``: put a backup back."""

from __future__ import annotations

import click

from plumbline.cli.help import command, option
from plumbline.cli.serving import store_options
from plumbline.cli.untold import tell_untold
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
@option(
    "--rehearse",
    is_flag=True,
    text=t(
        "Only try it: restore into a temporary folder, verify the ledger there, and record the rehearsal in the ledger "
        "of the store that --data names; that store stays as it is, and its server may run."
    ),
)
@option(
    "--scratch-database",
    metavar="ADDRESS",
    text=t("With --rehearse: an empty PostgreSQL database to restore into, where the backup holds one."),
)
@store_options
def PART(  # noqa: N802
    file: str, force: bool, rehearse: bool, scratch_database: str | None, data: str | None, database: str | None
) -> None:
    from plumbline.wiring import backups

    if rehearse:
        tried = backups.rehearse(file, data, database, scratch_database)
        click.echo(
            t(
                "Rehearsed in {seconds} s: {path} can be restored, and its {count} entries of the ledger hold. The "
                "ledger says so.",
                seconds=f"{tried.seconds:.1f}", path=file, count=tried.made.entries,
            )
        )  # fmt: skip
        return
    done = backups.restore(file, data, database, force=force)
    made = done.made
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
    tell_untold(done.untold)
