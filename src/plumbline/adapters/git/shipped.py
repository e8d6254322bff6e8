"""The components that come with this product, as if they were a project of their own with a release for each version.

``$CI_SERVER_FQDN/plumbline/python@1`` is one of them, on a laptop and on a server, without a network. A version that
was shipped stays as it is: what is changed gets a new one.
"""

from __future__ import annotations

import hashlib
import os
import re
from functools import cache
from typing import TYPE_CHECKING

import plumbline
from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from plumbline.adapters.git.sources import Sources
    from plumbline.model.ports.jobs import Repository

    FindProject = Callable[[Sources, str, str | None], Repository]

PROJECT = "plumbline"
_FOLDER = os.path.join(os.path.dirname(plumbline.__file__), "shipped", "components")
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)", re.ASCII)


class ShippedComponents:
    """Implements the port ``Repository`` for one version. ``sha``: a digest of its files, since it has no commit."""

    def __init__(self, version: str, sources: Sources, find_project: FindProject) -> None:
        self.name = PROJECT
        self.version = version
        self._sources = sources
        self._find_project = find_project

    @property
    def sha(self) -> str:
        return _digest(self.version)

    def read(self, path: str) -> bytes | None:
        if path not in self.files():
            return None
        with open(os.path.join(_FOLDER, self.version, os.path.basename(path)), "rb") as file:
            return file.read()

    def files(self) -> Sequence[str]:
        return tuple(f"templates/{name}" for name in _names(self.version))

    def changed(self, compare_to: str | None) -> frozenset[str] | None:  # noqa: ARG002
        return None

    def project(self, path: str, ref: str | None) -> Repository:
        return self._find_project(self._sources, path, ref)

    def remote(self, url: str) -> bytes:
        return self._sources.remote(url)

    def template(self, name: str) -> bytes:
        return self._sources.template(name)


def shipped_components(ref: str | None, sources: Sources, find_project: FindProject) -> ShippedComponents:
    """The version that ``1.0.0``, ``~1``, ``~1.0`` or ``~latest`` stands for; without one the newest. Code
    ``unknown-ref``. ``find_project``: finds those that a component includes."""
    wanted = "" if ref in (None, "HEAD", "~latest") else str(ref).removeprefix("~").removeprefix("v")
    fitting = [version for version in versions() if f"{version}.".startswith(f"{wanted}." if wanted else "")]
    if not fitting:
        raise PlumblineError(
            "unknown-ref",
            t("no version of the components that come with Plumbline fits {version}", version=wanted),
            t("there are: {versions}", versions=", ".join(versions())),
            kind=ErrorKind.CONFIGURATION,
        )
    return ShippedComponents(fitting[-1], sources, find_project)


@cache
def versions() -> tuple[str, ...]:
    """All of them, the newest last."""
    found = [match for name in os.listdir(_FOLDER) if (match := _VERSION.fullmatch(name))]
    return tuple(match[0] for match in sorted(found, key=lambda match: [int(part) for part in match.groups()]))


@cache
def _names(version: str) -> tuple[str, ...]:
    return tuple(sorted(name for name in os.listdir(os.path.join(_FOLDER, version)) if name.endswith(".yml")))


@cache
def _digest(version: str) -> str:
    found = hashlib.sha256()
    for name in _names(version):
        with open(os.path.join(_FOLDER, version, name), "rb") as file:
            found.update(name.encode() + b"\0" + hashlib.sha256(file.read()).digest())
    return found.hexdigest()
