"""The door for evidence of others: what a registered source may tell, and what comes of the rest."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from plumbline.evidence import Outcome, read_sender, verify
from plumbline.facts import Asked, Evidence, answer, definitions
from plumbline.flow.assessments.assess import Selector
from plumbline.flow.assessments.tools import scoped_events
from plumbline.flow.sources.pace import Pace
from plumbline.model.person import Role
from plumbline.model.tree import NodeKind

pytestmark = pytest.mark.slow

STARTED = datetime.now(UTC)
MEASURED = "dev.cdeventsx.sonar-measurement.recorded.0.1.0"


class Sources:
    """A small tree with one source at ``bank``."""

    def __init__(self, api, **more):
        self.api = api
        self.bank = api.node("bank")
        self.core = api.node("core", NodeKind.PROJECT, self.bank.id)
        self.other = api.node("other")
        self.mia = api.token(api.person("mia", Role.MAINTAINER, node=self.bank.id))
        self.made = self.register("sonar", speaks_as=["https://sonar.bank.example"], **more).json()
        self.token = self.made["secret"]
        self.id = self.made["id"]

    def register(self, name, node=None, **more):
        return self.api.post(f"/nodes/{node or self.bank.id}/sources", token=self.mia, json={"name": name, **more})

    def send(self, body, token=None, **more):
        headers = more.pop("headers", {"content-type": "application/json"})
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.api.post("/events", token=self.token if token is None else token, content=content,
                             headers=headers, **more)  # fmt: skip

    def detail(self):
        return self.api.get(f"/sources/{self.id}", token=self.mia).json()

    def entry(self, seq):
        return next(self.api.tools.ledger.ledger.read(seq, 1))


def event(number=1, *, source="https://sonar.bank.example", kind=MEASURED, project="bank/core", ago=1, **content):
    at = STARTED - timedelta(hours=ago)
    context = {"specversion": "0.5.1", "id": f"e{number}", "source": source, "type": kind, "timestamp": at.isoformat()}
    said = {"measure": "coverage", "value": 81.5, "unit": "%"} | content
    custom = {"customData": {"project": project}} if project is not None else {}
    return {"context": context, "subject": {"id": f"m{number}", "content": said}, **custom}


@pytest.fixture
def world(api):
    return Sources(api)


def refusal(answer):
    return answer.status_code, answer.json()["type"]


def test_an_event_with_all_that_is_known_of_its_sender(world):
    body = json.dumps(event()).encode()
    answer = world.send(body, address="192.0.2.7")
    assert answer.status_code == 200
    [found] = answer.json()["results"]
    entry = world.entry(found["seq"])
    assert entry.body == body
    said = read_sender(entry.sender)
    assert (said.source, said.address, said.door, said.person, said.scope) == (
        "sonar", "192.0.2.7", "http", "", "bank/core",
    )  # fmt: skip
    assert said.delivery == f"sha256:{hashlib.sha256(body).hexdigest()}"
    assert said.token == world.token.split("_")[1]
    view = world.api.get(f"/ledger/entries/{found['seq']}", token=world.api.token(world.api.person("al", "auditor")))
    assert view.json()["entry"]["sender"]["source"] == "sonar"


def test_the_same_again_is_the_same_entry_and_costs_no_quota(world):
    first, again = (world.send(event()).json()["results"][0] for _ in range(2))
    assert (first["seq"], again["seq"], again["known"]) == (first["seq"], first["seq"], True)
    assert world.detail()["events_today"] == 1
    changed = event()
    changed["subject"]["content"]["value"] = 99.0
    assert refusal(world.send(changed)) == (409, "event-id-reused")


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        (event(source="https://other.example"), 422, "source-foreign-name"),
        (event(source="https://sonar.bank.example.evil"), 422, "source-foreign-name"),
        (event(source="https://sonar.bank.example\u200b"), 422, "source-foreign-name"),
        (event(source="URN:plumbline:x"), 409, "event-reserved"),
        (event(source=" /plumbline"), 409, "event-reserved"),
        (event(kind="dev.cdeventsx.plumbline-statement.attested.0.1.0"), 409, "event-reserved"),
        (event(project="other"), 422, "source-foreign-project"),
        (event(project="bank/nowhere"), 422, "source-foreign-project"),
        (event(project="ban"), 422, "source-foreign-project"),
        (event(project=["bank"]), 422, "source-foreign-project"),
        (event(ago=-1), 422, "event-to-come"),
        (event(kind="dev.cdeventsx.sonar-ledger.corrected.0.1.0", corrects="x", correctsSource="urn:plumbline:x"), 422,
         "correction-of-others"),
        ({"context": {}}, 422, "not-an-event"),
        ([], 200, None),
    ],
)  # fmt: skip
def test_what_it_may_not_tell(world, said, status, code):
    answer = world.send(said)
    assert answer.status_code == status, answer.text
    if code:
        assert answer.json()["type"] == code
        assert answer.json()["hint"]
        assert [one["reason"] for one in world.detail()["refusals"]] == [code]
    assert world.detail()["source"]["events"] == 0


@pytest.mark.parametrize("kind", ["tracker", "scanner"])
def test_kinds_follow_from_what_it_is(api, kind):
    world = Sources(api, kind=kind)
    scan = event(kind="dev.cdeventsx.sonar-scan.finished.0.1.0")
    answer = world.send(scan)
    assert (answer.status_code == 200) == (kind == "scanner"), answer.text
    assert world.send(event(2, kind="com.example.done")).json()["type"] == "source-kind-refused"


def test_a_generic_source_may_send_what_no_fact_rests_on(world):
    assert world.send(event(kind="com.example.done")).status_code == 200


def test_by_its_own_name_of_a_project(api):
    world = Sources(api, projects={"SONAR_CORE": "bank/core"})
    assert world.send(event(project="SONAR_CORE")).status_code == 200
    assert world.send(event(2, project=None)).status_code == 200
    ledger = api.tools.ledger.ledger
    told = [one for one in scoped_events(ledger, "bank/core", ledger.size()) if one.seen.word and not one.seen.own]
    assert [one.scope_path for one in told] == ["bank/core", "bank"]
    found = verify(ledger.read(), ledger.checkpoints(), [])
    assert found.outcome is Outcome.INTACT
    assert api.tools.ledger.verify(whole=True).outcome is Outcome.INTACT


def test_a_batch_says_of_each(world):
    bad = event(2, project="other")
    answer = world.send([event(1), bad, event(1), event(3)])
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [one.get("problem", {}).get("type") for one in results] == [None, "source-foreign-project", None, None]
    assert (results[2]["seq"], results[2]["known"]) == (results[0]["seq"], True)
    assert world.detail()["source"]["events"] == 2


def test_two_of_one_id_in_a_batch_with_other_bytes(world):
    results = world.send([event(1), event(1, value=3), event(2)]).json()["results"]
    assert [one.get("problem", {}).get("type") for one in results] == [None, "event-id-reused", None]


def test_quota_of_a_day(api):
    world = Sources(api, events_a_day=2)
    results = world.send([event(number) for number in range(3)]).json()["results"]
    assert [one.get("problem", {}).get("type") for one in results] == [None, None, "source-quota-used"]
    assert refusal(world.send(event(7))) == (429, "source-quota-used")
    assert world.send(event(0)).json()["results"][0]["known"]
    small = world.register("small", bytes_a_day=100, speaks_as=["/small"]).json()
    assert refusal(world.send(event(8, source="/small"), token=small["secret"])) == (429, "source-quota-used")


def test_twenty_large_events_at_once(world):
    world.api.tools.sources.pace._rate = 1024  # however slow this machine is
    statuses = [world.send(event(number, text="x" * 1_000_000)).status_code for number in range(20)]
    assert statuses.count(429) > 5
    slow = world.send(event(77, text="x" * 1_000_000))
    assert slow.status_code == 429
    assert int(slow.headers["retry-after"]) >= 1


def test_a_bucket_fills_again():
    pace = Pace(burst=1000, rate=100)
    assert [pace.take("a", 600, 0), pace.take("a", 600, 0), pace.take("b", 600, 0)] == [0, 3, 0]
    assert pace.take("a", 600, 3_000_000) == 0
    assert pace.take("a", 10**9, 60_000_000) == 0
    assert pace.take("a", 1, 60_000_000) == 6


@pytest.mark.parametrize("token", ["", "plumbs_11111111111_" + "1" * 43, "plumbs_x", "nonsense"])
def test_nobody_known(world, token):
    answer = world.send(event(), token=token or None) if token else world.api.post("/events", content=b"{}")
    assert answer.status_code == 401
    assert answer.json()["type"] in ("source-unknown", "unknown-credential")


def test_revoked_renewed_expired(world):
    api = world.api
    renewed = api.post(f"/sources/{world.id}/renew", token=world.mia, json={}).json()["secret"]
    assert refusal(world.send(event())) == (401, "source-unknown")
    assert world.send(event(), token=renewed).status_code == 200
    soon = api.tools.units.clock() + 1
    ended = api.post(f"/sources/{world.id}/renew", token=world.mia, json={"expires": soon}).json()["secret"]
    assert refusal(world.send(event(2), token=ended)) == (401, "source-unknown")
    fresh = api.post(f"/sources/{world.id}/renew", token=world.mia, json={}).json()["secret"]
    assert api.ask("DELETE", f"/api/v1/sources/{world.id}", token=world.mia).status_code == 204
    assert refusal(world.send(event(3), token=fresh)) == (401, "source-unknown")
    assert [len(api.events(f"source.{verb}")) for verb in ("registered", "renewed", "revoked")] == [1, 3, 1]
    assert world.register("sonar").json()["type"] == "name-taken"
    assert world.register("sonar2", speaks_as=["https://sonar.bank.example"]).json()["type"] == "source-wrong"


def test_a_signature_in_place_of_a_token(api):
    world = Sources(api, signs=True)
    body = json.dumps(event()).encode()
    good = hmac.new(world.token.encode(), body, hashlib.sha256).hexdigest()

    def send(signature, name="sonar"):
        headers = {"x-plumbline-source": name, "x-plumbline-signature": signature}
        return api.post("/events", content=body, headers=headers).status_code

    assert [send("sha256=" + "0" * 64), send(f"sha256={good}", "nobody"), send("é".encode())] == [401] * 3
    assert send(f"sha256={good}") == 200
    assert world.send(event(2)).status_code == 401


def test_a_source_opens_no_other_door(world):
    for path in ("/me", "/ledger/entries", f"/sources/{world.id}", "/nodes"):
        assert world.api.get(path, token=world.token).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Sonar"}, {"name": "x", "speaks_as": ["urn:plumbline:me"]}, {"name": "x", "speaks_as": ["/plumbline"]},
        {"name": "x", "speaks_as": ["https://SONAR.bank.example"]}, {"name": "x", "speaks_as": ["https://a b"]},
        {"name": "x", "speaks_as": ["https://sonar.bank.example/deeper"]}, {"name": "x", "kinds": ["statement.*"]},
        {"name": "x", "kinds": ["taskrun.vanished"]}, {"name": "x", "projects": {"a": "other"}},
        {"name": "x", "projects": {"a": "bank/nowhere"}}, {"name": "x", "projects": {"": "bank"}},
    ],
)  # fmt: skip
def test_what_no_source_can_be(world, wrong):
    answer = world.api.post(f"/nodes/{world.bank.id}/sources", token=world.mia, json=wrong)
    assert answer.status_code in (400, 422), answer.text
    assert [
        one["name"] for one in world.api.get(f"/nodes/{world.bank.id}/sources", token=world.mia).json()["sources"]
    ] == ["sonar"]


def test_changed_and_seen(world):
    api = world.api
    body = {"kind": "scanner", "speaks_as": ["https://new.example"], "kinds": ["scan.*"], "heartbeat": 60}
    assert api.ask("PUT", f"/api/v1/sources/{world.id}", token=world.mia, json=body).json()["name"] == "sonar"
    assert world.detail()["source"]["kinds"] == ["scan.*"]
    [said] = api.events("source.changed")
    assert said["subject"]["content"]["speaksAs"] == ["https://new.example"]
    assert refusal(world.send(event())) == (422, "source-foreign-name")
    late = event(1, source="https://new.example/x", kind="dev.cdeventsx.sonar-scan.finished.0.1.0", ago=30)
    assert world.send(late).status_code == 200
    found = world.detail()
    assert (found["late_share"], found["kinds"][0]["kind"], found["kinds"][0]["late"]) == (1.0, "scan.finished", 1)
    assert found["facts"]
    assert found["source"]["first"] == found["source"]["last"] > 0


def test_what_a_person_sends_is_kept_and_counts_for_nothing(world):
    api = world.api
    dev = api.token(api.person("dev", Role.DEVELOPER))
    said = event(source="https://mine.example")
    answer = api.post("/ledger/events", token=dev, content=json.dumps(said).encode())
    assert answer.status_code == 201
    sender = read_sender(world.entry(answer.json()["seq"]).sender)
    assert (sender.source, sender.person, sender.door) == ("", "dev", "http")
    ledger = api.tools.ledger.ledger
    [found] = [one for one in scoped_events(ledger, "bank/core", ledger.size()) if one.seen.what == MEASURED]
    assert (found.seen.word, found.seen.what, found.seen.ignored) == ("", MEASURED, "measurement.recorded")
    pretending = event(2)
    taken = api.post("/ledger/events", token=dev, content=json.dumps(pretending).encode())
    assert refusal(taken) == (409, "event-reserved")


def test_a_source_corrects_its_own(world):
    assert world.send(event(value=10)).status_code == 200
    said = {"corrects": "e1", "correctsSource": "https://sonar.bank.example", "reason": "wrong", "person": "sonar"}
    assert world.send(event(2, kind="dev.cdeventsx.sonar-ledger.corrected.0.1.0", **said)).status_code == 200


@pytest.mark.parametrize("name", ["http:", "urn:", "/projects", "/plumbline/x", "urn:plumbline", "URN:plumbline/x"])
def test_a_name_that_is_the_beginning_of_everybodys_or_like_ours(world, name):
    assert refusal(world.register("grab", speaks_as=[name])) == (422, "source-wrong")


def test_what_came_before_a_source_was_registered_is_not_its_word(world):
    """Whoever may write to the ledger could else take the ids of a source that is to come, and the source be told that
    its event is there."""
    api, said = world.api, event(source="https://later.example")
    dev = api.token(api.person("dev", Role.DEVELOPER))
    assert api.post("/ledger/events", token=dev, content=json.dumps(said).encode()).status_code == 201
    token = world.register("later", speaks_as=["https://later.example"]).json()["secret"]
    again = world.send(said, token=token)
    assert refusal(again) == (409, "event-id-reused")
    assert "not this source's word" in again.json()["detail"]
    assert world.send(event(2, source="https://later.example"), token=token).status_code == 200


def test_a_name_that_a_source_gave_up_is_given_to_nobody_else(world):
    put = {"speaks_as": ["https://new.example"]}
    assert world.api.ask("PUT", f"/api/v1/sources/{world.id}", token=world.mia, json=put).status_code == 200
    for name in ("https://sonar.bank.example", "https://SONAR.bank.example/x"):
        assert refusal(world.register("thief", speaks_as=[name])) == (422, "source-wrong")
    put = {"speaks_as": ["https://new.example", "https://sonar.bank.example"]}
    assert world.api.ask("PUT", f"/api/v1/sources/{world.id}", token=world.mia, json=put).status_code == 200


def test_of_a_source_above_only_what_is_said_of_this_part_of_the_tree_is_shown(world):
    root = world.api.token(world.api.person("root", Role.ADMIN))
    mapped = {"OTHER": "other", "CORE": "bank/core", "BANK": "bank"}
    made = world.api.post("/nodes/0/sources", token=root, json={"name": "corp", "projects": mapped})
    assert made.status_code == 201, made.text

    def shown(token, node):
        found = world.api.get(f"/nodes/{node}/sources", token=token).json()["sources"]
        return next(one["projects"] for one in found if one["name"] == "corp")

    assert shown(world.mia, world.core.id) == {"CORE": "bank/core", "BANK": "bank"}
    assert shown(root, 0) == mapped


def test_one_event_of_a_source_stops_no_grade(world):
    """What the shape of a type does not name may be anything, and a number of any size."""
    token = world.register("ci", kind="ci_server").json()["secret"]
    deployed = event(1, source="/ci", kind="dev.cdeventsx.ci-deployment.started.0.1.0", parts=7)
    ended = event(2, source="/ci", kind="dev.cdeventsx.ci-deployment.finished.0.1.0", outcome="success")
    figure = event(3, source="/ci/x", kind="dev.cdeventsx.ci-measurement.recorded.0.1.0", value=10**400)
    for said in (deployed, ended, figure):
        assert world.send(said, token=token).status_code == 200
    found = [one.seen for one in scoped_events(world.api.tools.ledger.ledger, "bank/core", 99)]
    asked = [Asked(name, days) for name in definitions() for days in (None, 90)]
    end = int(STARTED.timestamp() * 1_000_000) + 1
    assert len(answer(asked, Evidence(found, end))) == len(asked)


def test_a_correction_at_the_source_s_own_node_holds_below_it(world):
    assert world.send(event(value=10)).status_code == 200
    said = {"corrects": "e1", "correctsSource": "https://sonar.bank.example", "reason": "wrong", "person": "sonar"}
    wrong = event(2, kind="dev.cdeventsx.sonar-ledger.corrected.0.1.0", project=None, **said)
    assert world.send(wrong).status_code == 200
    ledger = world.api.tools.ledger.ledger
    for path in ("bank/core", "bank"):
        events = list(scoped_events(ledger, path, ledger.size()))
        chosen = [one.seen for one in events if Selector(path).wants(one.seen, one.scope_path)]
        assert not Evidence(chosen, 1 << 62).has("measurement.recorded")
