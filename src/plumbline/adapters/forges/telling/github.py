"""GitHub, and GitHub Enterprise on a host of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.adapters.forges.telling._issues import IssueTeller

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSION = "2022-11-28"


def _base(address: str) -> str:
    scheme, _, host = address.partition("://")
    return f"{scheme}://api.{host}" if host == "github.com" else f"{address}/api/v3"


def _headers(secret: str) -> Mapping[str, str]:
    return {
        "Authorization": f"Bearer {secret}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": _VERSION,
    }


PART = IssueTeller(_base, _headers, 50)
