"""How git proves itself to a private repository so that nobody else learns the secret. Why it is done in this way:
``docs/decisions/0014-how-git-gets-a-credential.md``."""

from __future__ import annotations

import os
import shlex
import tempfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from plumbline.adapters.folders import remove_tree, storing
from plumbline.kernel import Masker
from plumbline.model.repository_credential import RemoteScheme

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from plumbline.model.repository_credential import RepositoryLogin

_USERNAME, _SECRET = "PLUMBLINE_GIT_USERNAME", "PLUMBLINE_GIT_SECRET"  # noqa: S105
_NOBODY = "git"  # a name where none is given: those who take a token alone look at no name
# printf is the shell's own, so the secret is on no command line. What git tells of `store` and `erase` is let be.
_HELPER = f'!f() {{ test "$1" != get || printf "username=%s\\npassword=%s\\n" "${_USERNAME}" "${_SECRET}"; }}; f'
_MEMORY = "/dev/shm"  # noqa: S108
_PREFIX = "plumbline-login-"
_SYSTEM = "/etc/ssh/ssh_config"


class GitAuth(NamedTuple):
    """What git is started with. ``hidden``: what nobody is to read in its answer."""

    options: tuple[str, ...] = ()  # before the command
    environment: Mapping[str, str] = {}
    hidden: tuple[str, ...] = ()

    def hide(self, text: str) -> str:
        """A text without what is secret in it: a server may send back what it was sent."""
        return Masker(self.hidden).mask_text(text) if self.hidden else text


@contextmanager
def auths_of(login: RepositoryLogin | None, address: str = "") -> Iterator[GitAuth]:
    """For one git command. ``address``: where ssh connects, whatever the host's name means by then. Raises
    PlumblineError where the files of an SSH key cannot be written."""
    if login is None:
        yield GitAuth()
    elif login.scheme is RemoteScheme.SSH:
        with _private_folder() as folder:
            yield _by_key(login, folder, address)
    else:
        yield _by_password(login)


def _by_password(login: RepositoryLogin) -> GitAuth:
    """No other helper is asked, and git itself asks ours for this one host alone. No redirect is followed: some
    versions of git and curl take a credential along."""
    options = (
        *("-c", "credential.helper="),
        *("-c", f"credential.{login.scheme}://{login.host}.helper={_HELPER}"),
        *("-c", "http.followRedirects=false"),
    )
    environment = {_USERNAME: login.username or _NOBODY, _SECRET: login.secret}
    return GitAuth(options, environment, (login.secret,))


def _by_key(login: RepositoryLogin, folder: str, address: str) -> GitAuth:
    """Only this key, only to a host whose own key is known; of the machine's settings only those for everybody."""
    everybody = _SYSTEM if os.path.exists(_SYSTEM) else "none"
    command = ["ssh", "-F", everybody, "-i", _written(folder, "key", login.secret)]
    settings = {
        "BatchMode": "yes",
        "ConnectTimeout": "30",
        "ControlPath": "none",
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "StrictHostKeyChecking": "yes",
        "UpdateHostKeys": "no",
    }
    if login.known_hosts:
        settings["UserKnownHostsFile"] = _written(folder, "known_hosts", login.known_hosts)
        settings["GlobalKnownHostsFile"] = "/dev/null"
    if address:  # the key is still that of the name
        name, colon, port = login.host.rpartition(":")
        settings |= {"HostName": address, "HostKeyAlias": f"[{name.strip('[]')}]:{port}" if colon else login.host}
    if login.username:
        settings["User"] = login.username
    command += [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
    return GitAuth((), {"GIT_SSH_COMMAND": shlex.join(command), "GIT_SSH_VARIANT": "ssh"}, (folder,))


@contextmanager
def _private_folder() -> Iterator[str]:
    """In memory where there is a place for that, so that no disk keeps what was in it; gone afterwards. Those of
    processes that were killed go too."""
    place = _MEMORY if os.access(_MEMORY, os.W_OK) else tempfile.gettempdir()
    _sweep(place)
    with storing(place):
        folder = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=place)  # mode 0700
    try:
        yield folder
    finally:
        remove_tree(folder)


def _written(folder: str, name: str, text: str) -> str:
    path = f"{folder}/{name}"
    with storing(path), open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return path


def _sweep(place: str) -> None:
    with suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            owner = entry.name.removeprefix(_PREFIX).partition("-")[0]
            if not entry.name.startswith(_PREFIX) or not owner.isdecimal():
                continue
            if entry.stat(follow_symlinks=False).st_uid == os.geteuid() and not _alive(int(owner)):
                remove_tree(entry.path)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True
