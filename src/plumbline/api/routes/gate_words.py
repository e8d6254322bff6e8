"""What gates say, for the shell of a job."""

from __future__ import annotations

import msgspec

from plumbline.access import use_cases
from plumbline.api.call import Call, Raw
from plumbline.api.route import route
from plumbline.flow.gates.evaluate import ask_gate_as_job
from plumbline.flow.gates.job_words import words_for_job
from plumbline.kernel import t
from plumbline.model.gate import GateAct

_TOKEN = "job-token"  # noqa: S105 - name of a header
_TEXT = "text/plain; charset=utf-8"


class GateWordsAsk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    act: GateAct = GateAct.PIPELINE


@route("POST", "/jobs/gate/words",
       t("The same as text: its first line is go, wait or stop. For jobs that have nothing but a shell."),
       refusals=(401, 409), media="text/plain", use_case=use_cases.ASK_GATE_AS_JOB)  # fmt: skip
def ask_gate_in_words(call: Call, body: GateWordsAsk) -> Raw:
    gates = call.tools.gates
    answer = ask_gate_as_job(call.actor, gates, call.headers.get(_TOKEN, ""), body.act)
    return Raw(words_for_job(answer, gates.server.url).encode(), _TEXT)


PART = (ask_gate_in_words,)
