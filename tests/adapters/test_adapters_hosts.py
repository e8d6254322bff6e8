"""The server asks only hosts that it may, at the addresses that were looked at."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.error import URLError

import pytest
from git_servers import HERE, HttpGit
from local_repositories import make_repository

from plumbline.adapters.forges import Mirrors
from plumbline.adapters.forges.hosts import kept_to
from plumbline.adapters.forges.logins import auths_of
from plumbline.adapters.git.downloading import opener
from plumbline.adapters.reaching import reached
from plumbline.kernel import PlumblineError
from plumbline.model.repository_address import destination_of, is_inner, is_named, is_named_itself
from plumbline.model.repository_credential import RemoteScheme, RepositoryLogin
from plumbline.model.server import Binding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.255.0.9", "::1", "169.254.169.254", "fe80::1", "fe80::1%eth0", "0.0.0.0", "0.1.2.3", "::",
     "224.0.0.1", "ff02::1", "255.255.255.255", "fd00:ec2::254", "100.100.100.200", "168.63.129.16",
     "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "::ffff:0:7f00:1", "2002:7f00:1::", "::127.0.0.1"],
)  # fmt: skip
def test_inner_addresses(address: str) -> None:
    assert is_inner(address)


@pytest.mark.parametrize("address", ["10.0.0.1", "192.168.1.1", "172.16.0.1", "fd12::1", "100.64.0.1", "8.8.8.8"])
def test_a_private_address_is_like_any_other(address: str) -> None:
    assert not is_inner(address)


@pytest.mark.parametrize(
    ("url", "place", "port"),
    [
        ("https://Git.Bank.example/x", "git.bank.example", 443),
        ("https://git.bank.example:8443/x", "git.bank.example:8443", 8443),
        ("http://me@[::1]:80/x", "[::1]", 80),
        ("http://[::1]:81/x", "[::1]:81", 81),
        ("git@git.bank.example:x", "git.bank.example", 22),
        ("git://git.bank.example/x", "git.bank.example:9418", 9418),
        ("git://git.bank.example:22/x", "git.bank.example:22", 22),
        ("git://[::1]/x", "[::1]:9418", 9418),
        ("GIT://git.bank.example:99/x", "git.bank.example:99", 99),
    ],
)
def test_destinations(url: str, place: str, port: int) -> None:
    found = destination_of(url)
    assert found is not None
    assert (found.place, found.port) == (place, port)


def test_what_has_no_destination() -> None:
    for url in ("/srv/x.git", "file:///srv/x", "http://a@b@c/x", "http://x%2e/y", "https://-x/y", ""):
        assert destination_of(url) is None


def test_naming() -> None:
    assert is_named("git.bank.example:8443", ["*.bank.example:8443"])
    assert not is_named("git.bank.example:8443", ["*.bank.example"])
    assert is_named("[::1]:80", ["[::1]:*"])
    assert is_named_itself("127.0.0.1:3000", ["127.0.0.1:*"])
    assert is_named_itself("[::1]", ["[::1]"])
    assert not any(
        is_named_itself("127.0.0.1", [host]) for host in ("*", "127.0.0.*", "127.0.0.?", "[*]", "127.0.0.1:*")
    )


def answer(monkeypatch: pytest.MonkeyPatch, **names: list[str]) -> None:
    """What the names mean, whatever this machine's resolver says."""
    real = socket.getaddrinfo

    def found(host: str, port: int, *arguments: object, **more: object) -> list[tuple[object, ...]]:
        if (addresses := names.get(host.replace(".", "_"))) is not None:
            kinds = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in addresses]
            return [(kind, socket.SOCK_STREAM, 6, "", (one, port)) for kind, one in zip(kinds, addresses, strict=True)]
        return real(host, port, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def test_git_connects_to_what_was_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, git_example=["10.0.0.7", "127.0.0.1", "fd12::1"], evil_example=["169.254.169.254", "::1"])
    pin = "http.curloptResolve=git.example:8443:10.0.0.7,fd12::1"
    assert kept_to("https://git.example:8443/x", (), str(tmp_path)).options[-1] == pin
    assert "http.followRedirects=false" in kept_to("http://git.example/x", (), str(tmp_path)).options
    rewritten = kept_to("git://git.example/x", (), str(tmp_path)).options[-1]
    assert rewritten == "url.git://10.0.0.7:9418/.insteadOf=git://git.example/"
    assert kept_to("git@git.example:x", (), str(tmp_path)).address == "10.0.0.7"
    for url in ("https://evil.example/x", "git://evil.example/x", "ssh://git@evil.example/x", "http://127.1/x",
                "http://2130706433/x", "http://0x7f000001/x", "foo://evil.example/x"):  # fmt: skip
        with pytest.raises(PlumblineError) as refused:
            kept_to(url, ("*",), str(tmp_path))
        assert refused.value.code == "repository-host-refused", url
    assert kept_to("https://evil.example/x", ("evil.example",), str(tmp_path)).options
    assert kept_to("/srv/x", (), str(tmp_path)).options == kept_to("file:///x", (), str(tmp_path)).options == ()


