"""Which credential is for which repository: by exact host, the nearest one down the tree."""

from __future__ import annotations

import pytest

from plumbline.access import nearest_credential
from plumbline.model.repository_credential import Remote, RemoteScheme, RepositoryCredential, host_name, remote_of
from plumbline.model.tree import INSTANCE, Node, NodeKind

HTTPS, HTTP, SSH = RemoteScheme


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://git.bank.example/pay/core.git", Remote(HTTPS, "git.bank.example")),
        ("https://Git.Bank.Example:443/pay/core.git", Remote(HTTPS, "git.bank.example")),
        ("HTTPS://git.bank.example:8443", Remote(HTTPS, "git.bank.example:8443")),
        ("https://git.bank.example?x=@evil.example/", Remote(HTTPS, "git.bank.example")),
        ("https://git.bank.example#@evil.example/", Remote(HTTPS, "git.bank.example")),
        ("https://git.bank.example@evil.example/x", Remote(HTTPS, "evil.example", "git.bank.example")),
        ("https://me:pw@git.bank.example/x", Remote(HTTPS, "git.bank.example", "me", True)),
        ("http://127.0.0.1:3000/x", Remote(HTTP, "127.0.0.1:3000")),
        ("http://[::1]:80/x", Remote(HTTP, "[::1]")),
        ("ssh://git@git.bank.example:22/x", Remote(SSH, "git.bank.example", "git")),
        ("ssh://git.bank.example:2222/x", Remote(SSH, "git.bank.example:2222")),
        ("git@git.bank.example:pay/core.git", Remote(SSH, "git.bank.example", "git")),
        ("git@[::1]:pay/core.git", Remote(SSH, "[::1]", "git")),
        ("/srv/git/core.git", None),
        ("file:///srv/git/core.git", None),
        ("git://git.bank.example/x", None),
        ("https://git.bank.example\\@evil.example/x", None),
        ("https://a b/x", None),
        ("https://*.example/x", None),
        ("https:///x", None),
        ("x", None),
    ],
)
def test_where_an_address_leads(url: str, expected: Remote | None) -> None:
    assert remote_of(url) == expected


@pytest.mark.parametrize(
    ("scheme", "text", "expected"),
    [
        (HTTPS, " Git.Bank.example ", "git.bank.example"),
        (HTTPS, "git.bank.example:443", "git.bank.example"),
        (HTTP, "git.bank.example:443", "git.bank.example:443"),
        (SSH, "git_1:0022", "git_1"),
        (HTTPS, "[::1]:3000", "[::1]:3000"),
        (HTTPS, "https://git.bank.example", ""),
        (HTTPS, "*.bank.example", ""),
        (HTTPS, "me@git.bank.example", ""),
        (HTTPS, "git.bank.example/path", ""),
        (HTTPS, "-x", ""),
        (HTTPS, "", ""),
    ],
)
def test_a_host_is_written_in_one_way(scheme: RemoteScheme, text: str, expected: str) -> None:
    assert host_name(scheme, text) == expected


def test_the_nearest_one_for_exactly_this_host_holds() -> None:
    line = [
        Node(id=3, kind=NodeKind.PROJECT, name="core", path="bank/pay/core"),
        Node(id=2, kind=NodeKind.SYSTEM, name="pay", path="bank/pay"),
        Node(id=1, kind=NodeKind.ORGANISATION, name="bank", path="bank"),
    ]

    def kept(node: int, scheme: RemoteScheme, host: str) -> RepositoryCredential:
        return RepositoryCredential(node=node, scheme=scheme, host=host, sealed=b"x")

    every = [
        kept(INSTANCE, HTTPS, "a"),
        kept(1, HTTPS, "a"),
        kept(2, HTTPS, "a"),
        kept(2, SSH, "a"),
        kept(9, HTTPS, "a"),
        kept(INSTANCE, HTTPS, "b"),
        kept(3, HTTP, "b"),
        kept(3, HTTPS, "b:8443"),
    ]

    def node_of(ancestors: list[Node], scheme: RemoteScheme, host: str) -> int | None:
        found = nearest_credential(ancestors, every, Remote(scheme, host))
        return None if found is None else found.node

    assert node_of(line, HTTPS, "a") == 2
    assert node_of(line[1:], HTTPS, "a") == 2
    assert node_of(line[2:], HTTPS, "a") == 1
    assert node_of([], HTTPS, "a") == INSTANCE
    assert node_of(line, HTTP, "a") is None
    assert node_of(line[2:], SSH, "a") is None
    assert node_of(line, HTTPS, "b") == INSTANCE
    assert node_of(line, HTTPS, "b:9") is None
