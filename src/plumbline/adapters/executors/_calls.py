"""The system calls that a sandbox refuses, as a program for the kernel (seccomp).

- Keys that the kernel keeps are those of a user and of a session, whatever the namespace: a job would read
  those of the server.
- In a control group namespace of its own, a job could mount the hierarchies for writing and lift its own limits.
"""

from __future__ import annotations

import errno
import os
import struct
import sys
from typing import NamedTuple

_LOAD, _AND, _EQUAL, _SET, _RETURN = 0x20, 0x54, 0x15, 0x45, 0x06  # of the kernel's packet filter
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_NUMBER, _MACHINE, _FIRST = 0, 4, 16  # where they stand in what the filter is given
_NEW_GROUPS = 0x02000000  # CLONE_NEWCGROUP
_OTHER_ABI = 0x40000000  # set in the numbers of x32


class _Calls(NamedTuple):
    """Numbers of calls; ``keys``: the first of three."""

    machine: int  # as the kernel's audit names it
    unshare: int
    clone: int
    keys: int
    clone3: int = 435


_X86_64, _I386 = _Calls(0xC000003E, 272, 56, 248), _Calls(0x40000003, 310, 120, 286)
_AARCH64, _ARM = _Calls(0xC00000B7, 97, 220, 217), _Calls(0x40000028, 337, 120, 309)
_FOR = {
    "x86_64": (_X86_64, _I386),
    "aarch64": (_AARCH64, _ARM),
    "riscv64": (_Calls(0xC00000F3, 97, 220, 217),),
    "ppc64le": (_Calls(0xC0000015, 282, 120, 269),),
}  # with the calls of older programs that run there


def refused_calls() -> bytes:
    """The program; empty on machines whose calls are not known here."""
    machine = os.uname().machine
    if sys.byteorder != "little":
        return b""
    program = []
    for calls in _FOR.get(machine, ()):
        program += _of(calls, x32=calls is _X86_64)
    return b"".join([*program, _step(_RETURN, _ALLOW)]) if program else b""


def _of(calls: _Calls, *, x32: bool) -> list[bytes]:
    """The part for one kind of programs; others go on behind it."""
    refuse, unknown = _step(_RETURN, _REFUSE | errno.EPERM), _step(_RETURN, _REFUSE | errno.ENOSYS)
    body = [_step(_LOAD, _NUMBER)]
    if x32:
        body.append(_step(_AND, 0xFFFFFFFF ^ _OTHER_ABI))
    for number in range(calls.keys, calls.keys + 3):
        body += [_step(_EQUAL, number, 0, 1), refuse]
    # What it is asked for lies in memory, where no filter looks: without it, libraries take clone.
    body += [_step(_EQUAL, calls.clone3, 0, 1), unknown]
    body += [_step(_EQUAL, calls.unshare, 1, 0), _step(_EQUAL, calls.clone, 0, 3)]
    body += [_step(_LOAD, _FIRST), _step(_SET, _NEW_GROUPS, 0, 1), refuse]
    body.append(_step(_RETURN, _ALLOW))
    return [_step(_LOAD, _MACHINE), _step(_EQUAL, calls.machine, 0, len(body)), *body]


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)
