"""``plumb backup``: everything the server keeps, in one file."""

from __future__ import annotations

import click

from plumbline.cli.help import command
from plumbline.cli.serving import store_options
from plumbline.cli.untold import tell_untold
from plumbline.kernel import t
from plumbline.kernel.text import nt


@command(
    "backup",
    t("Write a backup of the server's store."),
    t(
        "Works while the server runs. The file holds the database as it is at one moment, and logs and artifacts; not "
        "the keys that open secret variables: keep a copy of the file 'keys' somewhere else."
    ),
)
@click.argument("file", metavar="FILE")
@store_options
def PART(file: str, data: str | None, database: str | None) -> None:  # noqa: N802
    from plumbline.wiring.backups import back_up

    done = back_up(file, data, database)
    made = done.made
    click.echo(
        nt(
            "Wrote {path}: {count} entry of the ledger.",
            "Wrote {path}: {count} entries of the ledger.",
            made.entries,
            path=file,
        )
    )
    if made.blobs_at:
        click.echo(t("Artifacts are not in it: they are in {address}; have that kept by its own means.",
                     address=made.blobs_at))  # fmt: skip
    else:
        click.echo(nt("{count} artifact, or part of one, is in it, under its digest.",
                      "{count} artifacts, and parts of them, are in it, under their digests.", made.blobs))  # fmt: skip
    click.echo(t("The keys of secret variables are not in it; keep them somewhere else."))
    click.echo(t("Copies of repositories are not in it either; they are fetched anew."))
    tell_untold(done.untold)
