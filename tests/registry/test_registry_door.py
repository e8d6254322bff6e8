"""The distribution specification at the door: addresses, headers, statuses and codes, and names that are tricks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.registry.registry_door import Door, basic, in_pieces
from tests.registry.registry_world import NAME, OCI_IMAGE, digest_of, image, index, part

MISSING = f"sha256:{'0' * 64}"
BASE = f"/v2/{NAME}"


@pytest.fixture
def mei(door: Door) -> str:
    return door.token(door.mei)


def codes(answer: Any) -> list[str]:
    return [one["code"] for one in answer.json()["errors"]]


class TestTokens:
    def test_who_shows_nothing_is_told_where_to_get_a_token(self, door: Door) -> None:
        answer = door.ask("GET", "/v2/")
        assert (answer.status_code, codes(answer)) == (401, ["UNAUTHORIZED"])
        assert answer.headers["www-authenticate"] == (
            'Bearer realm="http://plumb.test/registry/token",service="plumb.test"'
        )
        assert answer.headers["docker-distribution-api-version"] == "registry/2.0"
        scoped = door.ask("POST", f"{BASE}/blobs/uploads/").headers["www-authenticate"]
        assert scoped.endswith(f',scope="repository:{NAME}:pull,push"')

    def test_a_token_is_for_what_one_may_and_asked_for(self, door: Door) -> None:
        door.push("v1")
        dev = door.token(door.dev)
        pulls = door.registry_token(dev, f"repository:{NAME}:pull")
        assert door.ask("GET", f"{BASE}/manifests/v1", token=pulls).status_code == 200
        refused = door.ask("POST", f"{BASE}/blobs/uploads/", token=pulls)
        assert refused.status_code == 401
        assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]
        every = door.registry_token(dev, f"repository:{NAME}:*")
        assert door.ask("POST", f"{BASE}/blobs/uploads/", token=every).status_code == 202
        assert door.ask("DELETE", f"{BASE}/manifests/v1", token=every).status_code == 401  # a developer may not

    def test_a_token_is_for_one_repository(self, door: Door, mei: str) -> None:
        door.push("v1")
        door.push("v1", name=f"{NAME}/web")
        token = door.registry_token(mei, f"repository:{NAME}:pull")
        assert door.ask("GET", f"{BASE}/web/manifests/v1", token=token).status_code == 401

    def test_nothing_is_told_of_what_one_may_not_see(self, door: Door) -> None:
        door.push("v1")
        stranger = door.token(door.stranger)
        token = door.registry_token(stranger, f"repository:{NAME}:pull", "repository:no/where:pull")
        assert door.ask("GET", f"{BASE}/manifests/v1", token=token).status_code == 401
        for name in (NAME, "no/where"):
            answer = door.ask("GET", f"/v2/{name}/manifests/v1", token=stranger)
            assert (answer.status_code, codes(answer)) == (404, ["NAME_UNKNOWN"])

    def test_a_token_ends_after_minutes_and_with_what_it_was_made_of(self, door: Door) -> None:
        door.push("v1")
        dev = door.token(door.dev)
        token = door.registry_token(dev, f"repository:{NAME}:pull")
        door.later(299)
        assert door.ask("GET", f"{BASE}/manifests/v1", token=token).status_code == 200
        door.later(2)
        assert door.ask("GET", f"{BASE}/manifests/v1", token=token).status_code == 401
        token = door.registry_token(dev, f"repository:{NAME}:pull")
        with door.change() as tx:
            tx.tokens.revoke(dev.split("_")[1], door.now)
        assert door.ask("GET", f"{BASE}/manifests/v1", token=token).status_code == 401

    @pytest.mark.parametrize(
        "shown", ["", "x", "a" * 9000, "é", "....", "plumb_x", "plumbr_x", "plumbj_x", "plumbj_" + "A" * 80]
    )
    def test_what_is_no_token_opens_nothing(self, shared: Door, shown: str) -> None:
        header = f"Bearer {shown}".encode()
        assert shared.ask("GET", "/v2/", headers={"Authorization": header}).status_code == 401
        assert shared.ask("GET", "/registry/token", headers={"Authorization": basic(shown)}).status_code == 401

    def test_no_password_opens_it_nor_a_cookie(self, door: Door) -> None:
        answer = door.ask("GET", "/registry/token", headers={"Authorization": basic("a long enough", "mei")})
        assert answer.status_code == 401
        assert "Passwords are not taken here" in answer.text
        secret = door.sign_in("mei")
        assert door.ask("GET", "/v2/", cookies={"plumbline_session": secret}).status_code == 401
        assert door.ask("GET", "/registry/token").headers["www-authenticate"].startswith("Basic ")

    def test_what_a_token_gives_is_no_more_than_the_scopes_of_what_it_was_made_of(self, door: Door) -> None:
        door.push("v1")
        narrow = door.token(door.mei, "artifact.download")
        token = door.registry_token(narrow, f"repository:{NAME}:pull,push,delete")
        assert door.ask("GET", f"{BASE}/manifests/v1", token=token).status_code == 200
        assert door.ask("POST", f"{BASE}/blobs/uploads/", token=token).status_code == 401

    def test_for_very_many_repositories_it_is_refused(self, door: Door, mei: str) -> None:
        scopes = [("scope", f"repository:a{each}:pull") for each in range(30)]
        answer = door.ask("GET", "/registry/token", params=scopes, headers={"Authorization": basic(mei)})
        assert answer.status_code == 400


class TestUploads:
    def test_at_once(self, door: Door, mei: str) -> None:
        digest = digest_of(b"all")
        answer = door.ask("POST", f"{BASE}/blobs/uploads/?digest={digest}", token=mei, content=b"all")
        assert answer.status_code == 201
        assert answer.headers["location"] == f"{BASE}/blobs/{digest}"
        assert answer.headers["docker-content-digest"] == digest
        assert door.ask("GET", answer.headers["location"], token=mei).content == b"all"

    def test_in_two_steps_however_it_is_sent(self, door: Door, mei: str) -> None:
        begun = door.ask("POST", f"{BASE}/blobs/uploads/", token=mei)
        assert (begun.status_code, begun.headers["range"]) == (202, "0-0")
        data = b"x" * (9 << 20)
        sent = [data[at : at + 300_000] for at in range(0, len(data), 300_000)]
        address = f"{begun.headers['location']}?digest={digest_of(data)}"
        assert door.ask("PUT", address, token=mei, content=in_pieces(*sent)).status_code == 201
        assert door.ask("GET", f"{BASE}/blobs/{digest_of(data)}", token=mei).content == data

    def test_in_parts_in_their_order_alone(self, door: Door, mei: str) -> None:
        place = door.ask("POST", f"{BASE}/blobs/uploads/", token=mei).headers["location"]
        first = door.ask("PATCH", place, token=mei, content=b"abc", headers={"Content-Range": "0-2"})
        assert (first.status_code, first.headers["range"], first.headers["location"]) == (202, "0-2", place)
        for wrong in ("0-2", "4-6"):
            out = door.ask("PATCH", place, token=mei, content=b"xyz", headers={"Content-Range": wrong})
            assert (out.status_code, codes(out)) == (416, ["BLOB_UPLOAD_INVALID"])
            assert (out.headers["range"], out.headers["location"]) == ("0-2", place)
        shown = door.ask("GET", place, token=mei)
        assert (shown.status_code, shown.headers["range"]) == (204, "0-2")
        digest = digest_of(b"abcdef")
        last = door.ask("PUT", f"{place}?digest={digest}", token=mei, content=b"def", headers={"Content-Range": "3-5"})
        assert last.status_code == 201
        assert door.ask("GET", place, token=mei).status_code == 404

    @pytest.mark.parametrize("said", ["x", "2-1", "0-9", "-1", "0-", "bytes 0-2/x"])
    def test_a_range_that_lies_is_refused(self, shared: Door, said: str) -> None:
        door, mei = shared, shared.token(shared.mei)
        place = door.ask("POST", f"{BASE}/blobs/uploads/", token=mei).headers["location"]
        answer = door.ask("PATCH", place, token=mei, content=b"abc", headers={"Content-Range": said})
        assert answer.status_code == 400
        assert door.ask("GET", place, token=mei).headers["range"] == "0-0"

    def test_a_lie_about_the_digest(self, door: Door, mei: str) -> None:
        answer = door.ask("POST", f"{BASE}/blobs/uploads/?digest={MISSING}", token=mei, content=b"other")
        assert (answer.status_code, codes(answer)) == (400, ["DIGEST_INVALID"])
        assert door.ask("HEAD", f"{BASE}/blobs/{MISSING}", token=mei).status_code == 404

    def test_a_digest_that_is_none_is_refused_before_a_byte_is_taken(self, door: Door, mei: str) -> None:
        for digest in ("sha256:bad", "md5:" + "0" * 32, "x", ""):
            answer = door.ask("POST", f"{BASE}/blobs/uploads/?digest={digest}", token=mei, content=b"other")
            assert (answer.status_code, codes(answer)) == (400, ["DIGEST_INVALID"]), digest

    def test_given_up(self, door: Door, mei: str) -> None:
        place = door.ask("POST", f"{BASE}/blobs/uploads/", token=mei).headers["location"]
        assert door.ask("DELETE", place, token=mei).status_code == 204
        gone = door.ask("PATCH", place, token=mei, content=b"abc")
        assert (gone.status_code, codes(gone)) == (404, ["BLOB_UPLOAD_UNKNOWN"])

    def test_mounted_or_to_be_pushed(self, door: Door, mei: str) -> None:
        digest = door.push_blob(b"base")
        mounted = door.ask("POST", f"{BASE}/web/blobs/uploads/?mount={digest}&from={NAME}", token=mei)
        assert (mounted.status_code, mounted.headers["location"]) == (201, f"{BASE}/web/blobs/{digest}")
        assert door.ask("GET", mounted.headers["location"], token=mei).content == b"base"
        for query in (f"mount={MISSING}&from={NAME}", f"mount={digest}&from=no/where", f"mount={digest}"):
            answer = door.ask("POST", f"{BASE}/more/blobs/uploads/?{query}", token=mei)
            assert answer.status_code == 202, query

    def test_empty(self, door: Door, mei: str) -> None:
        digest = digest_of(b"")
        assert door.ask("POST", f"{BASE}/blobs/uploads/?digest={digest}", token=mei).status_code == 201
        got = door.ask("GET", f"{BASE}/blobs/{digest}", token=mei)
        assert (got.status_code, got.content, got.headers["content-length"]) == (200, b"", "0")


class TestBlobs:
    @pytest.mark.parametrize(("wanted", "status", "content", "told"), [
        ("bytes=0-1", 206, b"ab", "bytes 0-1/6"),
        ("bytes=2-", 206, b"cdef", "bytes 2-5/6"),
        ("bytes=-2", 206, b"ef", "bytes 4-5/6"),
        ("bytes=-99", 206, b"abcdef", "bytes 0-5/6"),
        ("bytes=4-99", 206, b"ef", "bytes 4-5/6"),
        ("bytes=6-", 416, b"", "bytes */6"),
        ("bytes=99-100", 416, b"", "bytes */6"),
        ("bytes=-0", 416, b"", "bytes */6"),
        ("bytes=2-1", 200, b"abcdef", None),
        ("bytes=0-1,3-4", 200, b"abcdef", None),
        ("lines=0-1", 200, b"abcdef", None),
        ("bytes=a-b", 200, b"abcdef", None),
        ("bytes=" + "9" * 40 + "-", 200, b"abcdef", None),
    ])  # fmt: skip
    def test_ranges(self, shared: Door, wanted: str, status: int, content: bytes, told: str | None) -> None:
        door, mei = shared, shared.token(shared.mei)
        digest = door.push_blob(b"abcdef")
        got = door.ask("GET", f"{BASE}/blobs/{digest}", token=mei, headers={"Range": wanted})
        assert (got.status_code, got.content, got.headers.get("content-range")) == (status, content, told)

    def test_heads(self, door: Door, mei: str) -> None:
        digest = door.push_blob(b"abcdef")
        got = door.ask("HEAD", f"{BASE}/blobs/{digest}", token=mei)
        assert (got.status_code, got.headers["content-length"], got.content) == (200, "6", b"")
        assert got.headers["docker-content-digest"] == digest

    def test_a_corrupt_one_is_not_handed_out(self, door: Door, mei: str) -> None:
        import os

        data = b"z" * 3_000_000
        digest = door.push_blob(data)
        path = os.path.join(door.server._pipelines.data, "oci", "blobs", *digest.split(":"))
        os.chmod(path, 0o644)
        with open(path, "r+b") as file:
            file.write(b"other")
        assert len(door.taken(f"{BASE}/blobs/{digest}", mei)) < len(data)
        assert door.ask("HEAD", f"{BASE}/blobs/{digest}", token=mei).status_code == 404
        door.push_blob(data)
        assert door.ask("GET", f"{BASE}/blobs/{digest}", token=mei).content == data

    def test_deleted(self, door: Door, mei: str) -> None:
        digest = door.push_blob(b"abcdef")
        assert door.ask("DELETE", f"{BASE}/blobs/{digest}", token=mei).status_code == 202
        assert codes(door.ask("GET", f"{BASE}/blobs/{digest}", token=mei)) == ["BLOB_UNKNOWN"]


class TestManifests:
    def put(self, door: Door, token: str, reference: str, data: bytes, **headers: str) -> Any:
        sent = {"Content-Type": OCI_IMAGE, **headers}
        return door.ask("PUT", f"{BASE}/manifests/{reference}", token=token, content=data, headers=sent)

    def test_there_and_back(self, door: Door, mei: str) -> None:
        door.push()
        put = self.put(door, mei, "v1", image())
        assert (put.status_code, put.headers["location"]) == (201, f"{BASE}/manifests/{digest_of(image())}")
        for reference in ("v1", digest_of(image())):
            got = door.ask("GET", f"{BASE}/manifests/{reference}", token=mei)
            assert (got.content, got.headers["content-type"]) == (image(), OCI_IMAGE)
            assert got.headers["docker-content-digest"] == digest_of(image())
            head = door.ask("HEAD", f"{BASE}/manifests/{reference}", token=mei)
            assert (head.content, head.headers["content-length"]) == (b"", str(len(image())))

    def test_the_subject_is_told_whether_it_is_there_or_not(self, door: Door, mei: str) -> None:
        door.push()
        about = {"mediaType": OCI_IMAGE, "digest": MISSING, "size": 3}
        put = self.put(door, mei, "sig", image(subject=about))
        assert put.headers["oci-subject"] == MISSING

    def test_with_several_tags(self, door: Door, mei: str) -> None:
        door.push()
        put = self.put(door, mei, f"{digest_of(image())}?tag=a&tag=b", image())
        assert (put.status_code, put.headers["oci-tag"]) == (201, "a, b")
        assert door.ask("GET", f"{BASE}/tags/list", token=mei).json() == {"name": NAME, "tags": ["a", "b"]}

    @pytest.mark.parametrize(("reference", "data", "status", "code"), [
        ("v1", image(layers=(b"nowhere",)), 404, "MANIFEST_BLOB_UNKNOWN"),
        ("v1", index(image(layers=(b"nowhere",))), 400, "MANIFEST_INVALID"),  # the header says it is an image
        ("v1", b"{", 400, "MANIFEST_INVALID"),
        ("v1", b" " * (4 << 20) + b"{}", 413, "SIZE_INVALID"),
        (MISSING, image(), 400, "DIGEST_INVALID"),
        ("sha256:baddigest", image(), 400, "DIGEST_INVALID"),
        ("-bad", image(), 400, "MANIFEST_INVALID"),
    ])  # fmt: skip
    def test_what_is_refused(self, shared: Door, reference: str, data: bytes, status: int, code: str) -> None:
        door, mei = shared, shared.token(shared.mei)
        door.push()
        answer = self.put(door, mei, reference, data)
        assert (answer.status_code, codes(answer)) == (status, [code])

    def test_deleted_by_whom_may(self, door: Door, mei: str) -> None:
        digest = door.push("v1")
        dev = door.token(door.dev)
        assert door.ask("DELETE", f"{BASE}/manifests/{digest}", token=dev).status_code == 403
        assert door.ask("DELETE", f"{BASE}/manifests/v1", token=mei).status_code == 202
        assert door.ask("DELETE", f"{BASE}/manifests/{digest}", token=mei).status_code == 202
        assert codes(door.ask("GET", f"{BASE}/manifests/{digest}", token=mei)) == ["MANIFEST_UNKNOWN"]

    def test_referrers(self, door: Door, mei: str) -> None:
        empty = door.ask("GET", f"{BASE}/referrers/{MISSING}", token=mei)
        assert (empty.status_code, empty.json()["manifests"]) == (200, [])
        assert empty.headers["content-type"] == "application/vnd.oci.image.index.v1+json"
        subject = door.push("v1")
        data = image(artifactType="application/x", subject=part(image(), OCI_IMAGE), annotations={"a": "b"})
        self.put(door, mei, digest_of(data), data)
        found = door.ask("GET", f"{BASE}/referrers/{subject}?artifactType=application/x", token=mei)
        assert found.headers["oci-filters-applied"] == "artifactType"
        assert [one["artifactType"] for one in found.json()["manifests"]] == ["application/x"]
        none = door.ask("GET", f"{BASE}/referrers/{subject}?artifactType=other", token=mei)
        assert none.json()["manifests"] == []
        tagged = door.ask("GET", f"{BASE}/manifests/{subject.replace(':', '-')}", token=mei)
        assert tagged.json() == door.ask("GET", f"{BASE}/referrers/{subject}", token=mei).json()
        assert codes(door.ask("GET", f"{BASE}/referrers/sha256:x", token=mei)) == ["DIGEST_INVALID"]


class TestLists:
    def test_ten_thousand_tags_page_by_page(self, door: Door, mei: str) -> None:
        from plumbline.model.registry import Tag

        digest = door.push("v1")
        with door.change() as tx:
            [found] = tx.repositories.of(None)
            for each in range(10_000):
                tx.artifacts.put_tag(Tag(repository=found.id, name=f"t{each:05}", digest=digest, moved=1))
        seen, address = [], f"{BASE}/tags/list?n=4000"
        while address:
            answer = door.ask("GET", address, token=mei)
            seen += answer.json()["tags"]
            address = answer.headers.get("link", "").partition(">")[0].lstrip("<")
        assert seen == [*(f"t{each:05}" for each in range(10_000)), "v1"]

    @pytest.mark.parametrize("n", ["-1", "x", "1e3", "९", "9" * 30])
    def test_what_is_no_number_of_entries(self, shared: Door, n: str) -> None:
        door, mei = shared, shared.token(shared.mei)
        door.push("v1")
        assert door.ask("GET", f"{BASE}/tags/list", params={"n": n}, token=mei).status_code == 400

    def test_the_catalog_has_what_one_may_pull(self, door: Door, mei: str) -> None:
        door.push_blob(b"x")
        door.push_blob(b"x", f"{NAME}/web")
        first = door.ask("GET", "/v2/_catalog?n=1", token=mei)
        assert first.json() == {"repositories": [NAME]}
        assert first.headers["link"] == f'</v2/_catalog?n=1&last={NAME.replace("/", "%2F")}>; rel="next"'
        assert door.ask("GET", "/v2/_catalog", token=door.token(door.stranger)).json() == {"repositories": []}


@pytest.mark.parametrize("name", [
    "bank/Pay", "bank//pay", "bank/pay/..", "bank/../pay", "bank/pay/%2e%2e", "bank%2fpay", "bank/päy",
    "bank/pay%00", "bank/pay\\x", "bank/" + "a" * 300, "bank/pay_", "bank/p%61y/%2E%2E/other",
])  # fmt: skip
def test_names_that_are_tricks(shared: Door, name: str) -> None:
    door, mei = shared, shared.token(shared.mei)
    door.push("v1")
    answer = door.ask("GET", f"/v2/{name}/manifests/v1", token=mei)
    assert answer.status_code in (400, 404)
    assert answer.json()["errors"]
    assert door.ask("POST", f"/v2/{name}/blobs/uploads/", token=mei).status_code in (400, 404)


def test_what_is_no_address_is_not_there(door: Door) -> None:
    answer = door.ask("GET", "/v2/x")
    assert (answer.status_code, codes(answer)) == (404, ["NAME_UNKNOWN"])


def test_refusals_of_those_who_show_something_are_recorded(door: Door) -> None:
    door.push("v1")
    door.ask("GET", f"{BASE}/manifests/v1")
    assert door.told("access.refused") == []
    door.ask("GET", f"{BASE}/manifests/v1", token=door.token(door.viewer))
    assert door.told("access.refused") == ["viewer"]


def test_errors_are_in_the_form_of_the_specification_and_in_the_language_of_the_caller(door: Door, mei: str) -> None:
    answer = door.ask("GET", f"{BASE}/manifests/v1", token=mei)
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.content)["errors"][0]["message"] == f"There is no repository {NAME}."
