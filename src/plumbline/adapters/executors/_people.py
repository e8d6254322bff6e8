"""The users and host names of a sandbox: files that say what is true in it."""

from __future__ import annotations

import os
import pwd
from typing import NamedTuple

HOST = "job"  # the name of every sandbox
_LOCAL = f"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\t{HOST}\n"
_SWITCH = "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"


class Person(NamedTuple):
    """Whom jobs run as."""

    name: str
    uid: int
    gid: int
    shell: str


def person(shell: str) -> Person:
    """This process's user, be it known to the machine or not."""
    uid, gid = os.geteuid(), os.getegid()
    try:
        return Person(pwd.getpwuid(uid).pw_name, uid, gid, shell)
    except KeyError:
        return Person("job", uid, gid, shell)


def passwd(who: Person, home: str) -> str:
    """The machine's users, and whom the job runs as, with the home that it has."""
    others = [line for line in _lines("/etc/passwd") if line.split(":")[2:3] != [str(who.uid)]]
    own = f"{who.name}:x:{who.uid}:{who.gid}::{home}:{who.shell}"
    return "\n".join([own, *(line for line in others if not line.startswith(f"{who.name}:"))]) + "\n"


def group(who: Person) -> str:
    lines = _lines("/etc/group")
    if not any(line.split(":")[2:3] == [str(who.gid)] for line in lines):
        lines.append(f"{who.name}:x:{who.gid}:")
    return "\n".join(lines) + "\n"


def shadow(passwords: str) -> str:
    """Everybody of ``passwd`` with a password that nobody has."""
    return "".join(f"{line.split(':')[0]}:*:19000:0:99999:7:::\n" for line in passwords.splitlines())


def hosts() -> str:
    """The machine's, before whose names stand those of the sandbox itself."""
    own = [line for line in _lines("/etc/hosts") if "localhost" not in line.split() and not line.startswith("#")]
    return _LOCAL + "".join(f"{line}\n" for line in own)


def switch() -> str:
    """For a machine that has no nsswitch.conf."""
    return _SWITCH


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return [line for line in file.read().splitlines() if line.strip()]
    except OSError:
        return []
