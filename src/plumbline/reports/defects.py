"""What was wrong in a file that could be read: listed up to a limit, the rest counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import Text
from plumbline.kernel.text import nt
from plumbline.model.report import Defect
from plumbline.reports import limits

if TYPE_CHECKING:
    from collections.abc import Iterator


class Defects:
    """Collects defects while a file is read. Each code is listed a few times, and then only counted."""

    EACH = 10

    def __init__(self) -> None:
        self._listed: list[Defect] = []
        self._counts: dict[str, int] = {}

    def add(self, code: str, message: Text, where: str = "") -> None:
        count = self._counts.get(code, 0) + 1
        self._counts[code] = count
        if count <= self.EACH and len(self._listed) < limits.DEFECTS:
            self._listed.append(Defect(code, message, limits.kept(where, 200)))

    def __bool__(self) -> bool:
        return bool(self._counts)

    def all(self) -> tuple[Defect, ...]:
        """Those that are listed, then one line for each code of which there are more."""
        return (*self._listed, *self._more())

    def _more(self) -> Iterator[Defect]:
        listed: dict[str, int] = {}
        for defect in self._listed:
            listed[defect.code] = listed.get(defect.code, 0) + 1
        for code, count in self._counts.items():
            if more := count - listed.get(code, 0):
                yield Defect(
                    code,
                    nt("{count} more of this kind is not listed.", "{count} more of this kind are not listed.", more),
                )
