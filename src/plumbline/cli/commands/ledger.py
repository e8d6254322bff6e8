"""``plumb ledger``: verify what happened, vouch for it, hand it out, take in what other tools tell."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, BinaryIO

import click

from plumbline.cli.display.ledger import Notes, plain_report, show_report, tell_line
from plumbline.cli.errors import CONFIGURATION, JOB_FAILED, OK
from plumbline.cli.help import CONTEXT, Group, command, language_option, option
from plumbline.cli.keys import given_keys, read_small, reading, unusable, written_whole
from plumbline.cli.ledger_outside import (
    against_option,
    deliver_command,
    given_witnesses,
    kept_elsewhere,
    rotate_command,
    witness_key_command,
    witness_option,
)
from plumbline.cli.options import wrong_usage
from plumbline.cli.serving import store_options
from plumbline.kernel import t
from plumbline.kernel.text import nt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from plumbline.evidence import Report, SigningKey
    from plumbline.model.event import Checkpoint
    from plumbline.model.ports.ledger import Ledger
    from plumbline.model.ports.transaction import Store

BROKEN = JOB_FAILED
_key = option(
    "--key",
    "keys",
    multiple=True,
    metavar="KEY",
    text=t("A public key, NAME+FINGERPRINT+BASE64, or a file with it; repeatable."),
)
_json = option("--json", "as_json_", is_flag=True, text=t("As JSON."))
_out = option("-o", "--out", type=click.Path(dir_okay=False), metavar="FILE", required=True, text=t("Write this file."))


@language_option
def _ledger() -> None:
    pass


PART = click.command(
    "ledger",
    cls=Group,
    text=t("Verify, sign, export and extend the ledger of everything that happened."),
    context_settings=CONTEXT,
)(_ledger)


@command(
    "verify",
    t("Verify the ledger, or a bundle of it."),
    t("Names the first entry that is wrong. Exit status: 0 intact, 1 broken or nothing to verify."),
)
@option("--bundle", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
        text=t("Verify this bundle, or these exported entries, with nothing else than --key."))  # fmt: skip
@option("--checkpoint", "notes", multiple=True, type=click.Path(exists=True, dir_okay=False), metavar="FILE",
        text=t("Hold the ledger against a checkpoint that was kept elsewhere; repeatable."))  # fmt: skip
@against_option
@witness_option
@_key
@_json
@store_options
def verify_command(
    bundle: str | None,
    notes: tuple[str, ...],
    against: tuple[str, ...],
    witnesses: tuple[str, ...],
    keys: tuple[str, ...],
    as_json_: bool,
    data: str | None,
    database: str | None,
) -> int:
    from plumbline.evidence import verify_bundle
    from plumbline.evidence.selection import is_selection, verify_selection
    from plumbline.flow.ledger.checkpoints import verify_ledger
    from plumbline.flow.ledger.key_rotation import known_keys
    from plumbline.wiring.outside import witnesses_of
    from plumbline.wiring.stores import ledger_key, read_records

    known, demanded = given_keys(keys), given_witnesses(witnesses)
    if bundle and (notes or against):
        raise wrong_usage("bundle-and-checkpoint", t("A bundle brings its checkpoints along; give no --checkpoint."))
    if bundle:
        with reading(bundle) as file:
            if known and is_selection(file):
                return _told(verify_selection(file, known, demanded), as_json_)
            return _told(verify_bundle(file, known, demanded), as_json_)
    if not known and (own := ledger_key(data)):
        known = [own.verifier]
        click.echo(t("The key is the one in the data folder: {key}", key=own.verifier), err=True)
    with read_records(data, database) as store:
        elsewhere = [read_small(note) for note in notes]
        elsewhere += kept_elsewhere(against, known_keys(store.ledger, known))
        shown = () if demanded else witnesses_of(data)
        return _told(verify_ledger(store.ledger, known, elsewhere, shown, demanded), as_json_)


@command(
    "checkpoint",
    t("Sign what the ledger is now, and print the signed note."),
    t("Keep the note somewhere else: it shows later that nothing was changed, and nothing cut off at the end."),
)
@option("--show-key", is_flag=True, text=t("Print the public key instead."))
@store_options
def checkpoint_command(show_key: bool, data: str | None, database: str | None) -> None:
    from plumbline.wiring.ledger_keys import own_ledger_key
    from plumbline.wiring.stores import open_records

    with open_records(data, database) as store:
        key = own_ledger_key(data, store.ledger)
        if show_key:
            click.echo(str(key.verifier))
            return
        made = _signed(store, store.ledger, key)
    click.echo(made.note.decode(), nl=False)


@command(
    "export",
    t("Write entries into one file that can be verified anywhere."),
    t("The file proves itself to whoever has the public key (`plumb ledger checkpoint --show-key`), given separately."),
)
@option("--from", "first", type=click.IntRange(1), default=1, metavar="N", text=t("The first entry (default: 1)."))
@option("--to", "last", type=click.IntRange(1), metavar="N",
        text=t("The last entry (default: the newest, after a new checkpoint)."))  # fmt: skip
@_out
@store_options
def export_command(first: int, last: int | None, out: str, data: str | None, database: str | None) -> None:
    count = _export(out, first, last, data, database)
    click.echo(nt("Wrote {path}: {count} entry.", "Wrote {path}: {count} entries.", count, path=out))


@command(
    "prove",
    t("Prove that one entry is in the ledger, or that the ledger only grew."),
    t("With a number, a bundle of this entry and its proof is written. With --since, the ledger is held against an "
      "older checkpoint, and the proof of consistency printed."),
)  # fmt: skip
@click.argument("seq", type=click.IntRange(1), required=False, metavar="[N]")
@option("--since", type=click.Path(exists=True, dir_okay=False), metavar="FILE", text=t("The older checkpoint."))
@option("-o", "--out", type=click.Path(dir_okay=False), metavar="FILE", text=t("Write this file."))
@store_options
def prove_command(seq: int | None, since: str | None, out: str | None, data: str | None, database: str | None) -> None:
    if (seq is None) == (since is None):
        raise wrong_usage("one-proof", t("Give either the number of an entry, or --since FILE."))
    if since is not None:
        _prove_growth(since, out, data, database)
        return
    if out is None:
        raise wrong_usage("no-file", t("Where to? Give a file: --out FILE"))
    assert seq is not None
    _export(out, seq, seq, data, database)
    click.echo(t("Wrote {path}: entry {seq} and the proof that it is in the ledger.", path=out, seq=seq))


@command(
    "import-events",
    t("Take in CDEvents of other tools, one on each line."),
    t(
        "An event that is in the ledger already is not added again. Facts rest only on what a registered source told: "
        "say which one with --source. Exit status: 1 where a line was refused."
    ),
)
@click.argument("file", type=click.File("rb"), default="-", metavar="[FILE]")
@option("--source", metavar="NAME", text=t("The registered source whose word it is."))
@store_options
def import_command(file: BinaryIO, source: str | None, data: str | None, database: str | None) -> int:
    from plumbline.flow.ledger.import_events import import_as_nobody, import_as_source
    from plumbline.wiring.stores import open_sources

    new = known = refused = late = 0
    notes = Notes()
    with open_sources(data, database) as tools:
        found = import_as_source(tools, source, _lines(file)) if source else import_as_nobody(tools, _lines(file))
        for line in found:
            tell_line(line, notes)
            late += line.late
            refused += line.error is not None
            known += line.known
            new += line.error is None and not line.known
    click.echo(t("{new} new, {known} known already, {refused} refused", new=new, known=known, refused=refused))
    notes.tell_rest()
    if late:
        click.echo(
            nt("{count} of them is about a time more than a day ago",
               "{count} of them are about a time more than a day ago", late), err=True
        )  # fmt: skip
    if new and not source:
        click.echo(t("No fact rests on them: say whose word they are with --source NAME."), err=True)
    if not new + known + refused:
        click.echo(t("There was no event in it."), err=True)
    return BROKEN if refused else OK if new + known else CONFIGURATION


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines; of one that is longer than any event, only so much that it is refused as too long."""
    from plumbline.model.event import MAX_EVENT

    limit = 2 * MAX_EVENT
    while line := file.readline(limit):
        if len(line) == limit and not line.endswith(b"\n"):
            while (rest := file.readline(limit)) and not rest.endswith(b"\n"):
                pass
        yield line


