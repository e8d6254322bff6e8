from __future__ import annotations

from plumbline.model.change import Change, Event, MergeRequest, Project
from plumbline.model.job import When
from plumbline.model.pipeline import Environment, Image, Job, Variable
from plumbline.model.problem import Mark
from plumbline.pipeline.language import predefined
from plumbline.pipeline.language.predefined_table import PERSISTED, PREDEFINED, Availability
from plumbline.pipeline.language.variables import as_mapping

PROJECT = Project(
    path="bank/core/ledger",
    url="https://git.bank.example:8443/bank/core/ledger",
    server_url="https://git.bank.example:8443",
    description="The books",
)
PUSH = Change(
    project=PROJECT,
    sha="0123456789abcdef0123456789abcdef01234567",
    branch="feature/Add $X",
    message="Add it\n\nBecause of $REASON\n",
    author="A <a@example>",
    timestamp="2026-01-02T03:04:05Z",
    user_id="7",
    user_login="a",
    user_name="A",
    user_email="a@example",
)
TAG = Change(project=PROJECT, sha="1" * 40, tag="v1.0", protected=True)
MERGE = Change(
    project=PROJECT,
    event=Event.MERGE_REQUEST,
    sha="2" * 40,
    merge_request=MergeRequest(
        iid=7,
        title="Title",
        description="d" * 3000,
        source_branch="topic",
        target_branch="main",
        diff_base_sha="3" * 40,
        labels=("a", "b"),
    ),
)
JOB = Job(
    name="build 1/2",
    group="build",
    where=Mark("ci.yml", 1),
    stage="compile",
    image=Image(name="alpine:$TAG"),
    when=When.MANUAL,
    environment=Environment(name="Production", tier="production"),
    node_index=1,
    node_total=2,
)


def known(change: Change) -> dict[str, str]:
    return as_mapping(predefined.pre_pipeline(change, ".gitlab-ci.yml", "2026-01-01T00:00:00Z"))


def job_only() -> tuple[Variable, ...]:
    return predefined.persisted(
        job_id=5, pipeline_id=1, project=PROJECT, now=0.0, timeout=60.5, project_dir="/builds/ledger"
    )


def test_a_branch_pipeline() -> None:
    values = known(PUSH)
    expected = {
        "CI": "true",
        "CI_PIPELINE_SOURCE": "push",
        "CI_COMMIT_BRANCH": "feature/Add $X",
        "CI_COMMIT_REF_NAME": "feature/Add $X",
        "CI_COMMIT_REF_SLUG": "feature-add--x",
        "CI_COMMIT_SHORT_SHA": "01234567",
        "CI_COMMIT_BEFORE_SHA": "0" * 40,
        "CI_COMMIT_TITLE": "Add it",
        "CI_COMMIT_DESCRIPTION": "\nBecause of $REASON",
        "CI_COMMIT_REF_PROTECTED": "false",
        "CI_PROJECT_NAME": "ledger",
        "CI_PROJECT_NAMESPACE": "bank/core",
        "CI_PROJECT_ROOT_NAMESPACE": "bank",
        "CI_PROJECT_PATH_SLUG": "bank-core-ledger",
        "CI_SERVER_HOST": "git.bank.example",
        "CI_SERVER_PORT": "8443",
        "CI_SERVER_FQDN": "git.bank.example:8443",
        "CI_API_V4_URL": "https://git.bank.example:8443/api/v4",
    }
    assert {name: values.get(name) for name in expected} == expected
    assert not {"CI_COMMIT_TAG", "CI_MERGE_REQUEST_IID"} & set(values)


def test_what_people_wrote_is_raw() -> None:
    made = {v.name: v for v in predefined.pre_pipeline(PUSH, "ci.yml", "")}
    assert made["CI_COMMIT_MESSAGE"].raw
    assert made["CI_COMMIT_BRANCH"].raw
    assert not made["CI_PROJECT_PATH"].raw


