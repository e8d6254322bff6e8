"""Policies and contracts as they are written: what is wrong at which line, and how versions differ."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple, Protocol

from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.web.tree import find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

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


class KeptText(Protocol):
    """A policy or contract that holds; ``here``: at the node that is looked at, and not above it."""

    @property
    def kept(self) -> RuleSet: ...
    @property
    def here(self) -> bool: ...


def editor(
    ask: Ask,
    found: Sequence[KeptText],
    versions_of: Callable[[int, str], Sequence[RuleSet]],
    shipped: Mapping[str, str],
) -> dict[str, object]:
    """What the page shows where one is written: the one that is named in the address, kept at the node or above it, or
    the text of a starter."""
    number, name = ask.numbers["node"], ask.text("name").strip()
    node, ancestors = way_to(ask, number)
    named = [one for one in found if one.kept.name == name]
    kept = next((one for one in named if one.here), named[0] if named else None)
    versions = versions_of(kept.kept.node, name) if kept else ()
    chosen = chosen_of(versions, ask.number("version"))
    return {
        "node": node,
        "number": number,
        "ancestors": ancestors,
        "links_itself": True,
        "name": name,
        "kept": kept,
        "versions": versions,
        "chosen": chosen,
        "text": chosen.one.text if chosen.one and kept and kept.here else shipped.get(ask.text("starter"), ""),
        "starters": list(shipped),
        "starter": ask.text("starter"),
        "checked": None,
        "by_line": by_line,
        "largest": LONGEST_TEXT,
    }


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
