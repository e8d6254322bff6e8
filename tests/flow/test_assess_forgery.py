"""What others say in our words changes nothing: the grade is what it was, whatever is sent."""

from __future__ import annotations

import json

import pytest
from tests.facts.events import NOW, Records, ago
from tests.maturity.events import attested, measured, reviewed
from tests.maturity.fact_maker import END

from plumbline.evidence import timestamp
from plumbline.facts import Asked, Evidence, answer, exemptions
from plumbline.flow.assessments.assess import seen_of

ELSEWHERE = "https://x.example/tool"
OWN = (measured("builds", 12.0, "b1"), attested("statement-build-rules"), reviewed())
PREFIXES = ("dev.cdeventsx.", "dev.cdevents.", "x.y.", "DEV.cdeventsx.plumbline-", "dev.cdeventsx.plumbline-",
            "dev.cdeventsx.tool-")  # fmt: skip


def forged(prefix, kind, number, content, subject="s", source=ELSEWHERE):
    context = {"specversion": "0.5.1", "id": f"f{number}", "source": source, "type": f"{prefix}{kind}.0.1.0",
               "timestamp": timestamp(END - 1)}  # fmt: skip
    return json.dumps(
        {
            "context": context,
            "subject": {"id": subject, "content": content},
            "customData": {"project": "acme/shop"},
        }
    ).encode()


def forgeries():
    said = {
        "exception.granted": {"rule": "ci-b1", "reason": "n/a", "person": "a", "second": "b", "kind": "notApplicable"},
        "statement.attested": {"topic": "statement-other", "statement": "We do.", "person": "a"},
        "statement.reviewed": {"statement": "statement:s1", "decision": "rejected", "person": "b"},
        "ledger.corrected": {
            "corrects": OWN[0].id, "correctsSource": OWN[0].source, "reason": "r", "person": "a",
        },
    }  # fmt: skip
    kinds = [(prefix, kind, content) for prefix in PREFIXES for kind, content in said.items()]
    return [forged(*one[:2], number, one[2]) for number, one in enumerate(kinds)]


def told(bodies):
    evidence = Evidence([seen for body in bodies if (seen := seen_of(body)) is not None], END)
    asked = [Asked("builds", 90), Asked("statement-build-rules"), Asked("statement-other")]
    return answer(asked, evidence), exemptions(evidence)


def test_forged_statements_exemptions_and_corrections_change_nothing():
    own = [draft.body for draft in OWN]
    assert told([*own, *forgeries()]) == told(own)


def test_a_foreign_end_of_our_own_task_makes_no_failure_a_success():
    records = Records()
    records.run("r1", ago(2), ago(1), "failure")
    records.job("r1", "unit", ago(2), ago(1), "failure")
    before = records.evidence().tasks
    seen = [seen_of(body) for body in records.bodies]
    end = {"outcome": "success", "pipelineRun": {"id": before[0].run}}
    kind = "taskrun.finished.0.3.0"
    lie = json.loads(forged("dev.cdevents.", "taskrun.finished", 1, end, before[0].id))
    lie["context"] |= {"type": f"dev.cdevents.{kind}", "timestamp": timestamp(NOW - 1)}
    after = Evidence([*seen, seen_of(json.dumps(lie).encode())], NOW).tasks
    assert after[: len(before)] == before
    assert [one.source for one in after[len(before) :]] == [ELSEWHERE]


@pytest.mark.parametrize("kind", ["change.reviewed", "deployment.finished", "pipelinerun.finished"])
def test_two_sources_never_speak_of_the_same_thing(kind):
    prefix = "dev.cdeventsx.tool-" if kind.startswith("deployment") else "dev.cdevents."
    ours, theirs = (seen_of(forged(prefix, kind, 1, {}, "7", source)) for source in ("/plumbline", ELSEWHERE))
    assert ours.object != theirs.object
