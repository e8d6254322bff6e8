"""Where forges tell of changes. The message proves itself, so nobody is signed in."""

from __future__ import annotations

import msgspec

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Count, ForgeName, Id
from plumbline.api.route import route
from plumbline.flow.pipelines import receive_webhook as flow
from plumbline.kernel import t
from plumbline.model.server import Outcome

LARGEST = 26 << 20  # bytes; GitHub sends up to 25 MB


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """``outcome``: "queued" where it is carried out in its turn; else what came of it, "pipeline" with its id.
    ``delivery``: its number among the deliveries of the project. ``reason``: why nothing comes of a message that proved
    itself; it is taken all the same, since forges switch webhooks off that are refused."""

    outcome: str
    pipeline: Count
    delivery: Count
    reason: str


@route("POST", "/hooks/{forge}/{project}", t("A webhook of a forge, or a post-receive hook."),
       status=202, also=(200,), refusals=(401, 404, 409), largest=LARGEST, raw_body=True,
       use_case=use_cases.RECEIVE_WEBHOOK)  # fmt: skip
def receive_webhook(call: Call, forge: ForgeName, project: Id, body: bytes) -> Answer:
    message = flow.Message(forge, call.headers, body, call.request_id)
    one = flow.receive_webhook(call.actor, call.tools.pipelines, project, message)
    call.answer_status = 202 if one.outcome is Outcome.QUEUED else 200
    return Answer(outcome=one.outcome.value, pipeline=one.pipeline, delivery=one.id, reason=one.reason)


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """``outcome``: as of a delivery. ``iid``: of the pipeline in its project. ``address``: of its page; empty where the
    server does not know how people reach it. ``reason`` and ``message``: why there is none."""

    outcome: str
    pipeline: Count
    iid: Count
    address: str
    reason: str
    message: str


@route("POST", "/hooks/{forge}/{project}/outcome",
       t("What came of a message by now, for whoever sends the same message with its proof."),
       refusals=(401, 404, 409), largest=LARGEST, raw_body=True, use_case=use_cases.RECEIVE_WEBHOOK)  # fmt: skip
def outcome_of_message(call: Call, forge: ForgeName, project: Id, body: bytes) -> Made:
    message = flow.Message(forge, call.headers, body, call.request_id)
    one, made = flow.outcome_of_message(call.actor, call.tools.pipelines, project, message)
    url = call.tools.pipelines.url
    return Made(
        outcome=one.outcome.value,
        pipeline=made.id if made else 0,
        iid=made.iid if made else 0,
        address=f"{url}/pipelines/{made.id}" if made and url else "",
        reason=one.reason,
        message=one.message,
    )


PART = (receive_webhook, outcome_of_message)
