"""Uploads of blobs: at once, in parts, gone on with, given up, and mounted from elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect
from starlette.responses import Response

from plumbline.access import use_cases
from plumbline.artifacts.names import algorithm_of
from plumbline.flow.artifacts.repositories import check_digest
from plumbline.flow.artifacts.uploads import (
    begin_upload,
    cancel_upload,
    finish_upload,
    mount_blob,
    note_upload,
    open_upload,
)
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.registry.bodies import has_body, length_of, store_body
from plumbline.registry.operation import does, looks, takes

if TYPE_CHECKING:
    from plumbline.flow.artifacts.uploads import OpenUpload
    from plumbline.registry.call import Call

UPLOADS = "/v2/{name:path}/blobs/uploads/"
UPLOAD = "/v2/{name:path}/blobs/uploads/{upload}"
_CONTENT_RANGE = re.compile(r"(?:bytes )?(\d{1,18})-(\d{1,18})(?:/(?:\d+|\*))?")


@takes("POST", UPLOADS, use_cases.PUSH_ARTIFACT, use_cases.PULL_ARTIFACT)
async def begin(call: Call) -> Response:
    """With ``digest`` the body is all of it; with ``mount`` it may be there already."""
    tools, name = call.service.artifacts, call.name
    mount, source, digest = call.query("mount"), call.query("from"), call.query("digest")
    if mount and source and await _mounted(call, mount, source):
        return _stored(call, mount)
    if digest is not None:
        check_digest(digest)
    algorithm = algorithm_of(digest) if digest else call.query("digest-algorithm") or "sha256"
    upload = await call.change(lambda: begin_upload(call.actor, tools, name, algorithm))
    if digest is None:
        return _goes_on(call, upload, 202)
    await _whole(call, upload)
    await call.change(lambda: finish_upload(call.actor, tools, name, upload.id, digest))
    return _stored(call, digest)


@looks(UPLOAD, use_cases.PUSH_ARTIFACT, action="push")
def how_far(call: Call) -> Response:
    return _goes_on(call, open_upload(call.actor, call.service.artifacts, call.name, call.part("upload")), 204)


@takes("PATCH", UPLOAD, use_cases.PUSH_ARTIFACT)
async def add_part(call: Call) -> Response:
    upload = await store_body(call, await _opened(call))
    await call.change(lambda: note_upload(call.actor, call.service.artifacts, call.name, upload.id))
    return _goes_on(call, upload, 202)


@takes("PUT", UPLOAD, use_cases.PUSH_ARTIFACT)
async def finish(call: Call) -> Response:
    digest = call.query("digest") or ""
    check_digest(digest)
    upload = await _opened(call)
    if has_body(call.request):
        await store_body(call, upload)
    await call.change(lambda: finish_upload(call.actor, call.service.artifacts, call.name, upload.id, digest))
    return _stored(call, digest)


@does("DELETE", UPLOAD, use_cases.PUSH_ARTIFACT, action="push")
def cancel(call: Call) -> Response:
    cancel_upload(call.actor, call.service.artifacts, call.name, call.part("upload"))
    return Response(status_code=204)


async def _mounted(call: Call, digest: str, source: str) -> bool:
    """Only where the token was made for pulling from there, too."""
    if not call.shown.grants(source, "pull"):
        check_digest(digest)
        return False
    return await call.change(lambda: mount_blob(call.actor, call.service.artifacts, call.name, digest, source))


async def _whole(call: Call, upload: OpenUpload) -> None:
    """All at once; nobody knows how to go on with what breaks off, so it goes."""
    try:
        await store_body(call, upload)
    except (ClientDisconnect, PlumblineError):
        await call.change(lambda: cancel_upload(call.actor, call.service.artifacts, call.name, upload.id))
        raise


async def _opened(call: Call) -> OpenUpload:
    """To go on where the part says it begins. What there is goes with a refusal."""
    start = _start(call)
    return await call.change(
        lambda: open_upload(call.actor, call.service.artifacts, call.name, call.part("upload"), start)
    )


def _start(call: Call) -> int | None:
    said = call.request.headers.get("content-range", "").strip()
    if not said:
        return None
    found = _CONTENT_RANGE.fullmatch(said)
    if found is None or int(found[2]) < int(found[1]):
        raise PlumblineError(
            "range-invalid", t("{range} is no Content-Range of a part: write first-last.", range=said[:100]),
            kind=ErrorKind.REFUSED,
        )  # fmt: skip
    length = length_of(call.request)
    if length is not None and length != int(found[2]) - int(found[1]) + 1:
        raise PlumblineError(
            "size-invalid",
            t("The part has {length} bytes, and its Content-Range says {range}.", length=length, range=said),
            kind=ErrorKind.REFUSED,
        )
    return int(found[1])


def _goes_on(call: Call, upload: OpenUpload, status: int) -> Response:
    return Response(status_code=status, headers=place_of_upload(call.name, upload.id, upload.offset))


def place_of_upload(name: str, upload: str, offset: int) -> dict[str, str]:
    """Where it goes on, and how much of it is there."""
    return {
        "Location": f"/v2/{name}/blobs/uploads/{upload}",
        "Range": f"0-{max(0, offset - 1)}",
        "Docker-Upload-UUID": upload,
        "Content-Length": "0",
    }


def _stored(call: Call, digest: str) -> Response:
    return Response(
        status_code=201, headers={"Location": f"/v2/{call.name}/blobs/{digest}", "Docker-Content-Digest": digest}
    )


OPERATIONS = (begin, how_far, add_part, finish, cancel)