@command(
    "schemas",
    t("Write the JSON Schema of every type of event that is emitted here, a file for each."),
    t("With them anybody can check an exported bundle's events by a validator of their own."),
)
@click.argument("folder", type=click.Path(file_okay=False), metavar="DIR")
def schemas_command(folder: str) -> None:
    from pathlib import Path

    from plumbline.cli.display.events import as_json
    from plumbline.evidence import json_schema
    from plumbline.evidence.vocabulary import contents

    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
        for kind in contents():
            (target / f"{kind}.json").write_text(as_json(json_schema(kind)) + "\n", encoding="utf-8")
    except OSError as error:
        raise unusable(error.filename or folder, error) from error
    click.echo(t("{count} schemas are in {folder}.", count=len(contents()), folder=folder))


for _part in (
    verify_command,
    checkpoint_command,
    deliver_command,
    export_command,
    prove_command,
    rotate_command,
    witness_key_command,
    import_command,
    schemas_command,
):
    PART.add_command(_part)


def _signed(store: Store, ledger: Ledger, key: SigningKey) -> Checkpoint:
    """Everything up to now, once what is new was verified."""
    from plumbline.flow.ledger.verify_onwards import sign_onwards

    return sign_onwards(store, ledger, key, time.time_ns() // 1000)


def _export(out: str, first: int, last: int | None, data: str | None, database: str | None) -> int:
    """Write a bundle beside its place, and put it there once it is whole."""
    from plumbline.flow.ledger.checkpoints import export_ledger
    from plumbline.wiring.ledger_keys import own_ledger_key
    from plumbline.wiring.stores import open_records, read_records

    with read_records(data, database) as reading:
        if reading.frozen:  # what was signed before is there to be handed out
            with written_whole(out) as file:
                return export_ledger(reading.ledger, file, _origin(reading.ledger, data), first, last)
    with open_records(data, database) as store:
        key, ledger = own_ledger_key(data, store.ledger), store.ledger
        _signed(store, ledger, key)
        with written_whole(out) as file:
            return export_ledger(ledger, file, key.name, first, last)


def _origin(ledger: Ledger, data: str | None) -> str:
    """Whose checkpoints are handed out: those of the key in the data folder, else of who signed last."""
    from plumbline.wiring.stores import ledger_key

    if (key := ledger_key(data)) is not None:
        return key.name
    made = ledger.checkpoints()
    return made[-1].origin if made else ""


def _prove_growth(since: str, out: str | None, data: str | None, database: str | None) -> None:
    from pathlib import Path

    from plumbline.cli.display.events import as_json
    from plumbline.flow.ledger.checkpoints import prove_growth
    from plumbline.wiring.ledger_keys import own_ledger_key
    from plumbline.wiring.stores import open_records

    with open_records(data, database) as store:
        key, ledger = own_ledger_key(data, store.ledger), store.ledger
        _signed(store, ledger, key)
        growth = prove_growth(ledger, read_small(since), key.verifier)
    proof = as_json(
        {
            "older": growth.older.note.decode(),
            "newer": growth.newer.note.decode(),
            "path": [step.hex() for step in growth.path],
        }
    )
    if out is None:
        click.echo(proof)
    else:
        try:
            Path(out).write_text(proof + "\n", encoding="utf-8")
        except OSError as error:
            raise unusable(out, error) from error
    click.echo(
        t("The ledger grew from {old} to {new} entries and changed none.", old=growth.older.size,
          new=growth.newer.size),
        err=True,
    )  # fmt: skip


def _told(report: Report, as_json_: bool) -> int:
    if as_json_:
        from plumbline.cli.display.events import as_json

        click.echo(as_json(plain_report(report)))
    else:
        show_report(report)
    sys.stdout.flush()
    return OK if report.intact else BROKEN
