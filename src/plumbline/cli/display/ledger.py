"""What verification of a ledger found, and what became of events that were taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from plumbline.kernel import t
from plumbline.kernel.text import nt

if TYPE_CHECKING:
    from plumbline.evidence import Report
    from plumbline.flow.ledger.import_events import Imported
    from plumbline.kernel import Text


class Notes:
    """Of notes with the same sentence the first few are shown, the others counted."""

    FEW = 3

    def __init__(self) -> None:
        self._seen: dict[str, list[int]] = {}  # how many, and the first line

    def tell(self, line: int, note: Text) -> None:
        seen = self._seen.setdefault(note.msgid, [0, line])
        seen[0] += 1
        if seen[0] <= self.FEW:
            click.echo(t("line {line}: note: {note}", line=line, note=note), err=True)

    def tell_rest(self) -> None:
        for count, line in self._seen.values():
            if count > self.FEW:
                click.echo(nt("{count} more line with a note like that of line {line}",
                              "{count} more lines with a note like that of line {line}", count - self.FEW,
                              line=line), err=True)  # fmt: skip


def tell_line(line: Imported, notes: Notes) -> None:
    if line.error is not None:
        click.echo(t("line {line}: {message}", line=line.line, message=line.error.message), err=True)
        if line.error.hint is not None:
            click.echo(t("  hint: {hint}", hint=line.error.hint), err=True)
    for note in line.notes:
        notes.tell(line.line, note)


def _moment(seconds: int) -> str:
    from plumbline.evidence import timestamp

    return timestamp(seconds * 1_000_000)


def plain_report(report: Report) -> dict[str, Any]:
    fault = report.fault
    return {
        "outcome": report.outcome.value,
        "first": report.first,
        "last": report.last,
        "chosen": report.chosen,
        "signed": report.signed,
        "checkpoints": report.checkpoints,
        "cosigned": [{"by": str(each.by), "size": each.size, "at": each.at} for each in report.cosigned],
        "root": report.root.hex(),
        "chain": report.chain.hex(),
        "fault": None if fault is None else {"seq": fault.seq, "code": fault.code, "message": str(fault.message)},
        "notes": [str(note) for note in report.notes],
    }


def show_report(report: Report) -> None:
    for note in report.notes:
        click.echo(t("note: {note}", note=note), err=True)
    for each in report.cosigned:
        click.echo(
            t(
                "Up to entry {size} cosigned by {name}, {time}.",
                size=each.size,
                name=each.by.name,
                time=_moment(each.at),
            )
        )
    if report.fault is not None:
        if report.fault.seq:
            click.echo(t("broken at entry {seq}: {message}", seq=report.fault.seq, message=report.fault.message))
        else:
            click.echo(t("broken: {message}", message=report.fault.message))
    elif not report.intact:
        click.echo(t("There is nothing to verify: no entries. This is not a pass."))
    elif report.chosen:
        click.echo(nt(
            "{count} entry between {first} and {last} is as it was, and in the checkpoint of {signed} entries. Whether "
            "others were left out, the file does not say.",
            "{count} entries between {first} and {last} are as they were, and in the checkpoint of {signed} entries. "
            "Whether others were left out, the file does not say.",
            report.chosen, first=report.first, last=report.last, signed=report.signed))  # fmt: skip
    else:
        click.echo(
            t("Entries {first} to {last} are as they were; signed up to {signed}.", first=report.first,
              last=report.last, signed=report.signed)
        )  # fmt: skip
