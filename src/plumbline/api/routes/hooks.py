"""Where forges tell of changes. The message proves itself, so nobody is signed in."""

from __future__ import annotations

import msgspec

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Count, ForgeName, Id
from plumbline.api.route import route
from plumbline.flow.pipelines import receive_webhook as flow
from plumbline.kernel import t

LARGEST = 5 << 20  # bytes


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: "pipeline" with its id, or "nothing"."""

    outcome: str
    pipeline: Count


@route("POST", "/hooks/{forge}/{project}", t("A webhook of a forge, or a post-receive hook."),
       refusals=(401, 404, 409, 422), largest=LARGEST, raw_body=True, use_case=use_cases.RECEIVE_WEBHOOK)  # fmt: skip
def receive_webhook(call: Call, forge: ForgeName, project: Id, body: bytes) -> Answer:
    message = flow.Message(forge, call.headers, body, call.request_id)
    received = flow.receive_webhook(call.actor, call.tools.pipelines, project, message)
    return Answer(outcome=received.outcome.value, pipeline=received.pipeline.id if received.pipeline else 0)


PART = (receive_webhook,)
