"""Bytes go when nothing rests on them and nobody has just taken them up; what is kept stays, whatever happens when."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from tests.registry.registry_world import NAME, Bank, digest_of, image, index
from tests.registry.test_registry_package_verbs import publish

from plumbline.flow.artifacts.holds import Holds
from plumbline.flow.artifacts.manifests import delete_manifest, find_manifest, put_manifest
from plumbline.flow.artifacts.packages import list_packages
from plumbline.flow.artifacts.tags import delete_tag
from plumbline.flow.artifacts.uploads import begin_upload, find_blob
from plumbline.flow.storage.cleanup import Cleanup, CleanupTools
from plumbline.kernel import PlumblineError

DAY = 86_400.0
LAYER = digest_of(b"layer")


class Ahead:
    """A server whose clock is ahead, so that what lies on the disk is old. ``sweep`` goes through a whole round."""

    def __init__(self, bank: Bank) -> None:
        import dataclasses

        self.bank = bank
        bank.now = time.time_ns() // 1000
        server = dataclasses.replace(bank.server.server, clock=lambda: bank.now)
        ledger = bank.tools.ledger.ledger
        folder = bank.server._room._tools.folder
        self.tools = CleanupTools(
            bank.server._store, server, folder, "test", blobs=bank.artifacts.blobs, held=Holds(ledger).of
        )

    def later(self, days: float) -> None:
        self.bank.now += int(days * DAY * 1_000_000)

    def sweep(self) -> None:
        for _ in Cleanup(self.tools).round():
            pass


@pytest.fixture
def ahead(bank: Bank) -> Ahead:
    return Ahead(bank)


def there(bank: Bank, digest: str) -> bool:
    return bank.artifacts.blobs.info(digest) is not None


def test_what_no_manifest_names_goes_after_the_grace(bank: Bank, ahead: Ahead) -> None:
    bank.push("v1")
    bank.push_blob(b"pushed, and never named")
    ahead.sweep()
    assert there(bank, digest_of(b"pushed, and never named"))
    ahead.later(2)
    ahead.sweep()
    assert not there(bank, digest_of(b"pushed, and never named"))
    assert all(there(bank, one) for one in (LAYER, digest_of(b"{}"), digest_of(image())))


def test_a_push_again_after_the_sweep_brings_all_of_it_back(bank: Bank, ahead: Ahead) -> None:
    """distribution#1848: nothing remembers that the layers were there once."""
    digest = bank.push("v1")
    delete_manifest(bank.mei, bank.artifacts, NAME, digest)
    ahead.later(2)
    ahead.sweep()
    assert not any(there(bank, one) for one in (LAYER, digest_of(b"{}"), digest))
    with pytest.raises(PlumblineError) as error:
        find_blob(bank.mei, bank.artifacts, NAME, LAYER)
    assert error.value.code == "blob-unknown"
    with pytest.raises(PlumblineError) as error:
        put_manifest(bank.mei, bank.artifacts, NAME, "v1", "", image())
    assert error.value.code == "manifest-blob-unknown"
    bank.push("v1")
    assert find_manifest(bank.mei, bank.artifacts, NAME, "v1").data == image()
    assert bank.artifacts.blobs.get(LAYER, 100) == b"layer"


def test_what_a_push_has_just_asked_for_stays(bank: Bank, ahead: Ahead) -> None:
    """A client asks whether a layer is there, and relies on it until its manifest comes."""
    bank.push_blob(b"layer")
    bank.push_blob(b"{}")
    ahead.later(2)
    find_blob(bank.mei, bank.artifacts, NAME, LAYER)
    find_blob(bank.mei, bank.artifacts, NAME, digest_of(b"{}"))
    ahead.sweep()
    put_manifest(bank.mei, bank.artifacts, NAME, "v1", "", image())
    ahead.later(2)
    ahead.sweep()
    assert bank.artifacts.blobs.get(LAYER, 100) == b"layer"


def test_what_was_tagged_again_stays(bank: Bank, ahead: Ahead) -> None:
    """acr#520: an old image that lost its tag and got another one."""
    bank.set(bank.pay, registry__untagged_days=10)
    digest = bank.push("v1")
    ahead.later(100)
    delete_tag(bank.mei, bank.artifacts, NAME, "v1")
    ahead.sweep()
    assert find_manifest(bank.mei, bank.artifacts, NAME, digest).digest == digest, "it lost its tag only now"
    ahead.later(9)
    put_manifest(bank.mei, bank.artifacts, NAME, "v2", "", image())
    ahead.later(50)
    ahead.sweep()
    assert find_manifest(bank.mei, bank.artifacts, NAME, "v2").digest == digest
    delete_tag(bank.mei, bank.artifacts, NAME, "v2")
    ahead.later(11)
    ahead.sweep()
    with pytest.raises(PlumblineError):
        find_manifest(bank.mei, bank.artifacts, NAME, digest)
    assert bank.told("artifact.deleted")
    ahead.later(2)
    ahead.sweep()
    assert not there(bank, LAYER)


