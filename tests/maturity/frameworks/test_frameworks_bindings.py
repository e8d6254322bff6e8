"""The bindings that come along name facts that there are, and statements that both languages have words for."""

from __future__ import annotations

import pytest
import yaml

from plumbline.adapters.packs import bindings, shipped_binding
from plumbline.facts import definitions
from plumbline.maturity.frameworks import Catalogue, make_pack, read_binding
from plumbline.maturity.frameworks.catalogue import Area, Control, Requirement


def catalogue_for(text: str) -> Catalogue:
    """With no more than the ids that a binding names: the catalogues themselves do not come along."""
    plain = yaml.safe_load(text)
    levels = tuple(plain["levels"])
    requirements = tuple(Requirement(id=id_, text=id_, applies_to=levels) for id_ in plain["requirements"])
    control = Control(id="c", title="c", objective="c", area="a", requirements=requirements)
    return Catalogue(
        form="gemara", id=plain["binds"], title="t", digest=f"sha256:{'0' * 64}", areas=(Area(id="a", title="a"),),
        controls=(control,), scopes=tuple(Area(id=level, title=level) for level in levels),
    )  # fmt: skip


@pytest.mark.parametrize("name", bindings())
def test_a_binding_that_comes_along_fits_this_version(name: str) -> None:
    text = shipped_binding(name)
    catalogue = catalogue_for(text)
    made = make_pack(catalogue, read_binding(text, f"{name}.yml", catalogue, definitions()))
    assert made.unbound == ()
    assert len(made.bound) == len(catalogue.requirements)


def test_the_osps_baseline_is_bound_as_far_as_records_and_statements_go() -> None:
    binding = yaml.safe_load(shipped_binding("osps"))
    probes = [{signal["probe"] for signal in one["signals"]} for one in binding["requirements"].values()]
    assert len(probes) == 46
    assert sum("statement" not in found for found in probes) == 16
    assert list(binding["levels"]) == ["maturity-1", "maturity-2", "maturity-3"]
