"""The repositories of projects, and what forges told of them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import END, Count, ForgeName, Id, Limit, Line, Time
from plumbline.api.problem import not_found
from plumbline.api.route import route
from plumbline.flow.pipelines.try_connection import try_connection
from plumbline.flow.tree import bind_repository
from plumbline.kernel import t, without_password
from plumbline.model.server import Binding, Outcome
from plumbline.model.server import Delivery as Stored

Address = Annotated[str, Meta(min_length=1, max_length=1000, pattern=rf"^[^\x00-\x20\x7f]*{END}")]


class RepositoryView(msgspec.Struct, frozen=True, kw_only=True):
    """``hook``: where the forge sends its webhooks, below the server's address. ``secret``: shown when it was made.
    ``faults``: looks in a row that came to nothing, the last one because of ``fault``."""

    project: Id
    kind: str
    url: str
    external: str
    default_branch: str
    config_path: str
    poll: Count
    polled: Time
    faults: Count
    fault: str
    hook: str
    secret: str = ""
    installed: str = ""  # the file of the hook that was written


class RepositoryWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``poll``: seconds between looks at a remote that sends no webhooks; 0: as the setting repository.look. ``hook``:
    write the post-receive hook of a plain repository on the server's own machine, so that every push to it is told.
    ``signing_token``: made by GitLab for its webhook, in place of our secret."""

    kind: ForgeName
    url: Address
    external: Line = ""
    default_branch: Line = ""
    config_path: Line = ""
    poll: Annotated[int, Meta(ge=0, le=86_400)] = 0
    new_secret: bool = False
    signing_token: Annotated[str, Meta(max_length=200, pattern=r"^[A-Za-z0-9_+/=]*$")] = ""
    hook: bool = False


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """``id``: the project and the forge's id. ``number``: ours, as the webhook was answered. ``outcome``: "queued"
    until it is carried out. ``reason`` and ``message``: why it was refused, failed, or was put off ``tries`` times."""

    forge: str
    id: str
    number: Count
    project: Id
    received: Time
    event: str
    ref: str
    sha: str
    pipeline: Count
    outcome: Outcome
    reason: str
    message: str
    settled: Time
    tries: Count


class DeliveryList(msgspec.Struct, frozen=True, kw_only=True):
    deliveries: list[Delivery]


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """``default_branch`` empty: it has no commit yet. ``configured``: whether that branch has the file of the
    configuration, ``config_path``; null: there is no commit to look at, or the file is elsewhere."""

    default_branch: str
    branches: Count
    tags: Count
    config_path: str
    configured: bool | None


class Some(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: Limit = 50


@route("GET", "/projects/{project}/repository", t("The repository of a project."), use_case=use_cases.VIEW_REPOSITORY)
def get_repository(call: Call, project: Id) -> RepositoryView:
    binding = bind_repository.view_repository(call.actor, call.tools.tree, project)
    if binding is None:
        raise not_found(t("Project {project} has no repository.", project=project))
    return _repository(binding)


@route("PUT", "/projects/{project}/repository", t("Give a project its repository."), refusals=(409, 422),
       use_case=use_cases.BIND_REPOSITORY)  # fmt: skip
def set_repository(call: Call, project: Id, body: RepositoryWrite) -> RepositoryView:
    given = bind_repository.RepositoryWrite(
        kind=body.kind,
        url=body.url,
        external=body.external,
        default_branch=body.default_branch,
        config_path=body.config_path,
        poll=body.poll,
        new_secret=body.new_secret,
        signing_token=body.signing_token,
    )
    host = call.headers.get("host", "") if body.hook else None
    made = bind_repository.bind_repository(call.actor, call.tools.tree, project, given, hook_host=host)
    return _repository(made.binding, made.secret, made.installed)


@route("POST", "/projects/{project}/repository/test",
       t("Ask the repository of a project whether it answers, and what is there."), refusals=(409,), slow=True,
       use_case=use_cases.TEST_CONNECTION)  # fmt: skip
def test_repository(call: Call, project: Id) -> Answered:
    found = try_connection(call.actor, call.tools.pipelines, project)
    return Answered(**found._asdict())


@route("GET", "/projects/{project}/deliveries", t("What forges told of a project lately, and what came of it."),
       use_case=use_cases.LIST_DELIVERIES)  # fmt: skip
def list_deliveries(call: Call, project: Id, query: Some) -> DeliveryList:
    found = bind_repository.list_deliveries(call.actor, call.tools.tree, project, query.limit)
    return DeliveryList(deliveries=[_delivery(one) for one in found])


def _delivery(one: Stored) -> Delivery:
    return Delivery(
        forge=one.forge,
        id=f"{one.project}:{one.name}",
        number=one.id,
        project=one.project,
        received=one.received,
        event=one.event,
        ref=one.ref,
        sha=one.sha,
        pipeline=one.pipeline,
        outcome=one.outcome,
        reason=one.reason,
        message=one.message,
        settled=one.settled,
        tries=one.tries,
    )


def _repository(binding: Binding, secret: str = "", installed: str = "") -> RepositoryView:
    return RepositoryView(
        project=binding.project,
        kind=binding.kind,
        url=without_password(binding.url),
        external=binding.external,
        default_branch=binding.default_branch,
        config_path=binding.config_path,
        poll=binding.poll,
        polled=binding.polled,
        faults=binding.faults,
        fault=binding.fault,
        hook=bind_repository.hook_path(binding),
        secret=secret,
        installed=installed,
    )


PART = (get_repository, set_repository, test_repository, list_deliveries)