def test_a_tag_pipeline_has_no_branch() -> None:
    values = known(TAG)
    assert (values["CI_COMMIT_TAG"], values["CI_COMMIT_REF_NAME"]) == ("v1.0", "v1.0")
    assert values["CI_COMMIT_REF_PROTECTED"] == "true"
    assert values["CI_COMMIT_TAG_MESSAGE"] == ""
    assert "CI_COMMIT_BRANCH" not in values


def test_a_merge_request_pipeline_has_neither() -> None:
    values = known(MERGE)
    assert not {"CI_COMMIT_BRANCH", "CI_COMMIT_TAG"} & set(values)
    assert values["CI_COMMIT_REF_NAME"] == "topic"
    assert values["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] == "main"
    assert values["CI_MERGE_REQUEST_LABELS"] == "a,b"
    assert len(values["CI_MERGE_REQUEST_DESCRIPTION"]) == 2700
    assert values["CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED"] == "true"


def test_nothing_is_made_up_where_nothing_is_known() -> None:
    values = known(Change(project=Project(path="app")))
    for name in values:
        assert not name.startswith(("CI_COMMIT_", "CI_MERGE_REQUEST_", "GITLAB_USER_", "CI_API_"))
    assert not {"CI_SERVER_URL", "CI_SERVER_HOST", "CI_PROJECT_URL", "CI_PROJECT_NAMESPACE"} & set(values)
    assert all(values.values())


def test_a_message_is_cut_between_characters() -> None:
    message = "ü" * 60_000
    change = Change(project=PROJECT, sha="1" * 40, branch="main", message=message)
    assert known(change)["CI_COMMIT_MESSAGE"] == "ü" * 50_000
    bad = Change(project=PROJECT, sha="1" * 40, branch="main", message="a\udcff")
    assert known(bad)["CI_COMMIT_MESSAGE"] == "a"


def test_a_job() -> None:
    values = as_mapping(predefined.of_job(JOB))
    assert values["CI_JOB_NAME"] == "build 1/2"
    assert values["CI_JOB_NAME_SLUG"] == "build-1-2"
    assert values["CI_JOB_GROUP_NAME"] == "build"
    assert (values["CI_NODE_INDEX"], values["CI_NODE_TOTAL"]) == ("1", "2")
    assert values["CI_JOB_MANUAL"] == "true"
    assert values["CI_ENVIRONMENT_TIER"] == "production"
    image = next(v for v in predefined.of_job(JOB) if v.name == "CI_JOB_IMAGE")
    assert not image.raw
    alone = predefined.of_draft("a", "a", "test")
    assert alone["CI_NODE_TOTAL"] == "1"
    assert "CI_NODE_INDEX" not in alone


def test_a_job_that_starts() -> None:
    values = as_mapping(job_only())
    assert values["CI_JOB_STARTED_AT"] == "1970-01-01T00:00:00Z"
    assert values["CI_JOB_TIMEOUT"] == "60"
    assert (values["CI_PROJECT_DIR"], values["CI_BUILDS_DIR"]) == ("/builds/ledger", "/builds")


def test_the_table_says_what_is_given_and_when() -> None:
    rows = {row.name: row for row in PREDEFINED}
    assert len(rows) == len(PREDEFINED)
    given = {
        Availability.PRE_PIPELINE: set(known(PUSH)) | set(known(TAG)) | set(known(MERGE)),
        Availability.PIPELINE: set(as_mapping(predefined.of_job(JOB))) | {"CI_ENVIRONMENT_URL"},
        Availability.JOB: set(as_mapping(job_only())) | {"CI_JOB_STATUS"},
    }
    for availability, names in given.items():
        described = {row.name for row in PREDEFINED if row.availability is availability and row.description}
        assert described == names
    assert "CI_JOB_TOKEN" in PERSISTED
    assert rows["CI_JOB_TOKEN"].description is None
