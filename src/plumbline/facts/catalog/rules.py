"""Rules that are settings of a node (names, versions, places, branches), and what is held against them."""

from __future__ import annotations

from collections import Counter
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from plumbline.access import rule_settings
from plumbline.facts.catalog._help import split
from plumbline.facts.definition import Definition, lacking, open_share, share
from plumbline.kernel import t
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from plumbline.access import Setting
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact


def in_one_system(question: Question) -> Fact:
    """The registered one is the host that the most are at. One of which nobody told the host leaves it open."""
    nodes = question.evidence.nodes
    hosts = Counter(host for path in nodes.projects if (host := nodes.hosts.get(path)))
    registered = max(sorted(hosts), key=lambda host: hosts[host], default="")
    found = [
        (None if nodes.hosts.get(path) == "" else nodes.hosts.get(path) == registered, cited)
        for path, cited in sorted(nodes.projects.items())
    ]
    return open_share(question, found)


def with_model(question: Question) -> Fact:
    nodes = question.evidence.nodes
    found = [(bool(nodes.names(path, rule_settings.BRANCHES.key)), one) for path, one in sorted(nodes.projects.items())]
    return share(question, *split(found))


def names(question: Question) -> Fact:
    nodes = question.evidence.nodes
    rules = {path: nodes.names(path, rule_settings.PROJECT_NAMES.key) for path in nodes.projects}
    if not any(rules.values()):
        return lacking(question, Lack.NO_SOURCE)
    found = [(_fits(path.rpartition("/")[2], rules[path]), one) for path, one in sorted(nodes.projects.items())]
    return share(question, *split(found))


def _fits(name: str, rules: Iterable[str]) -> bool:
    return any(fnmatchcase(name, rule) for rule in rules)


def version_of(purl: str) -> str:
    """``1.4.0`` of ``pkg:maven/com.bank/core@1.4.0?type=jar``; empty where it names none."""
    return purl.partition("#")[0].partition("?")[0].rpartition("@")[2] if "@" in purl else ""


def place_of(purl: str) -> str:
    """``pkg:maven/com.bank/core`` of it."""
    whole = purl.partition("#")[0].partition("?")[0]
    return whole.rpartition("@")[0] if "@" in whole else whole


def published(rule: Setting[tuple[str, ...]], part: Callable[[str], str]) -> Callable[[Question], Fact]:
    """Artifacts that were published, by package and version, each held against the rule of its project."""

    def answered(question: Question) -> Fact:
        nodes = question.evidence.nodes
        newest: dict[str, tuple[bool, Cited]] = {}
        ruled = False
        for one in question.evidence.within("artifact.published", question.inside):
            rules = nodes.names(str(one.custom.get("project", "")), rule.key)
            ruled = ruled or bool(rules)
            newest[one.subject] = (_fits(part(one.subject), rules), one.cited)
        return share(question, *split(newest.values())) if ruled else lacking(question, Lack.NO_SOURCE)

    return answered


_NODES = ("node.created",)
_PUBLISHED = ("artifact.published",)
_PLACES = t(
    "Packages in the artifact store whose address without the version fits the setting 'artifact.places' of their "
    "project, of all that were published; without such a rule there is no answer."
)
PART = (
    Definition(
        name="repositories-of-the-product-that-live-in-the-registered-system",
        how=t("Projects with a repository at the host where the most of them are, of all projects that stand here."),
        needs=_NODES,
        also=(("repository.bound",),),
        answer=in_one_system,
    ),
    Definition(
        name="repositories-with-a-registered-branch-model",
        how=t("Projects for which the setting 'repository.branches' names the branches of the model, of all."),
        needs=_NODES,
        answer=with_model,
    ),
    Definition(
        name="repository-names-that-match-the-registered-rule",
        how=t(
            "Projects whose name fits the setting 'repository.names', of all; where no such rule is registered there "
            "is no answer."
        ),
        needs=_NODES,
        answer=names,
    ),
    Definition(
        name="artifacts-whose-version-fits-the-registered-rule",
        how=t(
            "Packages in the artifact store whose version fits the setting 'artifact.versions' of their project, of "
            "all that were published; without such a rule there is no answer."
        ),
        needs=_PUBLISHED,
        answer=published(rule_settings.ARTIFACT_VERSIONS, version_of),
    ),
    Definition(
        name="artifacts-whose-path-fits-the-registered-layout",
        how=_PLACES,
        needs=_PUBLISHED,
        answer=published(rule_settings.ARTIFACT_PLACES, place_of),
    ),
    Definition(
        name="outputs-that-fit-the-artifact-layout",
        how=_PLACES,
        needs=_PUBLISHED,
        answer=published(rule_settings.ARTIFACT_PLACES, place_of),
    ),
)
