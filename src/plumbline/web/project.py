"""What every page of a project shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plumbline.flow.tree.bind_repository import view_repository
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.tree import NodeKind
from plumbline.web.tree import find

if TYPE_CHECKING:
    from plumbline.web.page import Ask


def frame(ask: Ask, tab: str) -> tuple[dict[str, Any], int]:
    """What stands on every tab of a project, and its number."""
    node, ancestors = find(ask, ask.numbers["node"])
    if node.kind is not NodeKind.PROJECT:
        raise PlumblineError("not-found", t("'{path}' is not a project.", path=node.path), kind=ErrorKind.REFUSED)
    common = {
        "node": node,
        "ancestors": ancestors,
        "links_itself": False,
        "tab": tab,
        "repository": view_repository(ask.actor, ask.tools.tree, node.id),
    }
    return common, node.id
