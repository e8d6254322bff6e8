"""The quick reader of TOML says what Python's own says, or that it does not know."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from bench.bills import LOCK_FILES

from plumbline.artifacts.sbom.plain_toml import read_plain

_CASES = Path(__file__).parents[1] / "cases/artifacts/locks"
_TEXTS = [
    text
    for path in sorted(_CASES.glob("*.yml"))
    for case in yaml.safe_load(path.read_text())
    for name, text in case["files"].items()
    if name.endswith((".toml", ".lock")) and "[[" in text
]


def _own(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError):
        return None


@pytest.mark.parametrize("name", ["uv.lock", "poetry.lock", "Cargo.lock"])
def test_what_tools_write_is_plain(name: str) -> None:
    text = LOCK_FILES[name]()

    assert read_plain(text) == tomllib.loads(text)


def test_changed_texts_are_read_the_same_way_or_not_at_all() -> None:
    chance = random.Random(14)  # noqa: S311 - not for secrets
    plain = 0
    assert len(_TEXTS) >= 5
    for text in _TEXTS:
        for _ in range(300):
            changed = text
            for _ in range(chance.randint(0, 3)):
                at = chance.randrange(len(changed))
                sign = chance.choice(['"', "\\", "\n", "[", "]", "{", "}", "=", ",", "#", "'", "1", "a", " ", "."])
                changed = changed[:at] + sign + changed[at + chance.randrange(2) :]
            found, own = read_plain(changed), _own(changed)
            if found is not None and own is not None:
                assert found == own
                plain += 1
    assert plain > 100


@pytest.mark.parametrize(
    "text",
    [
        "a = 1 # one\n",
        "a = 'b'\n",
        'a = """b"""\n',
        "a = 2024-01-01\n",
        "a = null\n",
        'a = {"b":1}\n',
        "a = 1\na = 2\n",
        "[a]\n[a]\n",
        "a.b = 1\n",
        'a = "\\u0041"\n',
        'a = "\\/"\n',
        "a\n",
        "[" * 1000,
    ],
)
def test_what_is_not_plain_is_left_to_the_other(text: str) -> None:
    assert read_plain(text) is None
