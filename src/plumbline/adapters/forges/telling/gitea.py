"""Gitea and Forgejo: GitHub's paths below their own, and all comments of an issue at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.adapters.forges.telling._issues import IssueTeller

if TYPE_CHECKING:
    from collections.abc import Mapping


def _base(address: str) -> str:
    return f"{address}/api/v1"


def _headers(secret: str) -> Mapping[str, str]:
    return {"Authorization": f"token {secret}", "Accept": "application/json"}


PART = IssueTeller(_base, _headers, 0)
