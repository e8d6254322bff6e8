"""The ledger over HTTP: what it shows can be verified by whoever asks."""

from __future__ import annotations

import base64
import io
import json

import pytest
from tests.tampering import tamper

from plumbline.evidence import SigningKey, leaf_hash, record, verify_inclusion
from plumbline.evidence.selection import verify_selection
from plumbline.flow.ledger.verify_onwards import sign_onwards, verify_onwards

pytestmark = pytest.mark.slow

EVENT = {
    "context": {
        "specversion": "0.5.1",
        "id": "e-1",
        "source": "/other/tool",
        "type": "dev.cdevents.build.started.0.3.0",
        "timestamp": "2026-01-02T03:04:05Z",
    },
    "subject": {"id": "b-1", "content": {}},
}


def send(api, token, event):
    return api.post(
        "/ledger/events", token=token, content=json.dumps(event), headers={"Content-Type": "application/json"}
    )


def test_an_event_of_another_tool_is_kept_once(api, admin):
    first, again = send(api, admin, EVENT), send(api, admin, EVENT)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["seq"] == again.json()["seq"]
    assert (first.json()["known"], again.json()["known"]) == (False, True)
    changed = EVENT | {"subject": {"id": "b-2", "content": {}}}
    assert send(api, admin, changed).json()["type"] == "event-id-reused"


def test_nobody_can_speak_in_the_name_of_this_server(api, admin):
    context = EVENT["context"] | {"type": "dev.cdeventsx.plumbline-role.granted.0.1.0"}
    assert send(api, admin, EVENT | {"context": context}).status_code == 409
    context = EVENT["context"] | {"source": "/projects/1"}
    assert send(api, admin, EVENT | {"context": context}).status_code == 409
    assert api.tools.ledger.ledger.size() == 0


def test_an_entry_comes_with_a_proof(api, admin):
    for number in range(5):
        context = EVENT["context"] | {"id": f"e-{number}"}
        assert send(api, admin, EVENT | {"context": context}).status_code == 201
    found = api.get("/ledger/entries/3", token=admin).json()
    body = base64.b64decode(found["body"])
    assert json.loads(body)["context"]["id"] == "e-2"
    proof = found["proof"]
    sender = base64.b64decode(found["entry"]["sender"]["written"])
    leaf = leaf_hash(record(3, found["entry"]["received"], body, sender))
    path = [base64.b64decode(step) for step in proof["path"]]
    assert verify_inclusion(leaf, 2, proof["size"], path, base64.b64decode(proof["root"]))
    assert proof["root"] == api.get("/ledger/state", token=admin).json()["root"]
    assert api.get("/ledger/entries/6", token=admin).status_code == 404


def test_entries_are_paged_both_ways_and_filtered(api, admin):
    for number in range(5):
        context = EVENT["context"] | {"id": f"e-{number}"}
        send(api, admin, EVENT | {"context": context, "subject": {"id": f"s-{number % 2}", "content": {}}})
    page = api.get("/ledger/entries?limit=2", token=admin).json()
    assert [entry["seq"] for entry in page["entries"]] == [1, 2]
    page = api.get(f"/ledger/entries?limit=200&after={page['next']}", token=admin).json()
    assert [entry["seq"] for entry in page["entries"]] == [3, 4, 5]
    assert page["next"] == 0
    page = api.get("/ledger/entries?newest=true&limit=2", token=admin).json()
    assert [entry["seq"] for entry in page["entries"]] == [5, 4]
    page = api.get(f"/ledger/entries?newest=true&after={page['next']}", token=admin).json()
    assert [entry["seq"] for entry in page["entries"]] == [3, 2, 1]
    page = api.get("/ledger/entries?subject=s-1", token=admin).json()
    assert [entry["seq"] for entry in page["entries"]] == [2, 4]
    assert page["next"] == 0


def test_entries_are_found_by_what_they_are_about_and_by_their_time(api, admin):
    for number, scope in enumerate(["bank", "bank/pay", "bank/payments", "bank/pay/core"]):
        context = EVENT["context"] | {"id": f"e-{number}"}
        send(api, admin, EVENT | {"context": context, "customData": {"project": scope}})

    def numbers(query):
        found = api.get(f"/ledger/entries?{query}", token=admin)
        assert found.status_code == 200, found.text
        return [entry["seq"] for entry in found.json()["entries"]]

    assert numbers("scope=bank/pay") == numbers("scope=/bank/pay/") == [2, 4]
    assert numbers("scope=bank/pay&newest=true&limit=1") == [4]
    assert numbers("id=e-2&type=dev.cdevents.build") == [3]
    received = api.get("/ledger/entries/3", token=admin).json()["entry"]["received"]
    first = api.get("/ledger/entries/1", token=admin).json()["entry"]["received"]
    assert numbers(f"since={received}")[0] <= 3
    assert 3 not in numbers(f"until={received}")
    assert numbers(f"until={first}") == numbers(f"since={2**53 - 1}") == []


