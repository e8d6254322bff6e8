"""What is found in the models of maturity and among settings: by code or title, in whichever language it is typed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from plumbline.access import use_cases
from plumbline.flow.search.found import Found, FoundKind
from plumbline.kernel import LANGUAGES
from plumbline.model.tree import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plumbline.access import AnySetting
    from plumbline.flow.search.found import Wanted
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.maturity import Criterion, Item, PackFile
    from plumbline.model.words import Words


class _Named(NamedTuple):
    item: Item
    criterion: Criterion | None
    folded: str  # the names of what is named, as ranks are made of them


def in_packs(packs: Iterable[PackFile], wanted: Wanted) -> Iterator[Found]:
    for file in packs:
        pack = file.pack
        for one in _named(file):
            rank = wanted.rank_folded(one.folded)
            if rank is None:
                continue
            item, criterion, path = one.item, one.criterion, f"/packs/{pack.id}/items/{one.item.id}"
            if criterion is None:
                yield Found(FoundKind.ITEM, f"{item.id} {item.name}", str(pack.name), path, rank)
            else:
                title = f"{criterion.id} {criterion.text}"
                yield Found(FoundKind.CRITERION, title, str(item.name), f"{path}#{criterion.id}", rank)


@lru_cache(maxsize=32)
def _named(file: PackFile) -> tuple[_Named, ...]:
    found = []
    for item in file.pack.every_item():
        found.append(_Named(item, None, _folded(item.id, item.name)))
        found += [_Named(item, one, _folded(one.id, one.text)) for one in item.criteria]
    return tuple(found)


def _folded(code: str, words: Words) -> str:
    return "\n".join((code, words.en, words.zh, "")).casefold()


def in_settings(unit: UnitOfWork, settings: Iterable[AnySetting], wanted: Wanted) -> Iterator[Found]:
    """At the highest node at which the actor may set something: what is set there holds below."""
    nodes = unit.nodes(use_cases.CHANGE_SETTINGS)
    node = min(nodes, key=lambda one: one.path.count("/"), default=None)
    if node is None:
        return
    page = f"/{'projects' if node.kind is NodeKind.PROJECT else 'nodes'}/{node.id}/settings"
    for one in settings:
        rank = wanted.rank(one.key, *(one.title.render(code) for code in LANGUAGES))
        if rank is not None:
            detail = f"{one.key} · {node.title or node.path}"
            yield Found(FoundKind.SETTING, str(one.title), detail, f"{page}#setting-{one.key}", rank)
