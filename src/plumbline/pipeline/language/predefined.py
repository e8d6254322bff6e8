"""The variables that every pipeline and job has without being told, and when each is known.

Only what is true is given a value; what has none is left out, as on a server that lacks the feature. A value with a
``$`` or ``%`` in it (a commit message, a branch) is raw: it refers to nothing. The reference is in
:mod:`~plumbline.pipeline.language.predefined_table`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from plumbline.model.pipeline import Variable, VariableSource
from plumbline.pipeline.language.slugs import environment_slug, slug

if TYPE_CHECKING:
    from plumbline.model.change import Change, MergeRequest, Project
    from plumbline.model.pipeline import Environment, Job

# The dialect that is spoken: what GitLab of this version understands. Scripts and templates compare with it.
SERVER_VERSION = "18.5.0"
SERVER_NAME = "GitLab"  # the dialect, not the product; the product is told by PLUMBLINE
RUNNER_VERSION = SERVER_VERSION  # and what a runner of this version does
MAX_MESSAGE = 100_000  # bytes of a commit message; the rest is cut
_MAX_DESCRIPTION = 2700  # characters of a merge request's description
TEMPLATES_HOST = "gitlab.com"  # where the images of GitLab's own templates are
_PORTS = {"https": "443", "http": "80"}
_URL = re.compile(r"(?P<protocol>[a-z][a-z0-9+.-]*)://(?P<host>[^/:]+)(?::(?P<port>\d+))?")


def timestamp(seconds: float) -> str:
    """POSIX seconds as ISO 8601, UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pre_pipeline(change: Change, config_path: str, created_at: str) -> tuple[Variable, ...]:
    """What is known before there is a pipeline, so also in ``include`` and ``workflow``. ``created_at`` is ISO 8601."""
    known: dict[str, str] = {
        "CI": "true",
        "GITLAB_CI": "true",
        "PLUMBLINE": "true",
        "CI_PIPELINE_SOURCE": change.event,
        "CI_PIPELINE_CREATED_AT": created_at,
        "CI_CONFIG_PATH": config_path,
    }
    known |= _of_server(change.project)
    known |= _of_project(change.project)
    known |= _of_registry(change.project)
    if change.sha or change.ref:  # a repository without commits has a branch all the same
        known |= _of_commit(change)
    requests = change.open_requests or ((change.merge_request.iid,) if change.merge_request else ())
    if requests:
        known["CI_OPEN_MERGE_REQUESTS"] = ",".join(f"{change.project.path}!{iid}" for iid in requests)
    if change.merge_request:
        known |= _of_merge_request(change.merge_request, change.project)
    known |= {
        "GITLAB_USER_ID": change.user_id,
        "GITLAB_USER_LOGIN": change.user_login,
        "GITLAB_USER_NAME": change.user_name,
        "GITLAB_USER_EMAIL": change.user_email,
    }
    return _variables(known)


def _of_server(project: Project) -> dict[str, str]:
    major, minor, patch = SERVER_VERSION.split(".")
    known = {
        "CI_SERVER_NAME": SERVER_NAME,
        "CI_SERVER_VERSION": SERVER_VERSION,
        "CI_SERVER_VERSION_MAJOR": major,
        "CI_SERVER_VERSION_MINOR": minor,
        "CI_SERVER_VERSION_PATCH": patch,
    }
    found = _URL.match(project.server_url)
    if found:
        protocol, host = found["protocol"], found["host"]
        port = found["port"] or _PORTS.get(protocol, "")
        own_port = found["port"] and found["port"] != _PORTS.get(protocol)
        known |= {
            "CI_SERVER_URL": project.server_url,
            "CI_SERVER_HOST": host,
            "CI_SERVER_PORT": port,
            "CI_SERVER_PROTOCOL": protocol,
            "CI_SERVER_FQDN": f"{host}:{port}" if own_port else host,
            "CI_SERVER_SHELL_SSH_HOST": host,
            "CI_SERVER_SHELL_SSH_PORT": project.ssh_port or "22",
            "CI_REGISTRY": f"registry.{host}",
            "CI_REGISTRY_IMAGE": f"registry.{host}/{project.path}".lower(),
            "CI_TEMPLATE_REGISTRY_HOST": f"registry.{TEMPLATES_HOST}",
            "CI_API_V4_URL": f"{project.server_url}/api/v4",
            "CI_API_GRAPHQL_URL": f"{project.server_url}/api/graphql",
        }
    return known


