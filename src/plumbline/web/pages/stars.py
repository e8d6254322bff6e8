"""Star a node, and take the star back."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.flow.tree.stars import star, unstar
from plumbline.web.page import Ask, Redirect, does, local


@does("/nodes/{node:int}/star", use_case=use_cases.STAR_NODE)
def switch(ask: Ask) -> Redirect:
    (star if ask.text("starred") == "1" else unstar)(ask.actor, ask.tools.tree, ask.numbers["node"])
    return Redirect(local(ask.text("next")))


PART = (switch,)
