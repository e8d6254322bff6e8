"""Where forges tell of changes. The message proves itself, so nobody is signed in."""

from __future__ import annotations

from typing import Literal

import msgspec

from plumbline.api.call import Call
from plumbline.api.fields import Count, Id
from plumbline.api.problem import not_found
from plumbline.api.route import route
from plumbline.flow.people.refusals import Refusal
from plumbline.flow.pipelines.receive_webhook import receive_change, refuse_delivery
from plumbline.flow.tree.bind_repository import secret_place
from plumbline.kernel import PlumblineError, t

LARGEST = 5 << 20  # bytes
_FORGED = 10  # forged messages a minute, of one sender to one project, that are recorded one by one


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: "pipeline" with its id, or "nothing"."""

    outcome: str
    pipeline: Count


@route("POST", "/hooks/{forge}/{project}", t("A webhook of a forge, or a post-receive hook."), open=True,
       refusals=(401, 404, 409, 422), largest=LARGEST, raw_body=True)  # fmt: skip
def receive_webhook(call: Call, forge: Literal["gitlab", "github", "gitea", "git"], project: Id, body: bytes) -> Answer:
    with call.service.store.view() as tx:
        binding = tx.bindings.get(project)
    if binding is None or binding.kind != forge:
        raise not_found(t("There is no project {project} with a repository at {forge}.", project=project, forge=forge))
    secret = call.service.vault.open(binding.secret, secret_place(project)) if binding.secret else b""
    try:
        webhook = call.service.read_webhook(forge, call.headers, body, secret)
    except PlumblineError as error:
        _refuse(call, forge, project, error)
        raise
    received = receive_change(call.service.pipelines, project, webhook, address=call.address)
    pipeline = received.pipeline.id if received.pipeline else 0
    return Answer(outcome=received.outcome.value, pipeline=pipeline)


def _refuse(call: Call, forge: str, project: int, error: PlumblineError) -> None:
    """A message that proves nothing may come from anybody, and as often: some are recorded, others are counted."""

    def tell() -> None:
        refuse_delivery(call.service.pipelines, project, forge, call.request_id, error.code, address=call.address)

    if error.code == "webhook-forged":
        refusal = Refusal(f"hooks/{forge}/{project}", error.code, "", call.address)
        call.service.refusals.refused(refusal, call.now, tell, free=_FORGED)
    else:
        tell()


PART = (receive_webhook,)
