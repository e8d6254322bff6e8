"""``plumb observe``: what any repository tells of itself, shown, written as events, or put into the ledger."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, BinaryIO

import click

from plumbline.cli.help import command, option
from plumbline.cli.options import wrong_usage
from plumbline.kernel import t
from plumbline.kernel.text import nt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.kernel import Text
    from plumbline.model.event import EventDraft
    from plumbline.wiring.observation import Observation, Observed, Rewritten


@command(
    "observe",
    t("Turn the history and the files of a repository into events."),
    t("The repository is not changed. An address is cloned into a temporary folder first."),
    t("With a data folder the events are added to its ledger; the same repository again adds only what is new. "
      "With --json or --out they are only written, one on each line. Otherwise a summary is shown."),
)  # fmt: skip
@click.argument("place", default=".", metavar="[PATH|URL]")
@option("--data", metavar="DIR", envvar="PLUMBLINE_DATA", text=t("Add the events to the ledger in this data folder."))
@option(
    "--database",
    metavar="URL",
    envvar="PLUMBLINE_DATABASE",
    text=t("A PostgreSQL database, postgresql://user:password@host/name (default: a file in the data folder)."),
)
@option("--ref", metavar="REV", text=t("Look at this branch, tag or commit (default: the default branch)."))
@option("--json", "as_json_", is_flag=True, text=t("Print the events, one on each line."))
@option("-o", "--out", type=click.Path(dir_okay=False), metavar="FILE", text=t("Write the events to this file."))
def PART(  # noqa: N802
    place: str, data: str | None, database: str | None, ref: str | None, as_json_: bool, out: str | None
) -> None:
    from plumbline.wiring.observation import observed, open_observation

    if as_json_ and out:
        raise wrong_usage("two-outputs", t("Give either --json or --out FILE."))
    with open_observation(place, ref, mailmap=not (data or database)) as observation:
        found = observed(observation)
        if as_json_:
            _write(found.events, sys.stdout.buffer)
        elif out:
            _write_file(found.events, out)
        elif data or database:
            _add(observation, found, data, database)
        else:
            for line in _summary(observation, found):
                click.echo(line)
        if found.history.shallow:
            click.echo(
                t("The clone is shallow: older commits are not there, and what they say is not known. "
                  "`git fetch --unshallow` brings them."),
                err=True,
            )  # fmt: skip


def _write(events: Iterator[EventDraft], file: BinaryIO) -> int:
    count = 0
    for event in events:
        file.write(event.body + b"\n")
        count += 1
    file.flush()
    return count


def _write_file(events: Iterator[EventDraft], path: str) -> None:
    try:
        with open(path, "wb") as file:
            count = _write(events, file)
    except OSError as error:
        raise wrong_usage(
            "file-not-writable",
            t("{path} cannot be written: {reason}", path=path, reason=error.strerror or str(error)),
            t("Choose another place with --out."),
        ) from error
    click.echo(nt("Wrote {path}: {count} event.", "Wrote {path}: {count} events.", count, path=path))


def _add(observation: Observation, found: Observed, data: str | None, database: str | None) -> None:
    import time

    from plumbline.wiring.observation import record_observation
    from plumbline.wiring.stores import open_ledger

    with open_ledger(data, database) as ledger:
        told, rewritten = record_observation(
            ledger,
            found.history,
            found.events,
            observation.project,
            certain=observation.fresh,
            now=time.time_ns() // 1000,
        )
    click.echo(
        t("{new} events are new in the ledger, {known} were there already.", new=told.new, known=told.known)
    )  # fmt: skip
    if told.different:
        click.echo(
            nt(
                "{count} event was there already with another content, and stays as it was.",
                "{count} events were there already with another content, and stay as they were.",
                told.different,
            ),
            err=True,
        )
    if rewritten:
        click.echo(_rewritten(rewritten, certain=observation.fresh), err=True)


def _rewritten(found: Rewritten, *, certain: bool) -> Text:
    if found.older and not certain:
        return t(
            "{ref} is at {after}, but {before} was observed before: this copy is older, or was set back.",
            ref=found.ref, after=found.after[:12], before=found.before[:12],
        )  # fmt: skip
    return t(
        "The history of {ref} was rewritten: {before}, which was its end when it was observed before, does not lead "
        "to {after}. The ledger keeps what was observed, and now says this as well.",
        ref=found.ref, before=found.before[:12], after=found.after[:12],
    )  # fmt: skip


def _summary(observation: Observation, found: Observed) -> Iterator[object]:
    from plumbline.cli.display.table import table

    history, tree = found.history, found.tree
    yield t("{project} at {revision}", project=observation.project, revision=observation.revision[:12])
    times = [commit.committed for commit in history.commits]
    if times:
        yield t("  from {first} to {last}", first=_day(min(times)), last=_day(max(times)))
    people = {commit.author for commit in history.commits if not commit.bot}
    yield nt("  {count} commit", "  {count} commits", len(history.commits))
    yield nt("  {count} author", "  {count} authors", len(people))
    yield nt("  {count} merge", "  {count} merges", len(history.merges))
    yield nt("  {count} branch beside the trunk", "  {count} branches beside the trunk", len(history.branches))
    yield nt("  {count} release", "  {count} releases", len(history.releases))
    yield nt("  {count} file:", "  {count} files:", tree.files)
    rows = [(one.kind, one.count, one.paths[0]) for one in tree.found]
    yield from table((t("kind"), t("files"), t("for example")), rows, right=frozenset({1}))


def _day(seconds: int) -> str:
    from datetime import UTC, datetime

    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return "?"
