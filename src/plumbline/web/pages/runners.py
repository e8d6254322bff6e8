"""Who runs jobs now."""

from __future__ import annotations

from plumbline.web.page import Ask, Shown, shows


@shows("/runners")
def runners(ask: Ask) -> Shown:
    command = 'curl -H "Authorization: Bearer $PLUMB_TOKEN" $PLUMBLINE_URL/api/v1/runners'
    return Shown(
        "runners.html",
        {"runners": ask.desk.runners(ask.visitor), "waiting": ask.desk.waiting(ask.visitor), "command": command},
    )


PART = (runners,)
