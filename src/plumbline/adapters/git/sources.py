"""Other places that a configuration may include, as far as the user mapped or allowed them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plumbline.kernel import ErrorKind, PlumblineError, t

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT = 10.0  # seconds for one download
MAX_DOWNLOAD = 2 * 1024 * 1024  # bytes
TEMPLATES = "templates"  # the name under which the folder of templates is mapped


@dataclass(frozen=True, slots=True)
class Sources:
    """``maps``: a project path, a URL or the beginning of one, or ``templates``, each to a local file or folder; to
    nothing: it is left out. ``hosts``: those of this machine or near it that may be read from, with the port."""

    maps: Mapping[str, str] = field(default_factory=dict)
    allow_network: bool = False
    hosts: tuple[str, ...] = ()

    def project_folder(self, path: str) -> str:
        """The folder that stands for a project; code ``project-not-mapped``."""
        folder = self.maps.get(path.strip("/"))
        if folder == "":
            raise _left_out(path)
        if folder is None:
            raise _refused(
                "project-not-mapped",
                t("the project {path} is not known on this machine", path=path),
                t("say where a copy of it is: --map {path}=FOLDER", path=path),
            )
        folder = os.path.abspath(os.path.expanduser(folder))
        if not os.path.isdir(folder):
            raise _refused(
                "project-not-mapped",
                t("the project {path} is mapped to {folder}, which is not a folder", path=path, folder=folder),
                t("say where a copy of it is: --map {path}=FOLDER", path=path),
            )
        return folder

    def remote(self, url: str) -> bytes:
        """The bytes behind a URL; codes ``network-not-allowed``, ``remote-unreadable``."""
        mapped = self._mapped(url)
        if mapped:
            return _read_mapped(mapped, url)
        if not self.allow_network:
            raise _refused(
                "network-not-allowed",
                t("{url} is on the network, which is not allowed", url=url),
                t("use --allow-network, or say where a copy of it is: --map {url}=FILE", url=url),
            )
        return _download(url, self.hosts)

    def template(self, name: str) -> bytes:
        """A template below the mapped folder; code ``template-not-mapped``."""
        root = self.maps.get(TEMPLATES)
        if root == "":
            raise _left_out(name)
        if root is None:
            raise _refused(
                "template-not-mapped",
                t("the template {name} is not known on this machine", name=name),
                t("say where a copy of the templates is: --map {key}=FOLDER", key=TEMPLATES),
            )
        root = os.path.realpath(os.path.expanduser(root))
        path = os.path.realpath(os.path.join(root, name))
        if not path.startswith(root + os.sep) or not os.path.isfile(path):
            raise _refused(
                "template-not-mapped",
                t("there is no template {name} in {folder}", name=name, folder=root),
                t("say where a copy of the templates is: --map {key}=FOLDER", key=TEMPLATES),
            )
        return _read_mapped(path, name)

    def _mapped(self, url: str) -> str:
        """The local path of the longest mapped beginning of a URL; empty where none fits."""
        for start in sorted((key for key in self.maps if "://" in key), key=len, reverse=True):
            if not self.maps[start] and (url == start or url.startswith(start.rstrip("/") + "/")):
                raise _left_out(url)
            target = os.path.abspath(os.path.expanduser(self.maps[start]))
            if url == start:
                return target
            prefix = start if start.endswith("/") else start + "/"
            if url.startswith(prefix):
                path = os.path.realpath(os.path.join(target, url[len(prefix) :].partition("?")[0]))
                if path.startswith(os.path.realpath(target) + os.sep):
                    return path
        return ""


def _read_mapped(path: str, name: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise _refused(
            "remote-unreadable",
            t("{name} is mapped to {path}: {reason}", name=name, path=path, reason=error.strerror or str(error)),
            t("correct the --map option"),
        ) from error


def _download(url: str, hosts: tuple[str, ...]) -> bytes:
    from urllib.error import URLError
    from urllib.request import Request

    from plumbline.adapters.git.downloading import opener

    if not url.startswith(("https://", "http://")):
        raise _unreadable(url, t("only http and https are understood"))
    try:
        with opener(hosts).open(Request(url, headers={"User-Agent": "plumbline"}), timeout=TIMEOUT) as answer:  # noqa: S310
            data: bytes = answer.read(MAX_DOWNLOAD + 1)
    except (URLError, OSError, ValueError) as error:
        raise _unreadable(url, str(getattr(error, "reason", error))) from error
    if len(data) > MAX_DOWNLOAD:
        raise _unreadable(url, t("it is larger than {limit} bytes", limit=MAX_DOWNLOAD))
    return data


def _unreadable(url: str, reason: object) -> PlumblineError:
    return PlumblineError(
        "remote-unreadable",
        t("{url} cannot be read: {reason}", url=url, reason=reason),
        t("or say where a copy of it is: --map {url}=FILE", url=url),
    )


def _left_out(name: str) -> PlumblineError:
    """Where something is mapped to nothing: the user wants to go on without it."""
    return PlumblineError(
        "include-left-out",
        t("{name} is left out, as asked", name=name),
        t("read it from a copy: --map {name}=PATH", name=name),
        kind=ErrorKind.CONFIGURATION,
    )


def _refused(code: str, message: object, hint: object) -> PlumblineError:
    return PlumblineError(code, message, hint, kind=ErrorKind.CONFIGURATION)  # type: ignore[arg-type]