def _of_registry(project: Project) -> dict[str, str]:
    """Where the server that runs the jobs has a registry of its own; else it is where that of GitLab would be."""
    host = project.artifacts_url.partition("://")[2]
    if not host:
        return {}
    return {
        "CI_REGISTRY": host,
        "CI_REGISTRY_IMAGE": f"{host}/{project.path}".lower(),
        "CI_API_V4_URL": f"{project.artifacts_url}/api/v4",
    }


def _of_project(project: Project) -> dict[str, str]:
    return {
        "CI_PROJECT_ID": str(project.id),
        "CI_PROJECT_NAME": project.name,
        "CI_PROJECT_TITLE": project.name,
        "CI_PROJECT_DESCRIPTION": project.description,
        "CI_PROJECT_PATH": project.path,
        "CI_PROJECT_PATH_SLUG": slug(project.path),
        "CI_PROJECT_NAMESPACE": project.namespace,
        "CI_PROJECT_ROOT_NAMESPACE": project.path.partition("/")[0],
        "CI_PROJECT_URL": project.url,
        "CI_PROJECT_VISIBILITY": project.visibility,
        "CI_DEFAULT_BRANCH": project.default_branch,
    }


def _of_commit(change: Change) -> dict[str, str]:
    message = change.message.encode("utf-8", "surrogateescape")[:MAX_MESSAGE].decode("utf-8", "ignore")
    title, _, description = message.partition("\n")
    known = {
        "CI_COMMIT_SHA": change.sha,
        "CI_COMMIT_SHORT_SHA": change.sha[:8],
        "CI_COMMIT_BEFORE_SHA": change.before_sha,
        "CI_COMMIT_REF_NAME": change.ref,
        "CI_COMMIT_REF_SLUG": slug(change.ref),
        "CI_COMMIT_MESSAGE": message,
        "CI_COMMIT_TITLE": title,
        "CI_COMMIT_DESCRIPTION": description.removesuffix("\n"),
        "CI_COMMIT_REF_PROTECTED": "true" if change.protected else "false",
        "CI_COMMIT_TIMESTAMP": change.timestamp,
        "CI_COMMIT_AUTHOR": change.author,
    }
    if change.tag:
        known |= {"CI_COMMIT_TAG": change.tag, "CI_COMMIT_TAG_MESSAGE": change.tag_message}
    elif not change.merge_request:
        known["CI_COMMIT_BRANCH"] = change.branch
    return known


def _of_merge_request(merge_request: MergeRequest, project: Project) -> dict[str, str]:
    description, fork = merge_request.description, merge_request.fork
    known = {
        "CI_MERGE_REQUEST_ID": str(merge_request.iid),  # there is no other number
        "CI_MERGE_REQUEST_IID": str(merge_request.iid),
        "CI_MERGE_REQUEST_EVENT_TYPE": "detached",
        "CI_MERGE_REQUEST_TITLE": merge_request.title,
        "CI_MERGE_REQUEST_DRAFT": "true" if merge_request.draft else "false",
        "CI_MERGE_REQUEST_DESCRIPTION": description[:_MAX_DESCRIPTION],
        "CI_MERGE_REQUEST_LABELS": ",".join(merge_request.labels),
        "CI_MERGE_REQUEST_REF_PATH": f"refs/merge-requests/{merge_request.iid}/head",
        "CI_MERGE_REQUEST_PROJECT_ID": str(project.id),
        "CI_MERGE_REQUEST_PROJECT_PATH": project.path,
        "CI_MERGE_REQUEST_PROJECT_URL": project.url,
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": merge_request.source_branch,
        "CI_MERGE_REQUEST_SOURCE_BRANCH_PROTECTED": "false"
        if fork
        else _is_default(merge_request.source_branch, project),
        "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "",  # known for merged results alone
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "" if fork else str(project.id),  # a fork is no project here
        "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": fork or project.path,
        "CI_MERGE_REQUEST_SOURCE_PROJECT_URL": "" if fork else project.url,
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": merge_request.target_branch,
        "CI_MERGE_REQUEST_TARGET_BRANCH_PROTECTED": _is_default(merge_request.target_branch, project),
        "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": merge_request.diff_base_sha,
        "CI_MERGE_REQUEST_SQUASH_ON_MERGE": "false",
    }
    if description:
        known["CI_MERGE_REQUEST_DESCRIPTION_IS_TRUNCATED"] = "true" if len(description) > _MAX_DESCRIPTION else "false"
    return known


