"""Every operation of the registry and of packages, as :mod:`table_api` has those of the API. Cookies open none of
them."""

from __future__ import annotations

from functools import partial

from table_call import PROJECT, TOKEN, Call

from plumbline.access import Permission, use_cases

_C, _P = use_cases, Permission
NOWHERE = "/v2/{rest:path}"  # what is no address of it
MISSING = f"sha256:{'0' * 64}"
_Call = partial(Call, by=TOKEN)


def _at(**more: object) -> dict[str, object]:
    return {"name": "{path of posting}", **more}


_BLOB, _TAG, _GONE = _at(digest="{blob}"), _at(reference="v1"), _at(reference=MISSING)
_UPLOAD, _NO_UPLOAD = _at(upload="{upload}"), ("BLOB_UPLOAD_UNKNOWN",)
_BAD, _UNKNOWN = ("MANIFEST_INVALID",), ("MANIFEST_UNKNOWN",)
_APP = {"package": "app", "version": "1.0", "file": "f"}
_NO_PACKAGE = ("package-unknown",)
_FILE = "/api/v4/projects/{project:path}/packages/generic/{package}/{version}/{file}"
_PACKAGES = "/api/v4/projects/{project:path}/packages"

REGISTRY = {
    "GET /v2/": (_Call(_C.GET_REGISTRY_TOKEN),),
    "GET /registry/token": (_Call(_C.GET_REGISTRY_TOKEN),),
    "GET /v2/_catalog": (_Call(_C.LIST_REPOSITORIES, PROJECT, shows=(('"{path of posting}"', _C.PULL_ARTIFACT),)),),
    "GET /v2/{name:path}/tags/list": (_Call(_C.PULL_ARTIFACT, PROJECT, numbers=_at()),),
    "GET /v2/{name:path}/referrers/{digest}": (_Call(_C.PULL_ARTIFACT, PROJECT, numbers=_BLOB),),
    "GET /v2/{name:path}/manifests/{reference}": (_Call(_C.PULL_ARTIFACT, PROJECT, numbers=_TAG),),
    "PUT /v2/{name:path}/manifests/{reference}": (
        _Call(_C.PUSH_ARTIFACT, PROJECT, raw=b"{}", numbers=_TAG, passed=_BAD),
        _Call(_C.PUSH_ARTIFACT, PROJECT, raw=b"{}", numbers=_at(reference="release-1"), passed=_BAD,
              met=(_P.ARTIFACT_DELETE,)),
    ),
    "DELETE /v2/{name:path}/manifests/{reference}": (
        _Call(_C.DELETE_ARTIFACT, PROJECT, numbers=_GONE, passed=_UNKNOWN),
        _Call(_C.DELETE_ARTIFACT, PROJECT, numbers=_at(reference="no-such-tag"), passed=_UNKNOWN),
    ),
    "GET /v2/{name:path}/blobs/{digest}": (_Call(_C.PULL_ARTIFACT, PROJECT, numbers=_BLOB),),
    "DELETE /v2/{name:path}/blobs/{digest}": (_Call(_C.DELETE_ARTIFACT, PROJECT, numbers=_BLOB),),
    "POST /v2/{name:path}/blobs/uploads/": (
        _Call(_C.PUSH_ARTIFACT, PROJECT, numbers=_at(), besides=(_C.PULL_ARTIFACT,)),
        _Call(_C.PUSH_ARTIFACT, PROJECT, numbers=_at(), query={"mount": "{blob}", "from": "{path of posting}"}),
    ),
    "GET /v2/{name:path}/blobs/uploads/{upload}": (
        _Call(_C.PUSH_ARTIFACT, PROJECT, numbers=_UPLOAD, passed=_NO_UPLOAD),
    ),
    "PATCH /v2/{name:path}/blobs/uploads/{upload}": (
        _Call(_C.PUSH_ARTIFACT, PROJECT, raw=b"x", numbers=_UPLOAD, passed=_NO_UPLOAD),
    ),
    "PUT /v2/{name:path}/blobs/uploads/{upload}": (
        _Call(_C.PUSH_ARTIFACT, PROJECT, raw=b"x", query={"digest": "{blob}"}, numbers=_UPLOAD, passed=_NO_UPLOAD),
    ),
    "DELETE /v2/{name:path}/blobs/uploads/{upload}": (
        _Call(_C.PUSH_ARTIFACT, PROJECT, numbers=_UPLOAD, passed=_NO_UPLOAD),
    ),
    f"PUT {_FILE}": (_Call(_C.PUBLISH_PACKAGE, PROJECT, raw=b"x", numbers=_APP),),
    f"GET {_FILE}": (_Call(_C.DOWNLOAD_PACKAGE, PROJECT, numbers=_APP),),
    f"DELETE {_FILE}": (
        _Call(_C.DELETE_PACKAGE, PROJECT, numbers={**_APP, "file": "none"}, passed=_NO_PACKAGE),
    ),
    f"GET {_PACKAGES}": (_Call(_C.DOWNLOAD_PACKAGE, PROJECT),),
    f"GET {_PACKAGES}/{{package}}/package_files": (
        _Call(_C.DOWNLOAD_PACKAGE, PROJECT, numbers={"package": "471147"}, passed=_NO_PACKAGE),
    ),
    f"DELETE {_PACKAGES}/{{package}}": (
        _Call(_C.DELETE_PACKAGE, PROJECT, numbers={"package": "471147"}, passed=_NO_PACKAGE,
              besides=(_C.DOWNLOAD_PACKAGE,), scopes=(_P.ARTIFACT_DOWNLOAD,)),
    ),
}  # fmt: skip
