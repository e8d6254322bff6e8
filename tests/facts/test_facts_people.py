"""Reviews by accounts: a review counts where it is known that another person made it, and only there."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET
from tests.facts.events import NOW, Watched, ago, commit, sha

from plumbline.evidence import write_event
from plumbline.evidence.origin import forge_source
from plumbline.evidence.vocabulary import cdevents_core as core
from plumbline.evidence.vocabulary import cdevents_delivery
from plumbline.evidence.vocabulary import facts as about
from plumbline.evidence.vocabulary import own_delivery as delivery
from plumbline.evidence.vocabulary import own_platform as platform
from plumbline.evidence.vocabulary.fields import Reference
from plumbline.facts import Asked, Evidence, answer
from plumbline.facts.catalog._reviews import reviewed
from plumbline.facts.machines import is_machine
from plumbline.judging.judge import find
from plumbline.judging.signal import Defaults, Signal, Threshold
from plumbline.model.assessment import Judgement
from plumbline.model.fact import UNDECIDED, Fact, Lack
from plumbline.model.words import Words
from plumbline.trace import read_seen

SERVER = "/plumbline"
FORGE = forge_source(SERVER, "gitlab", 7)
REPOSITORY = "urn:plumbline:repository:bank/core"
PROJECT = "bank/core"
HUMAN = "merged-changes-with-a-human-review"
FINAL = "merged-changes-whose-final-revision-was-approved-by-a-person"


class Ledger:
    """What a server wrote down of one project at a forge."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def tell(self, content: Any, subject: str, time: int, facts: Any = None, source: str = SERVER) -> None:
        draft = write_event(
            content, id=f"e{len(self.bodies)}", source=source, subject=subject, time=time, facts=facts, project=PROJECT
        )
        self.bodies.append(draft.body)

    def link(self, person: str, alias: str, *, gone: bool = False, time: int = 0, source: str = SERVER) -> None:
        kind = platform.IdentityUnlinked if gone else platform.IdentityLinked
        named = {"email": alias} if "@" in alias else {"forge": "gitlab", "login": alias}
        self.tell(kind(person=person, by="ada", **named), alias, time or ago(300), source=source)

    def merged(self, number: str, *, head: str, as_: str, days: float = 1, **more: Any) -> None:
        facts = about.MergeFacts(
            commits=(), target="main", project=PROJECT, merged_as=sha(as_) if as_ else UNSET,
            head=sha(head), author=about.AccountFact(login="mallory"), **more,
        )  # fmt: skip
        self.tell(core.ChangeMerged(), number, ago(days), facts, FORGE)

    def seen(self, number: str, as_: str, *commits: about.CommitFact, days: float = 1, **more: Any) -> None:
        """The repository shows it too."""
        facts = about.MergeFacts(commits=commits, target="main", project=PROJECT, merged_as=sha(as_), **more)
        self.tell(core.ChangeMerged(), number, ago(days), facts, REPOSITORY)

    def review(
        self, number: str, who: str, revision: str, decision: Any = "approved", days: float = 1.5, **account: Any
    ) -> None:
        facts = about.ReviewFacts(
            decision=decision, reviewer=who, revision=sha(revision), project=PROJECT,
            account=about.AccountFact(login=who, **account),
        )  # fmt: skip
        self.tell(core.ChangeReviewed(), number, ago(days), facts, FORGE)

    def push(self, *commits: about.CommitFact) -> None:
        content = delivery.CommitObserved(repository=Reference(id="7"), ref="refs/heads/main", commits=commits)
        self.tell(content, commits[0].sha, ago(1))

    def evidence(self) -> Evidence:
        return Watched((seen for body in self.bodies if (seen := read_seen(body))), NOW)

    def fact(self, name: str = HUMAN) -> Fact:
        [found] = answer([Asked(name, 90)], self.evidence()).values()
        return found


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger()
    made.link("mallory", "mallory")
    made.link("mallory", "mallory@bank.cn")
    made.link("bo", "Bo")
    made.link("bo", "bo@bank.cn")
    return made


def write(name: str, author: str = "mallory", *parents: str) -> about.CommitFact:
    return commit(name, ago(2), author, *parents, mail=f"{author}@bank.cn")


