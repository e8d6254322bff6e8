"""The modules of a tree, and which of them have automated unit tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Read = Callable[[str], bytes | None]

_MANIFEST = re.compile(
    r"(?:package\.json|pom\.xml|build\.gradle(?:\.kts)?|go\.mod|Cargo\.toml|pyproject\.toml|setup\.py|composer\.json|"
    r"mix\.exs|pubspec\.yaml|[^/]+\.(?:csproj|fsproj|gemspec))"
)
_PROGRAM = re.compile(
    r"\.(?:py|java|kts?|scala|groovy|[mc]?[jt]sx?|vue|go|cc?|cpp|cxx|rb|rs|cs|fs|php|swift|dart|exs?|zig)$"
)
_INSIDE = re.compile(r"\.(?:rs|zig)$")  # languages whose unit tests stand in the files that they test
_INSIDE_TEXT = re.compile(rb"#\[(?:cfg\(test\)|\w*(?:::)?test\b)|^\s*test \"", re.M)
_BESIDE = re.compile(r"[._-](?:unit[._-]?)?tests?$", re.I)  # a module of tests for the one that is called so without it
_NOT_OWN = re.compile(  # shows, helps or tests the product, and is none of its modules
    r"(?:^|/)(?:examples?|samples?|demos?|docs?|documentation|website|tests?|test[-_]?data|fixtures|e2e|bench(?:marks?)?|"
    r"templates?)(?:/|$)",
    re.IGNORECASE,
)
_MOST_READ = 400


def tested_modules(
    every: Iterable[str], code: Iterable[str], unit_tests: Iterable[str], read: Read
) -> Iterator[tuple[str, bool]]:
    """Each module that has code, by its manifest, and whether it has unit tests. A module is a folder with a manifest
    of a build tool, without those below it that have one; examples, documents and tests of the whole are none. Of what
    nobody could look into, nothing is said."""
    manifests: dict[str, str] = {}
    for path in every:
        folder, _, name = path.rpartition("/")
        if _MANIFEST.fullmatch(name) and not _NOT_OWN.search(folder):
            manifests.setdefault(folder, path)
    tested = {_home(path, manifests) for path in unit_tests} - {None}
    beside = {_BESIDE.sub("", folder) for folder in tested if folder and _BESIDE.search(folder)}
    homes: dict[str, list[str]] = {}
    for path in code:
        if _PROGRAM.search(path) and (home := _home(path, manifests)) is not None:
            homes.setdefault(home, []).append(path)
    left = _MOST_READ
    for folder, own in sorted(homes.items()):
        if folder in tested and _BESIDE.search(folder):
            continue
        good = folder in tested or folder in beside
        inside = [] if good else [path for path in own if _INSIDE.search(path)]
        left -= len(inside)
        if left < 0:
            return
        yield manifests[folder], good or any(_INSIDE_TEXT.search(read(path) or b"") for path in inside)


def _home(path: str, manifests: dict[str, str]) -> str | None:
    folder = path
    while folder:
        folder = folder.rpartition("/")[0]
        if folder in manifests:
            return folder
    return None
