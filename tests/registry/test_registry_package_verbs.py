"""Files of generic packages: published once, read by who may, deleted where nothing holds them."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from tests.registry.registry_world import Bank, digest_of
from tests.registry.test_registry_verbs import refused

from plumbline.flow.artifacts.keepers import Keepers
from plumbline.flow.artifacts.packages import (
    begin_file,
    delete_package,
    list_packages,
    open_file,
    publish_file,
    write_file,
)
from plumbline.kernel import t

if TYPE_CHECKING:
    from plumbline.access import Actor
    from plumbline.model.artifact import Artifact

BYTES = b"a library"


def publish(
    bank: Bank,
    data: bytes = BYTES,
    version: str = "1.0",
    file: str = "lib.tgz",
    actor: Actor | None = None,
    **more: Any,
) -> Artifact:
    who = actor or bank.dev
    upload = begin_file(who, bank.artifacts, bank.pay.id, "lib", version, file)
    for at in range(0, len(data), 4):
        write_file(bank.artifacts, upload, [data[at : at + 4]])
    return publish_file(who, bank.artifacts, bank.pay.id, "lib", version, file, upload, **more)


def test_there_and_back(bank: Bank) -> None:
    made = publish(bank)
    assert (made.digest, made.size, made.repository) == (digest_of(BYTES), len(BYTES), "bank/pay")
    found = open_file(bank.dev, bank.artifacts, bank.pay.id, "lib", "1.0", "lib.tgz")
    assert bank.artifacts.blobs.get(found.digest, 100) == BYTES
    [package] = list_packages(bank.dev, bank.artifacts, bank.pay.id)
    assert (package.name, package.version, package.size) == ("lib", "1.0", len(BYTES))
    assert bank.told("artifact.published") == ["pkg:generic/bank/pay/lib/lib.tgz@1.0"]
    [event] = bank.events("artifact.published")
    assert event["customData"]["digest"] == made.digest


def test_the_same_bytes_again_change_nothing_and_others_are_refused(bank: Bank) -> None:
    first = publish(bank)
    assert publish(bank) == first
    refused("package-immutable", lambda: publish(bank, b"something else"))
    assert len(bank.told("artifact.published")) == 1
    assert list(bank.artifacts.blobs.uploads()) == []
    assert open_file(bank.dev, bank.artifacts, bank.pay.id, "lib", "1.0", "lib.tgz").digest == first.digest


def test_versions_that_may_change(bank: Bank) -> None:
    bank.set(bank.pay, registry__mutable_versions=("*-SNAPSHOT",))
    publish(bank, version="2-SNAPSHOT")
    newer = publish(bank, b"newer", version="2-SNAPSHOT")
    assert open_file(bank.dev, bank.artifacts, bank.pay.id, "lib", "2-SNAPSHOT", "lib.tgz").digest == newer.digest
    assert len(bank.told("artifact.deleted")) == 1
    publish(bank)
    refused("package-immutable", lambda: publish(bank, b"newer"))


def test_two_files_may_have_the_same_bytes(bank: Bank) -> None:
    publish(bank, file="a")
    publish(bank, file="b")
    [package] = list_packages(bank.dev, bank.artifacts, bank.pay.id, "lib")
    assert [one.version for one in package.files] == ["1.0/a", "1.0/b"]


def test_a_client_may_say_the_digest(bank: Bank) -> None:
    assert publish(bank, digest=digest_of(BYTES)).digest == digest_of(BYTES)
    refused("digest-wrong", lambda: publish(bank, version="2", digest=digest_of(b"others")))
    refused("digest-malformed", lambda: publish(bank, version="2", digest="sha256:../x"))
    assert list(bank.artifacts.blobs.uploads()) == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a b", "a%2fb", "é", "a\0", "x" * 256, "a\n"])
def test_names_are_plain(bank: Bank, name: str) -> None:
    for names in ((name, "1", "f"), ("p", name, "f"), ("p", "1", name)):
        refused("package-name-invalid", partial(begin_file, bank.dev, bank.artifacts, bank.pay.id, *names))
    assert list(bank.artifacts.blobs.uploads()) == []


def test_who_may(bank: Bank) -> None:
    publish(bank)
    refused("not-found", lambda: begin_file(bank.stranger, bank.artifacts, bank.pay.id, "lib", "1", "f"))
    refused("not-found", lambda: open_file(bank.stranger, bank.artifacts, bank.pay.id, "lib", "1.0", "lib.tgz"))
    refused("not-allowed", lambda: begin_file(bank.viewer, bank.artifacts, bank.pay.id, "lib", "1", "f"))
    refused("not-allowed", lambda: delete_package(bank.dev, bank.artifacts, bank.pay.id, "lib", "1.0"))
    refused("package-unknown", lambda: open_file(bank.dev, bank.artifacts, bank.pay.id, "lib", "1.0", "other"))
    refused("not-found", lambda: list_packages(bank.dev, bank.artifacts, None))


def test_deleted_and_published_again(bank: Bank) -> None:
    publish(bank, file="a")
    publish(bank, b"other", file="b")
    assert delete_package(bank.mei, bank.artifacts, bank.pay.id, "lib", "1.0", "a") == 1
    assert delete_package(bank.mei, bank.artifacts, bank.pay.id, "lib", "1.0") == 1
    refused("package-unknown", lambda: delete_package(bank.mei, bank.artifacts, bank.pay.id, "lib", "1.0"))
    assert list_packages(bank.dev, bank.artifacts, bank.pay.id) == []
    assert len(bank.told("artifact.deleted")) == 2
    publish(bank, file="a")


def test_what_is_held_stays(bank: Bank) -> None:
    publish(bank)
    keepers = Keepers(held=lambda _unit, _artifact: t("it is deployed"))
    holding = dataclasses.replace(bank.artifacts, keepers=keepers)
    refused("artifact-held", lambda: delete_package(bank.mei, holding, bank.pay.id, "lib", "1.0"))


def test_corrupt_bytes_are_refused_until_they_are_published_again(bank: Bank, tmp_path: Any) -> None:
    made = publish(bank)
    path = tmp_path / "data/oci/blobs/sha256" / made.digest.partition(":")[2]
    path.chmod(0o600)
    path.write_bytes(BYTES.upper())
    refused("blob-corrupt", lambda: bank.artifacts.blobs.get(made.digest, 100))
    refused("blob-missing", lambda: open_file(bank.dev, bank.artifacts, bank.pay.id, "lib", "1.0", "lib.tgz"))
    assert bank.told("storage.corrupted") == [made.digest]
    publish(bank)
    open_file(bank.dev, bank.artifacts, bank.pay.id, "lib", "1.0", "lib.tgz")
    assert bank.artifacts.blobs.get(made.digest, 100) == BYTES


def test_pulls_are_told_once_for_each_puller_and_day(bank: Bank) -> None:
    publish(bank)
    for who in (bank.dev, bank.dev, bank.mei, bank.dev):
        open_file(who, bank.artifacts, bank.pay.id, "lib", "1.0", "lib.tgz")
    open_file(bank.dev, bank.artifacts, bank.pay.id, "lib", "1.0", "lib.tgz", head=True)
    assert len(bank.told("artifact.downloaded")) == 2
    with bank.view() as tx:
        pulls = tx.artifacts.pulls(bank.pay.id, digest_of(BYTES), 10)
    assert {who for who, _ in pulls} == {"dev", "mei"}
