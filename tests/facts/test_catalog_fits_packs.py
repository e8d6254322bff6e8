"""Every fact that can be computed is asked for by a pack, and has the form that its probe can judge."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.facts.every_event import everything

from plumbline.facts import definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

from pathlib import Path

import plumbline.maturity

_PACKS = Path(plumbline.maturity.__file__).parent / "standards"
OF_EVIDENCE = frozenset(
    f"evidence-{name}" for name in ("completeness", "silence", "contract-coverage", "own-word-share")
)
_FORMS = {
    "share": "share", "rate": "share", "median": "sample", "percentile_90": "sample", "percentile_95": "sample",
    "count": "value", "duration": "value", "change": "value",
}  # fmt: skip


def _signals(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "probe" in node and "fact" in node:
            yield node
        for child in node.values():
            yield from _signals(child)
    elif isinstance(node, list):
        for child in node:
            yield from _signals(child)


@pytest.fixture(scope="module")
def asked() -> dict[str, set[tuple[str, int | None]]]:
    found: dict[str, set[tuple[str, int | None]]] = defaultdict(set)
    for path in sorted(_PACKS.glob("*.yaml")):
        pack = yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        default = (pack.get("defaults") or {}).get("window_days")
        del default  # a threshold says its own window, or asks for the state now
        for signal in _signals(pack):
            window = (signal.get("at") or {}).get("window_days")
            found[str(signal["fact"]).partition("@")[0]].add((str(signal["probe"]), window))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(definitions()))
def test_a_pack_asks_for_it(name: str, asked: dict[str, set[tuple[str, int | None]]]) -> None:
    """Or gates and the pages about what was due do: no demand of a standard names such a fact."""
    if name in OF_EVIDENCE:
        assert name not in asked
        return
    assert name in asked


@pytest.mark.parametrize("name", sorted(definitions()))
def test_its_form_suits_its_probe(name: str, asked: dict[str, set[tuple[str, int | None]]]) -> None:
    """Over records of a little of everything, which most facts can be computed from."""
    for probe, window in asked.get(name, ()):
        found = everything().fact(name, window)
        if found.lack is None:
            form = "share" if found.denominator is not None else "sample" if found.values is not None else "value"
            assert form == _FORMS[probe]
            assert found.cited


def test_most_facts_are_computed_from_a_little_of_everything() -> None:
    lacking = [name for name in definitions() if everything().fact(name, 365).lack is not None]
    assert len(lacking) < 0.25 * len(definitions()), sorted(lacking)


def test_how_is_one_sentence() -> None:
    for definition in definitions().values():
        said = definition.how.render("en")
        assert re.fullmatch(r"[A-Z].*\.", said), definition.name
        assert definition.needs
