"""Pages of what was due: each slot in one state with what came, contracts with what is wrong in them, and the signed
statement."""

from __future__ import annotations

import re

import pytest
from evidence_examples import CONTRACT, WRONG, close, collection_of, pipeline_of, save_contract

pytestmark = pytest.mark.slow

STRICTER = CONTRACT.replace("min: {cases: 1}", "min: {cases: 2}")


@pytest.fixture
def mei(bank):
    found = bank.browser("mei")
    bank.person("second", "maintainer", "security")
    save_contract(found, 2)
    return found


def plain(text):
    """Without tags, with one space between words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_a_mistake_in_a_contract_is_said_at_its_line_and_nothing_is_saved(bank):
    mei = bank.browser("mei")
    answer = mei.post("/nodes/2/evidence-contract", text=WRONG)
    assert answer.status_code == 422
    said = plain(answer.text)
    for name, nearest in (("scan.sats", "scan.sast"), ("comit", "commit")):
        line = next(place for place, one in enumerate(WRONG.splitlines(), 1) if name in one)
        assert f"Line {line}, column" in said
        assert nearest in said
    assert "scan.sats" in answer.text  # what was typed is still there
    assert "No contract holds here" in mei.ask("GET", "/nodes/2/evidence-contracts").text


def test_a_contract_holds_below_and_only_ever_asks_for_more(mei):
    assert "Due of every build" in mei.ask("GET", "/nodes/3/evidence-contracts").text
    below = mei.ask("GET", "/nodes/3/evidence-contract?name=core-builds").text
    assert "It stands above, and holds here as it is." in below
    weaker = re.sub(r"  - id: sast.*?of: commit\n", "", CONTRACT, flags=re.DOTALL).replace("cases: 1", "cases: 0")
    looked = mei.post("/nodes/3/evidence-contract/check", text=weaker)
    refused = mei.post("/nodes/3/evidence-contract", text=weaker)
    assert "It asks for less than a contract above" in looked.text
    assert refused.status_code in (409, 422)
    assert "cases: 0" in refused.text


def test_lines_that_nothing_can_fill_are_named_when_it_is_looked_through(bank):
    mei = bank.browser("mei")
    text = CONTRACT.replace(
        "kind: scan.sast\n    of: commit", "kind: scan.sast\n    of: commit\n    from: [source:nobody]"
    )
    said = plain(mei.post("/nodes/2/evidence-contract/check", text=text).text)
    assert "Nothing can ever fill these lines, as things are" in said
    assert "nobody" in said


def test_what_somebody_saved_meanwhile_is_not_written_over(mei):
    seen = re.search(r'name="seen" value="([^"]+)"', mei.ask("GET", "/nodes/2/evidence-contract?name=core-builds").text)
    save_contract(mei, 2, STRICTER)
    text = CONTRACT.replace("cases: 1", "cases: 9")
    answer = mei.post("/nodes/2/evidence-contract", text=text, name="core-builds", seen=seen[1], reason="x")
    assert answer.status_code == 409
    assert "cases: 9" in answer.text


def test_a_pipeline_says_what_was_found_and_what_is_missing(bank, mei):
    made = pipeline_of(bank)
    page = mei.ask("GET", f"/pipelines/{made.id}").text
    assert "found 1, the contract needs 3" in plain(page)
    assert re.search(r"missing:.*sast", plain(page))
    assert f'href="/pipelines/{made.id}/evidence"' in page


def test_each_slot_stands_in_one_state_with_what_came_for_it(bank, mei):
    made = pipeline_of(bank)
    uid = collection_of(mei, made)
    page = mei.ask("GET", f"/collections/{uid}").text
    said = plain(page)
    assert "1 there in time" in said
    assert "2 may still come" in said
    assert len(re.findall(r'<tr id="slot-', page)) == 3
    assert "this server and its runners" in said
    assert f"line=sast&amp;of_contract=1&amp;commit={made.sha}#ask" in page
    assert f"line=unit-tests&amp;of_contract=1&amp;commit={made.sha}" not in page  # what is there needs no waiver


def test_a_person_closes_it_with_a_reason_and_what_is_not_there_is_missing(bank, mei):
    uid = collection_of(mei, pipeline_of(bank))
    assert mei.post(f"/collections/{uid}/close", reason=" ").status_code in (409, 422)
    close(mei, uid)
    said = plain(mei.ask("GET", f"/collections/{uid}").text)
    for words in (
        "closed with something missing",
        "2 missing",
        "a person closed it",
        "The scanner is away until Monday.",
    ):
        assert words in said
    assert f'action="/collections/{uid}/close"' not in mei.ask("GET", f"/collections/{uid}").text


def test_a_node_says_how_complete_it_is_and_lists_what_is_wanted(bank, mei):
    done, open_one = pipeline_of(bank), pipeline_of(bank, ends=False)
    close(mei, uid := collection_of(mei, done))
    whole = plain(mei.ask("GET", "/nodes/2/evidence").text)
    assert "33.3" in whole
    assert "1 / 3" in whole
    only_open = mei.ask("GET", "/nodes/3/evidence?state=open").text
    assert f"/collections/{collection_of(mei, open_one)}" in only_open
    assert f"/collections/{uid}" not in only_open
    assert "Nothing is in this state" in mei.ask("GET", "/nodes/3/evidence?state=complete").text
    rows = mei.ask("GET", "/nodes/3/evidence?file=csv").text.splitlines()
    assert len(rows) == 3


def test_without_a_contract_nothing_is_due_and_the_page_says_so(bank):
    mei = bank.browser("mei")
    made = pipeline_of(bank)
    assert "what never comes is not missed" in mei.ask("GET", "/nodes/3/evidence").text
    assert "No contract holds for this pipeline" in mei.ask("GET", f"/pipelines/{made.id}/evidence").text
    assert 'id="due"' not in mei.ask("GET", f"/pipelines/{made.id}").text


def test_the_signed_statement_is_verified_on_its_page_and_taken_along(bank, mei):
    uid = collection_of(mei, pipeline_of(bank))
    assert mei.ask("GET", f"/collections/{uid}/statement").status_code == 409  # it is open
    close(mei, uid)
    for _ in bank.server.attest():
        pass
    page = mei.ask("GET", f"/collections/{uid}/statement").text
    said = plain(page)
    assert "verified" in said
    assert "not everything due was there" in said
    assert re.search(r"sast:[0-9a-f]{40}", said)
    taken = mei.post(f"/collections/{uid}/statement")
    assert taken.status_code == 200
    assert taken.headers["content-disposition"] == f'attachment; filename="run-{uid}.jsonl"'


def test_the_ways_to_cheat_the_judge_stand_with_what_is_against_them(bank):
    said = bank.browser("omar").ask("GET", "/threats").text
    assert said.count("tests/") > 10
    assert "The client judges itself" in said
