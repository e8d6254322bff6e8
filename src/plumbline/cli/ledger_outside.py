"""Commands of ``plumb ledger`` about what is outside: deliveries of checkpoints, witnesses, and keys that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from plumbline.cli.errors import JOB_FAILED, OK
from plumbline.cli.help import command, option
from plumbline.cli.serving import store_options
from plumbline.kernel import t
from plumbline.kernel.text import nt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.evidence import VerifyingKey
    from plumbline.evidence.cosignature import WitnessKey
    from plumbline.flow.ledger.checkpoints import Kept
    from plumbline.flow.ledger.outside import Attempt


@command(
    "deliver",
    t("Take a checkpoint to every place outside that does not have the newest one, now."),
    t("The places stand in checkpoints.toml of the data folder. Exit status: 1 where one could not be reached."),
)
@store_options
def deliver_command(data: str | None, database: str | None) -> int:
    from plumbline.flow.ledger.outside import deliver, nothing_outside
    from plumbline.wiring.outside import open_outside

    with open_outside(data, database) as tools:
        if not tools.outside().couriers:
            raise nothing_outside()
        attempts = deliver(tools, now=True)
    for attempt in attempts:
        _tell(attempt)
    if not attempts:
        click.echo(t("Every place has the newest checkpoint."))
    return JOB_FAILED if any(attempt.error for attempt in attempts) else OK


def _tell(attempt: Attempt) -> None:
    if attempt.error is None:
        click.echo(
            nt("{place} has the checkpoint of {count} entry.", "{place} has the checkpoint of {count} entries.",
               attempt.size, place=attempt.place.name)
        )  # fmt: skip
        return
    click.echo(t("{message}", message=attempt.error.message), err=True)
    if attempt.error.hint is not None:
        click.echo(t("  hint: {hint}", hint=attempt.error.hint), err=True)


@command(
    "rotate-key",
    t("Let a new key sign the ledger, which the old one vouches for."),
    t("Both keys sign that one follows the other, and it stands in the ledger: checkpoints by the old key are verified "
      "with the new one, and the other way round. The old private key is removed."),
)  # fmt: skip
@store_options
def rotate_command(data: str | None, database: str | None) -> None:
    from plumbline.wiring.outside import rotate_ledger_key

    old, new = rotate_ledger_key(data, database)
    click.echo(t("The key before: {key}", key=old.verifier), err=True)
    click.echo(t("The key now; hand it out, and give it to your witnesses:"), err=True)
    click.echo(str(new.verifier))


@command(
    "witness-key",
    t("Print the public key that this server cosigns with as a witness of other ledgers."),
    t("Give it to those whose ledgers are to be cosigned, with the address /witness of this server."),
)
@store_options
def witness_key_command(data: str | None, database: str | None) -> None:
    from plumbline.wiring.outside import witness_key
    from plumbline.wiring.stores import read_records

    with read_records(data, database):
        click.echo(str(witness_key(data).verifier))


def kept_elsewhere(paths: Sequence[str], keys: Sequence[VerifyingKey]) -> list[bytes]:
    """Notes from files and git repositories. What is none of this ledger, or nobody known signed, is told of."""
    from plumbline.flow.ledger.checkpoints import sort_notes
    from plumbline.wiring.outside import kept_notes

    found: list[bytes] = []
    for path in paths:
        kept: Kept = sort_notes(kept_notes(path), keys, path)
        for note in kept.passed:
            click.echo(t("note: {note}", note=note), err=True)
        found += kept.notes
    return found


def witness_option(function: Any) -> Any:
    return option(
        "--witness",
        "witnesses",
        multiple=True,
        metavar="KEY",
        text=t("Demand that this witness cosigned: its public key, or a file with it; repeatable."),
    )(function)


def against_option(function: Any) -> Any:
    return option(
        "--against",
        multiple=True,
        type=click.Path(exists=True),
        metavar="FILE|DIR",
        text=t("Hold the ledger against every checkpoint that was kept in a file or a git repository; repeatable."),
    )(function)


def given_witnesses(given: Sequence[str]) -> list[WitnessKey]:
    """Public keys of witnesses, each as text or as a file that holds it."""
    from pathlib import Path

    from plumbline.cli.keys import read_small
    from plumbline.evidence.cosignature import parse_witness_key

    return [
        parse_witness_key(read_small(one).decode(errors="replace") if Path(one).is_file() else one) for one in given
    ]