@pytest.mark.parametrize(
    ("reviewer", "account", "counts"),
    [
        ("bo", {}, True),
        ("BO", {}, True),
        ("jenkins", {}, False),
        ("sonarqube", {}, False),
        ("project_12_bot_a1b2", {}, False),
        ("helper", {"machine": True}, False),
        ("Mallory", {}, False),  # the author in other letters
        ("ｍallory", {}, False),
        ("somebody", {"email": "MALLORY@bank.cn"}, False),
        ("nobody-at-all", {}, None),
        ("nobody-at-all", {"name": "Bo", "email": "bo@elsewhere.example"}, None),  # an equal name is no proof
        ("bo", {"email": "mallory@bank.cn"}, False),  # the account of another, the address of the author
    ],
)
def test_whose_review_counts(ledger: Ledger, reviewer: str, account: Any, counts: bool | None) -> None:
    ledger.merged("7", head="h", as_="m")
    ledger.push(write("m"))
    ledger.review("7", reviewer, "h", **account)
    for name in (HUMAN, FINAL):
        found = ledger.fact(name)
        if counts is None:
            assert (found.lack, found.excluded) == (Lack.UNDECIDED, {UNDECIDED: 1})
        else:
            assert (found.numerator, found.denominator) == (float(counts), 1)


def test_a_person_must_be_another_than_everybody_who_wrote_it(ledger: Ledger) -> None:
    ledger.merged("7", head="h", as_="m")
    ledger.seen("7", "m", write("h"), write("g", "bo"))
    ledger.review("7", "bo", "h")
    assert ledger.fact().numerator == 0


def test_an_author_whom_nobody_knows_could_be_the_reviewer(ledger: Ledger) -> None:
    ledger.merged("7", head="h", as_="m")
    ledger.seen("7", "m", commit("h", ago(2), "Somebody", mail=UNSET))
    ledger.review("7", "bo", "h")
    assert ledger.fact().lack is Lack.UNDECIDED


def test_a_merge_of_which_nobody_knows_who_wrote_it_is_not_reviewed_by_another(ledger: Ledger) -> None:
    facts = about.MergeFacts(commits=(), target="main", project=PROJECT, merged_as=sha("m"), head=sha("h"))
    ledger.tell(core.ChangeMerged(), "7", ago(1), facts, FORGE)
    ledger.review("7", "bo", "h")
    assert ledger.fact().lack is Lack.UNDECIDED


def test_an_alias_that_was_taken_back_or_that_two_have_is_nobodys(ledger: Ledger) -> None:
    ledger.merged("7", head="h", as_="m")
    ledger.push(write("m"))
    ledger.review("7", "cy", "h")
    ledger.link("cy", "cy")
    assert ledger.fact().numerator == 1
    ledger.link("di", "cy", time=ago(200))
    assert ledger.fact().lack is Lack.UNDECIDED
    ledger.link("di", "cy", gone=True, time=ago(100))
    assert ledger.fact().numerator == 1
    ledger.link("cy", "cy", gone=True, time=ago(99))
    assert ledger.fact().lack is Lack.UNDECIDED


def test_nobody_else_says_whose_an_account_is(ledger: Ledger) -> None:
    ledger.merged("7", head="h", as_="m")
    ledger.push(write("m"))
    ledger.review("7", "cy", "h")
    ledger.link("cy", "cy", source="https://elsewhere.example/tool")
    assert ledger.fact().lack is Lack.UNDECIDED


def test_what_repository_and_forge_tell_is_one_merge(ledger: Ledger) -> None:
    """Squashed, its commit is another than the one that was approved."""
    ledger.merged("7", head="h", as_="m", squash=True)
    ledger.merged("7", head="h", as_="m", squash=True)  # told by a second webhook
    ledger.seen("7", "m", write("m"), squash=True)
    ledger.review("7", "bo", "h")
    [merge] = ledger.evidence().merges
    assert (merge.squash, merge.final, merge.commits, len(merge.reviews)) == (True, sha("h"), (sha("m"),), 1)
    ledger.push(write("m"))
    assert (ledger.fact(FINAL).numerator, ledger.fact(FINAL).denominator) == (1, 1)


def test_another_project_has_the_same_numbers(ledger: Ledger) -> None:
    ledger.seen("7", "other", write("other"))
    ledger.merged("7", head="h", as_="m")
    ledger.review("7", "bo", "h")
    assert [len(one.reviews) for one in ledger.evidence().merges] == [0, 1]


def test_a_merge_that_names_no_commit_is_the_one_of_its_number(ledger: Ledger) -> None:
    ledger.merged("7", head="h", as_="", squash=True)
    ledger.seen("7", "m", write("m"), squash=True)
    assert len(ledger.evidence().merges) == 1
    ledger.seen("7", "n", write("n"), squash=True)  # somebody wrote the number once more
    assert len(ledger.evidence().merges) == 3


def test_a_foreign_tool_does_not_become_part_of_our_merge(ledger: Ledger) -> None:
    ledger.merged("7", head="h", as_="m")
    facts = about.MergeFacts(commits=(write("x", "bo"),), target="main", project=PROJECT, merged_as=sha("m"))
    ledger.tell(core.ChangeMerged(), "7", ago(1), facts, "https://elsewhere.example/tool")
    assert [len(one.commits) for one in ledger.evidence().merges if one.head] == [0]


