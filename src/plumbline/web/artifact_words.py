"""What artifacts are called among people, and how a terminal gets at them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from plumbline.artifacts.packages import of_stored
from plumbline.kernel import t
from plumbline.model.artifact import Kind
from plumbline.model.registry import Part

if TYPE_CHECKING:
    from plumbline.flow.artifacts.list_artifacts import RepositoryRow
    from plumbline.kernel import Text
    from plumbline.model.artifact import Artifact
    from plumbline.web.page import Ask

KINDS: dict[Kind, Text] = {
    Kind.OCI: t("image repository"),
    Kind.GENERIC: t("generic package"),
    Kind.JOB: t("left by a job"),
}
PARTS: dict[Part, Text] = {
    Part.CONFIG: t("configuration"),
    Part.LAYER: t("layer"),
    Part.CHILD: t("manifest of an index"),
}
_TYPES: dict[str, Text] = {
    "application/vnd.oci.image.manifest.v1+json": t("image"),
    "application/vnd.docker.distribution.manifest.v2+json": t("image"),
    "application/vnd.oci.image.index.v1+json": t("image index"),
    "application/vnd.docker.distribution.manifest.list.v2+json": t("image index"),
    "application/vnd.oci.artifact.manifest.v1+json": t("artifact"),
}


def what_is(artifact: Artifact) -> Text | str:
    """An image, an index, a file; of anything else its own media type."""
    if artifact.kind is Kind.GENERIC:
        return t("file of a package")
    if artifact.subject:
        return artifact.artifact_type or artifact.media_type
    return _TYPES.get(artifact.media_type, artifact.artifact_type or artifact.media_type)


def title_of(artifact: Artifact) -> str:
    """The file of a package with its version, or the repository of an image."""
    if artifact.kind is Kind.GENERIC:
        name = of_stored(artifact.name, artifact.version)
        return f"{name.package} {name.version} {name.file}"
    return artifact.repository


def row_path(row: RepositoryRow) -> str:
    """Of the page with the versions of a repository or of a package."""
    if row.package:
        return f"/projects/{row.project}/package?{urlencode({'name': row.package})}"
    return f"/projects/{row.project}/repository?{urlencode({'name': below(row)})}"


def below(row: RepositoryRow) -> str:
    """What follows the path of the project in the name of a repository."""
    return row.address[len(row.path) + 1 :]


def host(ask: Ask) -> str:
    """Under which clients reach the registry."""
    return urlsplit(ask.tools.people.url).netloc or "plumbline.example"


def image_commands(ask: Ask, address: str, reference: str) -> list[tuple[Text, str]]:
    """``reference``: ``:tag`` or ``@digest``."""
    name = f"{host(ask)}/{address}{reference}"
    return [
        (t("Sign in, with an API token as the password"), f"podman login {host(ask)}"),
        (t("Pull it"), f"podman pull {name}"),
        (t("Copy it elsewhere without a container engine"), f"skopeo copy docker://{name} oci:./image"),
    ]


def push_commands(ask: Ask, path: str, project: int) -> list[tuple[Text, str]]:
    """How something comes into the repository of a project."""
    name = f"{host(ask)}/{path.lower()}"
    return [
        (t("Sign in, with an API token as the password"), f"podman login {host(ask)}"),
        (
            t("Push an image; a job signs in with $CI_REGISTRY_USER and $CI_REGISTRY_PASSWORD"),
            f"podman push IMAGE {name}:TAG",
        ),
        (t("Publish a file as a version of a package"), _curl(ask, project, "PACKAGE", "1.0.0", "FILE", "-T FILE")),
    ]


def file_commands(ask: Ask, artifact: Artifact) -> list[tuple[Text, str]]:
    name = of_stored(artifact.name, artifact.version)
    return [(t("Download it"), _curl(ask, artifact.project, name.package, name.version, name.file, "-O"))]


def _curl(ask: Ask, project: int, package: str, version: str, file: str, how: str) -> str:
    path = "/".join(quote(part, safe="") for part in (package, version, file))
    url = ask.tools.people.url.rstrip("/") or "$PLUMBLINE_URL"
    return f'curl -f -H "PRIVATE-TOKEN: $PLUMB_TOKEN" {how} "{url}/api/v4/projects/{project}/packages/generic/{path}"'
