"""``plumb artifact``: verify what a build made, anywhere, and take along what it takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from plumbline.cli.errors import JOB_FAILED, OK
from plumbline.cli.help import CONTEXT, Group, command, language_option, option
from plumbline.cli.keys import given_keys, read_small, reading, written_whole
from plumbline.cli.options import wrong_usage
from plumbline.cli.serving import store_options
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.evidence.attestations import ArtifactFile, TrustedKey, Verified

_DIGEST = re.compile(r"(sha256|sha512):[0-9a-f]+\Z")
_MOST_FOUND = 200
_PIECE = 1 << 20  # bytes that are hashed at once


@language_option
def _artifact() -> None:
    pass


PART = click.command(
    "artifact", cls=Group, text=t("Verify artifacts, and what is said of them."), context_settings=CONTEXT
)(_artifact)


@command(
    "verify",
    t("Verify an artifact: its bytes, who says what of it, and that the ledger has it."),
    t("FILE|DIGEST is the artifact itself, its digest, or a file that `plumb artifact export` wrote. Nothing is asked "
      "of any server: all that it takes is in the file of --bundle, and the keys are given separately."),
    t("Without --bundle the store in the data folder is asked, by the server's own keys."),
    t("Exit status: 0 verified, 1 not verified, or nothing that is trusted says how it was built."),
)  # fmt: skip
@click.argument("what", metavar="FILE|DIGEST")
@option("--bundle", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
        text=t("What is said of it, as `plumb artifact export` wrote it."))  # fmt: skip
@option("--key", "keys", multiple=True, metavar="KEY",
        text=t("A public key of the server, NAME+FINGERPRINT+BASE64, or a file with it; repeatable."))  # fmt: skip
@option("--trust", "trusted", multiple=True, metavar="NAME=FILE",
        text=t("A public key of somebody else (PEM), whose statements count too; repeatable."))  # fmt: skip
@option("--predicate", metavar="TYPE", text=t("A trusted statement of this type has to be there too."))
@option("--json", "as_json_", is_flag=True, text=t("As JSON."))
@store_options
def verify_command(
    what: str,
    bundle: str | None,
    keys: tuple[str, ...],
    trusted: tuple[str, ...],
    predicate: str | None,
    as_json_: bool,
    data: str | None,
    database: str | None,
) -> int:
    from plumbline.evidence.attestations import needing, verify_artifact_file
    from plumbline.flow.artifacts.verify import verify_at_machine
    from plumbline.wiring.attestations import open_attestations

    others = [_trusted(one) for one in trusted]
    if bundle is None and (itself := _as_bundle(what)) is not None:
        found, digest, bytes_digest = itself, "", None
    else:
        digest = what if _DIGEST.match(what) else ""
        bytes_digest = None if digest else _digest_of(what, _algorithm(bundle))
        if bundle is None:
            with open_attestations(data, database) as tools:
                verified = verify_at_machine(tools, digest or bytes_digest or "", given_keys(keys), others)
            return _told(needing(verified, predicate or ""), as_json_)
        found = _opened(bundle)
    if not keys:
        raise wrong_usage(
            "no-key",
            t("It is verified with a public key that does not come with the file."),
            t("Give the key that was handed over separately: --key KEY"),
        )
    verified = verify_artifact_file(found, given_keys(keys), others, digest=digest, bytes_digest=bytes_digest)
    return _told(needing(verified, predicate or ""), as_json_)


@command(
    "export",
    t("Write what is said of an artifact into one file that can be verified anywhere."),
    t("The file proves itself to whoever has the public key (`plumb artifact key`), given separately."),
)
@click.argument("digest", metavar="DIGEST")
@option("-o", "--out", type=click.Path(dir_okay=False), metavar="FILE", required=True, text=t("Write this file."))
@store_options
def export_command(digest: str, out: str, data: str | None, database: str | None) -> None:
    from plumbline.flow.artifacts.verify import export_at_machine
    from plumbline.wiring.attestations import open_attestations

    with open_attestations(data, database) as tools:
        lines = export_at_machine(tools, digest)
        with written_whole(out) as file:
            file.writelines(lines)
    click.echo(t("Wrote {path}: what is said of {digest}.", path=out, digest=digest))


@command(
    "key",
    t("Print the public key that signs what this server says of artifacts."),
    t("Whoever verifies needs it, and has to get it by another way than the artifact."),
)
@option("--pem", "pem", is_flag=True, text=t("As PEM, for cosign and others."))
@store_options
def key_command(pem: bool, data: str | None, database: str | None) -> None:
    from plumbline.evidence.attestations import as_pem
    from plumbline.wiring.ledger_keys import own_ledger_key
    from plumbline.wiring.stores import open_records

    with open_records(data, database) as store:
        key = own_ledger_key(data, store.ledger).verifier
    click.echo(as_pem(key) if pem else str(key), nl=not pem)


@command(
    "find",
    t("Find artifacts in the store of the data folder."),
    t("TEXT is a digest, of which six digits are enough, a tag, or the beginning of the name of a package."),
    t("Exit status: 0 found, 1 there is none."),
)
@click.argument("text", metavar="TEXT")
@option("--json", "as_json_", is_flag=True, text=t("As JSON, one a line."))
@store_options
def find_command(text: str, as_json_: bool, data: str | None, database: str | None) -> int:
    from plumbline.cli.display.events import as_json
    from plumbline.flow.artifacts.at_machine import find_at_machine
    from plumbline.wiring.stores import read_records

    with read_records(data, database) as store:
        found = find_at_machine(store, text, _MOST_FOUND)
    for one in found:
        if as_json_:
            fields = ("digest", "size", "repository", "name", "version", "media_type", "artifact_type", "created")
            origin = {"commit": one.origin.commit, "job": one.origin.job, "by": one.origin.by}
            click.echo(as_json({"kind": one.kind.value, **{name: getattr(one, name) for name in fields}, **origin}))
        else:
            named = f"{one.name} {one.version}" if one.name else one.media_type
            click.echo(f"{one.digest}  {one.size:>12}  {one.repository}  {named}")
    return OK if found else JOB_FAILED


for _each in (verify_command, export_command, find_command, key_command):
    PART.add_command(_each)


def _told(verified: Verified, as_json_: bool) -> int:
    from plumbline.cli.display.artifact import verified_fields, verified_lines
    from plumbline.evidence.attestations import Result

    if as_json_:
        from plumbline.cli.display.events import as_json

        click.echo(as_json(verified_fields(verified)))
    else:
        for line in verified_lines(verified):
            click.echo(line)
    return OK if verified.result is Result.PASSED else JOB_FAILED


def _as_bundle(path: str) -> ArtifactFile | None:
    """None where it is something else, such as the artifact itself."""
    import os

    from plumbline.evidence.attestations import is_artifact_file

    if _DIGEST.match(path) and not os.path.exists(path):
        return None
    with reading(path) as file:
        if not file.seekable() or not is_artifact_file(file):
            return None
    return _opened(path)


def _opened(path: str) -> ArtifactFile:
    from plumbline.evidence.attestations import read_artifact_file

    with reading(path) as file:
        return read_artifact_file(file)


def _algorithm(bundle: str | None) -> str:
    return _opened(bundle).about.digest.partition(":")[0] if bundle is not None else "sha256"


def _digest_of(path: str, algorithm: str) -> str:
    import hashlib

    found = hashlib.sha512() if algorithm == "sha512" else hashlib.sha256()
    with reading(path) as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return f"{found.name}:{found.hexdigest()}"


def _trusted(given: str) -> TrustedKey:
    from plumbline.evidence.attestations import TrustedKey, parse_public_key

    name, equals, path = given.partition("=")
    if not equals or not name or not path:
        raise wrong_usage("bad-trust", t("'{given}' does not read NAME=FILE.", given=given))
    return TrustedKey(name=name, key=parse_public_key(read_small(path).decode(errors="replace")))
