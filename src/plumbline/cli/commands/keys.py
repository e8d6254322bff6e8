"""``plumb keys``: the keys of secret variables, and a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from plumbline.cli.help import command, option
from plumbline.cli.options import wrong_usage
from plumbline.cli.serving import store_options
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.kernel.text import nt

if TYPE_CHECKING:
    from plumbline.flow.storage.reencrypt import Sealed

_LISTED = 20  # places whose values do not open


@command(
    "keys",
    t("Look after the keys that secret variables are sealed with."),
    t("They are in the file 'keys' of the data folder, not in the database. Keep a copy of it somewhere else."),
    t("Works while the server runs. Exit status: 0 every value opens, 3 some do not."),
)
@option("--rotate", is_flag=True, text=t("Make a new key, and seal every value with it."))
@option("--drop-old", is_flag=True, text=t("Remove all keys but the newest, if no value needs them any more."))
@option(
    "--replace-lost", is_flag=True, text=t("Make a key where the file is lost for good: what it sealed stays closed.")
)
@store_options
def PART(rotate: bool, drop_old: bool, replace_lost: bool, data: str | None, database: str | None) -> int:  # noqa: N802
    from plumbline.cli.errors import ENVIRONMENT, OK
    from plumbline.flow.storage.reencrypt import look_at_sealed, reencrypt
    from plumbline.wiring.server import moment_of
    from plumbline.wiring.stores import open_sealed

    if rotate and drop_old:
        raise wrong_usage(
            "one-at-a-time",
            t("--rotate and --drop-old cannot be given together"),
            t("rotate first; drop the old keys when backups that need them are not needed any more"),
        )
    with open_sealed(data, database, create=replace_lost) as opened:
        if rotate:
            opened.add_key()
            found = reencrypt(opened.store, opened.vault, moment_of(opened.store))
        else:
            found = look_at_sealed(opened.store, opened.vault)
        _show(found)
        if drop_old:
            _need_none(found)
            gone = opened.drop_old_keys()
            click.echo(nt("Removed {count} old key.", "Removed {count} old keys.", gone))
    return ENVIRONMENT if found.closed else OK


def _need_none(found: Sealed) -> None:
    if found.older or found.closed:
        raise PlumblineError(
            "old-keys-needed",
            t("old keys are still needed, or values do not open; nothing was removed"),
            t("run 'plumb keys --rotate' first, and write values that do not open anew"),
            kind=ErrorKind.REFUSED,
        )


def _show(found: Sealed) -> None:
    click.echo(
        nt(
            "{count} value is sealed with the newest key.",
            "{count} values are sealed with the newest key.",
            found.current,
        )
    )
    if found.older:
        click.echo(nt("{count} is sealed with an older one.", "{count} are sealed with older ones.", found.older))
    if found.closed:
        click.echo(nt("{count} value does not open:", "{count} values do not open:", len(found.closed)))
        for place in found.closed[:_LISTED]:
            click.echo(f"  {place}")