@pytest.mark.parametrize(
    ("steps", "approved"),
    [
        ([("approved", "h", 1.5)], True),
        ([("approved", "old", 1.5)], False),  # not the final revision
        ([("approved", "h", 0.5)], False),  # after the merge
        ([("approved", "h", 1.6), ("withdrawn", "h", 1.5)], False),
        ([("approved", "h", 1.5), ("withdrawn", "h", 1.5)], False),  # at one moment: fail closed
        ([("withdrawn", "h", 1.6), ("approved", "h", 1.5)], True),
        ([("approved", "h", 1.6), ("commented", "h", 1.5)], True),
        ([("approved", "h", 1.6), ("requestChanges", "h", 1.5)], False),
    ],
)
def test_approvals_are_of_the_final_revision_and_stand_until_taken_back(
    ledger: Ledger, steps: Any, approved: bool
) -> None:
    ledger.merged("7", head="h", as_="m")
    ledger.push(write("m"))
    for decision, revision, days in steps:
        ledger.review("7", "bo", revision, decision, days)
    assert ledger.fact(FINAL).numerator == float(approved)


def test_a_review_of_a_merge_that_the_forge_did_not_tell_is_of_a_commit_that_it_brought(ledger: Ledger) -> None:
    """Anybody may write the number of a merge request into a message."""
    ledger.seen("7", "evil", write("evil"))
    ledger.seen("8", "m", write("h"))
    ledger.review("7", "bo", "h")
    ledger.review("8", "bo", "h")
    assert [len(one.reviews) for one in ledger.evidence().merges] == [0, 1]


def test_a_review_told_of_another_project_is_none_of_a_merge_here(ledger: Ledger) -> None:
    """Whoever knows the secret of one project's webhook tells of that project alone."""
    ledger.seen("8", "m", write("h"))
    facts = about.ReviewFacts(
        decision="approved", reviewer="bo", revision=sha("h"), project="bank/other",
        account=about.AccountFact(login="bo"),
    )  # fmt: skip
    draft = write_event(
        core.ChangeReviewed(), id="r", source=forge_source(SERVER, "gitlab", 8), subject="8", time=ago(1.5), facts=facts
    )
    ledger.bodies.append(draft.body)
    assert [len(one.reviews) for one in ledger.evidence().merges] == [0]


def test_an_approval_is_taken_back_by_an_account_that_hides_its_address_meanwhile(ledger: Ledger) -> None:
    ledger.merged("7", head="h", as_="m")
    ledger.push(write("m"))
    ledger.review("7", "cy", "h", "approved", 1.6, email="cy@bank.cn")
    ledger.review("7", "cy", "h", "withdrawn", 1.5)
    ledger.link("carl", "cy@bank.cn")
    assert ledger.fact(FINAL).numerator == 0.0


def test_what_was_merged_fast_forward_is_no_direct_push(ledger: Ledger) -> None:
    ledger.merged("7", head="c", as_="c")
    ledger.push(write("c", "mallory", "b"), write("b", "mallory", "a"))
    ledger.review("7", "bo", "c")
    found = ledger.fact(FINAL)
    assert (found.numerator, found.denominator) == (1, 1)
    [merge] = ledger.evidence().merges
    assert merge.commits == (sha("c"), sha("b"))


def test_in_a_repository_an_address_is_a_person() -> None:
    """Without a server there are no identities: who reviewed by name and address is somebody, by a name alone not."""
    ledger = Ledger()
    for number, (trailer, _) in enumerate(TRAILERS):
        ledger.seen(str(number), f"m{number}", write(f"m{number}"), reviewers=(trailer,))
    found = ledger.evidence().merges
    assert [reviewed(ledger.evidence().people, one) for one in found] == [counts for _, counts in TRAILERS]


def test_what_a_message_says_of_reviewers_counts_only_where_no_forge_tells(ledger: Ledger) -> None:
    """Whoever writes a commit may write any name into its message."""
    trailer = ("Bo <bo@bank.cn>",)
    ledger.seen("7", "m", write("m"), reviewers=trailer)
    assert [reviewed(ledger.evidence().people, one) for one in ledger.evidence().merges] == [True]
    ledger.merged("7", head="m", as_="m")
    assert [reviewed(ledger.evidence().people, one) for one in ledger.evidence().merges] == [False]


TRAILERS: list[tuple[str, bool | None]] = [
    ("Bo <bo@bank.cn>", True),
    ("Bo", None),
    ("Mallory <mallory@elsewhere.example>", None),
    ("Mal <MALLORY@bank.cn>", False),
    ("Jenkins <jenkins@bank.cn>", False),
    ("sonar[bot] <1+sonar[bot]@users.example>", False),
]


