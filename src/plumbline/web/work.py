"""What waits for whoever reads a page, as pages show it; looked at anew after some seconds."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from plumbline.flow.my_work import Kind, my_work
from plumbline.kernel import PlumblineError, t
from plumbline.web.topics import topics_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plumbline.access import Actor
    from plumbline.flow.my_work import WorkItem
    from plumbline.flow.service import Service

HOLDS = 10.0  # seconds for which the number in the bar is taken to be right
_MOST = 4000  # people whose number is kept
WORK_KINDS = {
    Kind.FAILED: t("failed"),
    Kind.BLOCKED: t("waits for a button"),
    Kind.WAIVER: t("waiver to decide on"),
    Kind.WAIVER_ENDS: t("waiver that ends"),
    Kind.STATEMENT: t("statement to decide on"),
    Kind.EXEMPTION: t("exemption that ends"),
    Kind.STEP: t("step of a roadmap"),
    Kind.TOKEN: t("API token that ends"),
}


class WorkCounts:
    """How much waits for each person, kept for some seconds: the bar of every page shows it. For many threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[float, int]] = OrderedDict()  # by person: until when, how many
        self._guard = Lock()

    def of(self, actor: Actor, tools: Service) -> int:
        """0 also where the store does not answer, since the page itself says so."""
        with self._guard:
            until, count = self._kept.get(actor.person.id, (0.0, 0))
        if time.monotonic() < until:
            return count
        try:
            return len(self.work_now(actor, tools))
        except PlumblineError:
            return 0

    def work_now(self, actor: Actor, tools: Service) -> Sequence[WorkItem]:
        found = my_work(actor, tools.assessments)
        if any(one.kind is Kind.STATEMENT for one in found):
            topics = topics_of(actor, tools.assessments)
            found = [
                one._replace(title=str(topics.get(one.title, one.title))) if one.kind is Kind.STATEMENT else one
                for one in found
            ]
        with self._guard:
            self._kept[actor.person.id] = (time.monotonic() + HOLDS, len(found))
            self._kept.move_to_end(actor.person.id)
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return found
