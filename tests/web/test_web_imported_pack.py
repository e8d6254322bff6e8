"""Pages about a model that was made from a catalogue of others: what is bound to nothing is told wherever it stands."""

from __future__ import annotations

import pytest
from tests.maturity.frameworks.catalogues import BINDING, GEMARA
from web_server import add_person, browser_of, opened
from web_structure import flaws

from plumbline.facts import definitions
from plumbline.maturity.frameworks import make_pack, read_binding, read_gemara
from plumbline.model.tree import Node, NodeKind
from plumbline.wiring.assessments import imported_packs, shipped

pytestmark = pytest.mark.slow


def test_every_page_about_it_is_whole(new_folder, tmp_path):
    folder = tmp_path / "data"
    catalogue = read_gemara([("harbour.yaml", GEMARA)])
    pack = make_pack(catalogue, read_binding(BINDING, "ours.yml", catalogue, definitions())).pack
    with opened(folder, new_folder) as server:
        imported_packs(str(folder)).keep(pack, shipped())
        with server.tools.units.store.change() as tx:
            tx.tree.add(Node(id=0, kind=NodeKind.ORGANISATION, name="bank", path="bank"))
            tx.tree.add(Node(id=0, kind=NodeKind.PROJECT, name="core", path="bank/core", parent=1))
        add_person(server, "mei", "assessor", "maintainer", node=1)
        mei = browser_of(server, "mei")
        mei.post("/nodes/2/variables", name="MODE", value="fast")  # the ledger has an entry
        answer = mei.post("/nodes/2/assess", pack="harbour")
        assert answer.status_code == 303, answer.text
        grade = answer.headers["location"]
        for page in (
            grade,
            f"{grade}/items/MO-01",
            f"{grade}/roadmap",
            f"{grade}/proofs",
            "/packs/harbour/items/MO-01",
        ):
            shown = mei.ask("GET", page)
            assert shown.status_code == 200, (page, shown.text)
            assert flaws(shown.text) == [], page
        assert "2 of 4 requirements" in mei.ask("GET", grade).text
        assert "(2): MO-01.02, LI-01.02" in mei.ask("GET", f"{grade}/report.html").text
        assert mei.ask("GET", "/api/v1/packs/harbour").json()["pack"]["id"] == "harbour"
        model = mei.ask("GET", "/packs/harbour/items/MO-01").text
        assert "Bound to nothing: unknown whatever the records show." in model
        assert "SEA 3.1, 3.2" in model
