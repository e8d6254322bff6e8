"""Generic packages over HTTP, in the form of GitLab's API: published, downloaded in parts too, listed and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from plumbline.access import use_cases
from plumbline.artifacts.packages import of_stored
from plumbline.evidence import timestamp
from plumbline.flow.artifacts.packages import begin_file, delete_package, list_packages, open_file, publish_file
from plumbline.flow.artifacts.projects import check_deletes, project_meant
from plumbline.flow.artifacts.uploads import OpenUpload
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.registry.bodies import store_body
from plumbline.registry.operation import does, looks, takes
from plumbline.registry.ranges import hand_out

if TYPE_CHECKING:
    from plumbline.flow.artifacts.packages import Package
    from plumbline.model.artifact import Artifact
    from plumbline.registry.call import Call

PREFIX = "/api/v4/projects/{project:path}/packages"
FILE = PREFIX + "/generic/{package}/{version}/{file}"
LIST = PREFIX
ONE = PREFIX + "/{package}"
FILES = PREFIX + "/{package}/package_files"
_MOST = 100  # of a page


@takes("PUT", FILE, use_cases.PUBLISH_PACKAGE, action="")
async def put_file(call: Call) -> Response:
    tools, name = call.service.artifacts, _name(call)

    def begin() -> tuple[int | None, str]:
        project = _project(call)
        return project, begin_file(call.actor, tools, project, *name)

    project, upload = await call.change(begin)
    try:
        await store_body(call, OpenUpload(tools, upload, 0))
    except (ClientDisconnect, PlumblineError):
        await call.run(lambda: tools.blobs.abandon(upload), call.rooms.incoming)
        raise
    made = await call.change(lambda: publish_file(call.actor, tools, project, *name, upload))
    body = _file(made, 0) if call.query("select") == "package_file" else {"message": "201 Created"}
    return _json(body, 201)


@looks(FILE, use_cases.DOWNLOAD_PACKAGE, action="")
def get_file(call: Call) -> Response:
    tools = call.service.artifacts
    head = call.request.method == "HEAD"
    found = open_file(call.actor, tools, _project(call), *_name(call), head=head)
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f'attachment; filename="{call.part("file")}"',
        "X-Checksum-Sha256": found.digest.partition(":")[2],
    }
    return hand_out(call, tools.blobs, found.digest, found.size, headers)


@does("DELETE", FILE, use_cases.DELETE_PACKAGE, action="")
def remove_file(call: Call) -> Response:
    delete_package(call.actor, call.service.artifacts, _project(call), *_name(call))
    return Response(status_code=204)


@looks(LIST, use_cases.DOWNLOAD_PACKAGE, action="")
def get_packages(call: Call) -> Response:
    """Of these, where they are asked for: ``package_name`` (a part of it), ``package_version``, ``package_type``."""
    every = list_packages(call.actor, call.service.artifacts, _project(call))
    wanted, version = call.query("package_name") or "", call.query("package_version")
    found = [one for one in every if wanted in one.name and version in (None, one.version)]
    if call.query("package_type") not in (None, "generic"):
        found = []
    page, size = _number(call, "page", 1), min(_number(call, "per_page", 20), _MOST)
    shown = found[(page - 1) * size : page * size]
    return _json([_package(one) for one in shown], headers={"X-Total": str(len(found)), "X-Page": str(page)})


@looks(FILES, use_cases.DOWNLOAD_PACKAGE, action="")
def get_files(call: Call) -> Response:
    found = _found(call)
    return _json([_file(one, _id(found)) for one in found.files])


@does("DELETE", ONE, use_cases.DELETE_PACKAGE, use_cases.DOWNLOAD_PACKAGE, action="")
def remove_package(call: Call) -> Response:
    check_deletes(call.actor, call.service.artifacts, _project(call))
    found = _found(call)
    delete_package(call.actor, call.service.artifacts, _project(call), found.name, found.version)
    return Response(status_code=204)


def _project(call: Call) -> int | None:
    return project_meant(call.actor, call.service.artifacts, call.part("project"))


def _name(call: Call) -> tuple[str, str, str]:
    return call.part("package"), call.part("version"), call.part("file")


def _found(call: Call) -> Package:
    """By the number that lists gave. Raises PlumblineError ``package-unknown``."""
    every = list_packages(call.actor, call.service.artifacts, _project(call))
    found = next((one for one in every if str(_id(one)) == call.part("package")), None)
    if found is None:
        raise PlumblineError("package-unknown", t("There is no such package."), kind=ErrorKind.REFUSED)
    return found


def _id(package: Package) -> int:
    """That of its first file stands for it."""
    return min(one.id for one in package.files)


def _package(one: Package) -> dict[str, Any]:
    return {
        "id": _id(one),
        "name": one.name,
        "version": one.version,
        "package_type": "generic",
        "status": "default",
        "created_at": timestamp(min(file.created for file in one.files)),
    }


def _file(one: Artifact, package: int) -> dict[str, Any]:
    return {
        "id": one.id,
        "package_id": package or one.id,
        "file_name": of_stored(one.name, one.version).file,
        "size": one.size,
        "file_sha256": one.digest.partition(":")[2],
        "created_at": timestamp(one.created),
    }


def _number(call: Call, name: str, usual: int) -> int:
    said = call.query(name) or ""
    return max(1, int(said)) if said.isdecimal() and said.isascii() and len(said) < 9 else usual


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, "application/json")


OPERATIONS = (put_file, get_file, remove_file, get_packages, get_files, remove_package)
