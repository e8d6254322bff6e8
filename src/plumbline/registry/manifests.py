"""Manifests: pushed, pulled and deleted, by tag and by digest; what refers to them; tags."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from starlette.responses import Response

from plumbline.access import use_cases
from plumbline.artifacts.manifests import LARGEST, OCI_INDEX
from plumbline.flow.artifacts.manifests import delete_manifest, find_manifest, put_manifest
from plumbline.flow.artifacts.referrers import list_referrers
from plumbline.flow.artifacts.repositories import LONGEST_PAGE, list_repositories
from plumbline.flow.artifacts.tags import delete_tag, list_tags
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.registry.bodies import read_small
from plumbline.registry.operation import does, looks, takes

if TYPE_CHECKING:
    from plumbline.registry.call import Call

MANIFEST = "/v2/{name:path}/manifests/{reference}"
_USUAL_PAGE = 100


@looks(MANIFEST, use_cases.PULL_ARTIFACT)
def get_manifest(call: Call) -> Response:
    head = call.request.method == "HEAD"
    found = find_manifest(call.actor, call.service.artifacts, call.name, call.part("reference"), head=head)
    headers = {
        "Docker-Content-Digest": found.digest,
        "Content-Length": str(found.size),
        "Content-Type": found.media_type,
        "ETag": f'"{found.digest}"',
    }
    return Response(found.data, headers=headers)


@takes("PUT", MANIFEST, use_cases.PUSH_ARTIFACT)
async def store_manifest(call: Call) -> Response:
    data = await read_small(call, LARGEST, "manifest-too-large")
    media_type = call.request.headers.get("content-type", "")
    tags = call.request.query_params.getlist("tag")
    stored = await call.change(
        lambda: put_manifest(
            call.actor, call.service.artifacts, call.name, call.part("reference"), media_type, data, tags
        )
    )
    headers = {"Location": f"/v2/{call.name}/manifests/{stored.digest}", "Docker-Content-Digest": stored.digest}
    if stored.subject:
        headers["OCI-Subject"] = stored.subject
    if tags:
        headers["OCI-Tag"] = ", ".join(tags)
    return Response(status_code=201, headers=headers)


@does("DELETE", MANIFEST, use_cases.DELETE_ARTIFACT, action="delete")
def remove_manifest(call: Call) -> Response:
    remove = delete_manifest if ":" in call.part("reference") else delete_tag
    remove(call.actor, call.service.artifacts, call.name, call.part("reference"))
    return Response(status_code=202)


@looks("/v2/{name:path}/referrers/{digest}", use_cases.PULL_ARTIFACT)
def get_referrers(call: Call) -> Response:
    wanted = call.query("artifactType") or ""
    data = list_referrers(call.actor, call.service.artifacts, call.name, call.part("digest"), wanted)
    headers = {"OCI-Filters-Applied": "artifactType"} if wanted else {}
    return Response(data, headers=headers, media_type=OCI_INDEX)


@looks("/v2/{name:path}/tags/list", use_cases.PULL_ARTIFACT)
def get_tags(call: Call) -> Response:
    limit = _limit(call)
    found, more = list_tags(call.actor, call.service.artifacts, call.name, call.query("last") or "", limit)
    body = msgspec.json.encode({"name": call.name, "tags": found})
    return Response(body, headers=_next(call, found, limit) if more else {}, media_type="application/json")


@looks("/v2/_catalog", use_cases.LIST_REPOSITORIES, action="")
def get_catalog(call: Call) -> Response:
    limit = _limit(call)
    page = min(_USUAL_PAGE if limit is None else limit, LONGEST_PAGE)
    found, more = list_repositories(call.actor, call.service.artifacts, call.query("last") or "", page)
    body = msgspec.json.encode({"repositories": found})
    return Response(body, headers=_next(call, found, page) if more else {}, media_type="application/json")


def _limit(call: Call) -> int | None:
    """The parameter ``n``."""
    said = call.query("n")
    if said is None:
        return None
    if not said.isdecimal() or not said.isascii() or len(said) > 9:
        raise PlumblineError("page-invalid", t("n is a number of entries."), kind=ErrorKind.REFUSED)
    return int(said)


def _next(call: Call, found: list[str], limit: int | None) -> dict[str, str]:
    """Where the list goes on."""
    if not found:
        return {}
    path = quote(call.request.scope["path"])
    return {"Link": f'<{path}?n={limit}&last={quote(found[-1], safe="")}>; rel="next"'}


OPERATIONS = (get_manifest, store_manifest, remove_manifest, get_referrers, get_tags, get_catalog)