def test_the_key_of_a_host_is_that_of_its_name() -> None:
    login = RepositoryLogin(RemoteScheme.SSH, "git.example:2222", "git", "KEY", "[git.example]:2222 ssh-ed25519 AAAA")
    with auths_of(login, "10.0.0.7") as means:
        command = means.environment["GIT_SSH_COMMAND"]
    assert "-o HostName=10.0.0.7 -o 'HostKeyAlias=[git.example]:2222'" in command


def test_a_proxy_resolves_and_what_names_this_machine_is_refused_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.bank.example:3128")
    monkeypatch.setenv("no_proxy", "")
    assert kept_to("https://nobody.invalid/x", (), str(tmp_path)).options == ("-c", "http.followRedirects=false")
    for url in ("https://localhost/x", "https://127.0.0.1/x", "https://169.254.169.254/x"):
        with pytest.raises(PlumblineError):
            kept_to(url, (), str(tmp_path))


def test_a_name_that_moves_meanwhile_leads_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What git itself would find by the name is not asked for."""
    make_repository(tmp_path / "served/core", {"a": "1"})
    server = HttpGit(tmp_path / "served")
    answer(monkeypatch, moving_invalid=["127.0.0.1"])
    port = server.host.rpartition(":")[2]
    binding = Binding(project=1, kind="git", url=f"http://moving.invalid:{port}/core/.git")
    mirrors = Mirrors(str(tmp_path / "mirrors"), hosts=lambda _: ("moving.invalid:*",))
    assert list(mirrors.remote_heads(binding)) == ["refs/heads/main"]
    server.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HttpGit]:
    made = HttpGit(tmp_path)
    yield made
    made.close()


def test_no_redirect_is_followed_without_a_credential_too(tmp_path: Path, server: HttpGit) -> None:
    other = HttpGit(tmp_path)
    server.redirect, server.redirect_first = lambda path: f"{other.url}{path}", True
    mirrors = Mirrors(str(tmp_path / "mirrors"), hosts=lambda _: HERE)
    with pytest.raises(PlumblineError) as moved:
        mirrors.remote_heads(Binding(project=1, kind="git", url=f"{server.url}/core/.git"))
    assert moved.value.code == "repository-moved"
    assert other.seen == []
    other.close()


def test_a_download_looks_at_every_hop(tmp_path: Path, server: HttpGit) -> None:
    inner = HttpGit(tmp_path)
    server.redirect, server.redirect_first = lambda _: f"{inner.url}/latest/meta-data", True
    with pytest.raises(PlumblineError) as refused:
        opener((server.host,)).open(f"{server.url}/x", timeout=5)
    assert refused.value.code == "repository-host-refused"
    assert inner.seen == []
    server.redirect = lambda _: "file:///etc/passwd"
    with pytest.raises(URLError):
        opener((server.host,)).open(f"{server.url}/x", timeout=5)
    with pytest.raises(PlumblineError):
        opener(()).open(f"{server.url}/x", timeout=5)
    inner.close()


def test_only_what_may_be_reached_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, two_example=["::1", "10.0.0.7"])
    assert reached("two.example", 80, inner=False) == ("10.0.0.7",)
    assert reached("two.example", 80, inner=True) == ("::1", "10.0.0.7")
