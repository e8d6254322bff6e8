"""``Cargo.lock``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from plumbline.artifacts.sbom.digests import from_hex
from plumbline.artifacts.sbom.lockfile import Locked, LockFile, merged, package
from plumbline.artifacts.sbom.shapes import as_toml, items_at, table_at, tables_at, text_at, texts_in
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from plumbline.model.report import Component


def _read(text: str, _beside: Mapping[str, str]) -> Locked:
    document = as_toml(text)
    sums = table_at(document, "metadata")  # of the first version: "checksum <name> <version> (<source>)"
    entries = [(one, _component(one, sums)) for one in tables_at(document, "package")]
    found: dict[str, Component] = {}
    for _, made in entries:
        for name in (made.name, f"{made.name} {made.version}"):
            found.setdefault(name, made)
    needs = {made.ref: _needs(entry, found) - {made.ref} for entry, made in entries}
    own = {made.ref: made for entry, made in entries if "source" not in entry}  # of the same workspace
    others = [
        msgspec.structs.replace(made, depends_on=tuple(sorted(needs[made.ref])))
        for _, made in entries
        if made.ref not in own
    ]
    direct = {ref for one in own for ref in needs[one]} - set(own)
    return Locked(
        components=merged(others),
        subject=next(iter(own.values())) if len(own) == 1 else None,
        direct=tuple(sorted(direct)) if own else None,
    )


def _component(entry: dict[str, Any], sums: dict[str, Any]) -> Component:
    name, version, source = text_at(entry, "name"), text_at(entry, "version"), text_at(entry, "source")
    checksum = text_at(entry, "checksum") or text_at(sums, f"checksum {name} {version} ({source})")
    digest = from_hex(f"sha256:{checksum}")
    qualifiers = {"vcs_url": source} if source.startswith("git+") else {}
    return package("cargo", name, version, qualifiers=qualifiers, digests=(digest,) if digest else ())


def _needs(entry: dict[str, Any], found: dict[str, Component]) -> set[str]:
    """``name``, or ``name version``, or those with the source behind them."""
    keys = (" ".join(one.split(" ")[:2]) for one in texts_in(items_at(entry, "dependencies")))
    return {found[key].ref for key in keys if key in found}


PART = LockFile(
    title=t("Lock file of Cargo"),
    names=("Cargo.lock",),
    read=_read,
    reference="https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html",
)
