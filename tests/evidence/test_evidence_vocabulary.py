"""Every type of event that can be emitted: its least and its fullest event are valid, and nothing else is.

Where there is a copy of the CDEvents specification (`published.py` says where), the types are also held against what is
published there.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from tests.evidence.published import CURRENT, specification

from plumbline.evidence import json_schema, receive, write_event
from plumbline.evidence.vocabulary import contents, facts_about
from plumbline.evidence.vocabulary.fields import Commit, Day, Digest, Origin, Time, Uri, UriReference
from plumbline.evidence.writing import Event

TIME = 1_760_000_000_123_456
SPEC = specification()
PUBLISHED = {  # of CDEvents 0.5.1
    "pipelinerun": "queued started finished",
    "taskrun": "started finished",
    "repository": "created modified deleted",
    "branch": "created deleted",
    "change": "created updated reviewed merged abandoned",
    "build": "queued started finished",
    "artifact": "packaged signed published downloaded deleted",
    "testcaserun": "queued started finished skipped",
    "testsuiterun": "queued started finished",
    "testoutput": "published",
    "environment": "created modified deleted",
    "service": "deployed upgraded rolledback removed published",
    "incident": "detected reported resolved",
    "ticket": "created updated closed",
}
EXAMPLES = {
    "": "some text",
    Uri: "https://ledger.example/x?y=%E5%87%86",
    UriReference: "/a/b#c",
    Day: "2027-01-31",
    Time: "2026-01-31T12:00:00.5+08:00",
    Digest: "sha256:" + "0a" * 32,
    Commit: "1b" * 20,
    Origin: "gitlab",
}
BY_PATTERN = {kind.__metadata__[0].pattern: text for kind, text in EXAMPLES.items() if kind}


def example(kind, full):
    """A value of a type as msgspec sees it; with everything that may be left out, or without."""
    inspect = msgspec.inspect
    match kind:
        case inspect.StructType():
            asked = [field for field in kind.fields if field.required or full]
            return kind.cls(**{field.name: example(field.type, full) for field in asked})
        case inspect.UnionType():
            return example(kind.types[0], full)
        case inspect.StrType():
            return BY_PATTERN[kind.pattern] if kind.pattern else "some text"
        case inspect.LiteralType():
            return kind.values[-1]
        case inspect.EnumType():
            return list(kind.cls)[-1]
        case inspect.VarTupleType():
            return (example(kind.item_type, full),)
        case inspect.DictType():
            return {"some name": example(kind.value_type, full)}
        case inspect.BoolType():
            return True
        case inspect.IntType():
            return 3
        case inspect.FloatType():
            return 0.25
    raise AssertionError(f"no example of {kind}")


def emitted(name, full=True, **changes):
    content = example(msgspec.inspect.type_info(contents()[name]), full)
    facts = facts_about().get(name)
    made = example(msgspec.inspect.type_info(facts), full) if facts and full else None
    content = msgspec.structs.replace(content, **changes)
    return write_event(content, id="one", source="/plumbline/test", subject="it", time=TIME, facts=made, chain="c")


def published(name):
    subject, predicate = name.split(".")[2:4]
    return json.loads((Path(SPEC) / "schemas" / f"{subject}{predicate}.json").read_bytes())


def test_the_types_are_those_published_and_ours():
    theirs = {tuple(name.split(".")[2:4]) for name in contents() if name.startswith("dev.cdevents.")}
    assert theirs == {(subject, word) for subject, words in PUBLISHED.items() for word in words.split()}
    assert len(theirs) == 45
    rule = re.compile(r"dev\.cdeventsx\.[a-zA-Z0-9]+-[a-zA-Z]+\.[a-zA-Z]+\.[0-9]\.[0-9]\.[0-9]")
    ours = [name for name in contents() if not name.startswith("dev.cdevents.")]
    assert ours
    assert all(rule.fullmatch(name) and ".plumbline-" in name for name in ours)


@pytest.mark.parametrize("full", [False, True], ids=["least", "full"])
@pytest.mark.parametrize("name", sorted(contents()))
def test_what_is_emitted_is_valid_by_the_schema(name, full):
    draft = emitted(name, full)
    event = json.loads(draft.body)
    schema = json_schema(name)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(event)
    assert (event["context"]["type"], draft.type) == (name, name)
    assert event["context"]["timestamp"] == "2025-10-09T08:53:20.123456Z"


@pytest.mark.parametrize("name", sorted(contents()))
def test_the_schema_is_strict(name):
    event = json.loads(emitted(name).body)
    check = Draft202012Validator(json_schema(name))
    for holder in (event, event["context"], event["subject"], event["subject"]["content"]):
        holder["unheardOf"] = 1
        assert not check.is_valid(event)
        del holder["unheardOf"]
    for required in ("id", "source", "type", "timestamp", "specversion"):
        assert not check.is_valid({**event, "context": {**event["context"], required: 1}})
    assert check.is_valid(event)


def test_an_event_that_is_not_valid_is_not_written():
    finished = "dev.cdevents.pipelinerun.finished.0.3.0"
    for changes in ({"outcome": "pass"}, {"uri": "no uri"}, {"errors": 3}):
        with pytest.raises(msgspec.ValidationError):
            emitted(finished, **changes)
    content = contents()[finished]()
    for wrong in ({"source": "has spaces"}, {"source": ""}, {"id": ""}, {"subject": ""}, {"facts": {"attempt": "x"}}):
        with pytest.raises(msgspec.ValidationError):
            write_event(content, **{"id": "1", "source": "/s", "subject": "x", "time": TIME, **wrong})
    with pytest.raises(ValueError, match="bytes"):
        emitted(finished, errors="x" * (1 << 20))


def test_a_content_outside_the_vocabulary_is_not_written():
    class Stranger(contents()["dev.cdevents.build.finished.0.3.0"]):
        pass

    with pytest.raises(ValueError, match="vocabulary"):
        write_event(Stranger(), id="1", source="/s", subject="x", time=TIME)


WITHOUT = "CDEVENTS_SPEC names no folder with a copy of the CDEvents specification {}"
needs_specification = pytest.mark.skipif(not SPEC, reason=WITHOUT.format(CURRENT))
OF_CDEVENTS = sorted(name for name in contents() if name.startswith("dev.cdevents."))


@needs_specification
@pytest.mark.parametrize("full", [False, True] if SPEC else [False], ids=lambda full: "full" if full else "least")
@pytest.mark.parametrize("name", OF_CDEVENTS if SPEC else OF_CDEVENTS[:1])
def test_what_is_emitted_is_valid_by_the_published_schema(name, full):
    files = [*Path(SPEC, "schemas").rglob("*.json")]
    documents = [json.loads(path.read_bytes()) for path in files]
    registry = Registry().with_resources([(one["$id"], Resource.from_contents(one)) for one in documents])
    schema = published(name)
    assert schema["properties"]["context"]["properties"]["type"]["enum"] == [name]
    Draft202012Validator(schema, registry=registry).validate(json.loads(emitted(name, full).body))
    fields = schema["properties"]["subject"]["properties"]["content"]
    ours = msgspec.inspect.type_info(contents()[name]).fields
    assert {field.encode_name for field in ours} == fields["properties"].keys()
    assert {field.encode_name for field in ours if field.required} == set(fields.get("required", ()))


@needs_specification
def test_published_examples_are_ours_to_write():
    examples = [json.loads(path.read_bytes()) for path in Path(SPEC, "conformance").glob("*.json")]
    assert len(examples) == 45
    for event in examples:
        content = contents()[event["context"]["type"]]
        event.pop("customDataContentType", None)  # ours is always JSON
        assert msgspec.convert(event | {"customData": {}}, Event[content, dict]).context.id


@pytest.mark.parametrize("version", ["v0.4.1", "v0.5.1"])
def test_published_examples_are_taken_in_as_they_are(version):
    folder = specification(version)
    if folder is None:
        pytest.skip(WITHOUT.format(version))
    files = sorted([*folder.glob("conformance/*.json"), *folder.glob("custom/conformance.json")])
    assert len(files) >= 45
    for path in files:
        body = path.read_bytes()
        draft, view = receive(body, TIME)
        assert draft.body == body
        assert draft.type == view.type == json.loads(body)["context"]["type"]
        assert view.time is not None
        strange = [str(note) for note in view.notes if "clock" not in str(note) and "arrived" not in str(note)]
        assert path.parent.name == "custom" or version != "v0.5.1" or not strange, (path.name, strange)
