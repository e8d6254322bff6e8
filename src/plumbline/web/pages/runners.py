"""Who runs jobs now."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.flow.pipelines.read import list_runners
from plumbline.kernel import t
from plumbline.web.page import Ask, Shown, api_command, shows
from plumbline.web.places import Entry, Group, Where

_DRAWN = "M2.5 3.5h11v4h-11zM2.5 9h11v4h-11zM5 5.5h.01M5 11h.01"


@shows("/runners", use_case=use_cases.LIST_RUNNERS, entries=(
    Entry("runners", t("Runners"), Group.RUN, Where.INSTALLATION, drawn=_DRAWN),))  # fmt: skip
def runners(ask: Ask) -> Shown:
    seen = list_runners(ask.actor, ask.tools.pipelines)
    return Shown("runners.html", {**seen._asdict(), "command": api_command("/runners")})


PART = (runners,)
