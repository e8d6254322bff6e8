"""What a manifest says: bytes in, its parts out. Image manifests and indexes of OCI 1.1, its artifact manifests of the
release candidates, and those of Docker, schema 2. The rules, in this order:

1. It is one JSON object, in UTF-8, of at most 4 MiB, in which no name stands twice.
2. What the header says it is and what it says itself agree; one that could be read as two kinds is none.
3. Every part has a digest and a size that can be; nothing is looked up here.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import Any

import msgspec

from plumbline.artifacts.names import is_digest
from plumbline.kernel import ErrorKind, PlumblineError, Text, t
from plumbline.model.artifact import Descriptor
from plumbline.model.ready import ready

LARGEST = 4 << 20  # bytes
OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json"
DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
_DOCKER_1 = ("application/vnd.docker.distribution.manifest.v1+json",
             "application/vnd.docker.distribution.manifest.v1+prettyjws")  # fmt: skip
_LONGEST_TYPE = 255  # characters of a media type
_TYPE = re.compile(r"[!-~]+(?: [!-~]+)*")
_MOST_ANNOTATIONS = 1000


class Form(StrEnum):
    """What a manifest is made of."""

    IMAGE = "image"  # a configuration and layers
    INDEX = "index"  # other manifests
    ARTIFACT = "artifact"  # blobs


FORMS = {
    OCI_IMAGE: Form.IMAGE,
    DOCKER_IMAGE: Form.IMAGE,
    OCI_INDEX: Form.INDEX,
    DOCKER_LIST: Form.INDEX,
    OCI_ARTIFACT: Form.ARTIFACT,
}


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """``artifact_type``: what it is for, as referrers are asked for by it: that of an image without one is the media
    type of its configuration."""

    form: Form
    media_type: str
    artifact_type: str = ""
    config: Descriptor | None = None
    layers: tuple[Descriptor, ...] = ()
    children: tuple[Descriptor, ...] = ()
    subject: Descriptor | None = None
    annotations: dict[str, str] = {}

    @property
    def blobs(self) -> tuple[Descriptor, ...]:
        """What has to be there before it: layers that may not be handed on are fetched elsewhere."""
        own = (self.config,) if self.config is not None else ()
        return (*own, *(layer for layer in self.layers if is_distributable(layer)))


class _Written(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A manifest as it is written, of any of the forms."""

    schema_version: int | None = None
    media_type: str = ""
    artifact_type: str = ""
    config: Descriptor | None = None
    layers: list[Descriptor] | None = None
    manifests: list[Descriptor] | None = None
    blobs: list[Descriptor] | None = None
    subject: Descriptor | None = None
    annotations: dict[str, str] | None = None


def is_distributable(layer: Descriptor) -> bool:
    """Not so are layers that a licence keeps where they are: such as those of Windows."""
    return "nondistributable" not in layer.media_type and ".foreign." not in layer.media_type


def read_manifest(data: bytes, media_type: str) -> Manifest:
    """``media_type``: what the header says; empty: nothing. Raises PlumblineError ``manifest-invalid``."""
    if len(data) > LARGEST:
        raise _invalid(t("A manifest has at most {count} bytes.", count=LARGEST))
    written = _written(data)
    kind = _kind(written, media_type.partition(";")[0].strip().lower())
    found = Manifest(
        form=FORMS[kind],
        media_type=kind,
        artifact_type=written.artifact_type or _type_of_config(written),
        config=written.config,
        layers=tuple(written.layers or written.blobs or ()),
        children=tuple(written.manifests or ()),
        subject=written.subject,
        annotations=written.annotations or {},
    )
    _check(found)
    return found


def _written(data: bytes) -> _Written:
    try:
        made = json.loads(data.decode(), object_pairs_hook=_each_once)
        msgspec.json.encode(made)  # what no text can say, such as half a letter, stands in no manifest
    except (ValueError, RecursionError, OverflowError) as error:
        raise _invalid(t("The manifest is not JSON: {reason}", reason=str(error)[:200])) from error
    if not isinstance(made, dict):
        raise _invalid(t("The manifest is no JSON object."))
    if "signatures" in made or made.get("schemaVersion") == 1:
        raise _invalid(t("Manifests of Docker's schema 1 are not taken: push it with a newer client."))
    try:
        return msgspec.convert({name: value for name, value in made.items() if value is not None}, ready(_Written))
    except msgspec.ValidationError as error:
        raise _invalid(t("The manifest does not have the form it should have: {reason}", reason=error)) from error


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return made


def _kind(written: _Written, header: str) -> str:
    """The media type that header and manifest agree on."""
    if header in _DOCKER_1:
        raise _invalid(t("Manifests of Docker's schema 1 are not taken: push it with a newer client."))
    own = written.media_type.lower()
    if header in ("application/json", "application/octet-stream"):
        header = ""
    if header and own and header != own:
        raise _invalid(t("The header calls the manifest {header}, and it calls itself {own}.", header=header, own=own))
    kind = header or own or _guessed(written)
    if kind not in FORMS:
        raise _invalid(t("{type} is no media type of a manifest that is taken here.", type=kind[:_LONGEST_TYPE]))
    _check_form(written, kind)
    return kind


def _guessed(written: _Written) -> str:
    """OCI says that a manifest need not name its own type."""
    return OCI_INDEX if written.manifests is not None and written.layers is None else OCI_IMAGE


def _check_form(written: _Written, kind: str) -> None:
    """What could be read as an image by one and as an index by another means two things under one digest."""
    form = FORMS[kind]
    if form is not Form.ARTIFACT and written.schema_version != 2:
        raise _invalid(t("The schemaVersion of a manifest is 2."))
    needed = {Form.IMAGE: written.config, Form.INDEX: written.manifests, Form.ARTIFACT: 0}[form]
    foreign = {
        Form.IMAGE: (written.manifests, written.blobs),
        Form.INDEX: (written.config, written.layers, written.blobs),
        Form.ARTIFACT: (written.manifests, written.layers, written.config),
    }[form]
    if needed is None or (form is Form.IMAGE and written.layers is None):
        raise _invalid(t("The manifest says it is {type}, and lacks the parts of one.", type=kind))
    if any(part is not None for part in foreign):
        raise _invalid(t("The manifest says it is {type}, and has parts of another kind.", type=kind))


def _type_of_config(written: _Written) -> str:
    return written.config.media_type if written.config is not None else ""


def _check(found: Manifest) -> None:
    subject = (found.subject,) if found.subject is not None else ()
    own = (found.config,) if found.config is not None else ()
    for one in (*own, *found.layers, *found.children, *subject):
        if not is_digest(one.digest):
            raise _invalid(t("{digest} is no digest of a part.", digest=one.digest[:200]))
        if not 0 <= one.size < 1 << 63:
            raise _invalid(t("{size} is no size of a part.", size=one.size))
        if not _is_type(one.media_type):
            raise _invalid(t("Every part of a manifest has a media type."))
    if found.artifact_type and not _is_type(found.artifact_type):
        raise _invalid(t("{type} is no artifactType.", type=found.artifact_type[:_LONGEST_TYPE]))
    if len(found.annotations) > _MOST_ANNOTATIONS:
        raise _invalid(t("A manifest has at most {count} annotations.", count=_MOST_ANNOTATIONS))


def _is_type(text: str) -> bool:
    return len(text) <= _LONGEST_TYPE and _TYPE.fullmatch(text) is not None


def _invalid(message: Text) -> PlumblineError:
    return PlumblineError("manifest-invalid", message, kind=ErrorKind.REFUSED)
