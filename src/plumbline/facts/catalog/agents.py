"""AI agents: what was written with their help, who looked at it, and what they may reach."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from plumbline.access import rule_settings
from plumbline.facts.catalog._help import brought, direct, merges, reviews_told
from plumbline.facts.catalog._reviews import any_of, counts, deciders
from plumbline.facts.definition import Definition, lacking, open_share, value
from plumbline.kernel import t
from plumbline.model.fact import Lack
from plumbline.model.person import fold
from plumbline.trace import Who

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from plumbline.facts.definition import Question
    from plumbline.facts.evidence import Evidence
    from plumbline.facts.people import People
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Commit, Merge, Seen


def _sessions(evidence: Evidence) -> Mapping[str, set[str]]:
    """Who ran an agent for a commit, by its id."""
    found: dict[str, set[str]] = {}
    for one in evidence.of("agentSession.ended"):
        for sha in one.content.get("commits", ()):
            found.setdefault(str(sha), set()).add(str(one.content.get("person", "")))
    return found


def _told(evidence: Evidence, sessions: Collection[str]) -> bool:
    """Whether anybody here ever says that an agent helped: where nobody does, silence says nothing."""
    return bool(sessions) or any(one.assisted_by for one in evidence.commits.values())


def _helped(commits: Collection[Commit], sessions: Collection[str]) -> bool | None:
    """None: nobody read the messages of some, and the others say nothing."""
    return any_of(True if one.assisted_by or one.sha in sessions else False if one.told else None for one in commits)


def assisted(question: Question) -> Fact:
    evidence, sessions = question.evidence, _sessions(question.evidence)
    if not _told(evidence, sessions):
        return lacking(question, Lack.NO_SOURCE)
    found = [(_helped(brought(evidence, one), sessions), one.cited) for one in merges(question)]
    found += [(_helped([one], sessions), one.cited) for one in direct(question)]
    return open_share(question, found)


def reviewed_by_another(question: Question) -> Fact:
    """What came to the trunk without a merge nobody reviewed before it did."""
    evidence, sessions = question.evidence, _sessions(question.evidence)
    if not _told(evidence, sessions) or not reviews_told(evidence):
        return lacking(question, Lack.NO_SOURCE)
    found: list[tuple[bool | None, Cited]] = []
    for one in merges(question):
        commits = brought(evidence, one)
        if _helped(commits, sessions):
            ran = {person for commit in commits for person in sessions.get(commit.sha, ())}
            found.append((_looked(evidence.people, one, ran), one.cited))
    found += [(False, one.cited) for one in direct(question) if _helped([one], sessions)]
    return open_share(question, found)


def _looked(people: People, merge: Merge, ran: Collection[str]) -> bool | None:
    """Whether somebody decided on it who neither had a part in it nor ran the agent."""
    return any_of(_both(counts(people, merge, who), _apart(people, who, ran)) for who in deciders(merge))


def _both(one: bool | None, other: bool | None) -> bool | None:
    return False if False in (one, other) else None if None in (one, other) else True


def _apart(people: People, who: Who, ran: Collection[str]) -> bool | None:
    found = {_same(people, who, person) for person in ran}
    return False if True in found else None if None in found else True


def _same(people: People, who: Who, person: str) -> bool | None:
    """``person``: an address, or the name of a person here; of any other word only an equal one is known to be."""
    if "@" in person:
        return people.same(who, Who(email=person, git=True))
    known = people.person(who)
    if fold(person) in {fold(known), fold(who.login), fold(who.name)} - {""}:
        return True
    return False if known else None


def set_up(evidence: Evidence) -> Mapping[str, Seen]:
    """By project, how agents are set up in it at the newest look; not where that was taken out since."""
    newest = {_project(one): one for one in evidence.of("agent.configured")}
    trees = {_project(one): one for one in evidence.of("tree.inspected")}
    return {
        project: one
        for project, one in newest.items()
        if (tree := trees.get(project)) is None or tree.time <= one.time or _sets_up(tree)
    }


def servers_outside(question: Question) -> Fact:
    """Where no list is set for a project, nobody can tell what is outside it."""
    evidence = question.evidence
    looked = [one.cited for one in evidence.of("agent.configured")]
    outside: list[Cited] = []
    for project, one in sorted(set_up(evidence).items()):
        listed = evidence.nodes.names(project, rule_settings.AGENT_TOOL_SERVERS.key)
        if not listed:
            return lacking(question, Lack.NO_SOURCE)
        outside += [one.cited for name in one.content.get("toolServers", ())
                    if not any(fnmatchcase(str(name), rule) for rule in listed)]  # fmt: skip
    return value(question, float(len(outside)), outside or looked)


def _sets_up(tree: Seen) -> bool:
    return any(one.get("kind") == "agent-config" for one in tree.content.get("found", ()))


def _project(one: Seen) -> str:
    return str(one.custom.get("project", ""))


_MERGES = ("change.merged", "commit.observed")
PART = (
    Definition(
        name="changes-assisted-by-agents",
        how=t(
            "Merges to the trunk, and commits that came to it without one, of which a trailer of a commit or the end "
            "of a session says that an AI agent helped, of all whose messages were read. Where nobody ever says so, "
            "nobody can tell."
        ),
        needs=_MERGES,
        answer=assisted,
    ),
    Definition(
        name="assisted-changes-reviewed-by-another",
        how=t(
            "Changes that an AI agent helped with and that a person decided on who neither had a part in them nor ran "
            "the agent, of all such changes. Of a reviewer whose account is tied to nobody, nobody can tell."
        ),
        needs=_MERGES,
        answer=reviewed_by_another,
    ),
    Definition(
        name="agent-tool-servers-outside-list",
        how=t(
            "Tool servers that repositories set AI agents up with, at their newest look, and that are not on the list "
            "of their node. Without a list nobody can tell."
        ),
        needs=("agent.configured",),
        answer=servers_outside,
    ),
)
