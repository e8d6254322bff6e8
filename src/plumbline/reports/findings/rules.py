"""What a rule is called whichever tool applies it."""

from __future__ import annotations

import re

_BANDIT = re.compile(r"[BS](\d{3})")
_SAME_NUMBERS = frozenset(
    ("bandit", "flake8", "flake8-bandit", "ruff")
)  # ruff and flake8 number bandit's tests as it does


def rule_key(tool: str, rule: str) -> str:
    """The same for two tools whose rules are one and the same; else the rule's own name."""
    found = _BANDIT.fullmatch(rule)
    if found and tool.lower() in _SAME_NUMBERS:
        return f"bandit-{found[1]}"
    return rule
