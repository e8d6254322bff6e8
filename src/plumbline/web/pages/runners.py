"""Who runs jobs now."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.flow.pipelines.read import list_runners
from plumbline.web.page import Ask, Shown, api_command, shows


@shows("/runners", use_case=use_cases.LIST_RUNNERS)
def runners(ask: Ask) -> Shown:
    seen = list_runners(ask.actor, ask.tools.pipelines)
    return Shown("runners.html", {**seen._asdict(), "command": api_command("/runners")})


PART = (runners,)
