"""Releases: what they point to, whether they keep their date, and what is kept with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import day_of, split
from plumbline.facts.catalog._test_cases import case_of, revision_of, suite_revisions
from plumbline.facts.definition import Definition, share
from plumbline.kernel import t
from plumbline.model.tree import is_within
from plumbline.trace import micros

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Fact
    from plumbline.trace import Seen


def _released(question: Question) -> list[Seen]:
    return question.evidence.within("release.released", question.inside)


def fixed(question: Question) -> Fact:
    found = [(bool(one.content.get("tag") or one.content.get("commit")), one.cited) for one in _released(question)]
    return share(question, *split(found))


def _project(one: Seen) -> str:
    return str(one.custom.get("project", ""))


def on_time(question: Question) -> Fact:
    """The newest plan that was made before it, for its project or a place above, counts; without one it was not out on
    a planned date."""
    plans = question.evidence.of("release.planned")

    def kept(release: Seen) -> bool:
        dates = [
            micros(one.content.get("plannedFor", ""))
            for one in plans
            if one.content.get("version") == release.content.get("version")
            and one.time <= release.time
            and (not _project(one) or is_within(_project(release), _project(one)))
        ]
        return bool(dates and dates[-1]) and day_of(release.time) <= day_of(dates[-1])

    return share(question, *split((kept(one), one.cited) for one in _released(question)))


def performance(question: Question) -> Fact:
    return _with_case(question, "performance")


def user_level(question: Question) -> Fact:
    return _with_case(question, "e2e")


def _with_case(question: Question, kind: str) -> Fact:
    """A case of this type was run on the commit of the release."""
    evidence = question.evidence
    suites = suite_revisions(evidence)
    tested = {
        revision_of(one, suites)
        for one in evidence.of("testcaserun.finished")
        if case_of(one).get("type") == kind and one.content.get("outcome") in ("success", "failure")
    } - {""}
    return share(question, *split((one.content.get("commit") in tested, one.cited) for one in _released(question)))


def complete(question: Question) -> Fact:
    evidence = question.evidence
    listed = {
        str(one.custom["digest"])
        for one in evidence.of("artifact.packaged", "artifact.published")
        if one.custom.get("digest") and one.content.get("sbom")
    }
    for one in evidence.of("attestation.recorded"):
        if str(one.content.get("predicate", "")).startswith(_LISTS):
            listed |= {str(digest) for digest in one.content.get("subjects", ())}
    stored = {str(one.custom["digest"]) for one in evidence.of("artifact.published") if one.custom.get("digest")}
    tested = {
        str(one.custom.get(name, "")) for one in evidence.of("testsuiterun.finished") for name in ("digest", "commit")
    }

    def kept(release: Seen) -> bool:
        digests = set(release.content.get("artifacts", ()))
        known = bool(digests & tested) or release.content.get("commit") in tested
        return bool(digests) and digests <= stored & listed and known

    return share(question, *split((kept(one), one.cited) for one in _released(question)))


_LISTS = ("https://cyclonedx.org/bom", "https://spdx.dev/Document")  # predicates that say what something is made of
_RELEASED = ("release.released",)
_CASES = (("testcaserun.finished",), ("testsuiterun.finished",))
PART = (
    Definition(
        name="releases-that-point-to-a-tag-or-fixed-revision",
        how=t("Releases with a recorded tag or commit, of all releases."),
        needs=_RELEASED,
        answer=fixed,
    ),
    Definition(
        name="releases-out-on-the-planned-date",
        how=t(
            "Releases that were out on or before the day (UTC) of the newest plan made before them, of all releases."
        ),
        needs=_RELEASED,
        also=(("release.planned",),),
        answer=on_time,
    ),
    Definition(
        name="releases-with-a-performance-run",
        how=t("Releases on whose commit a case of the type performance was run, of all releases."),
        needs=_RELEASED,
        also=_CASES,
        answer=performance,
    ),
    Definition(
        name="releases-with-a-user-level-test-report",
        how=t("Releases on whose commit an end-to-end case was run, of all releases."),
        needs=_RELEASED,
        also=_CASES,
        answer=user_level,
    ),
    Definition(
        name="releases-with-package-test-report-and-dependency-list-stored",
        how=t(
            "Releases whose every artifact was published, with a component list or an attestation of one, and that "
            "were tested, of all releases."
        ),
        needs=_RELEASED,
        also=(("artifact.published",), ("testsuiterun.finished",)),
        answer=complete,
    ),
)
