"""Assessments over HTTP: who may, what is recorded, and that everything opens down to the events."""

from __future__ import annotations

import base64
import io
import zipfile

import pytest
import schemathesis

from plumbline.model.tree import NodeKind

pytestmark = pytest.mark.slow

CD = "continuous-delivery"
TOPIC = "nobody-asks-for-this"


@pytest.fixture
def place(api, admin):
    """A project, and a ledger with an entry."""
    bank = api.post("/nodes", token=admin, json={"kind": "organisation", "name": "bank"}).json()
    return api.node("posting", NodeKind.PROJECT, parent=bank["id"])


@pytest.fixture
def assessor(api):
    return api.token(api.person("mei", "assessor"))


def graded(api, token, node, pack=CD):
    answer = api.post(f"/nodes/{node}/assessments", token=token, json={"pack": pack, "refresh": False})
    assert answer.status_code == 201, answer.text
    return answer.json()


def statement_topic(api, token):
    groups = api.get(f"/packs/{CD}", token=token).json()["pack"]["groups"]
    items = [item for group in groups for inner in (group, *group["groups"]) for item in inner.get("items", ())]
    return next(
        signal["fact"]
        for item in items
        for level in item["levels"].values()
        for one in level
        for signal in one["signals"]
        if signal["probe"] == "statement"
    )


def test_packs_are_listed_and_one_is_shown_whole(api, admin):
    packs = api.get("/packs", token=admin).json()["packs"]
    assert packs[0]["id"] == CD
    assert packs[0]["items"] > 40
    assert all(one["notice"]["zh"] for one in packs)
    assert api.get(f"/packs/{CD}", token=admin).json()["digest"] == packs[0]["digest"]
    assert api.get("/packs/etc.yaml", token=admin).status_code == 404


def test_an_assessment_is_recorded_and_opens_down_to_its_criteria(api, place, assessor):
    made = graded(api, assessor, place.id)
    assert (made["path"], made["standard"], made["person"]) == ("bank/posting", CD, "mei")
    [event] = api.events("plumbline-assessment.finished")
    assert event["subject"]["content"]["result"] == made["result"]
    listed = api.get(f"/nodes/{place.parent}/assessments?standard={CD}", token=assessor).json()["assessments"]
    assert listed == [made]
    whole = api.get(f"/assessments/{made['seq']}", token=assessor).json()
    assert whole["record"] == made
    assert whole["assessment"]["digest"] == made["result"]
    item = api.get(f"/assessments/{made['seq']}/items/cd.1.1.1", token=assessor).json()
    outcomes = {one["outcome"] for level in item["levels"] for one in level["verdicts"]}
    assert "unknown" in outcomes
    assert api.get(f"/assessments/{made['seq']}/items/cd.9", token=assessor).status_code == 404
    assert api.get("/assessments/99", token=assessor).status_code == 404


def test_the_roadmap_answers_what_if(api, place, assessor):
    seq = graded(api, assessor, place.id)["seq"]
    road = api.get(f"/assessments/{seq}/roadmap", token=assessor).json()
    assert road["then"] == road["now"]
    assert road["steps"]
    assert road["gaps"]
    all_done = api.get(f"/assessments/{seq}/roadmap?done=10000&to=5", token=assessor).json()
    assert road["now"] <= all_done["then"] < "5"  # what this version cannot see keeps some items where they are
    assert road["now"] <= road["showable"] <= road["ceiling"]
    needs = {need["criterion"]: need for step in road["steps"] for need in step["needs"]}
    assert {one["kind"] for one in needs.values()} == {"practice", "source", "statement"}
    assert needs["cd.2.2.2-2a"]["kinds"] == [["change.merged"]]  # nothing is bound here, and no source is registered
    assert road["unrecognised"]
    assert not needs.keys() & set(road["unrecognised"])
    assert len(all_done["gaps"]) > len(road["gaps"])


def test_a_step_gets_an_owner_and_a_date(api, place, assessor):
    one = graded(api, assessor, place.id)["seq"]
    step = api.get(f"/assessments/{one}/roadmap", token=assessor).json()["steps"][0]
    plan = {"item": step["item"], "level": step["level"], "owner": "Li Na", "due": "2027-01-31"}
    body = {"pack": "continuous-delivery", **plan}
    answer = api.ask("PUT", f"/api/v1/nodes/{place.id}/roadmap", json=body, token=assessor)
    assert answer.status_code == 204
    assert api.get(f"/assessments/{one}/roadmap", token=assessor).json()["plans"] == [plan]
    two = graded(api, assessor, place.id)["seq"]
    now = api.get(f"/assessments/{two}/roadmap", token=assessor).json()["steps"][0]
    assert {name: now[name] for name in plan} == plan


