"""What a manifest says, and which bytes are none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.artifacts.manifests import LARGEST, OCI_INDEX, Form, read_manifest
from plumbline.kernel import PlumblineError

DIGEST = f"sha256:{'0' * 64}"
OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json"
DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json"


def part(media_type: str = "application/octet-stream", digest: str = DIGEST, size: Any = 2, **more: Any) -> Any:
    return {"mediaType": media_type, "digest": digest, "size": size, **more}


def image(**more: Any) -> dict[str, Any]:
    config = part("application/vnd.oci.image.config.v1+json")
    return {"schemaVersion": 2, "mediaType": OCI_IMAGE, "config": config, "layers": [part()], **more}


def index(**more: Any) -> dict[str, Any]:
    return {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [part(OCI_IMAGE)], **more}


def written(value: Any) -> bytes:
    return json.dumps(value).encode()


def without(value: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: one for name, one in value.items() if name not in names}


def test_an_image_is_a_configuration_and_layers() -> None:
    found = read_manifest(written(image(annotations={"a": "b"}, subject=part(OCI_IMAGE))), OCI_IMAGE)
    assert (found.form, found.media_type, len(found.blobs)) == (Form.IMAGE, OCI_IMAGE, 2)
    assert (found.artifact_type, found.annotations) == ("application/vnd.oci.image.config.v1+json", {"a": "b"})
    assert found.subject is not None


def test_its_own_artifact_type_comes_before_that_of_its_configuration() -> None:
    assert read_manifest(written(image(artifactType="application/x")), "").artifact_type == "application/x"


@pytest.mark.parametrize(("value", "header", "form"), [
    (without(image(), "mediaType"), OCI_IMAGE, Form.IMAGE),
    (without(image(), "mediaType"), "", Form.IMAGE),
    (without(index(), "mediaType"), "", Form.INDEX),
    (image(), f"{OCI_IMAGE}; charset=utf-8", Form.IMAGE),
    (image(), "application/json", Form.IMAGE),
    (image(mediaType=DOCKER_IMAGE), DOCKER_IMAGE, Form.IMAGE),
    (index(mediaType=DOCKER_LIST), DOCKER_LIST, Form.INDEX),
    (index(manifests=[]), OCI_INDEX, Form.INDEX),
    (index(artifactType="application/x"), OCI_INDEX, Form.INDEX),
    ({"mediaType": OCI_ARTIFACT, "artifactType": "application/x", "blobs": [part()]}, OCI_ARTIFACT, Form.ARTIFACT),
    (image(subject=None, annotations=None), OCI_IMAGE, Form.IMAGE),
])  # fmt: skip
def test_forms(value: Any, header: str, form: Form) -> None:
    assert read_manifest(written(value), header).form is form


@pytest.mark.parametrize("media_type", [
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
])  # fmt: skip
def test_layers_that_may_not_be_handed_on_need_not_be_there(media_type: str) -> None:
    found = read_manifest(written(image(layers=[part(), part(media_type, urls=["https://x.example/"])])), "")
    assert (len(found.layers), len(found.blobs)) == (2, 2)


REFUSED = {
    "no JSON": b"{",
    "empty": b"",
    "UTF-16": '{"schemaVersion": 2}'.encode("utf-16"),
    "half a letter": b'{"schemaVersion": 2, "annotations": {"a": "\\ud800"}}',
    "a list": b"[]",
    "a name twice": written(image())[:-1] + b', "schemaVersion": 2}',
    "a name twice inside": written(image(annotations={})).replace(b"{}", b'{"a": "1", "a": "2"}'),
    "deep": b'{"a":' * 100_000,
    "schema 1": written({"schemaVersion": 1, "signatures": []}),
    "another schema": written(image(schemaVersion=3)),
    "no schema": written(without(image(), "schemaVersion")),
    "another type": written(image(mediaType="application/x")),
    "both an image and an index": written(image(manifests=[part()])),
    "an index that is an image": written(index(config=part())),
    "an image without a configuration": written(without(image(), "config")),
    "an image without layers": written(without(image(), "layers")),
    "a layer without a digest": written(image(layers=[{"mediaType": "a/b", "size": 1}])),
    "a digest that is none": written(image(layers=[part(digest="sha256:../../etc")])),
    "a digest of another kind": written(image(layers=[part(digest=f"md5:{'0' * 32}")])),
    "a size below nothing": written(image(layers=[part(size=-1)])),
    "a size that is a text": written(image(layers=[part(size="2")])),
    "a size of too many digits": written(image(layers=[part(size=10**30)])),
    "a part without a type": written(image(layers=[part("")])),
    "a type with a line in it": written(image(layers=[part("a/b\nc")])),
    "an artifact type of 300 letters": written(image(artifactType="a" * 300)),
    "annotations that are no texts": written(image(annotations={"a": 1})),
    "a subject that is a text": written(image(subject=DIGEST)),
    "very many annotations": written(image(annotations={str(each): "" for each in range(2000)})),
    "NaN": written(image()).replace(b'"schemaVersion": 2', b'"schemaVersion": NaN'),
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(PlumblineError) as refused:
        read_manifest(data, "")
    assert refused.value.code == "manifest-invalid"


def test_header_and_manifest_have_to_agree() -> None:
    with pytest.raises(PlumblineError, match="manifest"):
        read_manifest(written(image()), OCI_INDEX)


def test_four_mebibytes_are_the_most() -> None:
    data = written(image(annotations={"a": "x" * LARGEST}))
    with pytest.raises(PlumblineError, match="manifest"):
        read_manifest(data, "")


@given(st.binary() | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each) | st.dictionaries(st.sampled_from([
        "schemaVersion", "mediaType", "config", "layers", "manifests", "digest", "size", "annotations", "subject", "x",
    ]), each),
).map(written))  # fmt: skip
def test_nothing_that_is_sent_is_a_fault(data: bytes) -> None:
    try:
        read_manifest(data, OCI_IMAGE)
    except PlumblineError as error:
        assert error.code == "manifest-invalid"  # noqa: PT017
