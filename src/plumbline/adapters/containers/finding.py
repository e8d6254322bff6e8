"""Which container engine there is. A client without an engine behind it is common, and an engine comes and goes."""

from __future__ import annotations

import shutil
import threading
import time
from difflib import get_close_matches
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
        answer = ask_client(client, ("info", "--format", "{{json .}}"), PATIENCE)
        engine = _engine(each, client, answer)
        if engine is not None:
            return engine
        refusals.append(f"{each}: {_complaint(answer)}")
    cure = t("Start an engine, or run the scripts on this machine itself: plumb run --shell")
    if refusals:
        said = " ".join(refusals)
        what = t("Jobs of this pipeline want an image, and no container engine answers. {reason}", reason=said)
    elif name:
        what = t("Jobs of this pipeline want an image, and {name} is not installed on this machine.", name=name)
    else:
        what = t("Jobs of this pipeline want an image, and neither podman nor docker is installed on this machine.")
    return PlumblineError("no-container-engine", what, cure, kind=ErrorKind.ENVIRONMENT)


def _engine(name: str, client: str, answer: Answer) -> Engine | None:
    info = answer.value() if answer.status == 0 else None
    if not isinstance(info, dict):
        return None
    return (_podman if name == "podman" else _docker)(client, info)


def _podman(client: str, info: dict[str, Any]) -> Engine | None:
    host, version = _map(info, "host"), _map(info, "version").get("Version")
    if not isinstance(version, str) or not version:
        return None
    controllers = host.get("cgroupControllers")
    rootless = _map(host, "security").get("rootless") is True
    if rootless and host.get("cgroupVersion") == "v1":
        controllers = []
    limits = frozenset(_names(controllers))
    return Engine("podman", client, version, rootless, limits, _number(host.get("memTotal")))


def _docker(client: str, info: dict[str, Any]) -> Engine | None:
    version = info.get("ServerVersion")
    if not isinstance(version, str) or not version:
        return None
    said = {"pids": "PidsLimit", "memory": "MemoryLimit", "cpu": "CpuCfsQuota"}
    limits = frozenset(each for each, key in said.items() if info.get(key) is True)
    rootless = any("rootless" in option for option in _names(info.get("SecurityOptions")))
    return Engine("docker", client, version, rootless, limits, _number(info.get("MemTotal")))


def _map(found: dict[str, Any], key: str) -> dict[str, Any]:
    value = found.get(key)
    return value if isinstance(value, dict) else {}


def _names(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _number(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


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
