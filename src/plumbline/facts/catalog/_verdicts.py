"""What gates said of each thing: a verdict belongs to a revision, within one project, and each policy has its own."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.facts.evidence import Evidence
    from plumbline.trace import Seen

PASS = "pass"  # noqa: S105
_SAID = (PASS, "fail")  # no data and errors are no verdict
_Thing = tuple[str, str]  # project, and what the thing is called there


class Verdicts:
    """The newest evaluation of each policy of each thing."""

    def __init__(self, evidence: Evidence) -> None:
        self._of: dict[_Thing, dict[str, Seen]] = defaultdict(dict)
        for one in evidence.of("gate.evaluated"):
            for name in _names(one):
                self._of[project_of(one), name][str(one.content.get("policy", ""))] = one

    def said(self, project: str, names: Iterable[str]) -> bool:
        """Whether some gate came to a verdict."""
        return any(one.content.get("verdict") in _SAID for one in self._newest(project, names))

    def passed(self, project: str, names: Iterable[str]) -> bool:
        """Whether each gate that said anything said pass, and nobody set anything aside for it."""
        found = self._newest(project, names)
        return bool(found) and all(passes(one) for one in found)

    def passed_bytes(self, digest: str) -> bool:
        """The same, of what has this digest, whichever project judged it: a digest is never that of something else."""
        found = [one for (_, name), every in self._of.items() if name == digest for one in every.values()]
        return bool(found) and all(passes(one) for one in found)

    def _newest(self, project: str, names: Iterable[str]) -> list[Seen]:
        """Of the first of these names of which anything was said."""
        return next((list(found.values()) for name in names if (found := self._of.get((project, name)))), [])


def _names(one: Seen) -> tuple[str, ...]:
    """The revision where it names one; else the thing itself, as the first gates did."""
    revision = tuple(str(one.content[name]) for name in ("commit", "digest") if one.content.get(name))
    return revision or tuple({one.subject, str(one.content.get("target", ""))} - {""})


def project_of(one: Seen) -> str:
    """Path of the project that it is about; empty: nobody said."""
    return str(one.custom.get("project", ""))


def passes(one: Seen) -> bool:
    return one.content.get("verdict") == PASS and not one.content.get("waived")
