"""Names of repositories, tags and digests: what passes, and what never does."""

from __future__ import annotations

import pytest

from plumbline.artifacts.names import address, below, fallback_tag, is_digest, is_name, is_tag, prefixes, subject_of

HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize("name", ["a", "bank/pay", "a.b/c_d/e__f/g-h/i---j", "0/1", "a" * 255])
def test_names_of_repositories(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "", "/", "a/", "/a", "a//b", "A", "a/B", "..", "a/..", "a/../b", ".a", "a.", "a..b", "-a", "a_", "a___b", "a b",
        "a%2eb", "a%2fb", "a\\b", "a\0", "a\n", "é", "а", "１", "a:b", "a@b", "a" * 256,  # noqa: RUF001 - other alphabets
    ],
)  # fmt: skip
def test_no_names_of_repositories(name: str) -> None:
    assert not is_name(name)


@pytest.mark.parametrize(("tag", "good"), [
    ("latest", True), ("v1.0_b-2", True), ("_", True), ("A" * 128, True), (f"sha256-{HEX}", True),
    ("", False), (".", False), ("-a", False), ("a b", False), ("a/b", False), ("a\n", False), ("A" * 129, False),
    ("é", False),
])  # fmt: skip
def test_tags(tag: str, good: bool) -> None:
    assert is_tag(tag) is good


@pytest.mark.parametrize(("digest", "good"), [
    (f"sha256:{HEX}", True), (f"sha512:{HEX * 2}", True),
    (f"sha256:{HEX[:-1]}", False), (f"sha256:{HEX}0", False), (f"sha512:{HEX}", False), (f"SHA256:{HEX}", False),
    (f"sha256:{HEX.upper()}", False), (f"md5:{HEX[:32]}", False), (f"sha384:{HEX}", False), ("sha256:", False),
    (f"sha256:{HEX}\n", False), (f"sha256:../{HEX[:61]}", False), (HEX, False), ("", False),
])  # fmt: skip
def test_digests(digest: str, good: bool) -> None:
    assert is_digest(digest) is good


def test_the_project_of_a_repository_has_the_longest_path_that_its_name_begins_with() -> None:
    assert prefixes("bank/pay/web") == ["bank/pay/web", "bank/pay", "bank"]
    assert (below("bank/pay/web", "bank/pay"), below("bank/pay", "bank/pay")) == ("web", "")
    assert (address("Bank/Pay", "web"), address("Bank/Pay", "")) == ("bank/pay/web", "bank/pay")


def test_a_fallback_tag_has_room_for_64_digits() -> None:
    assert fallback_tag(f"sha256:{HEX}") == f"sha256-{HEX}"
    assert fallback_tag(f"sha512:{HEX}{'f' * 64}") == f"sha512-{HEX}"
    found = subject_of(f"sha512-{HEX}")
    assert found is not None
    assert found.beginning == f"sha512:{HEX}"
    assert subject_of("latest") is None
    assert subject_of(f"sha256-{HEX}.sig") is None