def test_two_assessments_are_compared_and_those_of_two_packs_are_not(api, place, assessor):
    one, two = graded(api, assessor, place.id), graded(api, assessor, place.id)
    told = api.get(f"/assessments/{two['seq']}/changes?before={one['seq']}", token=assessor).json()
    assert (told["items"], told["rules"]) == ([], [])
    other = graded(api, assessor, place.id, "collaboration")
    answer = api.get(f"/assessments/{other['seq']}/changes?before={one['seq']}", token=assessor)
    assert (answer.status_code, answer.json()["type"]) == (409, "other-standard")


def test_a_heat_map_records_nothing(api, place, assessor):
    size = api.tools.ledger.ledger.size()
    rows = api.get(f"/nodes/{place.parent}/grades?pack={CD}", token=assessor).json()["rows"]
    assert [row["path"] for row in rows] == ["bank/posting"]
    assert len(rows[0]["groups"]) == 7
    assert api.tools.ledger.ledger.size() == size


def test_the_bundle_is_a_zip_for_those_who_may_export(api, place, assessor):
    seq = graded(api, assessor, place.id)["seq"]
    answer = api.get(f"/assessments/{seq}/bundle", token=assessor)
    assert answer.headers["content-type"] == "application/zip"
    assert "manifest.json" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    viewer = api.token(api.person("vic", "viewer"))
    assert api.get(f"/assessments/{seq}", token=viewer).status_code == 200
    assert api.get(f"/assessments/{seq}/bundle", token=viewer).status_code == 403


def test_a_report_is_html_or_pdf(api, place, assessor):
    seq = graded(api, assessor, place.id)["seq"]
    page = api.get(f"/assessments/{seq}/report.html", token=assessor)
    assert page.status_code == 200, page.text
    assert page.headers["content-type"].startswith("text/html")
    assert api.get(f"/assessments/{seq}/report.pdf", token=assessor).content.startswith(b"%PDF")


def test_who_may_not_is_refused_and_who_may_not_see_finds_nothing(api, place, assessor):
    seq = graded(api, assessor, place.id)["seq"]
    viewer, stranger = api.token(api.person("vic", "viewer")), api.token(api.person("sam"))
    for path, body in (
        ("assessments", {"pack": CD}),
        ("statements", {"topic": "x", "text": "x"}),
        ("exemptions", {"rule": "x", "reason": "x"}),
    ):
        assert api.post(f"/nodes/{place.id}/{path}", token=viewer, json=body).status_code == 403, path
        assert api.post(f"/nodes/{place.id}/{path}", token=stranger, json=body).status_code == 404, path
    for path in (f"/assessments/{seq}", f"/nodes/{place.id}/grades", f"/nodes/{place.id}/statements"):
        assert api.get(path, token=stranger).status_code == 404, path
        assert api.get(path).status_code == 401, path


def test_a_statement_is_accepted_by_a_second_person_alone(api, place, assessor):
    where = f"/nodes/{place.id}/statements"
    body = {"topic": statement_topic(api, assessor), "text": "Yes.", "files": [base64.b64encode(b"\x00pdf").decode()]}
    assert api.post(where, token=assessor, json=body | {"topic": TOPIC}).status_code == 422
    assert api.post(where, token=assessor, json=body | {"until": 1}).status_code == 409
    made = api.post(where, token=assessor, json=body)
    assert made.status_code == 201, made.text
    review = {"statement": made.json()["id"], "decision": "accepted"}
    answer = api.post(f"{where}/review", token=assessor, json=review)
    assert (answer.status_code, answer.json()["type"]) == (409, "own-statement")
    second = api.token(api.person("omar", "security"))
    assert api.post(f"{where}/review", token=second, json=review).status_code == 204
    [found] = api.get(where, token=second).json()["statements"]
    assert (found["decision"], found["reviewer"], found["person"]) == ("accepted", "omar", "mei")
    [digest] = found["files"]
    assert api.get(f"{where}/file?digest={digest}", token=second).content == b"\x00pdf"


