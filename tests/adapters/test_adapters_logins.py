"""Private repositories on real servers: who is let in, and that nobody else ever sees what lets them in."""

from __future__ import annotations

import base64
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from git_servers import HERE, HttpGit, SshGit, sshd_is_missing
from local_repositories import commit, make_repository, run_git

from plumbline.adapters.forges import Mirrors
from plumbline.adapters.forges.logins import auths_of
from plumbline.kernel import PlumblineError
from plumbline.model.repository_credential import RemoteScheme, RepositoryLogin
from plumbline.model.server import Binding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow

SECRET = "gl-Token_0123456789$`'\"\\ 密"
NAME = "deploy"
needs_sshd = pytest.mark.skipif(bool(sshd_is_missing()), reason=sshd_is_missing() or "there is one")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A repository in a folder that servers serve."""
    (tmp_path / "served").mkdir()
    return make_repository(tmp_path / "served" / "core", {"a": "1"})


@pytest.fixture
def server(home: Path) -> Iterator[HttpGit]:
    made = HttpGit(home.parent, NAME, SECRET)
    yield made
    made.close()


@pytest.fixture
def other(home: Path) -> Iterator[HttpGit]:
    """Another server, that asks everybody who they are and lets nobody in."""
    made = HttpGit(home.parent, "nobody", "unknown to everybody")
    yield made
    made.close()


def password(server: HttpGit, secret: str = SECRET, **fields: str) -> RepositoryLogin:
    return RepositoryLogin(RemoteScheme.HTTP, server.host, NAME, secret, place="bank/pay", **fields)


def mirrors(tmp_path: Path, login: RepositoryLogin | None) -> Mirrors:
    return Mirrors(str(tmp_path / "mirrors"), None, lambda _: login, lambda _: HERE)


def refused(act: Callable[[], object]) -> PlumblineError:
    with pytest.raises(PlumblineError) as caught:
        act()
    return caught.value


def words(error: PlumblineError) -> str:
    return f"{error.message} {error.hint}"


def everything_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_private_repository_is_fetched_and_followed(tmp_path: Path, home: Path, server: HttpGit) -> None:
    binding = Binding(project=3, kind="git", url=f"{server.url}/core/.git")
    copy = mirrors(tmp_path, password(server))
    copy.fetch(binding)
    assert copy.default_branch(3) == "main"
    after = commit(home, {"a": "2"})
    assert copy.remote_heads(binding) == {"refs/heads/main": after}
    copy.fetch(binding)
    assert copy.heads(3) == {"refs/heads/main": after}
    assert server.shown == {server.wanted}


def test_a_request_of_a_forge_is_fetched_too(tmp_path: Path, home: Path, server: HttpGit) -> None:
    run_git(home, "update-ref", "refs/pull/7/head", "HEAD")
    copy = mirrors(tmp_path, password(server))
    copy.fetch(Binding(project=3, kind="gitea", url=f"{server.url}/core/.git"), merge_request=7)
    assert run_git(Path(copy.path(3)), "rev-parse", "refs/requests/7") == run_git(home, "rev-parse", "HEAD")


def test_without_a_credential_it_says_where_to_set_one(tmp_path: Path, server: HttpGit) -> None:
    binding = Binding(project=3, kind="git", url=f"{server.url}/core/.git")
    for act in (lambda: mirrors(tmp_path, None).fetch(binding), lambda: mirrors(tmp_path, None).remote_heads(binding)):
        error = refused(act)
        assert error.code == "repository-refused"
        assert f"There is no credential for {server.url}" in words(error)
    assert not (tmp_path / "mirrors" / "3.git").exists()


def test_a_wrong_credential_is_named_by_its_place_and_not_shown(tmp_path: Path, server: HttpGit) -> None:
    binding = Binding(project=3, kind="git", url=f"{server.url}/core/.git")
    error = refused(lambda: mirrors(tmp_path, password(server, "wrong-token-12345")).fetch(binding))
    assert error.code == "repository-refused"
    assert f"The credential for {server.url} that is set at bank/pay was not accepted" in words(error)
    assert "wrong-token" not in words(error) + repr(error.message.values)


def test_what_a_server_sends_back_is_hidden(tmp_path: Path, server: HttpGit) -> None:
    secret = "wrong-token-12345"
    given = base64.b64encode(f"{NAME}:{secret}".encode()).decode()
    server.refusal = f"you said {secret}, that is {given}".encode()
    error = refused(
        lambda: mirrors(tmp_path, password(server, secret)).remote_heads(
            Binding(project=3, kind="git", url=f"{server.url}/core/.git")
        )
    )
    assert "you said [MASKED], that is " in words(error)
    assert secret not in words(error)
    assert given not in words(error)


@pytest.mark.parametrize("first", [True, False], ids=["before it asks who is there", "after that"])
def test_no_redirect_takes_the_credential_to_another_port(
    tmp_path: Path, server: HttpGit, other: HttpGit, first: bool
) -> None:
    server.redirect, server.redirect_first = lambda path: f"{other.url}{path}", first
    error = refused(
        lambda: mirrors(tmp_path, password(server)).fetch(Binding(project=3, kind="git", url=f"{server.url}/core/.git"))
    )
    assert error.code == "repository-moved"
    assert other.shown == set()


def test_no_redirect_takes_the_credential_to_another_name(tmp_path: Path, server: HttpGit) -> None:
    port = server.host.rpartition(":")[2]
    server.redirect = lambda path: f"http://localhost:{port}{path}"
    before = {server.wanted}
    error = refused(
        lambda: mirrors(tmp_path, password(server)).fetch(Binding(project=3, kind="git", url=f"{server.url}/core/.git"))
    )
    assert error.code == "repository-moved"
    assert server.shown == before  # that is, once each, at its own name
    assert sum(1 for _, header in server.seen if header) == 1


def test_another_host_is_never_told(tmp_path: Path, server: HttpGit, other: HttpGit) -> None:
    """Even where git is started with a credential and leads elsewhere: the helper is bound to the host by git."""
    error = refused(
        lambda: mirrors(tmp_path, password(server)).fetch(Binding(project=3, kind="git", url=f"{other.url}/core/.git"))
    )
    assert error.code == "repository-refused"
    assert other.seen
    assert other.shown == set()


def test_helpers_and_settings_of_the_machine_do_not_come_between(
    tmp_path: Path, server: HttpGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    (tmp_path / "gitconfig").write_text(
        f'[credential]\n\thelper = "!echo $1 >> {asked}; echo password=wrong; echo username=wrong; :"\n'
        f'[credential "{server.url}"]\n\thelper = "!echo $1 >> {asked}; echo password=wrong; echo username=wrong; :"\n'
    )
    monkeypatch.setattr(
        "plumbline.adapters.git.command._environment",
        lambda: {**os.environ, "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"), "GIT_TERMINAL_PROMPT": "0"},
    )
    mirrors(tmp_path, password(server)).fetch(Binding(project=3, kind="git", url=f"{server.url}/core/.git"))
    assert not asked.exists()  # neither to give one, nor to keep ours


def test_the_secret_is_in_no_file_no_log_and_no_command_line(
    tmp_path: Path, home: Path, server: HttpGit, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[bytes] = []
    server.meanwhile = lambda: seen.extend(command_lines())
    binding = Binding(project=3, kind="git", url=f"{server.url}/core/.git")
    copy = mirrors(tmp_path, password(server))
    copy.fetch(binding)
    commit(home, {"a": "2"})
    copy.fetch(binding)
    needle = SECRET.encode()
    assert any(b"credential.http" in line for line in seen), "git was not seen at work"
    assert not any(needle in line for line in seen)
    assert needle not in everything_below(tmp_path / "mirrors")
    assert server.host not in Path(copy.path(3), "config").read_text()
    assert SECRET not in caplog.text
    assert SECRET not in repr(password(server))


def command_lines() -> list[bytes]:
    """Of every process of this machine, now."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes())
        except OSError:
            continue
    return found


