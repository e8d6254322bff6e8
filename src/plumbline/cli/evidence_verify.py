"""``plumb evidence verify`` and ``plumb evidence export``: a statement about a run, anywhere."""

from __future__ import annotations

import click

from plumbline.cli.errors import JOB_FAILED, OK
from plumbline.cli.help import command, option
from plumbline.cli.keys import given_keys, reading, written_whole
from plumbline.cli.options import wrong_usage
from plumbline.cli.serving import store_options
from plumbline.kernel import t

_MOST = 256 * 1024 * 1024  # bytes of a file


@command(
    "verify",
    t("Verify a signed statement about a run: who signed it, what it rests on, and each line that was due."),
    t("FILE is what `plumb evidence export` wrote, or the signed envelope alone. Nothing is asked of any server, and "
      "no key is taken from the file."),
    t("Exit status: 0 verified, 1 not verified. That not all came that was due is said, and changes nothing of it."),
)  # fmt: skip
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False))
@option("--key", "keys", multiple=True, metavar="KEY",
        text=t("A public key of the server, NAME+FINGERPRINT+BASE64, or a file with it; repeatable."))  # fmt: skip
@option("--json", "as_json_", is_flag=True, text=t("As JSON."))
def verify_command(file: str, keys: tuple[str, ...], as_json_: bool) -> int:
    from plumbline.cli.display.run_statement import run_verified_fields, run_verified_lines
    from plumbline.evidence.run_statements import Result, verify_run

    if not keys:
        raise wrong_usage(
            "no-key",
            t("It is verified with a public key that does not come with the file."),
            t("Give the key that was handed over separately: --key KEY"),
        )
    with reading(file) as opened:
        found = verify_run(opened.read(_MOST), given_keys(keys))
    if as_json_:
        from plumbline.cli.display.events import as_json

        click.echo(as_json(run_verified_fields(found)))
    else:
        for line in run_verified_lines(found):
            click.echo(line)
    return OK if found.result is Result.PASSED else JOB_FAILED


@command(
    "export",
    t("Write the signed statement about a run into one file that can be verified anywhere."),
    t("COLLECTION is the id of what was collected for the run. The file proves itself to whoever has the public key "
      "(`plumb artifact key`), given separately."),
)  # fmt: skip
@click.argument("collection", metavar="COLLECTION")
@option("-o", "--out", type=click.Path(dir_okay=False), metavar="FILE", required=True, text=t("Write this file."))
@store_options
def export_command(collection: str, out: str, data: str | None, database: str | None) -> None:
    from plumbline.flow.contracts.view_statement import export_statement_at_machine
    from plumbline.wiring.attestations import open_attestations

    with open_attestations(data, database) as tools:
        lines = export_statement_at_machine(tools, collection)
        with written_whole(out) as file:
            file.writelines(lines)
    click.echo(t("Wrote {path}: the statement about {collection}.", path=out, collection=collection))
