"""Who runs jobs now."""

from __future__ import annotations

from plumbline.web.page import Ask, Shown, api_command, shows


@shows("/runners")
def runners(ask: Ask) -> Shown:
    command = api_command("/runners")
    return Shown(
        "runners.html",
        {"runners": ask.desk.runners(ask.visitor), "waiting": ask.desk.waiting(ask.visitor), "command": command},
    )


PART = (runners,)
