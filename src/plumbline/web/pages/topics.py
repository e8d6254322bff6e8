"""What the packs ask for: criteria by their texts, and the topics of which a statement may say that they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.assessments.packs import packs_at
from plumbline.judging import STATEMENTS
from plumbline.kernel import LANGUAGES
from plumbline.web.assessments import node_of
from plumbline.web.page import Ask, Shown, api_command, shows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from plumbline.maturity import Criterion, Item, Pack
    from plumbline.model.words import Words

MOST = 100  # criteria that are shown


class Topic(NamedTuple):
    fact: str
    title: Words


class Asked(NamedTuple):
    """``topics``: of statements that would answer it."""

    item: Item
    level: Words
    criterion: Criterion
    topics: Sequence[Topic]


@shows("/nodes/{node:int}/topics", use_case=use_cases.LIST_STATEMENTS, inside="statements")
def topics(ask: Ask) -> Shown:
    here, values = node_of(ask, ask.numbers["node"])
    packs = [file.pack for file in packs_at(ask.actor, ask.tools.assessments, here.node.id)]
    wanted = ask.text("find").strip()
    found = [one for pack in packs for one in _matching(pack, wanted.casefold().split())] if wanted else []
    return Shown(
        "topics.html",
        {
            **values,
            "packs": packs,
            "wanted": wanted,
            "found": found[:MOST],
            "more": len(found) - MOST,
            "writes": here.states,
            "grants": here.waives,
            "command": api_command("/packs"),
        },
    )


def _matching(pack: Pack, words: Sequence[str]) -> Iterator[Asked]:
    """Criteria that have all of these words: in an id, a name, a text or a topic, in any language."""
    levels = {level.id: level.name for level in pack.levels}
    for item in pack.every_item():
        about = f"{item.id} {_texts(item.name)} {_texts(item.looks_at)}"
        for level, criteria in item.levels.items():
            for criterion in criteria:
                signals = " ".join(f"{one.fact} {_texts(one.title)}" for one in criterion.signals)
                text = f"{about} {criterion.id} {_texts(criterion.text)} {signals}".casefold()
                if all(word in text for word in words):
                    said = [Topic(one.fact, one.title) for one in criterion.signals if one.probe in STATEMENTS]
                    yield Asked(item, levels[level], criterion, said)


def _texts(words: Words) -> str:
    return " ".join(words.render(code) for code in LANGUAGES)


PART = (topics,)
