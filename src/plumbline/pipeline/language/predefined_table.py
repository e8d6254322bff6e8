"""Every predefined variable: when it is known, and what it says. The reference page is made from this."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from plumbline.kernel import Text, t


class Availability(StrEnum):
    """From when on a variable is known; what is known earlier is known later too."""

    PRE_PIPELINE = "pre-pipeline"  # also in include and workflow
    PIPELINE = "pipeline"  # also in the rules of jobs, unless it follows from them
    JOB = "job"  # in the job's script alone


class Predefined(NamedTuple):
    """One variable. Without a ``description`` it is known to GitLab and has no value here."""

    name: str
    availability: Availability
    description: Text | None = None


_GIVEN: dict[Availability, dict[str, Text]] = {
    Availability.PRE_PIPELINE: {
        "CI_API_GRAPHQL_URL": t("the GraphQL interface of the project's server"),
        "CI_API_V4_URL": t("the REST interface of the project's server"),
        "CI_COMMIT_AUTHOR": t("the author of the commit, as Name <mail>"),
        "CI_COMMIT_BEFORE_SHA": t("the commit the branch was at before; zeros where there is none"),
        "CI_COMMIT_BRANCH": t("the branch; only in branch pipelines"),
        "CI_COMMIT_DESCRIPTION": t("the message of the commit without its first line"),
        "CI_COMMIT_MESSAGE": t("the whole message of the commit, at most 100,000 bytes"),
        "CI_COMMIT_REF_NAME": t("the branch or tag"),
        "CI_COMMIT_REF_PROTECTED": t("true if the ref is protected"),
        "CI_COMMIT_REF_SLUG": t(
            "the ref in lower case, all but a-z and 0-9 replaced by a hyphen, at most 63 characters"
        ),
        "CI_COMMIT_SHA": t("the commit"),
        "CI_COMMIT_SHORT_SHA": t("the first eight characters of the commit"),
        "CI_COMMIT_TAG_MESSAGE": t("the message of the tag; only in tag pipelines"),
        "CI_COMMIT_TAG": t("the tag; only in tag pipelines"),
        "CI_COMMIT_TIMESTAMP": t("when the commit was made, in ISO 8601"),
        "CI_COMMIT_TITLE": t("the first line of the commit's message"),
        "CI_CONFIG_PATH": t("the path of the configuration file"),
        "CI_DEFAULT_BRANCH": t("the default branch of the project"),
        "CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED": t("true if the description is longer"),
        "CI_MERGE_REQUEST_DESCRIPTION": t("the description of the merge request, at most 2,700 characters"),
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": t("the commit that the merge request is compared with"),
        "CI_MERGE_REQUEST_DRAFT": t("true if the merge request is a draft"),
        "CI_MERGE_REQUEST_EVENT_TYPE": t("detached: the source branch alone is tested"),
        "CI_MERGE_REQUEST_ID": t("the same as its IID"),
        "CI_MERGE_REQUEST_IID": t("the number of the merge request in its project"),
        "CI_MERGE_REQUEST_LABELS": t("the labels of the merge request, with commas between them"),
        "CI_MERGE_REQUEST_PROJECT_ID": t("the number of the target project"),
        "CI_MERGE_REQUEST_PROJECT_PATH": t("the path of the target project"),
        "CI_MERGE_REQUEST_PROJECT_URL": t("the address of the target project"),
        "CI_MERGE_REQUEST_REF_PATH": t("the ref of the merge request"),
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": t("the source branch"),
        "CI_MERGE_REQUEST_SOURCE_BRANCH_PROTECTED": t("true if the source branch is the default branch"),
        "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": t("empty: known in pipelines for merged results only"),
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": t("the number of the source project"),
        "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": t("the path of the source project"),
        "CI_MERGE_REQUEST_SOURCE_PROJECT_URL": t("the address of the source project"),
        "CI_MERGE_REQUEST_SQUASH_ON_MERGE": t("false"),
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": t("the target branch"),
        "CI_MERGE_REQUEST_TARGET_BRANCH_PROTECTED": t("true if the target branch is the default branch"),
        "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": t("empty: known in pipelines for merged results only"),
        "CI_MERGE_REQUEST_TITLE": t("the title of the merge request"),
        "CI_OPEN_MERGE_REQUESTS": t(
            "the open merge requests of the branch, as group/project!2,group/project!1, at most four; of a branch as "
            "far as the webhooks told of them"
        ),
        "CI_PIPELINE_CREATED_AT": t("when the pipeline was created, in ISO 8601"),
        "CI_PIPELINE_SOURCE": t(
            "why there is a pipeline: push, merge_request_event, schedule, web, api, trigger, pipeline, parent_pipeline"
        ),
        "CI_PROJECT_DESCRIPTION": t("the description of the project"),
        "CI_PROJECT_ID": t("the number of the project"),
        "CI_PROJECT_NAMESPACE": t("the project's path without its last part"),
        "CI_PROJECT_NAME": t("the last part of the project's path"),
        "CI_PROJECT_PATH_SLUG": t(
            "the path in lower case, all but a-z and 0-9 replaced by a hyphen, at most 63 characters"
        ),
        "CI_PROJECT_PATH": t("the path of the project"),
        "CI_PROJECT_ROOT_NAMESPACE": t("the first part of the project's path"),
        "CI_PROJECT_TITLE": t("the name of the project"),
        "CI_PROJECT_URL": t("the address of the project"),
        "CI_PROJECT_VISIBILITY": t("private, internal or public"),
        "CI_SERVER_FQDN": t("host and port of the project's server"),
        "CI_SERVER_HOST": t("the host of the project's server"),
        "CI_SERVER_NAME": t("GitLab: the dialect that is spoken"),
        "CI_SERVER_PORT": t("the port of the project's server"),
        "CI_SERVER_PROTOCOL": t("https or http"),
        "CI_REGISTRY": t("registry. and the host of the project's server; give another with --var"),
        "CI_REGISTRY_IMAGE": t("CI_REGISTRY and the path of the project in lower case"),
        "CI_SERVER_SHELL_SSH_HOST": t("the host of the project's server for SSH"),
        "CI_SERVER_SHELL_SSH_PORT": t("the port of the project's server for SSH; 22 unless the remote names another"),
        "CI_SERVER_URL": t("the address of the project's server"),
        "CI_SERVER_VERSION_MAJOR": t("its major number"),
        "CI_SERVER_VERSION_MINOR": t("its minor number"),
        "CI_SERVER_VERSION_PATCH": t("its patch number"),
        "CI_SERVER_VERSION": t("the version of the dialect that is spoken"),
        "CI_TEMPLATE_REGISTRY_HOST": t("the registry that GitLab's own templates use"),
        "CI": t("true in every job"),
        "GITLAB_CI": t("true: the dialect is GitLab's"),
        "GITLAB_USER_EMAIL": t("the mail address of who started the pipeline"),
        "GITLAB_USER_ID": t("the number of the account that started the pipeline; on the server of a person it knows"),
        "GITLAB_USER_LOGIN": t("the account of who started the pipeline"),
        "GITLAB_USER_NAME": t("the name of who started the pipeline"),
        "PLUMBLINE": t("true: the pipeline is run by Plumbline"),
    },
    Availability.PIPELINE: {
        "CI_ENVIRONMENT_ACTION": t("start, prepare, stop, verify or access"),
        "CI_ENVIRONMENT_NAME": t("the environment of the job"),
        "CI_ENVIRONMENT_SLUG": t("the environment fit for a host name, at most 24 characters"),
        "CI_ENVIRONMENT_TIER": t("production, staging, testing, development or other"),
        "CI_ENVIRONMENT_URL": t("the address of the environment, if the job names one"),
        "CI_JOB_GROUP_NAME": t("the name that the instances of a parallel job share"),
        "CI_JOB_IMAGE": t("the image of the job"),
        "CI_JOB_MANUAL": t("true if the job was started by hand"),
        "CI_JOB_NAME_SLUG": t(
            "the name in lower case, all but a-z and 0-9 replaced by a hyphen, at most 63 characters"
        ),
        "CI_JOB_NAME": t("the name of the job"),
        "CI_JOB_STAGE": t("the stage of the job"),
        "CI_NODE_INDEX": t("which instance of a parallel job this is, from 1"),
        "CI_NODE_TOTAL": t("how many instances a parallel job has; 1 if it is not parallel"),
    },
    Availability.JOB: {
        "CI_BUILDS_DIR": t("the folder that holds the working copy"),
        "CI_JOB_ID": t("the number of the job"),
        "CI_JOB_STARTED_AT": t("when the job started, in ISO 8601"),
        "CI_JOB_STATUS": t("running, and in after_script success, failed or canceled"),
        "CI_JOB_URL": t("the address of the job: on the server its page, locally below the address of the project"),
        "CI_JOB_TIMEOUT": t("how long the job may run, in seconds"),
        "CI_PIPELINE_ID": t("the number of the pipeline in its run"),
        "CI_PIPELINE_IID": t("the number of the pipeline in its run"),
        "CI_PIPELINE_URL": t(
            "the address of the pipeline: on the server its page, locally below the address of the project"
        ),
        "CI_PROJECT_DIR": t("the working copy"),
        "CI_REPOSITORY_URL": t("the address to clone the project from; it holds no token"),
        "CI_RUNNER_DESCRIPTION": t("plumbline"),
        "CI_RUNNER_VERSION": t("the version of the runner whose ways are followed"),
        "CI_SERVER": t("always `yes`"),
    },
}

_ABSENT: dict[Availability, tuple[str, ...]] = {
    Availability.PRE_PIPELINE: (
        "CI_DEPENDENCY_PROXY_DIRECT_GROUP_IMAGE_PREFIX",
        "CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX",
        "CI_DEPENDENCY_PROXY_SERVER",
        "CI_DEPLOY_FREEZE",
        "CI_EXTERNAL_PULL_REQUEST_IID",
        "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME",
        "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA",
        "CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY",
        "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME",
        "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA",
        "CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY",
        "CI_GITLAB_FIPS_MODE",
        "CI_KUBERNETES_ACTIVE",
        "CI_MERGE_REQUEST_APPROVED",
        "CI_MERGE_REQUEST_ASSIGNEES",
        "CI_MERGE_REQUEST_DIFF_ID",
        "CI_MERGE_REQUEST_MILESTONE",
        "CI_PAGES_DOMAIN",
        "CI_PAGES_URL",
        "CI_PIPELINE_NAME",
        "CI_PIPELINE_SCHEDULE_DESCRIPTION",
        "CI_PROJECT_CLASSIFICATION_LABEL",
        "CI_PROJECT_NAMESPACE_ID",
        "CI_PROJECT_REPOSITORY_LANGUAGES",
        "CI_SERVER_REVISION",
        "GITLAB_FEATURES",
    ),
    Availability.PIPELINE: (
        "CHAT_CHANNEL",
        "CHAT_INPUT",
        "CHAT_USER_ID",
        "CI_DEBUG_SERVICES",
        "CI_DEBUG_TRACE",
        "CI_DEPENDENCY_PROXY_PASSWORD",
        "CI_DEPENDENCY_PROXY_USER",
        "CI_DISPOSABLE_ENVIRONMENT",
        "CI_PIPELINE_TRIGGERED",
        "CI_RELEASE_DESCRIPTION",
        "CI_SERVER_TLS_CA_FILE",
        "CI_SERVER_TLS_CERT_FILE",
        "CI_SERVER_TLS_KEY_FILE",
        "CI_SHARED_ENVIRONMENT",
        "KUBECONFIG",
        "TRIGGER_PAYLOAD",
    ),
    Availability.JOB: (
        "CI_CONCURRENT_ID",
        "CI_CONCURRENT_PROJECT_ID",
        "CI_DEPLOY_PASSWORD",
        "CI_DEPLOY_USER",
        "CI_JOB_TOKEN",
        "CI_REGISTRY_PASSWORD",
        "CI_REGISTRY_USER",
        "CI_RUNNER_EXECUTABLE_ARCH",
        "CI_RUNNER_ID",
        "CI_RUNNER_REVISION",
        "CI_RUNNER_SHORT_TOKEN",
        "CI_RUNNER_TAGS",
        "CI_TRIGGER_SHORT_TOKEN",
    ),
}

PREDEFINED: tuple[Predefined, ...] = tuple(
    sorted(
        [Predefined(name, when, text) for when, rows in _GIVEN.items() for name, text in rows.items()]
        + [Predefined(name, when) for when, names in _ABSENT.items() for name in names],
        key=lambda row: row.name,
    )
)
PERSISTED = frozenset(row.name for row in PREDEFINED if row.availability is Availability.JOB)