@pytest.mark.parametrize(
    "name",
    ["jenkins", "SonarQube", "dependabot[bot]", "dependabot-preview", "renovate-bot", "Renovate Bot", "github-actions",
     "project_123_bot", "project_7_bot_0a1b2c", "group_12_bot_ffee", "gitlab-ci", "GitLab CI", "gitea-actions",
     "jenkins-agent-3", "Travis CI", "travis-ci", "Jenkins CI",
     "jenkins@bank.cn", "hudson", "Nexus Bot", "service_account_group_12_ab", "sonarcloud",
     "semantic-release-bot", "bot", "ghost"],
)  # fmt: skip
def test_machines(name: str) -> None:
    assert is_machine(name)


@pytest.mark.parametrize(
    "name",
    [
        "mei",
        "Bottomley",
        "abbot",
        "Jenkinson",
        "robot-fan",
        "sonarman",
        "Ghostley",
        "梅琳",
        "travisty",
        "Travis",
        "Travis Oliphant",
        "travis.oliphant",
        "Hudson Taylor",
        "Jenkins, Roy",
        "Bamboo Wu",
    ],
)
def test_people(name: str) -> None:
    assert not is_machine(name)


@pytest.mark.parametrize(
    ("good", "bad", "unknown", "outcome"),
    [
        (9, 1, 0, Judgement.MET),
        (9, 0, 1, Judgement.MET),  # whatever it is
        (9, 0, 3, Judgement.UNKNOWN),
        (4, 6, 3, Judgement.NOT_MET),  # whatever they are
        (8, 2, 20, Judgement.UNKNOWN),
        (1, 0, 99, Judgement.UNKNOWN),  # what is hidden never lets it pass
    ],
)
def test_those_of_whom_nobody_can_tell_are_never_a_pass_and_never_a_no(
    good: int, bad: int, unknown: int, outcome: Judgement
) -> None:
    at = Threshold(op=">=", value=80.0, unit="%", window_days=90)
    signal = Signal(probe="share", fact=HUMAN, title=Words(en="Reviewed", zh="已评审"), at=at)
    excluded = {UNDECIDED: unknown} if unknown else {}
    fact = Fact(name=HUMAN, numerator=good, denominator=good + bad, excluded=excluded)
    found = find(signal, fact, Defaults(min_sample=1))
    assert found.outcome is outcome
    assert (found.lack is Lack.UNDECIDED) == (outcome is Judgement.UNKNOWN)


def test_a_release_that_the_repository_shows_is_not_another_one_at_its_forge() -> None:
    ledger = Ledger()
    told = delivery.ReleaseReleased(version="1.0", artifacts=(), tag="v1.0")
    ledger.tell(told, "v1.0", ago(1), source=FORGE)
    assert len(ledger.evidence().of("release.released")) == 1
    ledger.tell(told, "v1.0", ago(1.1), source=REPOSITORY)
    ledger.tell(delivery.ReleaseReleased(version="2.0", artifacts=(), tag="v2.0"), "v2.0", ago(1), source=FORGE)
    found = ledger.evidence().of("release.released")
    assert [(one.subject, one.cited.source) for one in found] == [("v1.0", REPOSITORY), ("v2.0", FORGE)]
    full = delivery.ReleaseReleased(version="1.0", artifacts=(f"sha256:{'a' * 64}",), tag="v1.0", commit="c" * 40)
    ledger.tell(full, "1.0", ago(1), source="https://store.example")
    ledger.bodies.append(ledger.bodies.pop().replace(b"cdeventsx.plumbline-", b"cdeventsx.store-"))
    found = ledger.evidence().of("release.released")
    assert {one.subject for one in found} == {"1.0", "v2.0"}  # who names packages and commit tells most


def test_incidents_that_never_say_their_cause_prove_no_success() -> None:
    ledger = Ledger()
    finished = delivery.DeploymentFinished(
        environment=Reference(id="p"), tier="production", attempt=1, intent="deploy", outcome="success"
    )
    ledger.tell(finished, "d", ago(1))
    place = Reference(id="unknown")
    reported = cdevents_delivery.IncidentReported(environment=place, ticket_uri="https://forge.example/12")
    ledger.tell(reported, "#12", ago(1), about.IncidentFacts(detector="mei", project=PROJECT), FORGE)
    assert ledger.fact("change-failure-rate").lack is Lack.NO_SOURCE
    about_it = about.IncidentFacts(detector="mei", cause="d", project=PROJECT)
    ledger.tell(reported, "#13", ago(0.9), about_it, FORGE)
    assert ledger.fact("change-failure-rate").numerator == 1
