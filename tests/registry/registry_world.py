"""A registry on a real store in a temporary folder: a small bank, its people, and bytes to push."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from tests.flow.door_tools import House

from plumbline.flow.artifacts.manifests import put_manifest
from plumbline.flow.artifacts.uploads import begin_upload, finish_upload
from plumbline.model.person import Role
from plumbline.model.tree import Node, NodeKind

if TYPE_CHECKING:
    from pathlib import Path

    from plumbline.access import Actor

OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
NAME = "bank/pay"  # path of the project, and the name of its own repository


def digest_of(data: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def part(data: bytes, media_type: str, **more: Any) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data), **more}


def image(config: bytes = b"{}", layers: tuple[bytes, ...] = (b"layer",), **more: Any) -> bytes:
    return json.dumps({
        "schemaVersion": 2, "mediaType": OCI_IMAGE, "config": part(config, OCI_CONFIG),
        "layers": [part(one, OCI_LAYER) for one in layers], **more,
    }).encode()  # fmt: skip


def index(*manifests: bytes, **more: Any) -> bytes:
    each = [part(one, OCI_IMAGE) for one in manifests]
    return json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": each, **more}).encode()


class Bank(House):
    """``bank/pay`` and ``bank/other`` are projects; ``mei`` maintains the first, ``dev`` develops it, ``viewer`` sees
    it, and ``stranger`` has the other one."""

    def __init__(self, folder: Path, database: str | None = None) -> None:
        super().__init__(folder, database)
        self.bank = self.node("bank")
        self.pay = self.node("pay", NodeKind.PROJECT, self.bank)
        self.other = self.node("other", NodeKind.PROJECT, self.bank)
        self.artifacts = replace_units(self)
        self.mei = self.standing(self.person("mei", Role.MAINTAINER, node=self.pay.id))
        self.dev = self.standing(self.person("dev", Role.DEVELOPER, node=self.pay.id))
        self.viewer = self.standing(self.person("viewer", Role.VIEWER, node=self.pay.id))
        self.stranger = self.standing(self.person("stranger", Role.MAINTAINER, node=self.other.id))

    def push_blob(self, data: bytes, name: str = NAME, actor: Actor | None = None, algorithm: str = "sha256") -> str:
        upload = begin_upload(actor or self.mei, self.artifacts, name)
        upload.write([data])
        finish_upload(actor or self.mei, self.artifacts, name, upload.id, digest_of(data, algorithm))
        return digest_of(data, algorithm)

    def push(self, reference: str = "", data: bytes = b"", name: str = NAME, actor: Actor | None = None) -> str:
        """A manifest, and a layer and configuration that the usual one is made of."""
        for one in (b"{}", b"layer"):
            self.push_blob(one, name, actor)
        data = data or image()
        return put_manifest(actor or self.mei, self.artifacts, name, reference or digest_of(data), "", data).digest

    def set(self, node: Node, **settings: Any) -> None:
        named = {key.replace("__", "."): value for key, value in settings.items()}
        with self.change() as tx:
            found = tx.tree.get(node.id)
            tx.tree.save(replace(found, settings={**found.settings, **named}))

    def told(self, kind: str) -> list[Any]:
        """The events of a kind, such as ``tag.moved``: each as its subject."""
        ledger = self.tools.ledger.ledger
        return [one.subject for one in ledger.read(1) if f"{kind}." in one.type]


def replace_units(house: House) -> Any:
    import dataclasses

    return dataclasses.replace(house.tools.artifacts, units=house.tools.units)
