"""``plumb sbom``: a bill of materials out of the lock files of a folder."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from plumbline.cli.errors import JOB_FAILED, OK
from plumbline.cli.help import command, option
from plumbline.cli.keys import reading, written_whole
from plumbline.cli.options import wrong_usage
from plumbline.kernel import t
from plumbline.kernel.text import nt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.artifacts.sbom.bill import Bill
    from plumbline.model.report import Component

_MOST_FILES = 500_000  # of a folder that are looked at


@command(
    "sbom",
    t("Write the bill of materials that the lock files of a folder give, as CycloneDX 1.6."),
    t("Each PATH is a folder, or a lock file. Nothing is fetched and no tool is started. The same files give the same "
      "bytes; the time of its making is in it only where SOURCE_DATE_EPOCH is set."),
    t("What a lock file does not say makes the bill incomplete, and it says so. Exit status: 1 where --complete is "
      "asked for and it is not."),
)  # fmt: skip
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@option("-o", "--out", type=click.Path(dir_okay=False), metavar="FILE", text=t("Write this file (default: print it)."))
@option("--name", metavar="PURL|NAME", text=t("What it is the bill of (default: what a single lock file says)."))
@option("--version", "version", metavar="VERSION", default="", text=t("Which version of it, with --name."))
@option("--complete", "complete", is_flag=True, text=t("Fail where the bill is not complete."))
def PART(  # noqa: N802
    paths: tuple[str, ...], out: str | None, name: str | None, version: str, complete: bool
) -> int:
    from plumbline import __version__
    from plumbline.artifacts.sbom.bill import make_bill
    from plumbline.artifacts.sbom.cyclonedx import write_cyclonedx

    bill = make_bill(dict(_files(paths or (".",))), _subject(name, version) if name else None)
    if not bill.files:
        raise wrong_usage(
            "no-lock-file",
            t("There is no lock file in {path} whose form is known.", path=", ".join(paths) or "."),
            t("Lock the dependencies with the tool of your language, and commit the file that it writes."),
        )
    data = write_cyclonedx(bill, tool_version=__version__, timestamp=_timestamp())
    if out:
        with written_whole(out) as file:
            file.write(data)
    else:
        sys.stdout.buffer.write(data)
    _tell(bill)
    return JOB_FAILED if complete and not bill.complete else OK


def _tell(bill: Bill) -> None:
    count = len(bill.components.components)
    files = ", ".join(one.path for one in bill.files)
    click.echo(
        nt("{count} component out of {files}", "{count} components out of {files}", count, files=files), err=True
    )
    for defect in bill.defects:
        click.echo(t("incomplete: {where}: {reason}", where=defect.where or ".", reason=defect.message), err=True)


def _files(paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Each by the path that the bill names it with: relative to the folder that was given."""
    from plumbline.artifacts.sbom.bill import kind_of, wanted

    for path in paths:
        if not os.path.isdir(path):
            if not kind_of(path):
                reading(path).close()  # says so where it is not there
                raise wrong_usage(
                    "unknown-lock-file",
                    t("{path} has not the name of a lock file whose form is known.", path=path),
                    t("The name says what a lock file is: keep the one that its tool gives it."),
                )
            folder, _, name = path.rpartition("/")
            yield from ((each, _read(f"{folder}/{each}" if folder else each)) for each in _with_beside(folder, name))
            continue
        for each in wanted(_walk(path)):
            yield each, _read(os.path.join(path, each))


def _with_beside(folder: str, name: str) -> list[str]:
    from plumbline.artifacts.sbom.bill import kind_of, lock_files

    beside = lock_files()[kind_of(name)].beside
    return [name, *(each for each in beside if os.path.isfile(os.path.join(folder, each)))]


def _walk(folder: str) -> Iterator[str]:
    """Files below a folder; links are not followed."""
    from plumbline.artifacts.sbom.bill import INSTALLED

    seen = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in INSTALLED and not name.startswith("."))
        seen += len(names)
        if seen > _MOST_FILES:
            raise wrong_usage("too-many-files", t("There are more than {most} files in {path}.", most=_MOST_FILES,
                              path=folder), t("Name the lock files instead."))  # fmt: skip
        inside = os.path.relpath(place, folder)
        yield from (name if inside == "." else f"{inside}/{name}" for name in names if _is_file(place, name))


def _is_file(place: str, name: str) -> bool:
    path = os.path.join(place, name)
    return os.path.isfile(path) and not os.path.islink(path)


def _read(path: str) -> bytes:
    """One byte more than is read of it, so that it is seen to be too large."""
    from plumbline.artifacts.sbom.lockfile import MOST_BYTES

    with reading(path) as file:
        return file.read(MOST_BYTES + 1)


def _subject(name: str, version: str) -> Component:
    from plumbline.model.report import Component

    if not name.startswith("pkg:"):
        return Component(name=name, version=version, ref=f"{name}@{version}" if version else name)
    from packageurl import PackageURL

    try:
        found = PackageURL.from_string(name)
    except ValueError as error:
        raise wrong_usage("bad-purl", t("'{name}' is no package URL: {reason}", name=name, reason=str(error))) from None
    return Component(name=found.name, version=version or found.version or "", purl=name, ref=name)


def _timestamp() -> str:
    from plumbline.evidence import timestamp

    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not told:
        return ""
    if not told.isascii() or not told.isdigit() or len(told) > 11:
        raise wrong_usage("bad-time", t("SOURCE_DATE_EPOCH is not a number of seconds: '{value}'", value=told))
    return timestamp(int(told) * 1_000_000)
