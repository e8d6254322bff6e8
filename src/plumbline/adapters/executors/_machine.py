"""What of this machine is in a sandbox: the list of it. Whatever is not here is not there.

Paths that a distribution does not have are left out. What others on the machine may not read, no job reads, though
the server may be root.
"""

from __future__ import annotations

import os
import stat
import time
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Programs and what they are made of. A link stays a link: /bin is one to usr/bin on most machines.
_TOP = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "opt", "sys", "nix/store", "gnu/store")
_RUNNING = ("current-system", "opengl-driver", "wrappers")  # of NixOS, where programs are found by them
# Files and folders of /etc that programs need; names with * as a wildcard. In groups: users and their log-in, network,
# certificates, dynamic linker, alternatives and time, shells, languages and tools.
_ETC = (
    *("nsswitch.conf", "pam.d", "pam.conf", "security", "login.defs", "environment", "shells", "default/locale"),
    *("default/useradd", "static", "resolv.conf", "host.conf", "gai.conf", "services", "protocols", "networks"),
    *("ssl", "pki", "ca-certificates", "ca-certificates.conf", "crypto-policies"),
    *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld-musl-*.path"),
    *("alternatives", "localtime", "timezone", "locale.conf", "locale.alias", "*-release", "debian_version"),
    *("profile", "profile.d", "bash.bashrc", "bashrc", "inputrc", "terminfo", "magic", "mime.types"),
    *("java", "java-*", "maven", "ant*", "gradle", "groovy*", "npmrc", "pip.conf", "gitconfig", "wgetrc"),
    *("python3*", "perl", "php*", "ruby*", "R", "dotnet", "fonts", "xdg", "xml", "sgml", "texmf", "texlive"),
    *("ImageMagick*", "ghostscript", "glvnd", "vulkan", "OpenCL", "chromium", "chromium.d", "opt/chrome"),
    *("ssh/ssh_config", "ssh/ssh_config.d", "ssh/ssh_known_hosts", "dpkg", "rpm"),
)
_SMALL = 6  # entries of a folder that is cheaper copied than shown
_LARGE = 1 << 20  # bytes of a file that is better shown than copied


class Machine(NamedTuple):
    """The arguments for bubblewrap that show it; ``copied``: files, and where a job has them; ``seen``: the folders of
    this machine that are shown."""

    arguments: tuple[str, ...]
    copied: tuple[tuple[str, str], ...]
    seen: tuple[str, ...]


def machine(hidden: Iterable[str]) -> Machine:
    """What there is of the list, looked at once a minute. ``hidden``: folders that are covered where they lie in it."""
    return _looked_at(tuple(hidden), "/", int(time.monotonic() // 60))


@lru_cache(maxsize=8)
def _looked_at(hidden: tuple[str, ...], root: str, _minute: int) -> Machine:
    arguments, seen = ["--dir", "/etc"], []
    for name in _TOP:
        path = f"{root}{name}"
        if os.path.islink(path):
            arguments += ("--symlink", os.readlink(path), f"/{name}")
        elif os.path.isdir(path) and not _entries(path):
            arguments += ("--dir", f"/{name}")
        elif os.path.isdir(path):
            arguments += ("--ro-bind", path, f"/{name}")
            seen.append(path)
    etc = _Etc()
    for path in _listed(f"{root}etc"):
        etc.show(path, path[len(root) - 1 :])
    arguments += etc.arguments
    seen += etc.seen
    for folder in hidden:
        real = os.path.realpath(folder)
        if any(real.startswith(f"{shown}/") for shown in seen) and os.path.isdir(real):
            arguments += ("--perms", "0711", "--tmpfs", real)
    return Machine(tuple(arguments), tuple(etc.copied), tuple(seen))


def running() -> Iterator[str]:
    """Arguments that show what of /run programs are found by."""
    for name in _RUNNING:
        path = f"/run/{name}"
        if os.path.exists(path):
            yield from ("--ro-bind", path, path)


def _listed(folder: str) -> Iterator[str]:
    """The paths of the list that are there, each once."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    found: dict[str, None] = {}
    for pattern in _ETC:
        inner = [pattern] if "/" in pattern and os.path.lexists(f"{folder}/{pattern}") else []
        found.update(dict.fromkeys(inner or [name for name in names if fnmatchcase(name, pattern)]))
    yield from (f"{folder}/{name}" for name in found)


class _Etc:
    """Shows parts of /etc: small ones are copied, since a view costs as much as six files."""

    def __init__(self) -> None:
        self.arguments: list[str] = []
        self.copied: list[tuple[str, str]] = []
        self.seen: list[str] = []

    def show(self, path: str, target: str) -> None:
        """A file, link or folder, but for what others may not read."""
        real = os.path.realpath(path)
        if os.path.islink(path) and real.startswith(("/usr/", "/opt/", "/nix/store/")):  # some ask where it leads to
            self.arguments += ("--symlink", real, target)
            return
        try:
            info = os.stat(path)
        except OSError:
            return
        if stat.S_ISREG(info.st_mode) and info.st_mode & stat.S_IROTH:
            if info.st_size < _LARGE:
                self.copied.append((path, target))
            else:
                self.arguments += ("--ro-bind", real, target)
        elif stat.S_ISDIR(info.st_mode) and info.st_mode & stat.S_IROTH:
            self._show_folder(real, target)

    def _show_folder(self, real: str, target: str) -> None:
        entries = _entries(real)
        if len(entries) > _SMALL and all(map(_open_to_others, entries)):
            self.arguments += ("--ro-bind", real, target, *_private(real, target))
            self.seen.append(real)
            return
        self.arguments += ("--dir", target)
        for entry in entries:
            if entry.is_symlink():
                self.arguments += ("--symlink", os.readlink(entry.path), f"{target}/{entry.name}")
            else:
                self.show(entry.path, f"{target}/{entry.name}")


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:
        return []


def _private(folder: str, target: str) -> Iterator[str]:
    """Arguments that cover what others may not read. Only root's jobs could read it otherwise."""
    pending = [(folder, target)] if os.geteuid() == 0 else []
    while pending:
        place, there = pending.pop()
        for entry in _entries(place):
            is_folder = entry.is_dir(follow_symlinks=False)
            if _open_to_others(entry):
                if is_folder:
                    pending.append((entry.path, f"{there}/{entry.name}"))
            elif is_folder:
                yield from ("--perms", "0000", "--tmpfs", f"{there}/{entry.name}")
            else:
                yield from ("--ro-bind", "/dev/null", f"{there}/{entry.name}")


def _open_to_others(entry: os.DirEntry[str]) -> bool:
    """Whether others may read it, or there is nothing to read."""
    try:
        info = entry.stat(follow_symlinks=False)
    except OSError:
        return True
    return stat.S_ISLNK(info.st_mode) or bool(info.st_mode & stat.S_IROTH) or info.st_size == 0
