"""A policy or an evidence contract as somebody wrote it: data of a node of the tree, in versions that never change."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class RuleKind(StrEnum):
    POLICY = "policy"
    CONTRACT = "contract"


class RuleSet(msgspec.Struct, frozen=True, kw_only=True):
    """One version. Times are microseconds since the epoch; 0: never."""

    id: int = 0
    node: int  # it holds there and below; 0: in the whole installation
    kind: RuleKind
    name: str  # of the policy or contract; one name at a node is one of them, in versions
    version: int = 1  # one more with every text that is saved
    text: str  # YAML, as it was written
    digest: str  # "sha256:..." of the text
    saved: int = 0
    saved_by: str = ""  # name of the person
    reason: str = ""  # why it was changed
    retired: int = 0  # it holds no longer; a newer version takes it back
    retired_by: str = ""
