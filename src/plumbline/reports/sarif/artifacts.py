"""Where the files of a run of SARIF are: its artifacts, and the bases that their addresses are relative to."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from plumbline.reports.places import inside
from plumbline.reports.values import listed, mapped, maps, text

_DEEP = 10  # bases upon bases


class Artifacts:
    """``roots``: folders that stand for the repository, as settings or the run's own bases say."""

    def __init__(self, run: dict[str, Any], roots: tuple[str, ...]) -> None:
        self._bases = mapped(run.get("originalUriBaseIds"))
        absolute = [self._base(name) for name in self._bases]
        homes = [base[5:].lstrip("/") for base in absolute if base.startswith("file:")]
        self._roots = (*roots, *(_folder(home) for home in homes if home))
        self._listed = listed(run.get("artifacts"))
        self._places: dict[tuple[str, str], str] = {}

    def path(self, location: dict[str, Any]) -> tuple[str, str]:
        """The path in the repository, and the address as it is said."""
        uri, base = location.get("uri"), location.get("uriBaseId")
        if type(uri) is not str:
            index = location.get("index")
            if type(index) is not int or not 0 <= index < len(self._listed):
                return "", ""
            entry = mapped(mapped(self._listed[index]).get("location"))
            uri, base = entry.get("uri"), entry.get("uriBaseId")
            if type(uri) is not str:
                return "", ""
        key = (uri, base if type(base) is str else "")
        if key not in self._places:
            self._places[key] = self._placed(*key)
        return self._places[key], uri

    def looked_at(self) -> tuple[str, ...]:
        """Paths of the artifacts that the run lists; those that are only results or tools' own files are left out."""
        found = set()
        for entry in maps(self._listed):
            roles = listed(entry.get("roles"))
            if roles and not {"analysisTarget", "resultFile", "added", "modified", "unmodified"} & {
                role for role in roles if type(role) is str
            }:
                continue
            found.add(self.path(mapped(entry.get("location")))[0])
        return tuple(sorted(found - {""}))

    def _placed(self, uri: str, base: str) -> str:
        whole = unquote(uri) if "%" in uri else uri
        start = self._base(base)
        if start.startswith("file:") and not whole.startswith(("file:", "/")):
            # A base with an address of its own is the root of what was looked at: the rest is relative to it.
            return inside(whole)
        if start and not start.startswith("file:"):
            whole = start.rstrip("/") + "/" + whole
        return inside(whole, self._roots)

    def _base(self, name: str) -> str:
        """The address of a base; relative to the repository where it is not absolute."""
        parts: list[str] = []
        for _ in range(_DEEP):
            entry = mapped(self._bases.get(name))
            uri = text(entry.get("uri"))
            if uri:
                parts.append(uri)
            following = entry.get("uriBaseId")
            if uri.startswith("file:") or type(following) is not str:
                break
            name = following
        if parts and parts[-1].startswith("file:") and len(parts) > 1:
            parts.pop()  # what is relative to the root of the machine's copy is relative to the repository
        return "/".join(part.rstrip("/") for part in reversed(parts))


def _folder(home: str) -> str:
    drive = len(home) > 1 and home[1] == ":"
    return unquote(home if drive else f"/{home}")
