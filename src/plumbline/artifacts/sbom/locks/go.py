"""``go.mod``, which names all modules that are built from Go 1.17 on, with the sums of ``go.sum``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.artifacts.sbom.lockfile import Locked, LockError, LockFile, incomplete, merged, package
from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from plumbline.model.report import Component

_WHOLE_SINCE = (1, 17)
_REQUIRED = re.compile(r"(\S+)\s+(v\S+)\Z")
_REPLACED = re.compile(r"(\S+)(?:\s+(v\S+))?\s+=>\s+(\S+)(?:\s+(v\S+))?\Z")


def _read(text: str, beside: Mapping[str, str]) -> Locked:
    lines = list(_directives(text))
    module = next((rest for verb, rest, _ in lines if verb == "module"), "").strip('"')
    if not module:
        raise LockError("no-mark", t("It names no module."))
    replaced = {}
    for verb, rest, _ in lines:
        found = _REPLACED.match(rest) if verb == "replace" else None
        if found:
            replaced[found[1], found[2] or ""] = (found[3], found[4] or "")
    sums = _sums(beside.get("go.sum", ""))
    made, direct, unsummed = [], [], ""
    for verb, rest, indirect in lines:
        found = _REQUIRED.match(rest) if verb == "require" else None
        if found is None:
            continue
        name, version = found[1], found[2]
        name, version = replaced.get((name, version)) or replaced.get((name, "")) or (name, version)
        if not version:
            continue  # a folder of the same repository
        one = _module(name, version, sums.get((name, version), ""))
        unsummed = unsummed or ("" if (name, version) in sums else name)
        made.append(one)
        if not indirect:
            direct.append(one.ref)
    return Locked(
        components=merged(made), subject=_module(module, ""), direct=tuple(direct), **_doubts(lines, unsummed, beside)
    )


def _doubts(lines: list[tuple[str, str, bool]], unsummed: str, beside: Mapping[str, str]) -> dict[str, Any]:
    told = next((re.match(r"(\d+)\.(\d+)", rest) for verb, rest, _ in lines if verb == "go"), None)
    if told is None or (int(told[1]), int(told[2])) < _WHOLE_SINCE:
        return incomplete("not-all-named", t("Before Go 1.17, go.mod does not name what its modules need in turn."))
    if "go.sum" not in beside:
        return {} if not unsummed else incomplete("no-sums", t("There is no go.sum beside it."))
    return {} if not unsummed else incomplete("no-sum", t("The go.sum beside it has no sum of this module."), unsummed)


def _directives(text: str) -> Iterator[tuple[str, str, bool]]:
    """The verb, what stands behind it, and whether it is called indirect; blocks line by line."""
    block = ""
    for line in text.splitlines():
        plain, _, comment = line.partition("//")
        plain = plain.strip()
        indirect = comment.strip().startswith("indirect")
        if block:
            if plain == ")":
                block = ""
            elif plain:
                yield block, plain, indirect
        elif plain.endswith("("):
            block = plain[:-1].strip()
        elif plain:
            verb, _, rest = plain.partition(" ")
            yield verb, rest.strip(), indirect


def _sums(text: str) -> dict[tuple[str, str], str]:
    parts = (line.split() for line in text.splitlines())
    return {(part[0], part[1]): part[2] for part in parts if len(part) == 3 and not part[1].endswith("/go.mod")}


def _module(name: str, version: str, sum_: str = "") -> Component:
    """``sum_`` is over the names and digests of all files of the module, so it is no digest of one file."""
    group, _, last = name.rpartition("/")
    properties = (("plumbline:go-sum", sum_),) if sum_ else ()
    return package("golang", last, version, group=group, properties=properties)


PART = LockFile(
    title=t("Modules of Go"),
    names=("go.mod",),
    read=_read,
    beside=("go.sum",),
    reference="https://go.dev/ref/mod#go-mod-file",
)
