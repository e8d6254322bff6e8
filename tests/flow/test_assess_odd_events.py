"""Anybody may send anything, and it stays in the ledger: it must never stop a grade, and never make one."""

from __future__ import annotations

import json
import random

import msgspec
import pytest
from tests.facts.every_event import everything
from tests.maturity.events import attested, measured, reviewed
from tests.maturity.fact_maker import DAY, END

from plumbline.evidence import countable, fitting, timestamp
from plumbline.evidence.origin import OWN
from plumbline.evidence.vocabulary import contents
from plumbline.facts import Asked, Evidence, answer, definitions, exemptions
from plumbline.flow.assessments.assess import seen_of

ODD = (
    None, 7, -1.5, True, "x", "", [], {}, [7], ["x"], [None], [[1]], {"id": 7}, {"id": "x"}, [{"sha": 7}], 1e300,
    "2026-01-01T00:00:00Z",
)  # fmt: skip
CUSTOM = ("project", "digest", "commit", "commits", "target", "opened", "reviewers", "workItems", "tier", "decision",
          "trigger", "state", "ref", "attempt", "squash", "conflicts")  # fmt: skip
KINDS = sorted(contents())


def odd_event(chance, number):
    kind = chance.choice(KINDS)
    names = [field.encode_name for field in msgspec.structs.fields(contents()[kind])]
    body = {
        "context": {
            "id": f"{number}", "source": "/plumbline", "type": kind,
            "timestamp": timestamp(END - chance.randrange(80) * DAY),
        },
        "subject": {
            "id": chance.choice("abc"),
            "content": {name: chance.choice(ODD) for name in names if chance.random() < 0.7},
        },
        "customData": {name: chance.choice(ODD) for name in CUSTOM if chance.random() < 0.5},
    }  # fmt: skip
    return json.dumps(body).encode()


@pytest.mark.parametrize("seed", range(12))
def test_no_event_however_odd_stops_a_grade(seed):
    chance = random.Random(seed)
    evidence = Evidence([seen_of(odd_event(chance, number)) for number in range(60)], END)
    exemptions(evidence)
    asked = [Asked(name, chance.choice([None, 90])) for name in definitions()]
    found = answer([*asked, Asked("statement-x")], evidence)
    assert len(found) == len(asked) + 1


@pytest.mark.parametrize(
    "before", ["", " ", "\n", "\t", "\r", "-", " -", "[", "[ ", "[1,", '{"a":', '{"a": ', '{"a":[-']
)
def test_a_number_of_more_than_18_digits_is_left_out_wherever_it_stands(before):
    after = ("]" if "[" in before else "") + ("}" if "{" in before else "")
    for number, kept in ((10**18, {"text": "1" * 30}), (10**18 - 1, None)):
        body = f'{{"field":{before}{number}{after},"text":"{"1" * 30}"}}'
        content = json.loads(body)
        assert countable(body.encode(), content, {}) == (content if kept is None else kept, {})


def test_what_has_its_shape_is_left_as_it_is():
    for draft in (measured("builds", 7.0), attested("statement-x"), reviewed()):
        seen = seen_of(draft.body)
        assert fitting(seen.what, seen.content, seen.custom) == (seen.content, seen.custom)
        assert seen.content == json.loads(draft.body)["subject"]["content"]


def test_what_this_server_writes_is_taken_as_it_is_since_it_has_its_shape():
    bodies = tuple(everything().bodies)
    ours = [body for body in bodies if seen_of(body, b"").word == OWN]
    assert len(ours) > 100
    for body in ours:
        assert seen_of(body, b"") == seen_of(body)


@pytest.mark.parametrize("sender", [b'{"door":"http"}', b'{"source":"ci"}', None])
def test_what_another_sent_is_held_against_its_shape_whatever_name_it_uses(sender):
    body = json.loads(measured("builds", 7.0).body)
    body["context"] |= {"source": "/plumbline", "type": "dev.cdevents.taskrun.finished.0.3.0"}
    body["subject"]["content"] = {"taskName": "unit", "outcome": [7]}
    assert seen_of(json.dumps(body).encode(), sender).content == {"taskName": "unit"}


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ({"outcome": "pass", "taskName": 7}, {"outcome": "pass"}),  # a word that nobody knows is still a word
        ({"outcome": ["success"], "taskName": "t"}, {"taskName": "t"}),
        ({"pipelineRun": {"id": 7}, "new": [1]}, {"new": [1]}),
        ({"pipelineRun": {"source": "/s"}}, {"pipelineRun": {"source": "/s"}}),
    ],
)
def test_what_has_another_shape_is_passed_over(content, kept):
    assert fitting("taskrun.finished", content, {})[0] == kept
    assert fitting("somebody.elses", content, {"x": 1}) == (content, {"x": 1})
    assert fitting("taskrun.finished", {}, {"attempt": "two", "x": 1})[1] == {"x": 1}
    assert fitting("taskrun.finished", {}, {"attempt": True})[1] == {}


@pytest.mark.parametrize(
    ("type_", "content", "custom", "time"),
    [
        ("dev.cdevents.testcaserun.finished.0.3.0", {"outcome": "success", "testCase": {"type": "unit"}}, {}, None),
        ("dev.cdeventsx.tool-dataChange.applied.0.1.0", {"outcome": "success", "environment": {"id": "t"}}, {}, None),
        ("dev.cdeventsx.tool-measurement.recorded.0.1.0", {"measure": "line-coverage", "unit": "%"}, {}, None),
        ("dev.cdevents.change.merged.0.3.0", {}, {"target": "main"}, "0001-01-01T00:00:00+14:00"),
        ("dev.cdevents.build.finished.0.3.0", {}, {}, "9999-12-31T23:59:59-14:00"),
        ("dev.cdevents.change.merged.0.3.0", {}, {"target": "main", "files": 10**400, "commits": []}, None),
        ("dev.cdeventsx.tool-rollout.progressed.0.1.0", {"share": 10**400, "deployment": "d"}, {}, None),
        ("dev.cdeventsx.tool-deployment.started.0.1.0", {"parts": None}, {}, None),
        ("dev.cdeventsx.tool-deployment.queued.0.1.0", {"parts": 7}, {}, None),
    ],
)
def test_what_a_fact_needs_may_be_left_out_or_lie_beyond_all_times(type_, content, custom, time):
    tier = {"id": "t", "type": "dev.cdevents.environment.created.0.3.0"}
    bodies = [
        {"context": {"source": "/them", "timestamp": time or timestamp(END - number), **context},
         "subject": {"id": "t", "content": said}, "customData": facts}
        for number, (context, said, facts) in enumerate(
            [(tier, {}, {"tier": "testing"}), *(({"id": f"{n}", "type": type_}, content, custom) for n in (1, 2))])
    ]  # fmt: skip
    evidence = Evidence([seen_of(json.dumps(body).encode()) for body in bodies], END)
    asked = [Asked(name, days) for name in definitions() for days in (None, 90)]
    assert len(answer(asked, evidence)) == len(asked)
