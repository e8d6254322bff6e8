"""The first steps, to be found again by whoever does not want them on their first page."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.flow.tour import leave_tour
from plumbline.web.page import Ask, Redirect, Shown, does, shows
from plumbline.web.tour import panel_of


@shows("/tour", use_case=(use_cases.LIST_NODES, use_cases.VIEW_ACCOUNT))
def tour(ask: Ask) -> Shown:
    return Shown("tour.html", {"tour": panel_of(ask)})


@does("/tour", use_case=use_cases.CHANGE_ACCOUNT)
def leave(ask: Ask) -> Redirect:
    left = ask.text("left") == "1"
    leave_tour(ask.actor, ask.tools, left=left)
    return Redirect("/" if left else "/tour")


PART = (tour, leave)
