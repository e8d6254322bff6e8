"""Rehearsals, recorded by who carried them out."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Id, Line, Words
from plumbline.api.route import route
from plumbline.flow.assessments.drills import Drill, DrillKind, record_drill
from plumbline.kernel import t


class DrillWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``run``: subject of the pipeline run that carried it out: its outcome and its time count then. Without one,
    ``outcome`` is needed; ``seconds``: until the service was back."""

    kind: DrillKind
    outcome: Literal["success", "failure"] | None = None
    seconds: Annotated[float, Meta(ge=0, le=31_536_000)] | None = None
    environment: Line = ""
    reason: Words = ""
    run: Line = ""


@route("POST", "/nodes/{node}/drills", t("Record a rehearsal of a rollback, a restore or a failover."),
       status=204, refusals=(409,), use_case=use_cases.RECORD_DRILL)  # fmt: skip
def create_drill(call: Call, node: Id, body: DrillWrite) -> None:
    drill = Drill(**msgspec.structs.asdict(body))
    record_drill(call.actor, call.tools.assessments, node, drill)


PART = (create_drill,)
