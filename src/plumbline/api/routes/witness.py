"""What other ledgers ask of this server as their witness. A checkpoint proves itself, so nobody is signed in."""

from __future__ import annotations

from plumbline.access import use_cases
from plumbline.api.call import Call, Raw
from plumbline.api.route import route
from plumbline.evidence.witnessing import MOST_REQUEST, SIZE_MEDIA
from plumbline.flow.ledger.witness import cosign_checkpoint
from plumbline.kernel import t


@route("POST", "/witness/add-checkpoint", t("Cosign the checkpoint of a ledger that is known here."),
       refusals=(403, 404, 409, 422), largest=MOST_REQUEST, media="text/plain", raw_body=True,
       use_case=use_cases.COSIGN_CHECKPOINT)  # fmt: skip
def add_checkpoint(call: Call, body: bytes) -> Raw:
    made = cosign_checkpoint(call.actor, call.tools.witness, body)
    if made.line:
        return Raw(made.line, "text/plain; charset=utf-8")
    # As a header of its own, since a character set would be added to the media type of a text.
    return Raw(f"{made.size}\n".encode(), status=409, headers=(("Content-Type", SIZE_MEDIA),))


PART = (add_checkpoint,)
