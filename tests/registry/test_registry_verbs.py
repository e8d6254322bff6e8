"""What is pushed, pulled, tagged and deleted, by whom."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from tests.registry.registry_world import NAME, OCI_IMAGE, Bank, digest_of, image, index, part

from plumbline.access import SIGNED_OUT
from plumbline.flow.artifacts.keepers import Keepers
from plumbline.flow.artifacts.manifests import delete_manifest, find_manifest, put_manifest
from plumbline.flow.artifacts.referrers import list_referrers
from plumbline.flow.artifacts.repositories import list_repositories
from plumbline.flow.artifacts.tags import delete_tag, list_tags
from plumbline.flow.artifacts.uploads import (
    OffsetError,
    begin_upload,
    cancel_upload,
    delete_blob,
    find_blob,
    finish_upload,
    mount_blob,
    open_upload,
)
from plumbline.kernel import PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Callable

MISSING = f"sha256:{'0' * 64}"


def refused(code: str, act: Callable[[], Any]) -> PlumblineError:
    with pytest.raises(PlumblineError) as found:
        act()
    assert found.value.code == code
    return found.value


class TestBlobs:
    def test_come_in_parts_and_go_on_after_a_break(self, bank: Bank) -> None:
        upload = begin_upload(bank.dev, bank.artifacts, NAME).write([b"one "])
        again = open_upload(bank.dev, bank.artifacts, NAME, upload.id, 4)
        again.write([b"two"])
        assert finish_upload(bank.dev, bank.artifacts, NAME, upload.id, digest_of(b"one two")) == 7
        assert find_blob(bank.dev, bank.artifacts, NAME, digest_of(b"one two")).size == 7

    def test_a_part_begins_where_the_one_before_ended(self, bank: Bank) -> None:
        upload = begin_upload(bank.dev, bank.artifacts, NAME).write([b"one "])
        error = refused("offset-wrong", lambda: open_upload(bank.dev, bank.artifacts, NAME, upload.id, 3))
        assert isinstance(error, OffsetError)
        assert error.offset == 4

    def test_an_upload_that_lies_about_its_digest_is_gone(self, bank: Bank) -> None:
        upload = begin_upload(bank.dev, bank.artifacts, NAME).write([b"one"])
        refused("digest-wrong", lambda: finish_upload(bank.dev, bank.artifacts, NAME, upload.id, MISSING))
        refused("upload-unknown", lambda: open_upload(bank.dev, bank.artifacts, NAME, upload.id))
        refused("blob-unknown", lambda: find_blob(bank.dev, bank.artifacts, NAME, MISSING))

    def test_an_upload_is_that_of_whoever_began_it_where_they_did(self, bank: Bank) -> None:
        upload = begin_upload(bank.dev, bank.artifacts, NAME)
        bank.push_blob(b"x", f"{NAME}/web")
        for actor, name in ((bank.mei, NAME), (bank.dev, f"{NAME}/web")):
            refused("upload-unknown", lambda a=actor, n=name: open_upload(a, bank.artifacts, n, upload.id))
        refused("upload-unknown", lambda: open_upload(bank.dev, bank.artifacts, NAME, "../../etc/passwd"))

    def test_given_up(self, bank: Bank) -> None:
        upload = begin_upload(bank.dev, bank.artifacts, NAME)
        cancel_upload(bank.dev, bank.artifacts, NAME, upload.id)
        refused("upload-unknown", lambda: open_upload(bank.dev, bank.artifacts, NAME, upload.id))

    def test_are_pulled_only_from_where_they_were_pushed(self, bank: Bank) -> None:
        """Whoever knows a digest does not have the bytes."""
        digest = bank.push_blob(b"secret")
        bank.push_blob(b"mine", "bank/other", bank.stranger)
        refused("blob-unknown", lambda: find_blob(bank.stranger, bank.artifacts, "bank/other", digest))
        refused("not-found", lambda: find_blob(bank.stranger, bank.artifacts, NAME, digest))

    def test_are_mounted_from_where_one_may_pull(self, bank: Bank) -> None:
        digest = bank.push_blob(b"base")
        assert mount_blob(bank.mei, bank.artifacts, f"{NAME}/web", digest, NAME)
        assert find_blob(bank.mei, bank.artifacts, f"{NAME}/web", digest).size == 4
        assert not mount_blob(bank.stranger, bank.artifacts, "bank/other", digest, NAME)
        assert not mount_blob(bank.mei, bank.artifacts, f"{NAME}/web", MISSING, NAME)
        assert not mount_blob(bank.mei, bank.artifacts, f"{NAME}/web", digest, "../etc")

    def test_in_sha512(self, bank: Bank) -> None:
        digest = bank.push_blob(b"long", algorithm="sha512")
        assert find_blob(bank.dev, bank.artifacts, NAME, digest).size == 4

    def test_are_deleted_where_no_manifest_names_them(self, bank: Bank) -> None:
        bank.push("v1")
        refused("blob-in-use", lambda: delete_blob(bank.mei, bank.artifacts, NAME, digest_of(b"layer")))
        digest = bank.push_blob(b"left over")
        refused("not-allowed", lambda: delete_blob(bank.dev, bank.artifacts, NAME, digest))
        delete_blob(bank.mei, bank.artifacts, NAME, digest)
        refused("blob-unknown", lambda: find_blob(bank.mei, bank.artifacts, NAME, digest))


class TestManifests:
    def test_are_pulled_by_tag_and_by_digest(self, bank: Bank) -> None:
        digest = bank.push("v1")
        by_tag = find_manifest(bank.dev, bank.artifacts, NAME, "v1")
        assert (by_tag.digest, by_tag.media_type, by_tag.data) == (digest, OCI_IMAGE, image())
        assert find_manifest(bank.dev, bank.artifacts, NAME, digest).data == image()
        assert find_manifest(bank.dev, bank.artifacts, NAME, "v1", head=True).size == len(image())

    def test_are_refused_without_what_they_are_made_of(self, bank: Bank) -> None:
        bank.push_blob(b"{}")
        data = image()
        refused("manifest-blob-unknown", lambda: put_manifest(bank.mei, bank.artifacts, NAME, "v1", "", data))
        missing = index(image(layers=(b"nowhere",)))
        refused("manifest-blob-unknown", lambda: put_manifest(bank.mei, bank.artifacts, NAME, "v1", "", missing))

    def test_what_another_repository_has_does_not_count(self, bank: Bank) -> None:
        bank.push("v1")
        name = f"{NAME}/web"
        refused("manifest-blob-unknown", lambda: put_manifest(bank.mei, bank.artifacts, name, "v1", "", image()))

    def test_that_lie_about_a_size_are_refused(self, bank: Bank) -> None:
        bank.push("v1")
        lying = image().replace(b'"size": 5', b'"size": 6')
        refused("manifest-invalid", lambda: put_manifest(bank.mei, bank.artifacts, NAME, "v1", "", lying))

    def test_under_a_digest_that_is_not_theirs_are_refused(self, bank: Bank) -> None:
        bank.push("v1")
        refused("digest-wrong", lambda: put_manifest(bank.mei, bank.artifacts, NAME, MISSING, "", image()))
        refused("digest-invalid", lambda: put_manifest(bank.mei, bank.artifacts, NAME, "sha256:x", "", image()))
        refused("tag-invalid", lambda: put_manifest(bank.mei, bank.artifacts, NAME, "-x", "", image()))

    def test_in_sha512(self, bank: Bank) -> None:
        digest = bank.push(digest_of(image(), "sha512"))
        assert digest.startswith("sha512:")
        assert find_manifest(bank.dev, bank.artifacts, NAME, digest).data == image()

    def test_a_pull_by_digest_goes_on_when_the_tag_is_moved(self, bank: Bank) -> None:
        first = bank.push("latest")
        bank.push_blob(b"new")
        second = bank.push("latest", image(layers=(b"new",)))
        assert find_manifest(bank.dev, bank.artifacts, NAME, "latest").digest == second != first
        assert find_manifest(bank.dev, bank.artifacts, NAME, first).data == image()

    def test_the_same_again_changes_nothing_and_tells_nothing(self, bank: Bank) -> None:
        bank.push("v1")
        bank.push("v1")
        assert len(bank.told("artifact.published")) == len(bank.told("tag.moved")) == 1

    def test_are_deleted_with_their_tags(self, bank: Bank) -> None:
        digest = bank.push("v1")
        refused("not-allowed", lambda: delete_manifest(bank.dev, bank.artifacts, NAME, digest))
        delete_manifest(bank.mei, bank.artifacts, NAME, digest)
        for reference in ("v1", digest):
            refused("manifest-unknown", lambda r=reference: find_manifest(bank.mei, bank.artifacts, NAME, r))
        assert len(bank.told("artifact.deleted")) == 1

    def test_stay_while_an_index_names_them(self, bank: Bank) -> None:
        child = bank.push()
        parent = bank.push("all", index(image()))
        refused("artifact-held", lambda: delete_manifest(bank.mei, bank.artifacts, NAME, child))
        delete_manifest(bank.mei, bank.artifacts, NAME, parent)
        delete_manifest(bank.mei, bank.artifacts, NAME, child)

    def test_stay_while_somebody_holds_them(self, bank: Bank) -> None:
        digest = bank.push("v1")
        keepers = Keepers(held=lambda _unit, _artifact: t("it is deployed"))
        import dataclasses

        holding = dataclasses.replace(bank.artifacts, keepers=keepers)
        refused("artifact-held", lambda: delete_manifest(bank.mei, holding, NAME, digest))


class TestReferrers:
    def test_are_told_with_what_they_are_for_whether_their_subject_is_there_or_not(self, bank: Bank) -> None:
        bank.push()
        about = {"mediaType": OCI_IMAGE, "digest": MISSING, "size": 3}
        data = image(artifactType="application/x", annotations={"a": "b"}, subject=about)
        stored = put_manifest(bank.mei, bank.artifacts, NAME, digest_of(data), OCI_IMAGE, data)
        assert stored.subject == MISSING
        listed = json.loads(list_referrers(bank.dev, bank.artifacts, NAME, MISSING))
        assert listed["manifests"] == [part(data, OCI_IMAGE, artifactType="application/x", annotations={"a": "b"})]
        assert json.loads(list_referrers(bank.dev, bank.artifacts, NAME, MISSING, "a/b"))["manifests"] == []
        assert json.loads(list_referrers(bank.dev, bank.artifacts, NAME, digest_of(b"x")))["manifests"] == []

    def test_are_found_under_the_fallback_tag_too(self, bank: Bank) -> None:
        subject = bank.push()
        tag = subject.replace(":", "-")
        refused("manifest-unknown", lambda: find_manifest(bank.dev, bank.artifacts, NAME, tag))
        data = image(artifactType="application/x", annotations={"a": "b"}, subject=part(image(), OCI_IMAGE))
        referrer = bank.push("", data)
        found = find_manifest(bank.dev, bank.artifacts, NAME, tag)
        assert found.data == list_referrers(bank.dev, bank.artifacts, NAME, subject)
        assert find_manifest(bank.dev, bank.artifacts, NAME, found.digest).data == found.data
        assert list_tags(bank.dev, bank.artifacts, NAME, "", None) == ([], False)
        delete_manifest(bank.mei, bank.artifacts, NAME, referrer)
        refused("manifest-unknown", lambda: find_manifest(bank.dev, bank.artifacts, NAME, tag))


class TestTags:
    def test_are_listed_in_order_whatever_their_case(self, bank: Bank) -> None:
        for tag in ("b", "A", "a", "C"):
            bank.push(tag)
        assert list_tags(bank.dev, bank.artifacts, NAME, "", None) == (["A", "a", "b", "C"], False)
        assert list_tags(bank.dev, bank.artifacts, NAME, "", 2) == (["A", "a"], True)
        assert list_tags(bank.dev, bank.artifacts, NAME, "a", 2) == (["b", "C"], False)
        assert list_tags(bank.dev, bank.artifacts, NAME, "", 0) == ([], False)

    def test_are_taken_away_and_the_manifest_stays(self, bank: Bank) -> None:
        digest = bank.push("v1")
        delete_tag(bank.mei, bank.artifacts, NAME, "v1")
        assert find_manifest(bank.dev, bank.artifacts, NAME, digest).digest == digest
        assert bank.told("tag.removed") == [f"{NAME}:v1"]

    def test_that_are_immutable_are_given_once(self, bank: Bank) -> None:
        bank.set(bank.bank, registry__immutable_tags=["v*"])
        digest = bank.push("v1")
        bank.push("v1")
        bank.push_blob(b"new")
        other = image(layers=(b"new",))
        refused("tag-immutable", lambda: put_manifest(bank.mei, bank.artifacts, NAME, "v1", "", other))
        refused("tag-immutable", lambda: delete_tag(bank.mei, bank.artifacts, NAME, "v1"))
        refused("tag-immutable", lambda: delete_manifest(bank.mei, bank.artifacts, NAME, digest))

    def test_that_are_protected_are_given_by_who_may_delete(self, bank: Bank) -> None:
        bank.set(bank.pay, registry__protected_tags=["release-*"])
        refused("not-allowed", lambda: bank.push("release-1", actor=bank.dev))
        bank.push("other", actor=bank.dev)
        bank.push("release-1", actor=bank.mei)


class TestRepositories:
    def test_belong_to_the_project_whose_path_is_the_longest_beginning(self, bank: Bank) -> None:
        bank.push("v1", name=f"{NAME}/web/api")
        with bank.view() as tx:
            [found] = tx.repositories.of(None)
        assert (found.project, found.name, found.address) == (bank.pay.id, "web/api", f"{NAME}/web/api")

    @pytest.mark.parametrize("name", ["bank", "nowhere", "bank/payment", NAME])
    def test_that_there_are_not_and_that_one_may_not_see_are_the_same(self, bank: Bank, name: str) -> None:
        bank.push("v1")
        error = refused("not-found", lambda: find_manifest(bank.stranger, bank.artifacts, name, "v1"))
        assert str(error.message) == f"There is no repository {name}."

    def test_nobody_who_only_sees_the_project_pulls(self, bank: Bank) -> None:
        bank.push("v1")
        refused("not-allowed", lambda: find_manifest(bank.viewer, bank.artifacts, NAME, "v1"))
        refused("not-allowed", lambda: bank.push("v1", actor=bank.viewer))
        refused("not-signed-in", lambda: find_manifest(SIGNED_OUT, bank.artifacts, NAME, "v1"))

    def test_are_listed_for_whom_may_pull(self, bank: Bank) -> None:
        for name in (NAME, f"{NAME}/a", f"{NAME}/b"):
            bank.push_blob(b"x", name)
        assert list_repositories(bank.dev, bank.artifacts, "", 2) == ([NAME, f"{NAME}/a"], True)
        assert list_repositories(bank.dev, bank.artifacts, f"{NAME}/a", 2) == ([f"{NAME}/b"], False)
        assert list_repositories(bank.stranger, bank.artifacts, "", 9) == ([], False)
        assert list_repositories(bank.viewer, bank.artifacts, "", 9) == ([], False)

    def test_move_with_their_project_and_nobody_inherits_the_old_name(self, bank: Bank) -> None:
        digest = bank.push("v1")
        with bank.change() as tx:
            before = tx.tree.get(bank.pay.id)
            tx.tree.move(before, replace(before, name="paying", path="bank/paying"))
        refused("not-found", lambda: find_manifest(bank.dev, bank.artifacts, NAME, "v1"))
        assert find_manifest(bank.dev, bank.artifacts, "bank/paying", "v1").digest == digest

    def test_where_only_the_case_differs_nobody_takes_over(self, bank: Bank) -> None:
        bank.push("v1")
        from plumbline.model.tree import NodeKind

        bank.node("Pay", NodeKind.PROJECT, bank.bank)
        refused("not-found", lambda: find_manifest(bank.dev, bank.artifacts, NAME, "v1"))

    def test_of_an_archived_project_can_be_pulled(self, bank: Bank) -> None:
        bank.push("v1")
        with bank.change() as tx:
            tx.tree.save(replace(tx.tree.get(bank.pay.id), archived=True))
        assert find_manifest(bank.dev, bank.artifacts, NAME, "v1").data == image()
        refused("not-allowed", lambda: bank.push("v2"))
