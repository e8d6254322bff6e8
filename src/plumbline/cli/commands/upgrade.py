"""``plumb upgrade``: bring an older store up to date."""

from __future__ import annotations

import click

from plumbline.cli.help import command, option
from plumbline.cli.serving import store_options
from plumbline.kernel import t


@command(
    "upgrade",
    t("Bring the server's store up to date, after a backup."),
    t("All or nothing: where it fails, the store is as it was."),
)
@option("--no-backup", "backup", is_flag=True, flag_value=False, default=True, text=t("Make no backup first."))
@store_options
def PART(backup: bool, data: str | None, database: str | None) -> None:  # noqa: N802
    from plumbline.wiring.stores import upgrade_store

    kept = upgrade_store(data, database, backup=backup)
    if kept:
        click.echo(t("The backup from before is {path}.", path=kept))
    click.echo(t("The store is up to date."))
