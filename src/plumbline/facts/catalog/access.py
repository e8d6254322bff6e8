"""Access: what the people of a team may see, and who holds the rights to change more than code."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from plumbline.access import Permission
from plumbline.facts.catalog._help import DAY
from plumbline.facts.definition import Definition, lacking, open_share, share
from plumbline.facts.people import machine
from plumbline.facts.statements import named_by
from plumbline.kernel import t
from plumbline.model.fact import Lack
from plumbline.trace import account, author

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plumbline.facts.definition import Question
    from plumbline.facts.evidence import Evidence
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Who

_LATELY = 90 * DAY  # who wrote a commit within it belongs to the team


def _team(evidence: Evidence) -> dict[str, dict[str, tuple[str, Cited]]]:
    """By project, who wrote its commits lately: by what each is counted under, the person (empty: nobody told who that
    is) and an event."""
    found: dict[str, dict[str, tuple[str, Cited]]] = defaultdict(dict)
    for one in evidence.of("commit.observed"):
        project = str(one.custom.get("project", ""))
        for said in one.content.get("commits", ()):
            commit = evidence.commits[str(said.get("sha", ""))]
            who = author(commit)
            if project and who.known and not commit.bot and not machine(who) and _lately(evidence, commit.committed):
                person = evidence.people.person(who)
                found[project].setdefault(evidence.people.key(who), (person, one.cited))
    return found


def _lately(evidence: Evidence, time: int) -> bool:
    return evidence.as_of - _LATELY <= time <= evidence.as_of


def _members(question: Question, permission: Permission, *, everywhere: bool = False) -> Fact:
    """``everywhere``: at the projects of the other teams as well."""
    evidence = question.evidence
    teams = _team(evidence)
    places: dict[str, set[str]] = defaultdict(set)
    known: dict[str, tuple[str, Cited]] = {}
    for project, team in teams.items():
        for key, member in team.items():
            places[key] |= set(teams) if everywhere else {project}
            known[key] = member
    found = []
    for key, (person, cited) in sorted(known.items()):
        sees = all(person in evidence.rights.holders(place, permission) for place in places[key])
        found.append((sees if person else None, cited))
    return open_share(question, found)


def see_delivery(question: Question) -> Fact:
    return _members(question, Permission.PIPELINE_VIEW)


def see_reports(question: Question) -> Fact:
    return _members(question, Permission.ASSESSMENT_VIEW)


def see_all_reports(question: Question) -> Fact:
    return _members(question, Permission.ASSESSMENT_VIEW, everywhere=True)


def readable_by_others(question: Question) -> Fact:
    evidence = question.evidence
    teams = _team(evidence)
    if len(teams) < 2:
        return lacking(question, Lack.TOO_FEW)
    found = []
    for project, team in sorted(teams.items()):
        others = {person for place, other in teams.items() if place != project for person, _ in other.values()}
        found.append((_all_hold(evidence, project, others, Permission.PROJECT_VIEW), next(iter(team.values()))[1]))
    return open_share(question, found)


def readable_pipelines(question: Question) -> Fact:
    evidence = question.evidence
    teams = _team(evidence)
    newest = {one.project: one.cited[0] for one in evidence.runs if one.project}
    found: list[tuple[bool | None, Cited]] = []
    for project, cited in sorted(newest.items()):
        people = {person for person, _ in teams.get(project, {}).values()}
        found.append((_all_hold(evidence, project, people, Permission.PIPELINE_VIEW) if people else None, cited))
    return open_share(question, found)


def _all_hold(evidence: Evidence, place: str, people: set[str], permission: Permission | None) -> bool | None:
    """The permission, or any role. One who does not is enough; else one whom nobody knows leaves it open."""
    holders = evidence.rights.holders(place, permission)
    if any(person and person not in holders for person in people):
        return False
    return None if "" in people else True


def governed(question: Question) -> Fact:
    """An account that is no person's is shared, for all that anybody can tell."""
    evidence = question.evidence
    people: dict[str, set[str]] = defaultdict(set)
    cited: dict[str, Cited] = {}
    for project, who, event in _acting(evidence):
        people[project].add(evidence.people.person(who))
        cited[project] = event
    found: list[tuple[bool | None, Cited]] = []
    for project, event in sorted(evidence.nodes.projects.items()):
        held = bool(evidence.rights.holders(project))
        named = _all_hold(evidence, project, people[project], None) if project in people else None
        found.append((named if held else False, cited.get(project, event)))
    return open_share(question, found)


