"""Which lines a commit has that another one has not, by file, as git compares them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plumbline.kernel import PlumblineError
from plumbline.model.reported import ChangedLines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.adapters.git.checkout import LocalRepository

MOST = 64 << 20  # bytes of a comparison; of a larger change nobody knows the lines
_HUNK = re.compile(rb"@@ -\S+ \+(\d+)(?:,(\d+))? @@")
# Nothing that whoever pushed may set decides how it is compared: no external program, no conversion, no colours.
_DIFF = ("diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--dst-prefix=b/")


def changed_since(repository: LocalRepository, base: str, commit: str) -> ChangedLines | None:
    """``base`` and ``commit``: ids of commits. None where the copy does not have them, or the change is too large."""
    try:
        if not base or repository.commit(base) is None or repository.commit(commit) is None:
            return None
        output = repository.git_within([*_DIFF, base, commit, "--"], MOST)
    except PlumblineError:
        return None
    return ChangedLines(base, _lines(output))


def newest_tag_before(repository: LocalRepository, commit: str, names: Sequence[str] = ()) -> str:
    """The commit of the newest tag in the history of a commit, which itself is not meant; empty: there is none.
    ``names``: patterns of those that count, since whoever may push sets others; none: all do."""
    try:
        words = ["describe", "--tags", "--abbrev=0", *(f"--match={one}" for one in names), f"{commit}^"]
        name = repository.git(words, fine=(0, 128)).decode("utf-8", "replace").strip()
        return (repository.commit(f"refs/tags/{name}") or "") if name else ""
    except PlumblineError:
        return ""


def _lines(output: bytes) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    lines: list[int] | None = None
    header = False
    for line in output.split(b"\n"):
        if line.startswith(b"diff --git "):
            lines, header = None, True
        elif header and line.startswith(b"+++ "):
            lines = found.setdefault(path, []) if (path := _path(line[4:])) else None
        elif match := _HUNK.match(line):
            header = False
            if lines is not None:
                first, count = int(match[1]), int(match[2]) if match[2] is not None else 1
                lines.extend(range(first, first + count))
    return {path: tuple(lines) for path, lines in found.items() if lines}


def _path(name: bytes) -> str:
    """Empty where the file is gone."""
    name = name.removesuffix(b"\t")
    if name.startswith(b'"'):
        name = _unquoted(name[1:-1])
    return name[2:].decode("utf-8", "surrogateescape") if name.startswith(b"b/") else ""


_ESCAPES = {b"n": b"\n", b"t": b"\t", b'"': b'"', b"\\": b"\\", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f"}


def _unquoted(name: bytes) -> bytes:
    def plain(match: re.Match[bytes]) -> bytes:
        said = match[1]
        return bytes([int(said, 8) & 255]) if said.isdigit() else _ESCAPES.get(said, said)

    return re.sub(rb"\\([0-7]{3}|.)", plain, name)
