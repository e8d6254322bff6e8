"""An image with a bill of materials that refers to it, an index, and a package, as a job and a person push them: what
pages of artifacts are looked at with."""

from __future__ import annotations

import hashlib
import json

from plumbline.access import Actor
from plumbline.access.actor import RunningJob
from plumbline.flow.artifacts.manifests import put_manifest
from plumbline.flow.artifacts.packages import begin_file, publish_file, write_file
from plumbline.flow.artifacts.robots import make_robot
from plumbline.flow.artifacts.uploads import begin_upload, finish_upload
from plumbline.flow.unit_of_work import actor_of

IMAGE = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
CONFIG = "application/vnd.oci.image.config.v1+json"
NAME = "bank/core/posting"
YEAR = 300 * 86_400 * 1_000_000


def furnish_artifacts(bank, pipeline):
    """The names in braces of page_examples.EXAMPLES. ``pipeline``: whose job pushes the image."""
    mei, tools = _mei(bank), bank.server.tools.artifacts
    job = bank.current(pipeline)["unit tests"].id
    runs = Actor(mei.person, mei.grants, job=RunningJob(job=job, fence=1, project=3, protected=True))
    image = _image(runs, tools, "1.4.0", b"the service")
    _image(runs, tools, "1.4.1", b"the service, mended")
    about = {"mediaType": IMAGE, "digest": image, "size": 1}
    bill = _image(mei, tools, "", b"{}", subject=about, artifactType="application/vnd.cyclonedx+json")
    index = put_manifest(mei, tools, f"{NAME}/all", "latest", INDEX, _json({
        "schemaVersion": 2, "mediaType": INDEX,
        "manifests": [{"mediaType": IMAGE, "digest": _image(mei, tools, "", b"amd64", name=f"{NAME}/all"), "size": 1}],
    })).digest  # fmt: skip
    data = b"release notes"
    _publish(mei, tools, "posting-cli", "2.0.0", data)
    made = make_robot(mei, tools, 3, "cluster-east", ["artifact.download"], bank.server.tools.units.clock() + YEAR)
    return {
        "image": image, "bill": bill, "index": index, "file": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "robot": made.robot.id,
    }  # fmt: skip


def _mei(bank):
    with bank.store.view() as tx:
        return actor_of(tx, tx.people.named("mei").id)


def _image(actor, tools, tag, layer, *, name=NAME, **more):
    config = b"{}"
    for data in (config, layer):
        _push(actor, tools, name, data)
    manifest = _json({
        "schemaVersion": 2, "mediaType": IMAGE, "config": _described(CONFIG, config),
        "layers": [_described(LAYER, layer)], **more,
    })  # fmt: skip
    digest = f"sha256:{hashlib.sha256(manifest).hexdigest()}"
    return put_manifest(actor, tools, name, tag or digest, IMAGE, manifest).digest


def _push(actor, tools, name, data):
    upload = begin_upload(actor, tools, name).id
    tools.blobs.write(upload, 0, [data])
    finish_upload(actor, tools, name, upload, f"sha256:{hashlib.sha256(data).hexdigest()}")


def push_untagged(bank):
    """A repository in which nothing has a tag; its name."""
    _image(_mei(bank), bank.server.tools.artifacts, "", b"said of it", name=f"{NAME}/said")
    return "said"


def publish_by_job(bank, pipeline):
    """A package that a job of that pipeline published; its name."""
    job = bank.current(pipeline)["unit tests"].id
    mei = _mei(bank)
    runs = Actor(mei.person, mei.grants, job=RunningJob(job=job, fence=1, project=3, protected=True))
    _publish(runs, bank.server.tools.artifacts, "made-here", "1.0.0", b"made here")
    return "made-here"


def _publish(actor, tools, package, version, data):
    upload = begin_file(actor, tools, 3, package, version, "posting.tar.gz")
    write_file(tools, upload, [data])
    publish_file(actor, tools, 3, package, version, "posting.tar.gz", upload)


def _described(kind, data):
    return {"mediaType": kind, "digest": f"sha256:{hashlib.sha256(data).hexdigest()}", "size": len(data)}


def _json(value):
    return json.dumps(value).encode()
