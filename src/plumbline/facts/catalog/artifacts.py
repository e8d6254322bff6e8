"""Artifacts: what the bytes of a digest came from, and whether a version stands for one digest only."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import bump, last, split
from plumbline.facts.definition import Definition, count, lacking, share
from plumbline.kernel import t
from plumbline.model.fact import Lack

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Seen

_KINDS = ("artifact.packaged", "artifact.published")


def _stored(question: Question) -> list[Seen]:
    return question.evidence.within("artifact.published", question.inside)


def _known(question: Question) -> list[Seen]:
    return [one for one in question.evidence.of(*_KINDS) if one.custom.get("digest")]


def ambiguous_versions(question: Question) -> Fact:
    """A package URL without a version names no version. Of one that was told without a digest nobody knows what it
    stands for, and so whether there is none."""
    unknown = False
    of: dict[str, set[str]] = defaultdict(set)
    cited: dict[str, Cited] = {}
    for one in question.evidence.of(*_KINDS):
        name = one.subject.partition("?")[0]
        if not question.inside(one.time) or "@" not in name:
            continue
        if one.custom.get("digest"):
            of[name].add(str(one.custom["digest"]))
            cited[name] = one.cited
        else:
            unknown = True
    ambiguous = [cited[name] for name, found in of.items() if len(found) > 1]
    if not of or (unknown and not ambiguous):
        return lacking(question, Lack.TOO_FEW)
    return count(question, ambiguous, cited.values())


def not_by_job(question: Question) -> Fact:
    return share(question, *split((not one.custom.get("run"), one.cited) for one in _stored(question)))


def outside_workers(question: Question) -> Fact:
    """By the workers of the run that made it; one without a run was made outside."""
    evidence = question.evidence
    known = {one.subject for one in evidence.of("runner.registered")}
    workers: dict[str, set[str]] = defaultdict(set)
    for task in evidence.tasks:
        if task.runner:
            workers[task.run].add(task.runner)
    found: list[tuple[bool, Cited]] = []
    for one in _stored(question):
        used = workers.get(str(one.custom.get("run", "")), set())
        found.append((not used or not used <= known, one.cited))
    return share(question, *split(found))


def release_by_job(question: Question) -> Fact:
    runs = {str(one.custom["digest"]) for one in _known(question) if one.custom.get("run")}
    return share(question, *split((digest in runs, cited) for digest, cited, _ in _released(question)))


def release_traced(question: Question) -> Fact:
    known = {str(one.custom["digest"]) for one in _known(question) if one.custom.get("commit")}
    found = [
        (digest in known and bool(release.content.get("tag")), cited) for digest, cited, release in _released(question)
    ]
    return share(question, *split(found))


def _released(question: Question) -> list[tuple[str, Cited, Seen]]:
    """Digests of the releases inside the window."""
    return [
        (str(digest), one.cited, one)
        for one in question.evidence.within("release.released", question.inside)
        for digest in one.content.get("artifacts", ())
    ]


def release_builds_stored(question: Question) -> Fact:
    """Release builds are successful runs for the tag of a release."""
    evidence = question.evidence
    tags = {str(one.content.get("tag", "")) for one in evidence.of("release.released")} - {""}
    stored = {str(one.custom["run"]) for one in evidence.of("artifact.published") if one.custom.get("run")}
    found = [
        (one.id in stored, last(one.cited))
        for one in evidence.runs
        if one.outcome == "success" and question.inside(one.finished) and one.ref.removeprefix("refs/tags/") in tags
    ]
    return share(question, *split(found))


def trunk_to_artifact(question: Question) -> Fact:
    made = {str(one.custom.get("commit", "")) for one in question.evidence.of(*_KINDS)} - {""}
    excluded: dict[str, int] = {}
    newest: dict[str, Cited] = {}
    for run in chain.from_iterable(question.evidence.trunk_runs.values()):
        if not question.inside(run.finished):
            continue
        if run.commit:
            newest[run.commit] = last(run.cited)
        else:
            bump(excluded, "commit_unknown")
    return share(question, *split((sha in made, cited) for sha, cited in newest.items()), excluded)


_RELEASED = ("release.released",)
PART = (
    Definition(
        name="versions-that-stand-for-more-than-one-digest",
        how=t(
            "Versions of a package that were told with different digests; without any package, and where one was told "
            "without a digest, there is no answer."
        ),
        needs=_KINDS,
        answer=ambiguous_versions,
    ),
    Definition(
        name="stored-artifacts-not-made-by-a-pipeline-job",
        how=t("Published artifacts that name no run which made them, of all that were published."),
        needs=("artifact.published",),
        answer=not_by_job,
    ),
    Definition(
        name="stored-artifacts-made-outside-registered-build-workers",
        how=t("Published artifacts whose run is unknown or used a worker that is not registered, of all published."),
        needs=("artifact.published",),
        also=(("runner.registered",), ("taskrun.finished",)),
        answer=outside_workers,
    ),
    Definition(
        name="release-artifacts-made-by-a-scripted-job",
        how=t("Artifacts of releases whose digest a run made, of all artifacts of releases."),
        needs=_RELEASED,
        also=(_KINDS,),
        answer=release_by_job,
    ),
    Definition(
        name="release-artifacts-with-a-recorded-revision-and-tag",
        how=t("Artifacts of releases with a tag whose digest names its commit, of all artifacts of releases."),
        needs=_RELEASED,
        also=(_KINDS,),
        answer=release_traced,
    ),
    Definition(
        name="successful-release-builds-whose-output-is-stored-with-a-digest",
        how=t("Successful runs for the tag of a release that published an artifact with its digest, of all such runs."),
        needs=("pipelinerun.finished",),
        also=(_RELEASED, ("artifact.published",)),
        answer=release_builds_stored,
    ),
    Definition(
        name="trunk-revisions-that-gave-a-deployable-artifact",
        how=t(
            "Commits of the trunk with a run that ended, of which an artifact was packaged or published, of all such."
        ),
        needs=("pipelinerun.finished",),
        also=(_KINDS, ("repository.observed",)),
        answer=trunk_to_artifact,
    ),
)
