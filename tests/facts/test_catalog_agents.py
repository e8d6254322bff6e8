"""Facts about AI agents, about files that projects are asked to have, and about how forges protect the trunk."""

from __future__ import annotations

import pytest
from tests.facts.events import FORGE, Records, ago, commit, sha

from plumbline.evidence.vocabulary import Reference, own_gates
from plumbline.evidence.vocabulary import own_forge as forge
from plumbline.evidence.vocabulary import own_observation as observation
from plumbline.facts.catalog import agents
from plumbline.model.fact import UNDECIDED, Lack

CHANGES, REVIEWED = "changes-assisted-by-agents", "assisted-changes-reviewed-by-another"
SERVERS = "agent-tool-servers-outside-list"


@pytest.fixture
def records() -> Records:
    made = Records()
    made.repository("m9")
    return made


def merged(records: Records, name: str, *, assisted: bool = False, reviewer: str = "", author: str = "ann") -> None:
    more = {"assisted_by": ("Claude",)} if assisted else {}
    one = commit(f"s{name}", ago(5), author, **more)
    records.commits(one, ref="refs/heads/side", time=ago(5))
    if reviewer:
        records.review(name, ago(4.5), reviewer, f"s{name}")
    records.merge(name, ago(4), one, merged_as=f"m{name}")
    records.link_address(f"{author}@bank.example", author)


def session(records: Records, person: str, *commits: str) -> None:
    content = own_gates.AgentSessionEnded(agent="claude", person=person, commits=tuple(sha(one) for one in commits))
    records.tell_as("/hooks", content, "s1", ago(5))


def test_where_nobody_says_that_an_agent_helped_nobody_can_tell(records: Records) -> None:
    merged(records, "1", reviewer="bob")
    for name in (CHANGES, REVIEWED, SERVERS):
        assert records.fact(name).lack is Lack.NO_SOURCE


def test_trailers_and_sessions_say_so(records: Records) -> None:
    merged(records, "1", assisted=True)
    merged(records, "2")
    merged(records, "3")
    assert records.share(CHANGES) == (1, 3)
    session(records, "ann", "s3")
    assert records.share(CHANGES) == (2, 3)


def test_a_message_that_nobody_read_is_neither(records: Records) -> None:
    merged(records, "1", assisted=True)
    one = commit("s2", ago(5), told=False)
    records.merge("2", ago(4), one, merged_as="m2")
    assert records.fact(CHANGES).excluded == {UNDECIDED: 1}


def test_a_commit_pushed_past_every_merge_was_reviewed_by_nobody(records: Records) -> None:
    records.repository("m9")
    records.commits(commit("m9", ago(3), assisted_by=("Claude",)), time=ago(3))
    merged(records, "1", assisted=True, reviewer="bob")
    assert records.share(CHANGES) == (2, 2)
    assert records.share(REVIEWED) == (1, 2)


def test_whoever_wrote_it_or_ran_the_agent_is_nobody_else(records: Records) -> None:
    merged(records, "1", assisted=True, reviewer="bob")
    merged(records, "2", assisted=True, reviewer="ann")  # its own author
    merged(records, "3", assisted=True)
    assert records.share(REVIEWED) == (1, 3)
    session(records, "bob", "s1")
    assert records.share(REVIEWED) == (0, 3)


@pytest.mark.parametrize("person", ["bob", "bob@bank.example"])
def test_who_ran_it_is_a_person_or_an_address(records: Records, person: str) -> None:
    merged(records, "1", reviewer="bob")
    merged(records, "2", reviewer="eve")
    session(records, person, "s1", "s2")
    assert records.share(REVIEWED) == (1, 2)


def configured(records: Records, *servers: str, days: float = 1) -> None:
    content = own_gates.AgentConfigured(commit=sha("m1"), files=1, digest=f"sha256:{'a' * 64}", tool_servers=servers)
    records.tell(content, sha("m1"), ago(days), project="bank/core")


@pytest.mark.parametrize(
    ("days", "kinds", "told"), [(0.5, {"agent_config": 1}, 1), (0.5, {"readme": 1}, 0), (2, {"readme": 1}, 1)]
)
def test_what_was_taken_out_since_is_set_up_no_more(days: float, kinds: dict[str, int], told: int) -> None:
    records = Records()
    configured(records, "shell")
    found = tuple(observation.FoundPart(kind=kind.replace("_", "-"), count=number) for kind, number in kinds.items())
    tree = observation.TreeInspected(commit=sha("head"), files=1, found=found)
    records.tell(tree, "tree", ago(days), project="bank/core")
    assert len(agents.set_up(records.evidence())) == told


def test_files_are_there_or_not(records: Records) -> None:
    assert records.fact("repositories-with-a-licence-file", None).lack is Lack.NO_SOURCE
    records.tree(licence=1, readme=1, code=3, manifest_locked=1, manifest_unlocked=1)
    assert records.share("repositories-with-a-licence-file", None) == (1, 1)
    assert records.share("repositories-with-a-security-policy", None) == (0, 1)
    assert records.share("repositories-with-a-dependency-list", None) == (1, 1)
    assert records.share("repositories-whose-dependencies-are-pinned", None) == (0, 1)


def test_a_repository_without_code_lists_no_dependencies(records: Records) -> None:
    records.tree(docs=2)
    assert records.fact("repositories-with-a-dependency-list", None).lack is Lack.TOO_FEW
    assert records.fact("repositories-whose-dependencies-are-pinned", None).lack is Lack.TOO_FEW


def protect(records: Records, branch: str = "main", days: float = 10, **more: object) -> None:
    said = {"protected": True, **more}
    content = forge.BranchProtectionObserved(repository=Reference(id="repo"), **said)  # type: ignore[arg-type]
    records.tell(content, branch, ago(days), source=FORGE)


def test_the_newest_word_about_the_trunk_counts(records: Records) -> None:
    name = "repositories-whose-trunk-is-protected"
    assert records.fact(name, None).lack is Lack.NO_SOURCE
    protect(records, "release/*")
    assert records.share(name, None) == (0, 1)
    protect(records, "ma*", approvals=1)
    assert records.share(name, None) == (1, 1)
    assert records.share("repositories-whose-trunk-takes-an-approval", None) == (1, 1)
    protect(records, "ma*", days=5, protected=False, approvals=0)
    assert records.share(name, None) == (0, 1)
    assert records.share("repositories-whose-trunk-takes-an-approval", None) == (0, 1)


def test_what_a_forge_did_not_say_nobody_can_tell(records: Records) -> None:
    protect(records)
    assert records.fact("repositories-whose-trunk-takes-passed-checks", None).lack is Lack.UNDECIDED
    assert records.fact("repositories-whose-trunk-takes-an-approval", None).excluded == {UNDECIDED: 1}