def test_what_cleans_up_after_a_fetch_does_not_know_the_secret(
    tmp_path: Path, server: HttpGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git leaves its housekeeping running: it would keep the environment that it was started with."""
    trace = tmp_path / "trace"
    monkeypatch.setattr(
        "plumbline.adapters.git.command._environment",
        lambda: {**os.environ, "GIT_TRACE": str(trace), "GIT_TERMINAL_PROMPT": "0"},
    )
    binding = Binding(project=3, kind="git", url=f"{server.url}/core/.git")
    copy = mirrors(tmp_path, password(server))
    copy.fetch(binding)
    copy.fetch(binding)
    commands = [line.partition("git ")[2] for line in trace.read_text().splitlines() if "trace: built-in: git" in line]
    assert "gc --auto --quiet" in commands
    assert not any("maintenance" in command for command in commands)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[SshGit]:
    made = SshGit(tmp_path / "sshd")
    yield made
    made.close()


def key(shell: SshGit, **fields: str) -> RepositoryLogin:
    given = {"username": "", "secret": shell.key, "known_hosts": shell.known_hosts, "place": "bank", **fields}
    return RepositoryLogin(RemoteScheme.SSH, shell.host, **given)


@needs_sshd
def test_an_ssh_key_lets_in_and_leaves_nothing_behind(tmp_path: Path, home: Path, shell: SshGit) -> None:
    before = left_behind()
    binding = Binding(project=3, kind="git", url=shell.url(home))
    copy = mirrors(tmp_path, key(shell))
    copy.fetch(binding)
    after = commit(home, {"a": "2"})
    assert copy.remote_heads(binding) == {"refs/heads/main": after}
    copy.fetch(binding)
    assert copy.heads(3) == {"refs/heads/main": after}
    assert left_behind() == before
    assert shell.key.splitlines()[1].encode() not in everything_below(tmp_path / "mirrors")


@needs_sshd
def test_a_name_of_the_credential_wins_over_that_of_the_address(tmp_path: Path, home: Path, shell: SshGit) -> None:
    import pwd

    me = pwd.getpwuid(os.geteuid()).pw_name
    binding = Binding(project=3, kind="git", url=shell.url(home, "nobody-at-all"))
    mirrors(tmp_path, key(shell, username=me)).fetch(binding)
    assert refused(lambda: mirrors(tmp_path, key(shell)).fetch(binding)).code == "repository-refused"


@needs_sshd
def test_a_host_whose_key_is_not_known_is_not_told_anything(
    tmp_path: Path, home: Path, shell: SshGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    binding = Binding(project=3, kind="git", url=shell.url(home))
    error = refused(lambda: mirrors(tmp_path, key(shell, known_hosts="")).fetch(binding))
    assert error.code == "host-key-unknown"
    assert f"`ssh-keyscan -p {shell.port} 127.0.0.1`" in words(error)
    scanned = subprocess.run(
        ["ssh-keyscan", "-p", str(shell.port), "127.0.0.1"], capture_output=True, text=True, check=True
    ).stdout
    mirrors(tmp_path, key(shell, known_hosts=scanned)).fetch(binding)  # as the hint says


@needs_sshd
def test_a_host_with_another_key_is_not_told_anything(tmp_path: Path, home: Path, shell: SshGit) -> None:
    (tmp_path / "more").mkdir()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "more" / "k")], check=True)
    wrong = (tmp_path / "more" / "k.pub").read_text().split()[1]
    lines = f"[127.0.0.1]:{shell.port} ssh-ed25519 {wrong}\n"
    binding = Binding(project=3, kind="git", url=shell.url(home))
    assert refused(lambda: mirrors(tmp_path, key(shell, known_hosts=lines)).fetch(binding)).code == "host-key-changed"


@needs_sshd
def test_a_wrong_key_is_named_by_its_place(tmp_path: Path, home: Path, shell: SshGit) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "stranger")], check=True)
    stranger = (tmp_path / "stranger").read_text()
    binding = Binding(project=3, kind="git", url=shell.url(home))
    error = refused(lambda: mirrors(tmp_path, key(shell, secret=stranger)).fetch(binding))
    assert error.code == "repository-refused"
    assert "that is set at bank was not accepted" in words(error)
    assert "plumbline-login" not in words(error)


def left_behind() -> set[Path]:
    return {*Path("/dev/shm").glob("plumbline-login-*"), *Path("/tmp").glob("plumbline-login-*")}


def test_files_are_private_while_they_are_there_and_those_of_the_dead_are_removed() -> None:
    login = RepositoryLogin(RemoteScheme.SSH, "git.bank.example", "", "KEY", "git.bank.example ssh-ed25519 AAAA")
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    place = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else Path("/tmp")
    lost = place / f"plumbline-login-{int(dead.stdout)}-x"
    lost.mkdir(mode=0o700)
    (lost / "key").write_text("KEY")
    with auths_of(login) as means:
        [folder] = means.hidden
        assert Path(folder).stat().st_mode & 0o777 == 0o700
        assert [path.stat().st_mode & 0o777 for path in Path(folder).iterdir()] == [0o600, 0o600]
        assert not lost.exists()
        with auths_of(login):
            assert Path(folder).exists()  # another one of this process removes nothing
    assert not Path(folder).exists()


def test_fetches_at_the_same_time_have_their_own_credentials(tmp_path: Path, home: Path) -> None:
    servers = [HttpGit(home.parent, NAME, f"token-{number}") for number in range(4)]
    logins = {number: password(server, f"token-{number}") for number, server in enumerate(servers)}
    copy = Mirrors(str(tmp_path / "mirrors"), None, lambda binding: logins[binding.project], lambda _: HERE)
    threads = [
        threading.Thread(target=copy.fetch, args=[Binding(project=number, kind="git", url=f"{server.url}/core/.git")])
        for number, server in enumerate(servers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [server.shown for server in servers] == [{server.wanted} for server in servers]
    assert all(Path(copy.path(number)).exists() for number in range(4))
    for server in servers:
        server.close()