def _is_default(branch: str, project: Project) -> str:
    """Whether a branch is protected: the default one is, where nothing else is said."""
    return "true" if branch == project.default_branch else "false"


def of_draft(name: str, group: str, stage: str, index: int = 0, total: int = 0) -> dict[str, str]:
    """What is known of a job before its rules are looked at. ``index`` counts from 1; 0: it is not parallel."""
    known = {
        "CI_JOB_NAME": name,
        "CI_JOB_NAME_SLUG": slug(name),
        "CI_JOB_GROUP_NAME": group,
        "CI_JOB_STAGE": stage,
        "CI_NODE_TOTAL": str(total or 1),
    }
    if index:
        known["CI_NODE_INDEX"] = str(index)
    return known


def of_job(job: Job) -> tuple[Variable, ...]:
    """What is known of a job of the pipeline."""
    known = of_draft(job.name, job.group, job.stage, job.node_index, job.node_total)
    if job.image:
        known["CI_JOB_IMAGE"] = job.image.name
    if job.when == "manual":
        known["CI_JOB_MANUAL"] = "true"
    if job.environment:
        known |= of_environment(job.environment)
    return _variables(known)


def of_environment(environment: Environment) -> dict[str, str]:
    """``CI_ENVIRONMENT_*`` without the URL, which the variables of a job may still change."""
    return {
        "CI_ENVIRONMENT_NAME": environment.name,
        "CI_ENVIRONMENT_SLUG": environment_slug(environment.name),
        "CI_ENVIRONMENT_ACTION": environment.action,
        "CI_ENVIRONMENT_TIER": environment.tier,
    }


def of_pipeline(pipeline_id: int, project: Project, *, pipeline_iid: int = 0, home: str = "") -> dict[str, str]:
    """What is known once there is a pipeline, and so to trigger jobs too. ``pipeline_iid``: where it has a number of
    its own inside its project; ``home``: the address of the server that shows it, else it is that of the project."""
    known = {"CI_PIPELINE_ID": str(pipeline_id), "CI_PIPELINE_IID": str(pipeline_iid or pipeline_id)}
    if home or project.url:
        known["CI_PIPELINE_URL"] = f"{home or f'{project.url}/-'}/pipelines/{pipeline_id}"
    return known


def persisted(
    *,
    job_id: int,
    pipeline_id: int,
    project: Project,
    now: float,
    timeout: float,
    project_dir: str = "",
    pipeline_iid: int = 0,
    home: str = "",
) -> tuple[Variable, ...]:
    """What is known once a job is about to start, and never on the server's side. ``now`` is POSIX seconds, ``timeout``
    seconds; ``project_dir`` is the working copy, if it is there already; the rest as for :func:`of_pipeline`."""
    known = of_pipeline(pipeline_id, project, pipeline_iid=pipeline_iid, home=home) | {
        "CI_SERVER": "yes",
        "CI_JOB_ID": str(job_id),
        "CI_JOB_STARTED_AT": timestamp(now),
        "CI_JOB_TIMEOUT": str(int(timeout)),
        "CI_RUNNER_VERSION": RUNNER_VERSION,
        "CI_RUNNER_DESCRIPTION": "plumbline",
    }
    if home or project.url:
        known["CI_JOB_URL"] = f"{home or f'{project.url}/-'}/jobs/{job_id}"
    if project.url:
        known["CI_REPOSITORY_URL"] = f"{project.url}.git"
    if project_dir:
        known |= {"CI_PROJECT_DIR": project_dir, "CI_BUILDS_DIR": project_dir.rpartition("/")[0]}
    return _variables(known)


# Defined although empty: a comparison with "" is meant to hold.
_MAY_BE_EMPTY = frozenset(
    {
        "CI_COMMIT_DESCRIPTION",
        "CI_COMMIT_MESSAGE",
        "CI_COMMIT_TAG_MESSAGE",
        "CI_COMMIT_TITLE",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA",
        "CI_MERGE_REQUEST_TARGET_BRANCH_SHA",
    }
)


def _variables(known: dict[str, str]) -> tuple[Variable, ...]:
    return tuple(
        Variable(name, value, VariableSource.PREDEFINED, name != "CI_JOB_IMAGE" and ("$" in value or "%" in value))
        for name, value in known.items()
        if value or name in _MAY_BE_EMPTY
    )
