"""``plumb history``: the runs of this repository on this machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from plumbline.cli.help import command, option
from plumbline.cli.options import open_repository, repository_options
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.model.run import RunRecord


@command("history", t("List the newest runs of this repository."))
@option("-n", "--limit", type=click.IntRange(1), default=20, metavar="N", show_default=True, text=t("How many runs."))
@option("--json", "as_json_", is_flag=True, text=t("As JSON, one run a line, with all of its jobs."))
@repository_options
def PART(limit: int, as_json_: bool, **options: Any) -> None:  # noqa: N802
    runs = open_repository(options).runs.newest(limit)
    if as_json_:
        from plumbline.cli.display.events import as_json

        for record in runs:
            click.echo(as_json(record))
        return
    if not runs:
        click.echo(t("No runs yet. `plumb run` makes the first one."))
        return
    from plumbline.cli.display.table import table

    head = (t("run"), t("when"), t("event"), t("ref"), t("commit"), t("state"), t("duration"), t("jobs"))
    for line in table(head, [_row(record) for record in runs], right=frozenset({0, 6})):
        click.echo(line)


def _row(record: RunRecord) -> tuple[object, ...]:
    from plumbline.cli.display.summary import counted, latest
    from plumbline.cli.display.words import duration, state_word

    state = t("interrupted") if record.interrupted else state_word(record.state)
    return (
        record.id,
        time.strftime("%Y-%m-%d %H:%M", time.localtime(record.created)),
        record.event,
        record.ref,
        record.sha[:8] + ("+" if record.dirty else ""),
        state,
        duration(record.duration),
        counted(latest(record)),
    )
