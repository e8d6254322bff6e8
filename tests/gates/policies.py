"""Texts of policies, facts and judgements that the tests of gates share."""

from __future__ import annotations

from typing import Any

from plumbline.gates import Asked, Policy, Standing, evaluate, read_policy, read_standing
from plumbline.model.gate import FactValue, GateAct, Outcome

DAY = 86_400_000_000
AT = 1_790_000_000_000_000  # 21 September 2026
TITLE = "{en: Title, zh: 标题}"
WORDS = "title: {en: Title, zh: 标题}, reason: {en: Wrong, zh: 不对}, remedy: {en: Mend it, zh: 修好它}"
HEAD = """policy: {name}
title: {{en: Title, zh: 标题}}
owner: quality
for: {selector}
checks:
"""
PIPELINE = Asked(act=GateAct.PIPELINE, branch="main")


def text(*checks: str, selector: str = "{act: [pipeline]}", name: str = "red-lines") -> str:
    return HEAD.format(name=name, selector=selector) + "".join(f"  - {check}\n" for check in checks)


def cel(id_: str, when: str, *needs: str, more: str = "") -> str:
    return f"{{id: {id_}, {WORDS}, needs: [{', '.join(needs)}], when: '{when}'{', ' if more else ''}{more}}}"


def built(id_: str, check: str, given: str = "", more: str = "") -> str:
    given = f", with: {given}" if given else ""
    return f"{{id: {id_}, title: {TITLE}, check: {check}{given}{', ' if more else ''}{more}}}"


def policy(source: str) -> Policy:
    found = read_policy(source)
    assert isinstance(found, Policy), "\n".join(f"{one} ({one.hint})" for one in found)
    return found


def mistakes(source: str) -> list[tuple[str, int, int]]:
    """Code, line and column of each."""
    found = read_policy(source, "p.yml")
    assert not isinstance(found, Policy), "nothing is wrong with it"
    assert all(one.where is not None and one.where.file == "p.yml" for one in found), found
    return [(one.code, one.where.line, one.where.column) for one in found if one.where]


def codes(source: str) -> set[str]:
    return {code for code, _, _ in mistakes(source)}


def standing(source: str, name: str = "red-lines", node: str = "bank") -> Standing:
    return read_standing(source, name, 1, node)


def known(**facts: Any) -> dict[str, FactValue]:
    """``tests__failed=0``: a value; None: not known."""
    return {
        name.replace("__", "."): FactValue(lack="no_source") if value is None else FactValue(value=value)
        for name, value in facts.items()
    }


def outcome(source: str, facts: dict[str, FactValue], at: int = AT, waived: dict[tuple[str, str], str] | None = None,
            asked: Asked = PIPELINE) -> Outcome:  # fmt: skip
    return evaluate([standing(source)], facts, at=at, asked=asked, waived=waived or {}).outcome
