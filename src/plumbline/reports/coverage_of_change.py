"""Coverage of the lines that a change touches, beside that of everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from plumbline.model.report import Coverage


class ChangedFile(msgspec.Struct, frozen=True):
    """The changed lines of a file that can be executed."""

    path: str
    hit: tuple[int, ...] = ()
    missed: tuple[int, ...] = ()


class ChangedCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """``files``: those of which the report knows changed lines. ``unmeasured``: changed files that it does not know:
    texts, tests, or source that nothing ran; nobody can say which. Without any line there is no share."""

    files: tuple[ChangedFile, ...] = ()
    unmeasured: tuple[str, ...] = ()

    @property
    def hit(self) -> int:
        return sum(len(file.hit) for file in self.files)

    @property
    def lines(self) -> int:
        return sum(len(file.hit) + len(file.missed) for file in self.files)

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where no changed line can be executed as far as the report knows."""
        return self.hit / self.lines if self.lines else None


def coverage_of_change(coverage: Coverage, changed: Mapping[str, Collection[int]]) -> ChangedCoverage:
    """``coverage``: with the paths of the repository (:func:`plumbline.reports.coverage_paths.placed`). ``changed``:
    the lines that a change adds or alters, by path, in the numbering of the new side. A file without such lines (it
    was deleted, or lost lines alone) is left out."""
    by_path = {file.path: file for file in coverage.files}
    files, unmeasured = [], []
    for path, lines in sorted(changed.items()):
        if not lines:
            continue
        file = by_path.get(path)
        if file is None:
            unmeasured.append(path)
            continue
        touched = frozenset(lines)
        found = ChangedFile(
            path, tuple(n for n in file.hit if n in touched), tuple(n for n in file.missed if n in touched)
        )
        if found.hit or found.missed:
            files.append(found)
    return ChangedCoverage(files=tuple(files), unmeasured=tuple(unmeasured))
