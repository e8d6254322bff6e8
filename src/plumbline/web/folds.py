"""What a reader has unfolded on the page of a pipeline: it stands in the address, so that it works without a script."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from plumbline.web.page import Ask

EVERYTHING = "all"


@dataclass(frozen=True, slots=True)
class Folds:
    """``opened``: keys of groups, of pipelines below and of stages; ``by_needs``: the graph is drawn with what each job
    needs; ``every_row``: the table shows all jobs."""

    path: str
    by_needs: bool = False
    opened: frozenset[str] = frozenset()
    every_row: bool = False

    @classmethod
    def read(cls, ask: Ask) -> Folds:
        opened = frozenset(key for key in ask.text("open")[:4000].split(".") if key)
        return cls(ask.path, ask.text("view") == "needs", opened, ask.text("jobs") == EVERYTHING)

    def shows(self, key: str) -> bool:
        return key in self.opened or EVERYTHING in self.opened

    def turned(self, key: str) -> str:
        """The address at which it is the other way round."""
        return replace(self, opened=self.opened ^ {key}).address

    def drawn(self, *, by_needs: bool) -> str:
        return replace(self, by_needs=by_needs).address

    @property
    def with_every_row(self) -> str:
        return replace(self, every_row=True).address

    @property
    def address(self) -> str:
        said = {
            "view": "needs" if self.by_needs else "",
            "open": ".".join(sorted(self.opened)),
            "jobs": EVERYTHING if self.every_row else "",
        }
        query = urlencode({name: value for name, value in said.items() if value})
        return f"{self.path}?{query}" if query else self.path
