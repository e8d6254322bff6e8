"""What forges tell becomes events: each row of each kind's own table, and what is odd about messages."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from forge_messages import NOW, SHARED, cases, drafts, send, told

from plumbline.adapters.forges import forges
from plumbline.evidence.origin import forge_of, is_own
from plumbline.kernel import PlumblineError
from plumbline.model.server import WebhookKind

PAYLOADS = os.environ.get("GITHUB_PAYLOADS", "")  # a folder of examples, each in a folder named as its message
CASES = [(forge, one) for forge in ("github", "gitea", "gitlab") for one in cases(forge)]
ONE, TWO = "1" * 40, "2" * 40


def short(case: Any) -> str:
    return case if isinstance(case, str) else str(case.get("case", case["message"]))


@pytest.mark.parametrize(("forge", "case"), CASES, ids=short)
def test_what_a_message_tells(forge: str, case: dict[str, Any]) -> None:
    found = told(forge, case["message"], case["body"])
    assert sorted(found) == sorted(case["told"])
    for kind, wanted in case["told"].items():
        event = found[kind]
        said = {"subject": event["subject"]["id"], "time": event["context"]["timestamp"]}
        assert said | {key: wanted[key] for key in ("subject", "time") if key in wanted} == said
        for part, where in (("content", event["subject"]["content"]), ("customData", event["customData"])):
            assert where | wanted.get(part, {}) == where
            assert not set(wanted.get("without", ())) & set(where)
        assert event["customData"]["project"] == "bank/core"
        assert event["context"]["source"] == f"/plumbline:forge:{forge}:7"
        assert is_own(event["context"]["source"])
        assert forge_of(event["context"]["source"]) == (forge, 7)


@pytest.mark.parametrize("forge", ["github", "gitea", "gitlab"])
def test_every_row_of_a_kinds_table_has_a_case_that_says_the_same(forge: str) -> None:
    known = {
        one["case"]: one
        for name in ({forge} | (set(SHARED) if forge in SHARED else set()))
        for one in cases(name)
        if "case" in one
    }
    for row in forges()[forge].tells:
        names = [f"{row.message or '*'} / {action}" for action in row.actions or ("*",)]
        case = next((known[name] for name in names if name in known), None)
        assert case is not None, names
        assert sorted(told(forge, case["message"], case["body"])) == sorted(row.events), names


def test_the_hook_of_a_plain_repository_tells_of_branches_and_tags() -> None:
    zero = "0" * 40
    for ref, before, after, kind in (
        ("refs/heads/x", zero, TWO, "branch.created"),
        ("refs/heads/x", TWO, zero, "branch.deleted"),
        ("refs/tags/v1", zero, TWO, "tag.created"),
        ("refs/tags/v1", TWO, zero, "tag.deleted"),
    ):
        assert list(told("git", "", {"ref": ref, "before": before, "after": after, "user": "mei"})) == [kind]
    assert told("git", "", {"ref": "refs/heads/x", "before": ONE, "after": TWO}) == {}


@pytest.mark.parametrize(("forge", "case"), [one for one in CASES if one[1]["told"]], ids=short)
@pytest.mark.parametrize("odd", [None, 7, "", [], {"x": []}, True, [[1]]], ids=repr)
def test_a_field_of_any_shape_loses_the_message_only_where_it_is_needed(
    forge: str, case: dict[str, Any], odd: Any
) -> None:
    """Each field is made odd in its turn: it is read all the same, or refused in words."""
    whole = json.loads(json.dumps(case["body"]))
    for path in _paths(whole):
        body = json.loads(json.dumps(whole))
        holder = body
        for name in path[:-1]:
            holder = holder[name]
        holder[path[-1]] = odd
        assert _read(forge, case["message"], body) in ("events", "webhook-unreadable"), path


def _read(forge: str, event: str, body: Any) -> str:
    try:
        found = drafts(send(forge, event, body))
    except PlumblineError as error:
        return error.code
    return "events" if found or event in ("push", "Push Hook", "Tag Push Hook") else "nothing"


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in items:
        yield (*path, key)
        yield from _paths(one, (*path, key))


REVIEW = {
    "action": "submitted",
    "review": {"state": "approved", "user": {"login": "bo"}},
    "pull_request": {"number": 7},
}

APPROVAL = {"object_attributes": {"action": "approved", "iid": 7, "source_branch": "x", "target_branch": "main"}}


@pytest.mark.parametrize(
    ("forge", "event", "body"),
    [
        ("github", "pull_request_review", REVIEW),  # of which revision?
        ("github", "pull_request_review", REVIEW | {"review": {"state": "approved", "commit_id": "--upload-pack"}}),
        ("github", "pull_request", {"action": "opened", "number": "7"}),
        ("github", "issues", {"action": "opened", "issue": {"title": "x"}}),
        ("gitlab", "Merge Request Hook", APPROVAL),
        ("gitlab", "Pipeline Hook", {"object_attributes": {"id": 3}}),
        ("gitlab", "Push Hook", {"ref": "refs/heads/x"}),
    ],
)  # fmt: skip
def test_a_field_that_is_needed_is_refused_where_it_is_not_what_it_should_be(forge: str, event: str, body: Any) -> None:
    with pytest.raises(PlumblineError) as caught:
        send(forge, event, body)
    assert caught.value.code == "webhook-unreadable"


def test_a_redelivery_is_the_same_event_and_another_delivery_another() -> None:
    body = cases("gitlab")[5]["body"]
    first, again, other = (drafts(send("gitlab", "Merge Request Hook", body, name)) for name in ("a", "a", "b"))
    assert first == again
    assert first[0].id != other[0].id
    long, longer = (drafts(send("gitlab", "Merge Request Hook", body, "密" * size))[0].id for size in (150, 151))
    assert long != longer
    assert long.isascii()


def test_what_people_wrote_does_no_harm_in_a_ledger() -> None:
    body = {
        "action": "opened\x00\x1b[2J",
        "sender": {"login": "梅琳 \u202e𝒙", "type": "User"},
        "issue": {"number": 1, "title": "a\nb" * 5000, "html_url": "javascript:alert(1)",
                  "labels": [{"name": "x"}] * 500},
    }  # fmt: skip
    [event] = told("github", "issues", body).values()
    content = event["subject"]["content"]
    assert len(content["summary"]) == 255
    assert "\n" not in content["summary"]
    assert len(content["labels"]) == 100
    assert content["uri"].startswith("urn:x:")
    assert event["customData"]["by"]["login"] == "梅琳 \u202e𝒙"
    [other] = told("github", "x" * 5000, {"name": "\u202e" * 300 + "ab\x85"}).values()
    assert other["subject"]["id"].isprintable()
    assert len(other["subject"]["id"]) <= 120


def test_the_payload_that_nobody_understood_is_known_by_its_digest() -> None:
    webhook = send("github", "something", b'{"a": 1}')
    [event] = drafts(webhook)
    assert msgspec.json.decode(event.body)["subject"]["content"]["body"] == webhook.payload
    assert webhook.payload.startswith("sha256:")


def test_a_time_that_is_none_is_that_of_the_delivery() -> None:
    for wrong in ("yesterday", "2026-13-01T00:00:00Z", "2026-03-01T00:00:00", -5, 10**30, None):
        body = {"action": "published", "release": {"tag_name": "v1", "published_at": wrong}}
        [draft] = drafts(send("github", "release", body))
        assert msgspec.json.decode(draft.body)["context"]["timestamp"] == "2027-01-15T08:00:00.000000Z"
        assert NOW == 1_800_000_000_000_000


AGIT = {
    "action": "opened",
    "number": 3,
    "pull_request": {
        "head": {"ref": "refs/pull/3/head", "label": "", "sha": TWO, "repo": {"full_name": "bank/core"}},
        "base": {"ref": "main", "sha": ONE, "repo": {"full_name": "bank/core"}},
    },
}


def _head(**changes: Any) -> dict[str, Any]:
    request = AGIT["pull_request"]
    head = {"ref": "x", "sha": TWO, "repo": {"full_name": "bank/core"}, **changes}
    return {**AGIT, "pull_request": {**request, "head": head}}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("forge", "event", "body", "fork"),
    [
        ("gitea", "pull_request", AGIT, "-"),  # pushed to refs/for: anybody may who may read
        ("gitea", "pull_request", _head(label=""), "-"),
        ("gitea", "pull_request", _head(ref="refs/changes/1"), "-"),
        ("gitea", "pull_request", _head(repo=None), "-"),
        ("github", "pull_request", _head(repo=None), "-"),
        ("github", "pull_request", _head(repo={"full_name": "mallory/core"}), "mallory/core"),
        ("github", "pull_request", _head(repo={}), "-"),
        ("gitea", "pull_request", _head(label="x"), ""),
        ("github", "pull_request", _head(label="bank:x"), ""),
    ],
)
def test_a_head_that_is_no_branch_of_a_known_repository_is_a_fork(forge: str, event: str, body: Any, fork: str) -> None:
    request = send(forge, event, body).merge_request
    assert request is not None
    assert request.fork == fork


@pytest.mark.parametrize(
    ("more", "fork"),
    [
        ({}, "-"),
        ({"target": {"path_with_namespace": "bank/core"}}, "-"),
        ({"source": {"path_with_namespace": "bank/core"}}, "bank/core"),
        ({"source": None, "target": None}, "-"),
        ({end: {"path_with_namespace": "bank/core"} for end in ("source", "target")}, ""),
        ({end: {"path_with_namespace": "bank/core"} for end in ("source", "target")}
         | {"source_project_id": 1, "target_project_id": 2}, "-"),
    ],
)  # fmt: skip
def test_a_merge_request_that_does_not_say_where_it_comes_from_is_one_of_a_fork(more: Any, fork: str) -> None:
    attributes = {"iid": 7, "action": "open", "source_branch": "x", "target_branch": "main", "last_commit": {"id": TWO}}
    request = send("gitlab", "Merge Request Hook", {"object_attributes": attributes | more}).merge_request
    assert request is not None
    assert request.fork == fork


def _mergeable(forge: str, **more: Any) -> Any:
    """What is told of conflicts, by a message about an open request unless it says otherwise."""
    if forge == "gitlab":
        attributes = {"iid": 7, "action": "update", "state": "opened", "source_branch": "x", "target_branch": "main"}
        attributes |= {"last_commit": {"id": TWO}}
        found = told(forge, "Merge Request Hook", {"object_attributes": attributes | more})
    else:
        ends = {"head": {"ref": "x", "sha": TWO}, "base": {"ref": "main"}, "state": "open"}
        found = told(forge, "pull_request", {"action": "edited", "number": 7, "pull_request": ends | more})
    [said] = found.values()
    return said["customData"].get("conflicts")


@pytest.mark.parametrize(
    ("forge", "more", "conflicts"),
    [
        ("gitlab", {"merge_status": "can_be_merged"}, False),
        ("gitlab", {"merge_status": "can_be_merged", "detailed_merge_status": "not_approved"}, False),
        ("gitlab", {"merge_status": "cannot_be_merged"}, True),
        ("gitlab", {"merge_status": "cannot_be_merged_recheck", "detailed_merge_status": "checking"}, True),
        ("gitlab", {"detailed_merge_status": "conflict"}, True),
        ("gitlab", {"merge_status": "cannot_be_merged", "detailed_merge_status": "broken_status"}, None),
        ("gitlab", {"merge_status": "unchecked", "detailed_merge_status": "unchecked"}, None),
        ("gitlab", {"merge_status": "can_be_merged", "action": "merge", "state": "merged"}, None),
        ("gitlab", {"merge_status": "cannot_be_merged", "action": "approved"}, True),
        ("gitlab", {"merge_status": None}, None),
        ("github", {"mergeable": True, "mergeable_state": "blocked"}, False),
        ("github", {"mergeable": False, "mergeable_state": "dirty"}, True),
        ("github", {"mergeable": None, "mergeable_state": "unknown"}, None),
        ("github", {"mergeable": True, "mergeable_state": "clean", "state": "closed"}, None),
        ("gitea", {"mergeable": False}, None),  # it may not have looked yet
        ("gitea", {"mergeable": True}, None),  # who cannot tell of conflicts does not tell of none
    ],
)
def test_whether_a_request_could_be_merged_is_told_where_somebody_knows(forge: str, more: Any, conflicts: Any) -> None:
    assert _mergeable(forge, **more) is conflicts


def test_what_a_forge_does_not_tell_of_a_deployment_is_not_made_up() -> None:
    gitlab = {"status": "success", "deployment_id": 15, "environment": "live", "environment_tier": "production"}
    [said] = told("gitlab", "Deployment Hook", gitlab).values()
    assert {"attempt", "intent"}.isdisjoint(said["subject"]["content"])
    for task, intent in (("deploy:migrations", "deploy"), ("rollback", "rollback"), ("warm-up", None), ("", None)):
        deployment = {"id": 5, "task": task, "environment": "production", "sha": ONE}
        [said] = told("github", "deployment_status", {
            "deployment": deployment, "deployment_status": {"state": "success"}}).values()  # fmt: skip
        assert said["subject"]["content"].get("intent") == intent
    job = {"build_status": "running", "build_id": 1, "pipeline_id": 2, "build_name": "unit"}
    [said] = told("gitlab", "Job Hook", job).values()
    assert "attempt" not in said["customData"]


def test_a_large_message_is_read_without_what_nobody_needs() -> None:
    """Of a push three fields matter; the rest is skipped, however much it is."""
    commits = [{"id": ONE, "added": ["a/b/c.txt"] * 40, "message": "x" * 200}] * 6000
    body = {"ref": "refs/heads/x", "before": ONE, "after": TWO, "commits": commits}
    raw = msgspec.json.encode(body)
    assert len(raw) > 4_000_000
    webhook = send("github", "push", raw)
    assert (webhook.kind, webhook.ref, webhook.after) == (WebhookKind.PUSH, "x", TWO)


@pytest.mark.parametrize("forge", ["gitlab", "github", "gitea", "git"])
@pytest.mark.parametrize("place", ["outside", "inside"])
def test_a_signed_message_that_says_a_name_twice_is_not_read(forge: str, place: str) -> None:
    """Readers differ in which of both they take."""
    inside = '{"name": "main", "name": "other"}' if place == "inside" else "{}"
    twice = f', "ref": "refs/heads/other", "after": "{TWO}"' if place == "outside" else ""
    body = f'{{"ref": "refs/heads/main", "before": "{ONE}", "after": "{ONE}", "more": {inside}{twice}}}'
    event = "Push Hook" if forge == "gitlab" else "push"
    with pytest.raises(PlumblineError) as caught:
        send(forge, event, body.encode())
    assert caught.value.code == "webhook-unreadable"
    assert "twice" in str(caught.value)


@pytest.mark.skipif(not PAYLOADS, reason="GITHUB_PAYLOADS names no folder with GitHub's published examples of webhooks")
def test_every_public_example_is_read() -> None:
    read = 0
    for path in sorted(Path(PAYLOADS).rglob("*.json")):
        if path.name != "index.json":
            assert drafts(send("github", path.parent.name, path.read_bytes())) or path.parent.name in ("ping", "push")
            read += 1
    assert read


@pytest.mark.parametrize("number", [2**63, 2**64, 10**30, -(10**30)])
def test_a_number_that_no_store_keeps_is_none(number: int) -> None:
    head = {"ref": "f", "sha": ONE}
    body = {"action": "opened", "number": number, "pull_request": {"number": number, "head": head, "base": head}}
    with pytest.raises(PlumblineError) as caught:
        told("github", "pull_request", body)
    assert caught.value.code == "webhook-unreadable"
    [comment] = told("github", "issue_comment", {
        "action": "created", "issue": {"number": 7, "comments": number}, "comment": {"id": 1},
    }).values()  # fmt: skip
    assert "count" not in comment["subject"]["content"]
