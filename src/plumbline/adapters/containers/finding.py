"""Which container engine there is. A client without an engine behind it is common, and an engine comes and goes."""

from __future__ import annotations

import os
import shutil
import threading
import time
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from plumbline.adapters.containers.engine import Answer, Engine, ask_client
from plumbline.kernel import ErrorKind, PlumblineError, t

NAMES = ("podman", "docker")
KNOWN = 60.0  # seconds that an engine that answered is not looked at again
ABSENT = 3.0  # seconds that one that did not is not asked again
PATIENCE = 10.0  # seconds for an answer
_found: dict[str, tuple[float, Engine | PlumblineError]] = {}
_lock = threading.Lock()


def find_engine(name: str = "") -> Engine:
    """The engine of this name, or the first of podman and docker that answers within seconds.

    Raises PlumblineError ``unknown-container-engine`` and ``no-container-engine``, with what the clients said.
    """
    if name and name not in NAMES:
        raise _unknown(name)
    with _lock:
        known = _found.get(name)
        if known is None or time.monotonic() >= known[0]:
            made = _look(name)
            patience = KNOWN if isinstance(made, Engine) else ABSENT
            known = _found[name] = (time.monotonic() + patience, made)
    if isinstance(known[1], Engine):
        return known[1]
    raise PlumblineError(known[1].code, known[1].message, known[1].hint, kind=known[1].kind)


def forget_engines() -> None:
    """Look anew the next time."""
    with _lock:
        _found.clear()


def _look(name: str) -> Engine | PlumblineError:
    refusals: list[str] = []
    for each in (name,) if name else NAMES:
        client = shutil.which(each)
        if client is None:
            continue
        found = _podman(client, alone=bool(name) or not shutil.which("docker")) if each == "podman" else _docker(client)
        if isinstance(found, Engine):
            return found
        refusals.append(f"{each}: {_complaint(found)}")
    cure = t("Start an engine, or run the scripts on this machine itself: plumb run --shell")
    if refusals:
        said = " ".join(refusals)
        what = t("Jobs of this pipeline want an image, and no container engine answers. {reason}", reason=said)
    elif name:
        what = t("Jobs of this pipeline want an image, and {name} is not installed on this machine.", name=name)
    else:
        what = t("Jobs of this pipeline want an image, and neither podman nor docker is installed on this machine.")
    return PlumblineError("no-container-engine", what, cure, kind=ErrorKind.ENVIRONMENT)


def _podman(client: str, *, alone: bool) -> Engine | Answer:
    """Not by its ``info``, which takes ten times as long. Where there is a choice, a list of containers shows that it
    can use what it keeps."""
    answer = ask_client(client, ("version", "--format", "{{json .}}"), PATIENCE)
    versions = answer.value() if answer.status == 0 else None
    version = _map(versions, "Server").get("Version") or _map(versions, "Client").get("Version")
    if not isinstance(version, str) or not version:
        return answer
    if not alone and (listed := ask_client(client, ("ps", "--quiet"), PATIENCE)).status:
        return listed
    rootless = os.geteuid() != 0
    return Engine("podman", client, version, rootless, _controllers(rootless=rootless), _memory())


def _docker(client: str) -> Engine | Answer:
    answer = ask_client(client, ("info", "--format", "{{json .}}"), PATIENCE)
    info = answer.value() if answer.status == 0 else None
    version = info.get("ServerVersion") if isinstance(info, dict) else None
    if not isinstance(version, str) or not version or not isinstance(info, dict):
        return answer
    said = {"pids": "PidsLimit", "memory": "MemoryLimit", "cpu": "CpuCfsQuota"}
    limits = frozenset(each for each, key in said.items() if info.get(key) is True)
    options = info.get("SecurityOptions")
    rootless = any("rootless" in str(option) for option in options) if isinstance(options, list) else False
    memory = info.get("MemTotal")
    return Engine("docker", client, version, rootless, limits, memory if isinstance(memory, int) else 0)


def _controllers(*, rootless: bool) -> frozenset[str]:
    """What this user may limit: in version 2 of control groups what is delegated to them, in version 1 all or
    nothing."""
    every = frozenset(("pids", "memory", "cpu"))
    try:
        own = next(line for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::"))
        there = Path("/sys/fs/cgroup", own[3:].lstrip("/"), "cgroup.controllers").read_text().split()
    except (OSError, StopIteration):
        there = None
    if there is None:
        return frozenset() if rootless else every
    return every.intersection(there) if rootless else every


def _memory() -> int:
    """Bytes of this machine."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return 0


def _map(found: Any, key: str) -> dict[str, Any]:
    value = found.get(key) if isinstance(found, dict) else None
    return value if isinstance(value, dict) else {}


def _complaint(answer: Answer) -> str:
    """What a client says is wrong; docker says it beside its JSON, or in it."""
    info = answer.value()
    errors = info.get("ServerErrors") if isinstance(info, dict) else None
    if isinstance(errors, list) and errors:
        return " ".join(str(each) for each in errors)[:600]
    if isinstance(info, dict):
        said = b"\n".join(line for line in answer.output.splitlines() if not line.startswith(b"{"))
        return answer._replace(output=said).words
    return answer.words


def _unknown(name: str) -> PlumblineError:
    near = get_close_matches(name.lower(), NAMES, 1, 0.5)
    cure = (
        t("Did you mean '{name}'? It stands in the setting ci.container_engine, or as container_engine in a file.",
          name=near[0])
        if near
        else t("Write podman or docker in the setting ci.container_engine, or as container_engine in the file.")
    )  # fmt: skip
    return PlumblineError(
        "unknown-container-engine",
        t("There is no container engine called '{name}'.", name=name),
        cure,
        kind=ErrorKind.CONFIGURATION,
    )
