"""Pipelines of all projects, and of those below a node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.kernel import t
from plumbline.model.tree import INSTANCE, NodeKind
from plumbline.web.page import Ask, Raw, Redirect, Shown, api_command, shows
from plumbline.web.pipeline_list import pipeline_list
from plumbline.web.places import GROUPS, Entry, Group, Where
from plumbline.web.tree import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.model.tree import Node

_DRAWN = "M1.5 8h3M7 8h2M11.5 8h3M4.5 6v4H7V6zM9 6v4h2.5V6z"


@shows("/pipelines", use_case=use_cases.LIST_PIPELINES, entries=(
    Entry("pipelines", t("Pipelines"), Group.BUILD, Where.ESTATE, drawn=_DRAWN),))  # fmt: skip
def newest(ask: Ask) -> Shown | Raw:
    return _shown(ask, INSTANCE, ())


@shows("/nodes/{node:int}/pipelines", use_case=use_cases.LIST_NODE_PIPELINES, entries=(
    Entry("pipelines", t("Pipelines"), Group.BUILD, kinds=GROUPS, drawn=_DRAWN),))  # fmt: skip
def below(ask: Ask) -> Shown | Raw | Redirect:
    node, ancestors = find(ask, ask.numbers["node"])
    if node.kind is NodeKind.PROJECT:
        return Redirect(f"/projects/{node.id}")
    return _shown(ask, node.id, ancestors)


def _shown(ask: Ask, node: int, ancestors: Sequence[Node]) -> Shown | Raw:
    found = pipeline_list(ask, node, many=True)
    if isinstance(found, Raw):
        return found
    values = {
        "ancestors": ancestors,
        "links_itself": True,
        "command": api_command(f"/pipelines?node={node}" if node else "/pipelines"),
    }
    return Shown("pipelines.html", found | values)


PART = (newest, below)
