"""Which limit a container reached. Engines seldom say; the control group of the container does, from within."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from plumbline.kernel import t

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from plumbline.kernel import Text

_NAME = ".limits"
_MOST = 256  # bytes
# Run by the shell that waits for a script, with its path in $0 and its exit status in r: version 2, then version 1.
SAY_REACHED = (
    'look() { [ -r "$1" ] && while read -r k v; do '
    '[ "$k" = "$2" ] && [ "$v" -gt 0 ] && echo "$3" >>"${0%/*}/' + _NAME + '"; done <"$1"; }; '
    'if [ "$r" != 0 ]; then c=/sys/fs/cgroup; { '
    "look $c/memory.events oom_kill memory; look $c/memory/memory.oom_control oom_kill memory; "
    "look $c/pids.events max pids; look $c/pids/pids.events max pids; } 2>/dev/null; fi; "
)


def forget_reached(folder: str) -> None:
    """Before a script begins. ``folder``: the scratch folder."""
    with suppress(OSError):
        os.unlink(f"{folder}/{_NAME}")


def reached(folder: str, state: Mapping[str, object]) -> Iterator[Text]:
    """What to say of the limits that a script which failed ran into; ``state`` is the engine's word."""
    said = _read(f"{folder}/{_NAME}").split()
    if "memory" in said or state.get("OOMKilled") is True:
        yield t("The container reached its limit of memory (ci.limit_memory).")
    if "pids" in said:
        yield t("The container reached its limit of processes (ci.limit_processes).")


def _read(path: str) -> str:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(handle, _MOST).decode("ascii", "replace")
    except OSError:
        return ""
    finally:
        os.close(handle)
