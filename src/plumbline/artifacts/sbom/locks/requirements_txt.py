"""``requirements.txt`` as pip reads it. Only with a hash for each line must it name all that is installed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.artifacts.sbom.digests import from_hex
from plumbline.artifacts.sbom.lockfile import Locked, LockFile, merged
from plumbline.artifacts.sbom.pypi import pinned
from plumbline.kernel import t
from plumbline.model.report import Defect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from plumbline.model.report import Component

_LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)\Z", re.DOTALL)
_PINNED = re.compile(r"={2,3}\s*([^\s,;*]+)\Z")
_HASH = re.compile(r"\s--hash[=\s]\s*(\S+)")
_OPTION = re.compile(r"\s--(?:hash|global-option|config-settings)\b.*", re.DOTALL)


def _read(text: str, _beside: Mapping[str, str]) -> Locked:
    components: list[Component] = []
    defects: list[Defect] = []
    hashed = True
    for number, line in _lines(text):
        where = f"line {number}"
        if line.startswith("-"):
            if re.match(r"-(?:r|e|-requirement|-editable)\b", line):
                defects.append(Defect("elsewhere", t("What it asks for stands in another file."), where))
            continue
        digests = [digest for found in _HASH.findall(line) if (digest := from_hex(found))]
        wanted = _OPTION.sub("", line).partition(";")[0].strip()
        found = _LINE.match(wanted)
        version = _PINNED.match(found[2].strip()) if found else None
        if found is None or version is None:
            defects.append(Defect("not-pinned", t("This names no single version."), where))
        if found is not None:
            components.append(pinned(found[1], version[1] if version else "", digests))
        hashed = hashed and bool(digests)
    if not hashed:
        defects.append(
            Defect("not-hashed", t("Without a hash in each line, a package that is not listed may be installed too."))
        )
    return Locked(components=merged(components), complete=not defects, defects=tuple(defects))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments, joined where they go on; with the number of the first one."""
    kept, begun = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        plain = re.sub(r"(^|\s)#.*", "", line).rstrip()
        begun = begun or number
        kept += plain.removesuffix("\\") + " "
        if plain.endswith("\\"):
            continue
        if kept.strip():
            yield begun, kept.strip()
        kept, begun = "", 0
    if kept.strip():
        yield begun, kept.strip()


PART = LockFile(
    title=t("Requirements of pip"),
    names=("requirements.txt", "requirements-*.txt", "requirements.lock"),
    read=_read,
    reference="https://pip.pypa.io/en/stable/reference/requirements-file-format/",
)
