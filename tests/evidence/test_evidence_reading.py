"""What others send: old words, new words, unknown words, and what is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.evidence.ledgers import TIME, draft

from plumbline.evidence import json_schema, read_event, receive, write_event
from plumbline.evidence.nesting import MOST_NESTED
from plumbline.evidence.vocabulary import Reference, cdevents_delivery
from plumbline.evidence.vocabulary.facts import IncidentFacts
from plumbline.kernel import PlumblineError

NOW = TIME
PLACE = Reference(id="production")
CONTENTS = {
    "detected": cdevents_delivery.IncidentDetected(environment=PLACE),
    "reported": cdevents_delivery.IncidentReported(environment=PLACE, ticket_uri="https://bank.example/1"),
    "resolved": cdevents_delivery.IncidentResolved(environment=PLACE),
}


def event(context=None, subject=None, **rest):
    base = {
        "specversion": "0.5.1",
        "id": "1",
        "source": "/their/ci",
        "type": "dev.cdevents.testsuiterun.finished.0.3.0",
        "timestamp": "2025-10-09T08:53:20Z",
    }
    made = {"context": {**base, **(context or {})}, "subject": {"id": "s", "content": {}, **(subject or {})}, **rest}
    made["context"] = {name: value for name, value in made["context"].items() if value is not None}
    return json.dumps(made).encode()


def told(content, version="0.3.0", **rest):
    return event({"type": f"dev.cdevents.taskrun.finished.{version}"}, {"content": content}, **rest)


def nested_lists(depth):
    return json.loads("[" * depth + "]" * depth)


def notes(body):
    return " | ".join(str(note) for note in receive(body, NOW)[1].notes)


def refused(body):
    with pytest.raises(PlumblineError) as caught:
        receive(body, NOW)
    assert caught.value.hint is not None
    return caught.value.code


def test_what_we_write_reads_without_a_note():
    made = draft(7)
    read, view = receive(made.body, NOW)
    assert read == made
    assert (view.kind, view.predicate, view.version, view.spec) == ("taskrun", "finished", "0.3.0", "0.5.1")
    assert (view.time, view.known, view.notes) == (TIME + 7, True, ())
    assert view.content == {"taskName": "任务 7", "outcome": "success"}


def test_the_words_of_0_4_become_those_of_0_5():
    body = event(
        {"specversion": None, "version": "0.4.1", "type": "dev.cdevents.testsuiterun.finished.0.2.0"},
        {
            "type": "testSuiteRun",
            "content": {"outcome": "pass", "testSuite": {"id": "x", "url": "http://x/1"}, "environment": {"id": "e"}},
        },
    )
    draft_, view = receive(body, NOW)
    assert draft_.body == body
    assert view.spec == "0.4.1"
    assert view.content == {
        "outcome": "success",
        "testSuite": {"id": "x", "uri": "http://x/1"},
        "environment": {"id": "e"},
    }
    assert not view.known


@pytest.mark.parametrize(
    ("theirs", "ours"), [("fail", "failure"), ("Cancelled", "cancel"), ("error", "error"), ("skipped", "skipped")]
)
def test_outcomes(theirs, ours):
    assert read_event(event(subject={"content": {"outcome": theirs}})).content["outcome"] == ours


def test_0_6_and_its_approvals():
    body = event({"specversion": "0.6.0-draft", "type": "dev.cdevents.approval.created.0.1.0-draft"})
    view = receive(body, NOW)[1]
    assert (view.kind, view.predicate, view.version) == ("approval", "created", "0.1.0-draft")
    assert "not known here; the event is kept" in str(view.notes[0])


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (event({"type": "com.example.thing"}), "not named as CDEvents"),
        (event({"type": "dev.cdeventsx.other-thing.done.0.1.0"}), "kept as it is"),
        (event({"specversion": "9.1"}), "version of CDEvents is '9.1'"),
        (event({"timestamp": "yesterday"}), "not a time"),
        (event({"timestamp": "2025-10-09T08:53:20"}), "not a time"),
        (event(extra=1, more=2), "no field named: extra, more"),
        (event({"timestamp": "2025-10-09T09:53:20Z"}), "60 minutes ahead"),
        (event({"timestamp": "2025-10-07T08:53:20Z"}), "48 hours after"),
        (told({"taskName": 7}), "not as dev.cdevents.taskrun.finished.0.3.0 has it: Expected `str`, got `int`"),
        (told({"taskName": None}), "got `null`"),
        (told({"pipelineRun": {"source": "/s"}}), "missing required field `id`"),
        (told({"unheard": 1}), "unknown field `unheard`"),
        (told({"outcome": ["success"]}), "not as dev.cdevents.taskrun.finished.0.3.0 has it"),
        (told({}, customData={"attempt": "two", "theirs": 1, "reason": []}), "another shape: attempt, reason"),
    ],
)
def test_what_is_remarkable_is_noted(body, note):
    assert note in notes(body)


@pytest.mark.parametrize(
    "body",
    [
        told({"taskName": "t", "outcome": "as good as it gets"}, customData={"attempt": 2, "theirs": [1]}),
        told({"taskName": "t"}, customData="anything"),
        told({"taskName": 7, "unheard": 1}, version="0.2.0"),  # of other versions nobody here knows the shape
    ],
)
def test_what_a_type_allows_is_not_remarkable(body):
    assert "has it" not in notes(body)
    assert "another shape" not in notes(body)


@pytest.mark.parametrize("kind", ["detected", "reported", "resolved"])
def test_of_an_incident_nobody_has_to_say_who_noticed_it(kind):
    schema = json_schema(f"dev.cdevents.incident.{kind}.0.3.0")
    assert "detector" not in json.dumps(schema.get("required", []))
    written = write_event(CONTENTS[kind], id="1", source="/them", subject="i", time=NOW, facts=IncidentFacts())
    assert notes(written.body) == ""


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "event-not-json"),
        (b"{", "event-not-json"),
        (b'{"a":"\xff"}', "event-not-json"),
        (b'{"a":NaN}', "event-not-json"),
        (b"[]", "not-an-event"),
        (b"{}", "not-an-event"),
        (b'{"context":1}', "not-an-event"),
        (b"[" * 100_000, "not-an-event"),
        (b'{"a":1,"a":2}', "not-an-event"),
        (event({"id": ""}), "not-an-event"),
        (event({"id": 3}), "not-an-event"),
        (event({"id": "a\u0000"}), "not-an-event"),
        (event({"id": "\ud800"}), "event-not-json"),
        (event({"id": "a\u009b31m"}), "not-an-event"),
        (event({"source": "x" * 601}), "not-an-event"),
        (event(subject={"id": "字" * 201}), "not-an-event"),
        (event(customData=nested_lists(MOST_NESTED)), "not-an-event"),
        (event(subject={"content": []}), "not-an-event"),
        (event(customData="x" * (1 << 20)), "event-too-large"),
    ],
)
def test_what_is_refused(body, code):
    assert refused(body) == code


@pytest.mark.parametrize("sign", ["{", "["])
def test_as_deeply_nested_as_may_be(sign):
    """One level more is too much, whatever stands in strings between."""
    inner = {"{": ('{"\\"[{":', "1", "}"), "[": ('["]}",', "1", "]")}[sign]
    for depth, code in ((MOST_NESTED - 1, ""), (MOST_NESTED, "not-an-event")):
        whole = inner[0] * depth + inner[1] + inner[2] * depth
        assert outcome(event()[:-1] + b', "customData": ' + whole.encode() + b"}") == code


def test_names_as_long_as_may_be():
    read, _ = receive(event({"id": "i" * 600, "source": "字" * 200}, {"id": "s" * 600}), NOW)
    assert (len(read.id), len(read.source), len(read.subject)) == (600, 200, 600)


def test_what_is_told_of_an_event_does_nothing_to_a_terminal():
    body = event({"specversion": "\x1b[2J" * 99, "type": "t\u202ex"}, **{"\x1b]0;x\x07": 1})
    assert notes(body).isprintable()
    assert len(notes(body)) < 500
    with pytest.raises(PlumblineError) as caught:
        receive(b'{"\\u001b[2J":1,"\\u001b[2J":1}', NOW)
    assert str(caught.value.message).isprintable()


def test_a_name_that_stands_twice_could_be_read_in_two_ways():
    assert refused(event().replace(b'"id": "1"', b'"id": "1", "id": "2"')) == "not-an-event"


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(body):
    assert refused(body) in {"event-not-json", "not-an-event"}


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_json_in_any_place(value):
    bodies = [json.dumps({**json.loads(event()), place: value}).encode() for place in ("context", "subject", "links")]
    bodies += [event({name: value}) for name in ("type", "timestamp", "specversion", "links", "chainId")]
    assert {outcome(body) for body in bodies} <= {"", "not-an-event"}


def outcome(body):
    try:
        receive(body, NOW)
    except PlumblineError as error:
        return error.code
    return ""


_NAMES = st.sampled_from(["a", "b", ":", "a:b", "\\u0061", "\\u003a", "\\/", "/", '\\"', "é"])
_WRITTEN = st.recursive(
    st.sampled_from(["1", "null", '":"', '"\\u003a"', '"\\\\"', '"\\":\\""', '"é::"', "-1.5e3", "1" * 30]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(st.tuples(_NAMES, inner, st.sampled_from([":", ": ", " :\n"])), max_size=4).map(
            lambda members: "{" + ",".join(f'"{name}"{between}{value}' for name, value, between in members) + "}"
        ),
    ),
    max_leaves=12,
)


@given(_WRITTEN)
def test_a_name_that_stands_twice_is_found_wherever_it_stands(written):
    def look(pairs):
        nonlocal doubled
        doubled = doubled or len(dict(pairs)) != len(pairs)
        return dict(pairs)

    doubled = False
    json.loads(written, object_pairs_hook=look)
    body = event()[:-1] + f', "customData": {written}}}'.encode()
    assert (refused(body) == "not-an-event") if doubled else read_event(body)