def _acting(evidence: Evidence) -> Iterator[tuple[str, Who, Cited]]:
    """The accounts that opened, reviewed or merged changes lately, as a forge tells them, by project."""
    for one in evidence.of("change.created", "change.merged", "change.reviewed"):
        if not one.own or not _lately(evidence, one.time):
            continue
        for name in ("by", "author", "account"):
            who = account(one, name)
            if who.known and not machine(who):
                yield str(one.custom.get("project", "")), who, one.cited


def keepers(topic: str, permission: Permission) -> Callable[[Question], Fact]:
    """Of those who hold the right, who is named in the accepted statement about who keeps the system."""

    def answered(question: Question) -> Fact:
        evidence = question.evidence
        words = named_by(topic, evidence)
        if isinstance(words, Lack):
            return lacking(question, words)
        places = sorted(evidence.nodes.projects) or [""]
        holders = {who: cited for place in places for who, cited in evidence.rights.holders(place, permission).items()}
        good = [cited for who, cited in sorted(holders.items()) if who.casefold() in words]
        bad = [cited for who, cited in sorted(holders.items()) if who.casefold() not in words]
        return share(question, good, bad)

    return answered


_ROLES = ("role.granted",)
_ATTESTED = ("statement.attested",)
_TEAM = (("commit.observed",),)
PART = (
    Definition(
        name="team-members-with-read-access-to-delivery-state",
        how=t(
            "People who wrote a commit in the last 90 days and whose role lets them see the pipelines of its project, "
            "of all who wrote one; of an address that is tied to nobody, nobody can tell."
        ),
        needs=_ROLES,
        also=_TEAM,
        answer=see_delivery,
    ),
    Definition(
        name="team-members-with-report-access",
        how=t(
            "People who wrote a commit in the last 90 days and whose role lets them see the reports of its project, "
            "of all who wrote one; of an address that is tied to nobody, nobody can tell."
        ),
        needs=_ROLES,
        also=_TEAM,
        answer=see_reports,
    ),
    Definition(
        name="members-of-all-teams-on-the-value-stream-with-report-access",
        how=t(
            "People who wrote a commit in the last 90 days and whose roles let them see the reports of every project "
            "here, of all who wrote one; of an address that is tied to nobody, nobody can tell."
        ),
        needs=_ROLES,
        also=_TEAM,
        answer=see_all_reports,
    ),
    Definition(
        name="teams-whose-metrics-are-readable-by-other-teams",
        how=t(
            "Projects whose metrics all who wrote commits of the other projects in the last 90 days may see, of all "
            "with commits; with one project there is no answer."
        ),
        needs=_ROLES,
        also=_TEAM,
        answer=readable_by_others,
    ),
    Definition(
        name="pipelines-whose-trigger-settings-are-readable-by-the-team",
        how=t(
            "Projects with runs whose pipelines all may see who wrote its commits in the last 90 days, of all with "
            "runs; of an address that is tied to nobody, nobody can tell."
        ),
        needs=_ROLES,
        also=(*_TEAM, ("pipelinerun.queued", "pipelinerun.started", "pipelinerun.finished")),
        answer=readable_pipelines,
    ),
    Definition(
        name="repositories-governed-by-role-grants-no-shared-account",
        how=t(
            "Projects at which roles are granted, and where each account that opened, reviewed or merged a change in "
            "the last 90 days is one person's who holds one, of all; an account that is tied to nobody leaves it open."
        ),
        needs=_ROLES,
        also=(("node.created",), ("change.created", "change.merged", "change.reviewed")),
        answer=governed,
    ),
    Definition(
        name="administration-rights-held-only-by-named-keepers",
        how=t(
            "People who may manage runners here whose account stands in the text of the accepted statement about the "
            "keepers of the build system, of all who may."
        ),
        needs=_ROLES,
        also=(_ATTESTED,),
        answer=keepers("statement-keepers-of-the-build-system", Permission.RUNNER_MANAGE),
    ),
    Definition(
        name="holders-of-administration-rights-who-are-named-keepers",
        how=t(
            "People who may change the settings of the projects here, with the repository of each, whose account "
            "stands in the text of the accepted statement about the duties of the system's keepers, of all who may."
        ),
        needs=_ROLES,
        also=(_ATTESTED,),
        answer=keepers("statement-duty-description-of-the-system-s-keepers", Permission.PROJECT_SETTINGS),
    ),
)