@pytest.mark.parametrize(
    ("documents", "refusal"),
    [
        ({}, "statement-undocumented"),
        ({"files": [""]}, "statement-undocumented"),
        ({"address": "the wiki"}, "document-address-wrong"),
        ({"address": "javascript:alert(1)"}, "document-address-wrong"),
        ({"address": "https://wiki.bank.example/rules?page=3"}, ""),
        ({"files": [base64.b64encode(b"pdf").decode()]}, ""),
    ],
)
def test_words_alone_are_no_document_where_one_is_asked_for(api, place, assessor, documents, refusal):
    where = f"/nodes/{place.id}/statements"
    body = {"topic": statement_topic(api, assessor), "text": "ok", **documents}
    answer = api.post(where, token=assessor, json=body)
    assert answer.status_code == (409 if refusal else 201)
    found = api.get(where, token=assessor).json()["statements"]
    if refusal:
        assert answer.json()["type"] == refusal
        assert answer.json()["hint"]
        assert found == []
    else:
        assert found[0]["address"] == documents.get("address", "")
        assert found[0]["undocumented"] is False


def test_a_statement_above_is_not_reviewed_from_below(api, place, assessor):
    body = {"topic": statement_topic(api, assessor), "text": "For the whole bank.", "address": "https://wiki/rules"}
    made = api.post(f"/nodes/{place.parent}/statements", token=assessor, json=body).json()
    below = api.token(api.person("omar", "security", node=place.id))
    where = f"/nodes/{place.id}/statements"
    assert len(api.get(where, token=below).json()["statements"]) == 1
    review = {"statement": made["id"], "decision": "accepted"}
    assert api.post(f"{where}/review", token=below, json=review).status_code in (403, 404)


def test_nobody_is_named_as_the_second_person(api, place, assessor):
    where = f"/nodes/{place.id}/exemptions"
    assert api.post(where, token=assessor, json={"rule": "no.such", "reason": "x"}).status_code == 422
    body = {"rule": "cd.1.1.1", "reason": "Bought, not built.", "until": 4_070_908_800_000_000}
    assert api.post(where, token=assessor, json=body | {"second": "omar"}).status_code == 400
    assert api.post(where, token=assessor, json=body).status_code == 204
    [waiver] = api.get(where, token=assessor).json()["exemptions"]
    agree = {"exemption": waiver["seq"]}
    answer = api.post(f"{where}/agree", token=assessor, json=agree)
    assert (answer.status_code, answer.json()["type"]) == (409, "second-person")
    second = api.token(api.person("omar", "security"))
    assert api.post(f"{where}/agree", token=second, json=agree).status_code == 204
    seq = graded(api, assessor, place.id)["seq"]
    item = api.get(f"/assessments/{seq}/items/cd.1.1.1", token=assessor).json()
    assert item["applies"] is False
    assert "Bought" in item["reason"]


def test_real_answers_are_as_the_document_says(api, place, assessor):
    """The contract test makes up numbers; these are of assessments that are there."""
    one, two = graded(api, assessor, place.id)["seq"], graded(api, assessor, place.id)["seq"]
    said = {"topic": statement_topic(api, assessor), "text": "x", "address": "https://wiki/rules"}
    api.post(f"/nodes/{place.id}/statements", token=assessor, json=said)
    api.post(f"/nodes/{place.id}/exemptions", token=assessor, json={"rule": "cd.1.1.1", "reason": "x"})
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", api.app)
    node, seq = {"node": place.id}, {"seq": two}
    for name, path, query in (
        ("get_pack", {"pack": CD}, {}),
        ("list_assessments", node, {}),
        ("get_assessment", seq, {}),
        ("get_assessment_item", seq | {"item": "cd.1.1.1"}, {}),
        ("get_roadmap", seq, {"done": 3}),
        ("compare_assessments", seq, {"before": one}),
        ("get_heat_map", node, {}),
        ("get_bundle", seq, {}),
        ("list_statements", node, {}),
        ("list_exemptions", node, {}),
    ):
        case = schema.find_operation_by_id(name).Case(path_parameters=path, query=query)
        answer = case.call(headers={"Authorization": f"Bearer {assessor}"})
        assert answer.status_code == 200, name
        case.validate_response(answer)
