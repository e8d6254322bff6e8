"""A pack that was made from a catalogue of others, kept in the data folder of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.facts.live import Live
from tests.maturity.frameworks.catalogues import BINDING, GEMARA

from plumbline.facts import definitions
from plumbline.flow.assessments import assess_ledger
from plumbline.flow.assessments.packs import list_packs, view_pack
from plumbline.kernel import PlumblineError
from plumbline.maturity.frameworks import evaluation_log, make_pack, read_binding, read_gemara
from plumbline.wiring.assessments import imported_packs, shipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    made = Live(tmp_path)
    catalogue = read_gemara([("harbour.yaml", GEMARA)])
    binding = read_binding(BINDING, "ours.yml", catalogue, definitions())
    imported_packs(made.data).keep(make_pack(catalogue, binding).pack, shipped())
    yield made
    made.close()


def test_it_is_a_pack_like_those_that_come_along(live: Live) -> None:
    assert "harbour" in {one.pack.id for one in list_packs(live.root, live.assessments)}
    assert view_pack(live.root, live.assessments, "harbour").pack.framework is not None
    for name in ("harbor", "../harbour", "harbour.json"):
        with pytest.raises(PlumblineError) as caught:
            view_pack(live.root, live.assessments, name)
        assert caught.value.code == "not-found"


def test_what_it_asks_people_to_state_can_be_stated_and_waits_for_a_second_person(live: Live) -> None:
    live.observe()
    assert _word(live) == "Not Run"
    statement = live.state("statement-lamps", "Lamps burn from dusk to dawn.")
    assert _word(live) == "Needs Review"
    live.accept(statement)
    assert _word(live) == "Passed"


def _word(live: Live) -> str:
    made = assess_ledger.grade_now(live.assessments, "bank/core", "harbour")
    log = evaluation_log(made, live.assessments.load_pack("harbour"), "1")
    words = {
        one["requirement"]["entry-id"]: one["result"] for each in log["evaluations"] for one in each["assessment-logs"]
    }
    assert words["MO-01.02"] == "Unknown"  # bound to nothing
    return str(words["LI-01.01"])


def test_importing_it_again_takes_its_place(live: Live) -> None:
    before = view_pack(live.root, live.assessments, "harbour").digest
    catalogue = read_gemara([("harbour.yaml", GEMARA)])
    imported_packs(live.data).keep(make_pack(catalogue, None).pack, shipped())
    assert view_pack(live.root, live.assessments, "harbour").digest != before
