"""What a repository has, as far as a starter needs it: all paths, and the text of a few small files."""

from __future__ import annotations

import json
import re
import tomllib
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

MOST_READ = 200  # files that are opened,
MOST_BYTES = 4 << 20  # and bytes of all of them; whoever pushes decides on their sizes
_LARGEST = 512 << 10  # bytes of one
_DEEPEST = 4  # folders of a module below the root
# Folders whose files are not the project's own, or are there to be looked at by tests and readers.
_FOREIGN = re.compile(
    r"(?:^|/)(?:node_modules|vendor|third[-_]?party|bower_components|site-packages|testdata|fixtures?|examples?|samples?|"
    r"demos?|templates?|benchmarks?|bench|fuzz|docs?|contrib|\.[^/]+)/",
    re.IGNORECASE,
)


class Files:
    """The files of one repository. ``read`` gives the bytes of a path, None where it cannot."""

    def __init__(self, paths: Iterable[str], read: Callable[[str], bytes | None]) -> None:
        self.paths: Sequence[str] = sorted(path for path in paths if path.isprintable())
        self._all = frozenset(self.paths)
        self._read = read
        self._texts: dict[str, str] = {}
        self._bytes = 0

    def __contains__(self, path: str) -> bool:
        return path in self._all

    def homes(self, *names: str) -> list[str]:
        """The outermost folders of the project's own that have a file of one of these names (``*.ext``: any that ends
        so); the root is ``""``."""
        found = {folder_of(path) for path in self.named(*names)}
        return sorted(one for one in found if found.isdisjoint(list(around(one))[1:]))

    def named(self, *names: str) -> list[str]:
        """The paths of the project's own files of these names."""
        ends = tuple(name[1:] for name in names if name.startswith("*"))
        return [
            path
            for path in self.paths
            if (path.rpartition("/")[2] in names or (ends and path.endswith(ends)))
            and path.count("/") <= _DEEPEST
            and not _FOREIGN.search(path)
        ]

    def below(self, folder: str, pattern: str) -> list[str]:
        """The paths in a folder, relative to it, in which a pattern is found; none of ``node_modules`` and the like."""
        search = re.compile(pattern).search
        start = f"{folder}/" if folder else ""
        first = bisect_left(self.paths, start)
        last = bisect_left(self.paths, f"{folder}0") if folder else len(self.paths)  # 0 comes after /
        own = (path[len(start) :] for path in self.paths[first:last])
        return [path for path in own if search(path) and not _COPIED.search(path)]

    def text(self, path: str) -> str:
        """The text of a file; empty where there is none, where it is too large, or where enough was read already."""
        if path in self._texts:
            return self._texts[path]
        if path not in self._all or len(self._texts) >= MOST_READ or self._bytes >= MOST_BYTES:
            return ""
        data = self._read(path) or b""
        self._bytes += len(data)
        self._texts[path] = data.decode("utf-8", "replace").removeprefix("\ufeff") if len(data) <= _LARGEST else ""
        return self._texts[path]

    def toml(self, path: str) -> Table:
        """A TOML file; an empty table where it is none."""
        try:
            return Table(tomllib.loads(self.text(path)))
        except (ValueError, RecursionError):
            return Table({})

    def json(self, path: str) -> Table:
        """A JSON object; an empty table where it is none."""
        try:
            return Table(json.loads(self.text(path) or "{}"))
        except (ValueError, RecursionError):
            return Table({})


class Table:
    """What somebody wrote into a file of settings: asked for by path, whatever it is."""

    def __init__(self, value: Any) -> None:
        self._value = value if isinstance(value, dict) else {}

    def __bool__(self) -> bool:
        return bool(self._value)

    def get(self, *path: str) -> Any:
        """What stands there; None where nothing does."""
        value: Any = self._value
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def table(self, *path: str) -> dict[str, Any]:
        value = self.get(*path)
        return value if isinstance(value, dict) else {}

    def string(self, *path: str) -> str:
        value = self.get(*path)
        return value if isinstance(value, str) else ""

    def strings(self, *path: str) -> list[str]:
        value = self.get(*path)
        return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


_COPIED = re.compile(r"(?:^|/)(?:node_modules|vendor|third[-_]?party|bower_components|site-packages)/")


def folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def around(folder: str) -> Iterator[str]:
    """The folder, and those that it is in up to the root."""
    yield folder
    while folder:
        folder = folder_of(folder)
        yield folder


def joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
