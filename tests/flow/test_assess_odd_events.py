"""Anybody may send anything, and it stays in the ledger: it must never stop a grade, and never make one."""

from __future__ import annotations

import json
import random

import msgspec
import pytest
from tests.maturity.events import attested, measured, reviewed
from tests.maturity.fact_maker import DAY, END

from plumbline.evidence import fitting, timestamp
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


def test_what_has_its_shape_is_left_as_it_is():
    for draft in (measured("builds", 7.0), attested("statement-x"), reviewed()):
        seen = seen_of(draft.body)
        assert fitting(seen.what, seen.content, seen.custom) == (seen.content, seen.custom)
        assert seen.content == json.loads(draft.body)["subject"]["content"]


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
