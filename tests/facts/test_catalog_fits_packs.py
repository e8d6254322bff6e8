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

_ROOM = Path(plumbline.maturity.__file__).parent
_FILES = [*(_ROOM / "standards").glob("*.yaml"), *(_ROOM / "frameworks" / "bindings").glob("*.yml")]
_FOR_POLICIES = {  # no model asks for it yet; whoever writes a pack, a binding or a policy may, and pages do
    "agent-tool-servers-outside-list", "assisted-changes-reviewed-by-another", "changes-assisted-by-agents",
    "evidence-completeness", "evidence-silence", "evidence-contract-coverage", "evidence-own-word-share",
}  # fmt: skip
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
    for path in sorted(_FILES):
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
    assert (name in asked) is not (name in _FOR_POLICIES)


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
