"""``plumb doctor``: what is wrong with this installation, why, and how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from plumbline.cli.errors import ENVIRONMENT, OK
from plumbline.cli.help import command, option
from plumbline.cli.options import colour_option
from plumbline.cli.serving import store_options
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.cli.display.words import Paint
    from plumbline.model.health import Check

WARNED = 1


@command(
    "doctor",
    t("Look for what is wrong with the server's installation, and say how to mend it."),
    t("Exit status: 0 all well, 1 something deserves a look, 3 something does not work."),
)
@option("--last", type=click.IntRange(1), default=10_000, metavar="N", show_default=True,
        text=t("How many of the newest entries of the ledger to verify."))  # fmt: skip
@option("--json", "as_json_", is_flag=True, text=t("As JSON, one check a line."))
@colour_option
@store_options
def PART(last: int, as_json_: bool, colour: bool | None, data: str | None, database: str | None) -> int:  # noqa: N802
    from plumbline.cli.display.events import as_json
    from plumbline.cli.display.screen import paint_for
    from plumbline.model.health import Health
    from plumbline.wiring.doctor import examine
    from plumbline.wiring.server import ServerSettings

    paint, worst = paint_for(colour), Health.OK
    order = list(Health)
    for check in examine(ServerSettings(data=data, database=database), last):
        worst = max(worst, check.health, key=order.index)
        if as_json_:
            click.echo(as_json({"name": check.name, "health": check.health.value, "message": str(check.message),
                                "cure": None if check.cure is None else str(check.cure)}))  # fmt: skip
        else:
            _show(check, paint)
    return {Health.OK: OK, Health.WARNING: WARNED, Health.PROBLEM: ENVIRONMENT}[worst]


def _show(check: Check, paint: Paint) -> None:
    from plumbline.model.health import Health

    words = {
        Health.OK: (t("ok"), "green"),
        Health.WARNING: (t("warning"), "yellow"),
        Health.PROBLEM: (t("problem"), "red"),
    }
    word, colour = words[check.health]
    click.echo(f"{paint(f'{word!s:<8}', colour)} {check.name:<11} {check.message}")
    if check.cure is not None:
        click.echo(f"{'':<21}{t('cure: {cure}', cure=check.cure)}")
