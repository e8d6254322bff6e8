"""What of this machine is in a sandbox: the list of it. Whatever is not here is not there.

Paths that a distribution does not have are left out. What others on the machine may not read, no job reads, though
the server may be root.
"""

from __future__ import annotations

import os
import stat
from fnmatch import fnmatchcase
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
_SMALL = 8  # entries of a folder that is cheaper copied than shown
_LARGE = 1 << 20  # bytes of a file that is better shown than copied


class Machine(NamedTuple):
    """The arguments for bubblewrap that show it; ``copied``: files, and where a job has them; ``seen``: the folders of
    this machine that are shown."""

    arguments: tuple[str, ...]
    copied: tuple[tuple[str, str], ...]
    seen: tuple[str, ...]


def machine(hidden: Iterable[str], *, root: str = "/") -> Machine:
    """What there is of the list below ``root``. ``hidden``: folders that are covered where they lie in it."""
    arguments, seen = ["--dir", "/etc"], []
    for name in _TOP:
        path = f"{root}{name}"
        if os.path.islink(path):
            arguments += ("--symlink", os.readlink(path), f"/{name}")
        elif os.path.isdir(path):
            arguments += ("--ro-bind", path, f"/{name}")
            seen.append(path)
    copied: list[tuple[str, str]] = []
    for path in _listed(f"{root}etc"):
        _show_etc(path, path[len(root) - 1 :], arguments, copied, seen)
    for folder in hidden:
        real = os.path.realpath(folder)
        if any(real.startswith(f"{shown}/") for shown in seen) and os.path.isdir(real):
            arguments += ("--perms", "0000", "--tmpfs", real)
    return Machine(tuple(arguments), tuple(copied), tuple(seen))


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


def _show_etc(path: str, target: str, arguments: list[str], copied: list[tuple[str, str]], seen: list[str]) -> None:
    real = os.path.realpath(path)
    if os.path.islink(path) and real.startswith(("/usr/", "/opt/", "/nix/store/")):  # some ask where it leads to
        arguments += ("--symlink", real, target)
        return
    try:
        info = os.stat(path)
    except OSError:
        return
    if stat.S_ISREG(info.st_mode) and info.st_mode & stat.S_IROTH:
        if info.st_size < _LARGE:
            copied.append((path, target))
        else:
            arguments += ("--ro-bind", path, target)
    elif stat.S_ISDIR(info.st_mode) and info.st_mode & stat.S_IROTH:
        small = _small(path)
        if small is None:
            arguments += ("--ro-bind", real, target)
            arguments += (word for each in _private(real, target) for word in each)
            seen.append(real)
        elif small:
            copied += ((f"{path}/{name}", f"{target}/{name}") for name in small)


def _small(folder: str) -> list[str] | None:
    """The names of its files where it has few and nothing else, of those that others may read; None: it has more."""
    names = []
    try:
        with os.scandir(folder) as entries:
            for count, entry in enumerate(entries, 1):
                if count > _SMALL or entry.is_symlink() or not entry.is_file() or entry.stat().st_size >= _LARGE:
                    return None
                if entry.stat().st_mode & stat.S_IROTH:
                    names.append(entry.name)
    except OSError:
        return []
    return names


def _private(folder: str, target: str) -> Iterator[tuple[str, ...]]:
    """Arguments that cover what others may not read. Only root's jobs could read it otherwise."""
    if os.geteuid() != 0:
        return
    for place, folders, files in os.walk(folder):
        there = target + place[len(folder) :]
        for name in [*folders]:
            if not _open_to_others(f"{place}/{name}", stat.S_IROTH | stat.S_IXOTH):
                folders.remove(name)
                yield ("--perms", "0000", "--tmpfs", f"{there}/{name}")
        for name in files:
            if not _open_to_others(f"{place}/{name}", stat.S_IROTH):
                yield ("--ro-bind", "/dev/null", f"{there}/{name}")


def _open_to_others(path: str, mode: int) -> bool:
    try:
        found = os.lstat(path).st_mode
    except OSError:
        return True
    return stat.S_ISLNK(found) or bool(found & mode)
