"""CloudEvents 1.0 in three modes, and CDEvents as they are: which bytes are the event."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from plumbline.evidence import events_in, receive
from plumbline.kernel import PlumblineError

CONTEXT = {"specversion": "0.5.1", "id": "e1", "source": "/tool", "type": "dev.cdevents.build.started.0.3.0",
           "timestamp": "2026-01-02T03:04:05Z"}  # fmt: skip
BODY = b' {"context":' + json.dumps(CONTEXT).encode() + b', "subject": {"id": "b", "content": {}}}\n'
HEADERS = {"ce-specversion": "1.0", "ce-id": "e1", "ce-source": "/tool", "ce-type": CONTEXT["type"],
           "content-type": "application/json"}  # fmt: skip
OUTER = {"specversion": "1.0", "id": "e1", "source": "/tool", "type": CONTEXT["type"], "extension": 7}


def structured(data=BODY, **more):
    said = json.dumps({**OUTER, **more}).encode()
    return said[:-1] + b',"data":' + data.strip() + b"}" if data is not None else said


def media(kind):
    return {"content-type": f"application/cloudevents{kind}+json; charset=utf-8"}


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"content-type": "application/json"}, BODY),
        ({}, BODY),
        (HEADERS, BODY),
        ({**HEADERS, "ce-source": "%2Ftool"}, BODY),
    ],
)
def test_exactly_the_bytes_that_came(headers, body):
    assert events_in(headers, body) == [BODY]
    assert receive(events_in(headers, body)[0], 0)[0].id == "e1"


def test_the_bytes_of_the_data():
    assert events_in(media(""), structured()) == [BODY.strip()]
    encoded = structured(None, data_base64=b64encode(BODY).decode())
    assert events_in(media(""), encoded) == [BODY]
    batch = b"[" + structured() + b"," + encoded + b"]"
    assert events_in(media("-batch"), batch) == [BODY.strip(), BODY]
    assert events_in({}, b" [" + BODY + b"]") == [BODY.strip()]
    assert events_in(media("-batch"), b"[]") == []


@pytest.mark.parametrize(
    "body",
    [
        structured()[:-1] + b',"id":"e2"}',
        structured()[:-1] + b',"extension":8}',
        structured(b'{"a": {"b": 1, "\\u0062": 2}}'),
    ],
)
def test_a_name_that_stands_twice_is_refused(body):
    [found] = events_in(media(""), body)
    assert isinstance(found, PlumblineError)
    assert found.code == "event-not-json"
    assert "twice" in str(found)


def test_what_says_a_name_twice_is_wrapped_as_it_came():
    data = b'{"a": 1, "a": 2}'
    [found] = events_in(HEADERS, data)
    assert json.loads(found)["customData"]["cloudEvent"] == data.decode()


@pytest.mark.parametrize("name", ["id", "source", "type"])
def test_other_names_outside_than_inside(name):
    [found] = events_in({**HEADERS, f"ce-{name}": "other"}, BODY)
    assert isinstance(found, PlumblineError)
    assert found.code == "event-names-differ"
    [found] = events_in(media(""), structured(**{name: "other"}))
    assert isinstance(found, PlumblineError)
    assert found.code == "event-names-differ"


def test_what_is_no_cdevent_is_kept_under_its_own_names():
    [made] = events_in({**HEADERS, "ce-time": "2026-01-02T03:04:05Z", "ce-subject": "x"}, b'{"project": "a", "n": 1}')
    draft, view = receive(made, 0)
    assert (draft.id, draft.source, draft.type, draft.subject) == ("e1", "/tool", CONTEXT["type"], "x")
    assert (view.custom, draft.scope) == ({"cloudEvent": {"project": "a", "n": 1}}, "")
    assert events_in(media(""), structured(b'{"project": "a", "n": 1}', subject="x", time="2026-01-02T03:04:05Z")) == [
        made
    ]
    [text], [other] = events_in(HEADERS, "你好".encode()), events_in(HEADERS, b"\xff\xfe")
    assert [receive(one, 0)[1].custom["cloudEvent"] for one in (text, other)] == ["你好", "//4="]
    [empty] = events_in(HEADERS, b"")
    assert receive(empty, 0)[1].custom == {"cloudEvent": None}


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({**HEADERS, "ce-specversion": "0.3"}, BODY),
        ({"ce-specversion": "1.0"}, BODY),
        (media(""), b"[]"),
        (media(""), b"{"),
        (media(""), structured(None, data_base64="!")),
        (media(""), structured(specversion="2.0")),
        (media(""), b'{"specversion":1}'),
        (media(""), b"[" * 100_000),
    ],
)
def test_each_defect_has_an_answer(headers, body):
    [found] = events_in(headers, body)
    assert isinstance(found, PlumblineError)
    assert found.code == "event-not-json"
    assert found.hint is not None


@pytest.mark.parametrize("body", [b"{}", b"[1", b"[" * 100_000, b"\xff"])
def test_a_batch_that_is_none(body):
    with pytest.raises(PlumblineError) as caught:
        events_in(media("-batch"), body)
    assert caught.value.code == "event-not-json"


def test_too_many_at_once():
    with pytest.raises(PlumblineError) as caught:
        events_in({}, b"[" + b",".join([b"{}"] * 1001) + b"]")
    assert caught.value.code == "too-many-events"
