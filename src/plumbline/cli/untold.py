"""What commands say where something was done, and the ledger could not be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.kernel import PlumblineError


def tell_untold(error: PlumblineError | None) -> None:
    if error is not None:
        click.echo(t("It is done, but no entry of the ledger says so: {reason}", reason=error.message), err=True)
