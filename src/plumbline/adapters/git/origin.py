"""Where a repository comes from, as its remote's URL tells: the project's path and web address."""

from __future__ import annotations

import os
import re
from typing import NamedTuple
from urllib.parse import urlsplit

_SCP = re.compile(r"(?:[^@/:]+@)?(?P<host>\[[^\]]+\]|[^/:]+):(?!//)(?P<path>.*)", re.DOTALL)


class Origin(NamedTuple):
    """``path`` is ``group/name``; the URLs are empty for a repository without a server."""

    path: str
    url: str = ""
    server_url: str = ""
    ssh_port: str = ""  # where the remote names one


def read_origin(remote: str, folder: str) -> Origin:
    """Understand ``https://host/group/name.git``, ``ssh://git@host:22/...``, ``git@host:group/name.git``; anything
    else, and no remote at all, is ``local/<name of the folder>``."""
    scheme, host, path = _split(remote)
    path = path.strip("/").removesuffix(".git").strip("/")
    if not host or "/" not in path:
        return Origin(f"local/{os.path.basename(folder.rstrip('/')).removesuffix('.git') or 'project'}")
    server = f"{scheme}://{host}"
    return Origin(path, f"{server}/{path}", server, _ssh_port(remote))


def _ssh_port(remote: str) -> str:
    parts = urlsplit(remote) if "ssh" in remote.partition("://")[0] else None
    return str(parts.port or "") if parts else ""


def _split(remote: str) -> tuple[str, str, str]:
    if "://" in remote:
        try:
            parts = urlsplit(remote)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return "", "", ""
        if parts.scheme in ("http", "https"):
            return parts.scheme, f"{host}:{port}" if port else host, parts.path
        if parts.scheme in ("ssh", "git", "git+ssh", "ssh+git"):
            return "https", host, parts.path
        return "", "", ""
    if not remote.startswith(("/", ".", "~")) and (match := _SCP.fullmatch(remote)):
        return "https", match["host"], match["path"]
    return "", "", ""
