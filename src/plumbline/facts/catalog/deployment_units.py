"""What a deployment carries and where it takes that from: packages, the store, definitions, schemas, tests before."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from plumbline.facts.catalog._help import DAY, among_files, concluded, items_of, last, split, tickets, ties
from plumbline.facts.catalog._kinds import DELIVERY_GATED
from plumbline.facts.catalog._words import says
from plumbline.facts.definition import Definition, open_share, sample, share
from plumbline.kernel import t
from plumbline.trace import SECOND

if TYPE_CHECKING:
    from plumbline.facts.definition import Question
    from plumbline.model.fact import Cited, Fact
    from plumbline.trace import Deployment, Run

_TEST = ("test", "tests", "verify", "unit", "integration", "e2e", "acceptance", "测试", "验证", "验收")


def one_application(question: Question) -> Fact:
    """A package, or a service, is one; parts are counted where they are told."""
    found = [(_one(one), last(one.cited)) for one in concluded(question, production=False)]
    return open_share(question, found)


def _one(deployment: Deployment) -> bool | None:
    if deployment.parts:
        return deployment.parts == 1
    return True if deployment.digest or deployment.service or deployment.artifact else None


def fetched(question: Question) -> Fact:
    """Within a day before its beginning, or while it went on."""
    evidence = question.evidence
    names: dict[str, set[str]] = defaultdict(set)
    for one in evidence.of("artifact.packaged", "artifact.published"):
        names[str(one.custom.get("digest", ""))].add(one.subject)
    taken: dict[str, list[int]] = defaultdict(list)
    for one in evidence.of("artifact.downloaded"):
        taken[one.subject].append(one.time)

    def came(one: Deployment) -> bool:
        begin, end = (one.started or one.finished or 0) - DAY, one.finished or 0
        wanted = {one.artifact, *names.get(one.digest, ())} - {""}
        return any(begin <= time <= end for name in wanted for time in taken.get(name, ()))

    return share(question, *split((came(one), last(one.cited)) for one in concluded(question, production=False)))


def from_records(question: Question) -> Fact:
    """Its configuration is that of the commit that it names, or of the run that made it."""
    evidence = question.evidence
    stored = {str(one.custom.get("digest", "")): one.time for one in reversed(evidence.of("artifact.published"))}
    commits = {one.id: one.commit for one in evidence.runs}
    found = []
    for one in concluded(question):
        packed = bool(one.digest) and stored.get(one.digest, evidence.as_of + 1) <= (one.finished or 0)
        known = (one.commit or commits.get(one.run, "")) in evidence.commits
        found.append((packed and known, last(one.cited)))
    return share(question, *split(found))


def with_definition(question: Question) -> Fact:
    return _after(question, "configItem.verified", digest=True)


def with_schema(question: Question) -> Fact:
    return _after(question, "dataChange.applied", digest=False)


def _after(question: Question, what: str, *, digest: bool) -> Fact:
    """Those before whose end such an event about their environment says in which version it was."""
    first: dict[str, int] = {}
    for one in question.evidence.of(what):
        place = str((one.content.get("environment") or {}).get("id", ""))
        if one.content.get("outcome", "success") == "success":
            first[place] = min(first.get(place, one.time), one.time)
    end = question.evidence.as_of + 1
    found = [
        (first.get(one.environment, end) <= (one.finished or 0) and bool(one.digest or not digest), last(one.cited))
        for one in concluded(question, production=digest is False)
    ]
    return share(question, *split(found))


def test_gates(question: Question) -> Fact:
    """By the newest production deployment of each project that a run on record made; where there is none, by what the
    files declare."""
    runs = question.evidence.runs_by_id
    newest: dict[str, tuple[Deployment, Run]] = {}
    for one in sorted(question.evidence.deployments, key=lambda one: one.finished or 0):
        run = runs.get(one.run)
        if one.production and one.finished and run is not None and run.tasks:
            newest[run.project] = (one, run)
    if not newest:
        return among_files(question, *DELIVERY_GATED)
    return open_share(question, ((_gated(one, run), last(one.cited)) for one, run in newest.values()))


def _gated(deployment: Deployment, run: Run) -> bool | None:
    """None: of a test that passed before it nobody told whether the pipeline would have gone on without it."""
    begin = deployment.started or deployment.finished or 0
    optional = {
        task.optional
        for task in run.tasks
        if task.outcome == "success" and (task.finished or begin + 1) <= begin
        and says(f"{task.stage} {task.name}", _TEST)
    }  # fmt: skip
    return True if False in optional else None if None in optional else False


def item_history(question: Question) -> Fact:
    """By the first production deployment that brought one of its commits."""
    evidence = question.evidence
    tied, known = ties(evidence), tickets(evidence)
    told = {one.subject for one in evidence.of("ticket.created")}
    built = {one.commit for one in evidence.runs}
    found: dict[str, tuple[bool, Cited]] = {}
    for one in evidence.delivered:
        commits = [evidence.commits[sha] for sha in one.commits if sha in evidence.commits]
        for item in {item for commit in commits for item in items_of(commit, tied, known)} & known:
            if item not in found and question.inside(one.deployment.finished):
                own = {commit.sha for commit in commits if item in items_of(commit, tied, known)}
                seen = item in told and (bool(own & built) or one.deployment.commit in built)
                found[item] = (seen, last(one.deployment.cited))
    return share(question, *split(found.values()))


def ready_time(question: Question) -> Fact:
    """From the request, a work item that a link ties to the environment, to the environment."""
    evidence = question.evidence
    asked = {one.subject: one.time for one in reversed(evidence.of("ticket.created"))}
    values: list[tuple[float, Cited]] = []
    for one in evidence.within("environment.created", question.inside):
        requests = [asked[name] for name in ties(evidence).get(one.subject, {}) if name in asked]
        if requests and min(requests) <= one.time:
            values.append(((one.time - min(requests)) / SECOND, one.cited))
    return sample(question, values)


_ENDED = ("deployment.finished",)
_RUNS = ("pipelinerun.queued", "pipelinerun.started", "pipelinerun.finished")
_TICKETS = ("ticket.created",)
PART = (
    Definition(
        name="deployments-that-carry-exactly-one-application",
        how=t(
            "Attempts at deployments of one part, or of one package or service where no parts are told, of all that "
            "ended; where neither is told, nobody can tell."
        ),
        needs=_ENDED,
        answer=one_application,
    ),
    Definition(
        name="deployments-that-fetched-from-the-store",
        how=t(
            "Attempts at deployments whose package the artifact store handed out within a day before them or during "
            "them, of all that ended."
        ),
        needs=_ENDED,
        also=(("artifact.downloaded",),),
        answer=fetched,
    ),
    Definition(
        name="production-deployments-whose-digest-and-configuration-revision",
        how=t(
            "Attempts at production deployments of a digest that was published before, with a commit on record that "
            "they or their run name, of all that ended."
        ),
        needs=_ENDED,
        also=(("artifact.published",), ("commit.observed",)),
        answer=from_records,
    ),
    Definition(
        name="deployments-that-record-digest-and-environment-definition",
        how=t(
            "Attempts at deployments with a digest, to an environment whose configuration a tool had verified before, "
            "of all that ended."
        ),
        needs=_ENDED,
        also=(("configItem.verified",),),
        answer=with_definition,
    ),
    Definition(
        name="deployments-that-record-the-schema-version",
        how=t(
            "Attempts at production deployments to an environment of which a data change on record tells the version "
            "of the schema, of all that ended."
        ),
        needs=_ENDED,
        also=(("dataChange.applied",),),
        answer=with_schema,
    ),
    Definition(
        name="delivery-pipelines-with-a-binding-test-gate",
        how=t(
            "Projects whose newest production deployment came after a job of its run that says test, may not fail and "
            "succeeded, of all with a deployment by a run on record. Without any, pipeline definitions in the newest "
            "trees whose every deployment waits for such a test, of those that deploy; where the tests may be in "
            "included parts, they are left out."
        ),
        needs=(*_ENDED, "tree.inspected"),
        answer=test_gates,
    ),
    Definition(
        name="released-work-items-whose-stage-history-is-recorded",
        how=t(
            "Work items first brought to production in the window whose creation was told and one of whose commits, or "
            "the deployed one, was run, of all that were brought."
        ),
        needs=_TICKETS,
        also=(_ENDED, _RUNS, ("commit.observed",)),
        answer=item_history,
    ),
    Definition(
        name="request-to-ready-median",
        how=t("From the telling of a work item that a link ties to an environment to the creation of that."),
        needs=("environment.created",),
        also=(_TICKETS, ("link.asserted",)),
        answer=ready_time,
    ),
)
