"""What people read of an entry of the ledger."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import UNSET

from plumbline.evidence import Sender, write_event, write_sender
from plumbline.evidence.vocabulary import own_platform as events
from plumbline.model.event import Entry
from plumbline.web.entries import row_of


def entry(body, subject="it"):
    return Entry(seq=1, received=1, source="/here", id="1", type="t", subject=subject, chain=b"", body=body)


def told(content, subject="it"):
    draft = write_event(content, id="1", source="/plumbline", subject=subject, time=1)
    return tuple(row_of(entry(draft.body, subject)))[1:]


CHANGE = events.SettingChange(key="ci.timeout", after=60)


@pytest.mark.parametrize(
    ("content", "row"),
    [
        (events.RoleGranted(person="mei", role="developer", node="bank", by="ada"),
         ("mei: developer", "bank", "ada", "")),
        (events.PersonSignedIn(address="10.0.0.5"), ("mei", "", "mei", "")),
        (events.PersonInvited(by="ada"), ("mei", "", "ada", "")),
        (events.AccessRefused(permission="job.retry", person="omar", reason="not-allowed"),
         ("job.retry", "", "omar", "not-allowed")),
        (events.VariableWritten(key="TOKEN", node="bank/core", by="ada"), ("TOKEN", "bank/core", "ada", "")),
        (events.NodeChanged(path="bank", fields=("settings",), by="ada", settings=(CHANGE,)),
         ("ci.timeout", "bank", "ada", "")),
        (events.NodeChanged(path="bank", fields=("title", "archived"), by="ada"),
         ("title, archived", "bank", "ada", "")),
        (events.NodeCreated(kind="project", path="bank/core", by=UNSET), ("mei", "bank/core", "", "")),
    ],
)  # fmt: skip
def test_who_did_what_and_where(content, row):
    assert told(content, "mei") == row


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"[]", b"{}", b'{"context":1}', b'{"context":{},"subject":{"content":[]}}']
)
def test_what_cannot_be_read_is_shown_by_its_subject(body):
    assert tuple(row_of(entry(body)))[1:] == ("it", "", "", "")


def test_odd_values_of_other_senders_do_no_harm():
    body = (
        b'{"context":{"id":"1","source":"/x","type":"dev.cdevents.taskrun.finished.0.2.0","version":"0.4.1"},'
        b'"customData":["x"],"subject":{"id":"it","content":{"taskName":7,"environment":"prod","settings":[1],"by":{},'
        b'"name":"%s","outcome":"pass"}}}' % (b"n" * 900)
    )
    row = row_of(entry(body))
    assert (row.about, row.place, row.who, row.how) == ("n" * 200, "", "", "success")


def test_a_pipeline_is_known_by_its_branch():
    body = (
        b'{"context":{"id":"1","source":"/plumbline","type":"dev.cdevents.pipelinerun.queued.0.3.0","specversion":"0.5.1"},'
        b'"customData":{"project":"bank/core","ref":"main","person":"mei"},'
        b'"subject":{"id":"1a7e","content":{"pipelineName":"bank/core"}}}'
    )
    assert tuple(row_of(entry(body, "1a7e")))[1:] == ("main", "bank/core", "mei", "")


def test_where_an_event_names_nobody_its_source_is_who():
    sent = write_sender(Sender(source="sonar", door="http"))
    for body in (b"no event", b'{"context":{"id":"1","source":"/here","type":"t"},"subject":{"id":"s","content":{}}}'):
        told_by = Entry(
            seq=1, received=1, source="/here", id="1", type="t", subject="s", chain=b"", body=body, sender=sent
        )
        assert row_of(told_by).who == "sonar"


def test_what_a_forge_told_was_done_by_its_account():
    body = (
        b'{"context":{"id":"1","source":"/x","type":"dev.cdevents.change.reviewed.0.3.0","specversion":"0.5.1"},'
        b'"customData":{"project":"bank/core","decision":"approved","account":{"login":"mei-at-forge"}},'
        b'"subject":{"id":"7","content":{}}}'
    )
    sent = write_sender(Sender(source="gitea", door="forge"))
    assert row_of(msgspec.structs.replace(entry(body, "7"), sender=sent)).who == "mei-at-forge"
    assert row_of(entry(body, "7")).who == ""  # nobody vouches for it
