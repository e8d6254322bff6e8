"""What is found in the models of maturity and among settings: by code or title, in whichever language it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.search.found import Found, FoundKind
from plumbline.kernel import LANGUAGES
from plumbline.model.tree import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from plumbline.access import AnySetting
    from plumbline.flow.search.found import Wanted
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.maturity import PackFile


def in_packs(packs: Iterable[PackFile], wanted: Wanted) -> Iterator[Found]:
    for file in packs:
        pack = file.pack
        for item in pack.every_item():
            path = f"/packs/{pack.id}/items/{item.id}"
            rank = wanted.rank(item.id, item.name.en, item.name.zh)
            if rank is not None:
                yield Found(FoundKind.ITEM, f"{item.id} {item.name}", str(pack.name), path, rank)
            for one in item.criteria:
                rank = wanted.rank(one.id, one.text.en, one.text.zh)
                if rank is not None:
                    detail, place = f"{item.name}", f"{path}#{one.id}"
                    yield Found(FoundKind.CRITERION, f"{one.id} {one.text}", detail, place, rank)


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
