"""What a step takes, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.kernel import t
from plumbline.model.assessment import NeedKind, StepNeed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from plumbline.kernel import Text


def needs_in_words(needs: Iterable[StepNeed]) -> tuple[tuple[Text, tuple[str, ...]], ...]:
    """Each need once, with the criteria that have it."""
    found: dict[tuple[NeedKind, tuple[tuple[str, ...], ...]], list[str]] = {}
    for one in needs:
        found.setdefault((one.kind, one.kinds), []).append(one.criterion)
    return tuple((_text(*need), tuple(criteria)) for need, criteria in found.items())


def _text(kind: NeedKind, kinds: tuple[tuple[str, ...], ...]) -> Text:
    if kind is NeedKind.STATEMENT:
        return t("a statement to file, which a second person accepts")
    if kind is NeedKind.PRACTICE:
        return t("a practice, which the records here would show")
    return t("a source to connect that tells {kinds}", kinds=" + ".join("/".join(one) for one in kinds))
