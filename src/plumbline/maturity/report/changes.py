"""What changed since the assessment before, its three causes apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.maturity.report import wording as say
from plumbline.maturity.report.shown import Cause

if TYPE_CHECKING:
    from plumbline.kernel import Text
    from plumbline.maturity.comparing import RuleChange
    from plumbline.maturity.report.items import Writer

SHORT = 5  # lines of one cause in the short form


def causes(writer: Writer) -> tuple[Cause, ...]:
    """None where there is nothing to compare with."""
    since = writer.beside.since
    if since is None or since.problem is not None:
        return ()
    names = {item.id: say.capital(item.name) for item in writer.assessment.every_item()}

    def moved(item: str, before: str, after: str) -> str:
        return f"{names.get(item, item)}: {_level(before)} → {_level(after)}"

    practice = [moved(one.item, one.before, one.same_word) for one in since.items if one.practice_changed]
    word = [moved(one.item, one.same_word, one.same_rule) for one in since.items if one.word_changed]
    rule = [moved(one.item, one.same_rule, one.after) for one in since.items if one.rule_changed]
    rule += [_rule(one) for one in since.rules]
    return (
        _cause(t("By practice"), practice),
        _cause(t("By exemptions and statements"), word),
        _cause(t("By the rule"), rule),
    )


def _level(label: str) -> str:
    return str(t("does not apply")) if label == "n/a" else label or "–"


def _rule(change: RuleChange) -> str:
    if change.before == change.after:
        return f"{change.id} ({', '.join(change.what)})"
    return f"{change.id}: {change.before or '–'} → {change.after or '–'}"


def _cause(title: Text, lines: list[str]) -> Cause:
    left = len(lines) - SHORT
    return Cause(
        title=str(title),
        lines=tuple(lines),
        nothing="" if lines else str(t("Nothing.")),
        more=str(t("And {count} more.", count=left)) if left > 0 else "",
    )
