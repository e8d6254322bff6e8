"""Policies and contracts as they are written: what is wrong at which line, and how versions differ."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.web.tree import find

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from plumbline.model.problem import Problem
    from plumbline.model.rule_set import RuleSet
    from plumbline.model.tree import Node
    from plumbline.web.page import Ask

LONGEST_TEXT = 128 * 1024  # bytes of a form with a policy or a contract
_MOST_LINES = 2000  # that a difference shows


class ChangedLine(NamedTuple):
    """``sign``: ``+``, ``-`` or a space, for a line beside what changed."""

    sign: str
    text: str


def by_line(problems: Iterable[Problem]) -> Mapping[int, Sequence[Problem]]:
    """What is wrong at which line; 0: nobody knows where."""
    found: dict[int, list[Problem]] = {}
    for one in problems:
        found.setdefault(one.where.line if one.where else 0, []).append(one)
    return found


def difference(older: str, newer: str) -> list[ChangedLine]:
    """Line by line, with three lines around each change."""
    lines = difflib.unified_diff(older.splitlines(), newer.splitlines(), lineterm="", n=3)
    made = [ChangedLine("…" if line.startswith("@@") else line[:1], "" if line.startswith("@@") else line[1:])
            for line in lines if not line.startswith(("---", "+++"))]  # fmt: skip
    return made[:_MOST_LINES]


class Chosen(NamedTuple):
    """One version of what is looked at, and the one before it; None: there is none."""

    one: RuleSet | None
    before: RuleSet | None
    newest: RuleSet | None

    @property
    def changes(self) -> list[ChangedLine]:
        return difference(self.before.text if self.before else "", self.one.text) if self.one else []


def chosen_of(versions: Sequence[RuleSet], version: int) -> Chosen:
    """``versions``: the newest first. ``version`` 0: the newest."""
    place = next((at for at, one in enumerate(versions) if one.version == version), 0)
    if not versions:
        return Chosen(None, None, None)
    before = versions[place + 1] if place + 1 < len(versions) else None
    return Chosen(versions[place], before, versions[0])


def written_text(ask: Ask) -> str:
    return ask.text("text").replace("\r\n", "\n")


def check_seen(ask: Ask, versions: Sequence[RuleSet]) -> None:
    """That nobody saved another version since the form was shown. Raises PlumblineError ``changed-meanwhile``."""
    if "seen" in ask.form and versions and ask.text("seen") != versions[0].digest:
        raise PlumblineError(
            "changed-meanwhile",
            t("{person} saved version {version} since you opened this page.", person=versions[0].saved_by,
              version=versions[0].version),
            t("Look at what changed there, and save again."),
            kind=ErrorKind.REFUSED,
        )  # fmt: skip


def way_to(ask: Ask, node: int) -> tuple[Node | None, tuple[Node, ...]]:
    """A node with the way to it from the top; nothing for the whole installation."""
    return find(ask, node) if node else (None, ())
