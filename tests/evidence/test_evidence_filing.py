"""Under what an entry is filed: the node that it is about, and who did what it tells."""

from __future__ import annotations

import json

import pytest

from plumbline.evidence import Sender, filed_under, receive, sent_by, write_event, write_sender
from plumbline.evidence.vocabulary import cdevents_core as core
from plumbline.evidence.vocabulary import facts
from plumbline.evidence.vocabulary import own_delivery as delivery
from plumbline.evidence.vocabulary import own_forge as forge
from plumbline.evidence.vocabulary import own_operations as own
from plumbline.evidence.vocabulary import own_platform as platform

TIME = 1_760_000_000_000_000
OURS, FORGE = "urn:plumbline:one", "urn:plumbline:one:forge:gitlab:7"
RUN = {"pipeline_name": "p", "uri": "https://x.example/p/1"}


def event(content, source=OURS, **more):
    return write_event(content, id="1", source=source, subject="mei", time=TIME, **more)


@pytest.mark.parametrize(
    ("content", "more", "scope", "who"),
    [
        (platform.RoleGranted(person="wang", role="viewer", node="bank/pay", by="mei"), {}, "bank/pay", "mei"),
        (platform.RoleRevoked(person="wang", role="viewer", node="/", by="mei"), {}, "", "mei"),
        (platform.NodeArchived(path="bank/pay", by="mei"), {}, "bank/pay", "mei"),
        (platform.VariableWritten(key="K", node="bank", by="mei"), {}, "bank", "mei"),
        (platform.PersonSignedIn(), {}, "", "mei"),
        (platform.PersonSignInFailed(reason="wrong"), {}, "", ""),
        (platform.PersonChanged(by="li", fields=("title",)), {}, "", "li"),
        (platform.TokenRevoked(person="wang", by="mei"), {}, "", "mei"),
        (own.StatementAttested(topic="t", statement="s", person="wang"), {"project": "bank"}, "bank", "wang"),
        (delivery.TaskRunStateChanged(state="pending", previous="manual", person="fang"), {"project": "b/c"}, "b/c",
         "fang"),
        (delivery.TaskRunStateChanged(state="skipped", previous="created"), {"project": "b/c"}, "b/c", ""),
        (core.PipelineRunQueued(**RUN), {"facts": facts.RunFacts(project="b/c", person="fang")}, "b/c", "fang"),
    ],
)  # fmt: skip
def test_what_this_server_tells_is_filed_by_its_content(content, more, scope, who):
    draft = event(content, **more)
    assert (draft.scope, draft.who) == (scope, who)
    assert filed_under(draft.body) == (scope, who)


def test_an_account_at_a_forge_is_told_apart_from_a_person_of_that_name():
    content = forge.TagCreated(repository={"id": "7"}, person="Mei", by=facts.AccountFact(login="Mei"))
    draft = write_event(content, id="1", source=FORGE, subject="v1", time=TIME, project="bank", checked=False)
    assert (draft.scope, draft.who) == ("bank", "gitlab:mei")


TOLD = {
    "context": {"specversion": "0.5.1", "id": "1", "source": "/tool", "type": "dev.cdevents.build.started.0.3.0",
                "timestamp": "2026-01-01T00:00:00Z"},
    "subject": {"id": "b", "content": {"person": "wang", "path": "bank/secret", "node": "bank/secret"}},
    "customData": {"project": "bank/pay"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("sender", "who"),
    [
        (Sender(person="mei", token="1"), "mei"),  # nobody vouches for what it says of others
        (Sender(door="import"), ""),
        (Sender(source="jenkins"), "wang"),  # whom a registered source names
    ],
)
def test_what_others_tell_is_filed_by_who_vouches_for_it(sender, who):
    draft, _ = receive(json.dumps(TOLD).encode(), TIME)
    sent = sent_by(draft, sender)
    assert (sent.scope, sent.who, sent.sender) == ("bank/pay", who, write_sender(sender))


def test_a_source_that_names_nobody_did_it_itself():
    body = json.dumps({**TOLD, "subject": {"id": "b", "content": {}}}).encode()
    sent = sent_by(receive(body, TIME)[0], Sender(source="jenkins", scope="bank/x"))
    assert (sent.who, filed_under(body, sent.sender).scope) == ("jenkins", "bank/x")


def test_what_is_told_in_our_types_by_others_names_no_node():
    body = json.dumps({**TOLD, "customData": {}}).encode()
    assert filed_under(body) == ("", "")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b'{"subject":5}', b'{"subject":{"content":[1]}}',
                                  b'{"context":{"source":[]},"customData":7}', b"\xff"])  # fmt: skip
def test_what_is_no_event_is_filed_under_nothing(body):
    assert filed_under(body) == ("", "")
    assert filed_under(body, b"nonsense") == ("", "")
