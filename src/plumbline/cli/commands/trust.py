"""``plumb trust``: let the settings of a repository count as if they were the user's own."""

from __future__ import annotations

from typing import Any

import click

from plumbline.cli.help import command, option
from plumbline.cli.options import repository_options
from plumbline.kernel import t


@command(
    "trust",
    t("Let plumbline.toml of this repository count, as it is now."),
    t(
        "Whoever may push can write that file, so by itself it only narrows what you set: what would let jobs reach "
        "more of your machine is ignored. Read it first. After any change of it you are asked again."
    ),
)
@option("--forget", is_flag=True, text=t("Trust it no longer."))
@repository_options
def PART(forget: bool, **options: Any) -> None:  # noqa: N802
    from plumbline.wiring.local import data_folder
    from plumbline.wiring.trust import trust_repository

    done = trust_repository(options["directory"], data_folder(options["data"]), forget=forget)
    if forget:
        click.echo(t("{path} is not trusted any longer.", path=done.path) if done.changed
                   else t("{path} was not trusted.", path=done.path))  # fmt: skip
        return
    click.echo(
        t("{path} is trusted as it is now. It sets: {names}", path=done.path, names=", ".join(done.names) or "-")
    )