def test_children_of_an_index_and_what_is_about_it_stay(bank: Bank, ahead: Ahead) -> None:
    """distribution#3004: they have no tags of their own."""
    bank.set(bank.pay, registry__untagged_days=1)
    one, other = image(), image(annotations={"other": "1"})
    bank.push(data=one)
    bank.push(data=other)
    both = index(one)
    top = put_manifest(bank.mei, bank.artifacts, NAME, "v1", "", both).digest
    about = {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": top, "size": len(both)}
    signature = image(annotations={"is": "a signature"}, subject=about)
    bank.push(data=signature)
    ahead.later(30)
    ahead.sweep()
    ahead.later(2)
    ahead.sweep()
    for data in (one, both, signature):
        assert find_manifest(bank.mei, bank.artifacts, NAME, digest_of(data)).data == data
    with pytest.raises(PlumblineError):
        find_manifest(bank.mei, bank.artifacts, NAME, digest_of(other))
    assert not there(bank, digest_of(other))


def test_what_is_deployed_stays(bank: Bank, ahead: Ahead) -> None:
    bank.set(bank.pay, registry__untagged_days=1)
    digest = bank.push()
    with bank.change() as tx:
        from plumbline.evidence import write_event
        from plumbline.evidence.vocabulary.cdevents_core import ArtifactDownloaded
        from plumbline.evidence.vocabulary.fields import Reference
        from plumbline.evidence.vocabulary.own_delivery import DeploymentFinished

        content = DeploymentFinished(environment=Reference(id="production"), tier="production", digest=digest)
        tx.record(write_event(content, id="d1", source="/test", subject="deployment-1", time=bank.now))
        for number in range(600):  # whoever pulls it day by day is in the ledger too
            pulled = ArtifactDownloaded(user=f"user {number}")
            tx.record(
                write_event(pulled, id=f"p{number}", source="/test", subject=f"pkg:oci/pay@{digest}", time=bank.now)
            )
    ahead.later(100)
    ahead.sweep()
    assert find_manifest(bank.mei, bank.artifacts, NAME, digest).digest == digest
    with pytest.raises(PlumblineError) as error:
        delete_manifest(bank.mei, bank.artifacts, NAME, digest)
    assert error.value.code == "artifact-held"


def test_expiring_tags_and_versions_go_and_the_newest_stay(bank: Bank, ahead: Ahead) -> None:
    bank.set(
        bank.pay,
        registry__expiring=("mr-*", "*-SNAPSHOT"),
        registry__expire_days=5,
        registry__keep_newest=1,
        registry__immutable_tags=("mr-1",),
    )
    for number in range(4):
        bank.push(f"mr-{number}", image(annotations={"number": str(number)}))
        publish(bank, str(number).encode(), f"{number}-SNAPSHOT")
        bank.now += 1_000_000
    publish(bank, b"release", "1.0")
    ahead.later(6)
    ahead.sweep()
    with bank.view() as tx:
        [repository] = tx.repositories.of([bank.pay.id])
        assert [tag.name for tag in tx.artifacts.tags(repository.id)] == ["mr-1", "mr-3"]
    versions = [one.version for one in list_packages(bank.dev, bank.artifacts, bank.pay.id)]
    assert sorted(versions) == ["1.0", "3-SNAPSHOT"]
    ahead.later(6)
    ahead.sweep()
    ahead.later(2)
    ahead.sweep()
    assert not there(bank, digest_of(b"0"))
    assert not there(bank, digest_of(image(annotations={"number": "0"})))
    assert there(bank, digest_of(image(annotations={"number": "1"})))
    assert there(bank, digest_of(b"release"))


def test_uploads_that_nobody_goes_on_with(bank: Bank, ahead: Ahead) -> None:
    begin_upload(bank.mei, bank.artifacts, NAME).write([b"half"])
    bank.artifacts.blobs.begin()
    ahead.sweep()
    assert len(list(bank.artifacts.blobs.uploads())) == 2
    ahead.later(2)
    ahead.sweep()
    assert list(bank.artifacts.blobs.uploads()) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_no_history_breaks_what_has_a_tag(bank: Bank, ahead: Ahead, seed: int) -> None:
    """Pushes, tags, deletions, sweeps, sweeps that end half way, in any order: what has a tag can be pulled whole."""
    bank.set(bank.pay, registry__untagged_days=1)
    dice = random.Random(seed)
    tags: dict[str, bytes] = {}

    def push() -> None:
        data = image(annotations={"number": str(dice.randint(0, 5))})
        tag = f"t{dice.randint(0, 3)}"
        bank.push(tag, data)
        tags[tag] = data

    def push_index() -> None:
        if tags:
            data = index(dice.choice(list(tags.values())))
            put_manifest(bank.mei, bank.artifacts, NAME, "i", "", data)
            tags["i"] = data

    def untag() -> None:
        if tags:
            tag = dice.choice(list(tags))
            delete_tag(bank.mei, bank.artifacts, NAME, tag)
            del tags[tag]

    def die_half_way() -> None:
        for _, step in zip(range(dice.randint(0, 6)), Cleanup(ahead.tools).round(), strict=False):
            assert step is None

    def pass_time() -> None:
        ahead.later(dice.choice((0.1, 1.5, 3)))

    acts: list[Any] = [push, push, push_index, untag, ahead.sweep, die_half_way, pass_time, pass_time]
    for _ in range(60):
        dice.choice(acts)()
        for tag, data in tags.items():
            assert find_manifest(bank.mei, bank.artifacts, NAME, tag).data == data
        if any(tag != "i" for tag in tags):
            assert bank.artifacts.blobs.get(LAYER, 100) == b"layer"
    tags.clear()
