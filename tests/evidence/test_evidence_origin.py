"""Whose word an event is: our kinds from us alone, a tool's under its own name, CDEvents from anybody."""

from __future__ import annotations

import pytest

from plumbline.evidence.origin import forge_of, forge_source, is_own, kind_of, pretends
from plumbline.evidence.vocabulary import contents

OURS = "dev.cdeventsx.plumbline-"
ELSEWHERE = "https://x.example/tool"


@pytest.mark.parametrize(
    ("type_", "source", "kind"),
    [
        (f"{OURS}statement.attested.0.1.0", "urn:plumbline:1f", "statement.attested"),
        (f"{OURS}taskrun.stateChanged.0.1.0", "/plumbline", "taskrun.stateChanged"),
        (f"{OURS}commit.observed.0.1.0", "/projects/bank/core", "commit.observed"),
        ("dev.cdevents.taskrun.finished.0.3.0", "/plumbline", "taskrun.finished"),
        ("dev.cdevents.taskrun.finished.0.3.0", ELSEWHERE, "taskrun.finished"),
        ("dev.cdevents.taskrun.finished.0.2.0", ELSEWHERE, "taskrun.finished"),
        ("dev.cdevents.change.created.0.5.0-draft", ELSEWHERE, "change.created"),
        ("dev.cdeventsx.sonar-measurement.recorded.0.1.0", ELSEWHERE, "measurement.recorded"),
        ("dev.cdeventsx.tool-ledger.corrected.0.1.0", ELSEWHERE, "ledger.corrected"),
        ("dev.cdeventsx.jenkins-deployment.finished.0.1.0", ELSEWHERE, "deployment.finished"),
    ],
)
def test_what_counts(type_: str, source: str, kind: str) -> None:
    assert kind_of(type_, source) == kind


@pytest.mark.parametrize(
    ("type_", "source"),
    [
        (f"{OURS}statement.attested.0.1.0", ELSEWHERE),
        (f"{OURS}statement.attested.0.1.0", "URN:plumbline:1f"),
        (f"{OURS}statement.attested.0.1.0", " /plumbline"),
        (f"{OURS}statement.attested.0.2.0", "/plumbline"),
        ("dev.cdevents.statement.attested.0.1.0", ELSEWHERE),
        ("dev.cdevents.statement.attested.0.1.0", "/plumbline"),
        ("dev.cdeventsx.exception.granted.0.1.0", ELSEWHERE),
        ("dev.cdeventsx.tool-exception.granted.0.1.0", ELSEWHERE),
        ("dev.cdeventsx.tool-statement.reviewed.0.1.0", ELSEWHERE),
        ("dev.cdeventsx.tool-runner.registered.0.1.0", ELSEWHERE),
        ("dev.cdeventsx.tool-repository.observed.0.1.0", ELSEWHERE),
        ("dev.cdeventsx.tool-measurement.recorded.0.1.0", "/plumbline"),
        ("x.y.exception.granted", ELSEWHERE),
        ("DEV.cdeventsx.plumbline-exception.granted.0.1.0", ELSEWHERE),
        ("dev.cdevents.taskrun.finished.1.0.0", ELSEWHERE),
        ("dev.cdevents.taskrun.finished", ELSEWHERE),
        ("dev.cdevents.taskrun.finished.0.3.0 ", ELSEWHERE),
        ("dev.cdevents.taskrun.vanished.0.3.0", ELSEWHERE),
        ("dev.cdevents.taskrun.fini\u200bshed.0.3.0", ELSEWHERE),
    ],
)
def test_what_is_kept_and_is_no_fact(type_: str, source: str) -> None:
    assert kind_of(type_, source) == ""


def test_every_type_of_ours_counts_from_us() -> None:
    for type_ in contents():
        assert kind_of(type_, "/plumbline") == ".".join(type_.split(".")[2:4]).removeprefix("plumbline-")


def test_what_only_this_server_may_say() -> None:
    """A new type is its word alone until somebody says otherwise."""
    alone = ("statement", "exception", "runner", "repository", "branch", "tree", "commit", "gate", "role",
             "person", "token", "node", "assessment", "metric", "taskrun", "pipelinerun", "delivery")  # fmt: skip
    for type_, content in contents().items():
        if type_.startswith(OURS) and kind_of(type_, "/plumbline").partition(".")[0] in alone:
            assert not content.TOLD_BY_TOOLS, type_


@pytest.mark.parametrize(
    ("source", "type_"),
    [
        ("/plumbline", "x"),
        ("urn:plumbline:1f", "x"),
        ("/projects/bank/core", "x"),
        ("URN:Plumbline:1f", "x"),
        (" /plumbline", "x"),
        ("/plumb\u200bline", "x"),
        ("\ufeffurn:plumbline:1f", "x"),
        ("\uff55rn:plumbline:1f", "x"),  # a full-width u
        (ELSEWHERE, f"{OURS}statement.attested.0.1.0"),
        (ELSEWHERE, "DEV.cdeventsx.Plumbline-statement.attested.0.1.0"),
        (ELSEWHERE, "dev.cdeventsx.plumb\u00adline-statement.attested.0.1.0"),
    ],
)
def test_look_alikes_are_seen(source: str, type_: str) -> None:
    assert pretends(source, type_)


def test_what_is_ours_and_what_is_not() -> None:
    assert is_own("urn:plumbline:1f")
    assert is_own("/plumbline")
    assert not is_own("/plumbline/here")
    assert not is_own("urn:plumbline")
    assert not pretends("https://plumbline.example/", "dev.cdevents.build.finished.0.3.0")


@pytest.mark.parametrize("server", ["/plumbline", "urn:plumbline:1f2e"])
def test_what_a_forge_told_is_written_by_this_server_alone_and_says_which_forge(server: str) -> None:
    source = forge_source(server, "gitlab", 7)
    assert is_own(source)
    assert forge_of(source) == ("gitlab", 7)
    assert pretends(source, "x")
    for odd in (source.upper(), f" {source}", source.replace(":", ":\u200b"), source.replace("l", "ｌ")):
        assert not is_own(odd) or forge_of(odd) is None
        assert pretends(odd, "x")
    assert kind_of(f"{OURS}branchProtection.observed.0.1.0", source) == "branchProtection.observed"
    assert kind_of(f"{OURS}branchProtection.observed.0.1.0", ELSEWHERE) == ""


@pytest.mark.parametrize(
    "source",
    ["/plumbline", "urn:plumbline:1f", "urn:plumbline:repository:bank/x:forge:gitlab:7", "/plumbline:forge:gitlab:7/x",
     "https://x.example/tool:forge:gitlab:7", "/plumbline:forge:Git:7", "/plumbline:forge:gitlab:"],
)  # fmt: skip
def test_what_names_no_forge(source: str) -> None:
    assert forge_of(source) is None