@pytest.mark.parametrize(
    "query", ["after=-1", "limit=0", "since=-1", f"until={2**53}", "scope=a%00b", "id=" + "x" * 601]
)
def test_what_no_filter_can_be_is_refused(api, admin, query):
    assert api.get(f"/ledger/entries?{query}", token=admin).status_code == 400


def test_an_empty_ledger_has_a_state_and_no_checkpoint(api, admin):
    state = api.get("/ledger/state", token=admin).json()
    assert (state["size"], state["checkpoint"]) == (0, None)
    assert api.get("/ledger/checkpoint", token=admin).status_code == 404


def test_a_wrong_event(api, admin):
    for wrong, status in ((b"", 409), (b"{}", 409), (b"x" * (1 << 21), 413)):
        answer = api.post("/ledger/events", token=admin, content=wrong)
        assert answer.status_code in (status, 422), answer.text
    assert api.tools.ledger.ledger.size() == 0


@pytest.mark.parametrize("source", ["/plumbline", "urn:plumbline:0123", "urn:plumbline:repository:bank/pay", None])
def test_no_source_of_this_server_is_open_to_others(api, admin, source):
    assert api.tools.pipelines.source == api.tools.units.source
    context = EVENT["context"] | {"source": source or api.tools.units.source}
    refused = send(api, admin, EVENT | {"context": context})
    assert (refused.status_code, refused.json()["type"]) == (409, "event-reserved")


def test_the_schema_of_every_type_of_event_is_to_be_had(api):
    types = api.get("/events/types").json()["types"]
    assert "dev.cdevents.taskrun.finished.0.3.0" in types
    for kind in types:
        answer = api.get(f"/events/types/{kind}")
        assert answer.headers["content-type"] == "application/schema+json"
        assert answer.json()["$id"] == f"urn:plumbline:schema:{kind}"
    assert api.get("/events/types/dev.cdevents.nothing.happened.0.1.0").status_code == 404


@pytest.mark.parametrize(
    ("statement", "status", "fault"),
    [
        ("delete from ledger_entry where seq = 4", 409, 4),
        ("delete from ledger_entry where seq <= 3", 409, 1),
        ("update ledger_entry set leaf = 'x' where seq = 5", 409, 5),
        ("update ledger_entry set body = 'a text' where seq = 5", 200, 5),
        ("update ledger_entry set received = -1 where seq = 5", 200, 5),
        ("update ledger_entry set chain = 'x' where seq = 6", 200, 6),
        ("update ledger_checkpoint set note = 'x'", 200, 6),
        ("update ledger_checkpoint set size = -1", 200, 0),
        ("drop table ledger_setback", 200, None),
    ],
)
def test_a_ledger_that_somebody_changed_still_answers(api, admin, statement, status, fault):
    for number in range(6):
        send(api, admin, EVENT | {"context": EVENT["context"] | {"id": f"e-{number}"}})
    key = SigningKey.make("ledger.example")
    sign_onwards(api.tools.units.store, api.tools.ledger.ledger, key, 1)
    tamper(api.tools.units.store, statement)
    assert api.get("/ledger/state", token=admin).status_code == status
    for seq in range(1, 7):
        found = api.get(f"/ledger/entries/{seq}", token=admin)
        assert found.status_code in (200, 404)
        if found.status_code == 200 and (status == 409 or (seq == fault and "body" in statement)):
            assert found.json()["proof"] is None
    for query in ("newest=true", "scope=bank", "type=dev.", "subject=b-1"):
        assert api.get(f"/ledger/entries?{query}", token=admin).status_code == 200
    told = (
        verify_onwards(api.tools.units.store, api.tools.ledger.ledger, [key.verifier], 2, whole=True)
        if fault is not None
        else None
    )
    assert told is None or (told.outcome.value, told.fault) == ("broken", fault)


def test_a_damaged_store_says_so(api, admin):
    tamper(api.tools.units.store, "drop table ledger_setback")
    answer = api.get("/ledger/entries?since=5", token=admin)
    assert (answer.status_code, answer.json()["type"]) == (503, "store-damaged")


def test_what_a_person_did_is_found_and_taken_along(api, admin):
    for number in range(3):
        context = EVENT["context"] | {"id": f"e-{number}"}
        assert send(api, admin, EVENT | {"context": context}).status_code == 201
    signer = api.tools.ledger.signing_key()
    [who] = {one["sender"]["person"] for one in api.get("/ledger/entries", token=admin).json()["entries"]}
    assert [one["seq"] for one in api.get(f"/ledger/entries?who={who}", token=admin).json()["entries"]] == [1, 2, 3]
    assert api.get("/ledger/entries?who=nobody", token=admin).json()["entries"] == []
    answer = api.post("/ledger/export", token=admin, json={"who": who})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/jsonl")
    report = verify_selection(io.BytesIO(answer.content), [signer.verifier])
    assert (report.intact, report.chosen) == (True, 3)
    told = api.get("/ledger/entries?newest=true&limit=1", token=admin).json()["entries"][0]
    assert told["type"] == "dev.cdeventsx.plumbline-ledger.exported.0.1.0"
