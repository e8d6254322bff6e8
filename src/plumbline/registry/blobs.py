"""Blobs: pulled, in parts too, and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from plumbline.access import use_cases
from plumbline.flow.artifacts.uploads import delete_blob, find_blob
from plumbline.registry.operation import does, looks
from plumbline.registry.ranges import hand_out

if TYPE_CHECKING:
    from plumbline.registry.call import Call

BLOB = "/v2/{name:path}/blobs/{digest}"


@looks(BLOB, use_cases.PULL_ARTIFACT)
def get_blob(call: Call) -> Response:
    digest = call.part("digest")
    tools = call.service.artifacts
    found = find_blob(call.actor, tools, call.name, digest)
    headers = {"Docker-Content-Digest": digest, "Content-Type": "application/octet-stream"}
    return hand_out(call, tools.blobs, digest, found.size, headers)


@does("DELETE", BLOB, use_cases.DELETE_ARTIFACT, action="delete")
def remove_blob(call: Call) -> Response:
    delete_blob(call.actor, call.service.artifacts, call.name, call.part("digest"))
    return Response(status_code=202)


OPERATIONS = (get_blob, remove_blob)
