"""What a registry asks for: found as GitLab Runner finds it, and shown to the client for one pull alone.

``DOCKER_AUTH_CONFIG`` is what a project, a group or a job says; ``CI_REGISTRY`` with its user and password comes after
it. Only passwords and tokens that stand there are taken: helpers that such a file may name would be programs of this
machine, run because a job said so.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from plumbline.adapters.containers.names import registry_of
from plumbline.pipeline import runner_expand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HUB = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_HUB_OF_DOCKER = "https://index.docker.io/v1/"


class Credential(NamedTuple):
    """``registry`` is a host, with a path where it holds for that path alone; ``entry`` is what stands in a file."""

    registry: str
    entry: dict[str, str]


def credential_of(image: str, values: Mapping[str, str]) -> tuple[Credential | None, bool]:
    """What to say to the registry of an image, by the variables of a job; and whether DOCKER_AUTH_CONFIG can be
    read."""
    given, readable = _given(values.get("DOCKER_AUTH_CONFIG", ""))
    registry = values.get("CI_REGISTRY", "")
    user, password = (values.get(f"CI_REGISTRY_{each}", "") for each in ("USER", "PASSWORD"))
    if registry and user and password:
        own = _plain(runner_expand(registry, values))
        given.setdefault(own, {"auth": _pair(runner_expand(user, values), runner_expand(password, values))})
    full = f"{_plain(registry_of(image))}/{image.partition('/')[2]}" if "/" in image else _plain(registry_of(image))
    fitting = [key for key in given if full == key or full.startswith(f"{key}/")]
    if not fitting:
        return None, readable
    best = max(fitting, key=len)
    return Credential(best, given[best]), readable


@contextmanager
def shown(credential: Credential | None, client: str, beside: str) -> Iterator[str]:
    """The folder of a file ``config.json`` for the client ``podman`` or ``docker``, for as long as this lasts; an empty
    name without a credential. It lies in the folder ``beside``, which no job sees."""
    if credential is None:
        yield ""
        return
    name = credential.registry
    if name in _HUB:
        name = _HUB_OF_DOCKER if client == "docker" else "docker.io"
    folder = tempfile.mkdtemp(prefix=".pull-", dir=beside)
    try:
        handle = os.open(f"{folder}/config.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"auths": {name: credential.entry}}, file)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _given(text: str) -> tuple[dict[str, dict[str, str]], bool]:
    if not text.strip():
        return {}, True
    try:
        auths: Any = json.loads(text)["auths"]
        found = {_plain(name): _entry(said) for name, said in auths.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}, False
    return {name: entry for name, entry in found.items() if entry}, True


def _entry(said: Any) -> dict[str, str]:
    """The part of an entry that is a password or a token."""
    texts = {key: value for key, value in said.items() if isinstance(value, str) and value}
    entry = {key: texts[key] for key in ("identitytoken", "registrytoken") if key in texts}
    if "username" in texts and "password" in texts:
        entry["auth"] = _pair(texts["username"], texts["password"])
    elif "auth" in texts and _is_pair(texts["auth"]):
        entry["auth"] = texts["auth"]
    return entry


def _pair(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode("utf-8", "surrogateescape")).decode()


def _is_pair(text: str) -> bool:
    try:
        return b":" in base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False


def _plain(name: str) -> str:
    """A registry without its scheme, and without the version of its API; all names of Docker's own are one."""
    host = name.partition("://")[2] or name
    host = host.rstrip("/")
    for version in ("/v1", "/v2"):
        host = host.removesuffix(version)
    return "docker.io" if host in _HUB else host
