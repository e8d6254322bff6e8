"""The resource groups of projects, and in which order pipelines get them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from plumbline.access import use_cases
from plumbline.api.call import Call
from plumbline.api.fields import Count, Id, Line
from plumbline.api.route import route
from plumbline.flow.pipelines import resource_groups as flow
from plumbline.kernel import t
from plumbline.model.server import ProcessMode, Resource

GroupName = Annotated[Line, Meta(min_length=1)]


class ResourceGroupView(msgspec.Struct, frozen=True, kw_only=True):
    """``job``: the one that has it now; 0: it is free."""

    name: str
    process_mode: ProcessMode
    job: Count


class ResourceGroupList(msgspec.Struct, frozen=True, kw_only=True):
    resource_groups: list[ResourceGroupView]


class ResourceGroupWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    process_mode: ProcessMode


@route("GET", "/projects/{project}/resource_groups", t("The resource groups of a project."),
       use_case=use_cases.LIST_RESOURCE_GROUPS)  # fmt: skip
def list_resource_groups(call: Call, project: Id) -> ResourceGroupList:
    found = flow.list_resource_groups(call.actor, call.tools.pipelines, project)
    return ResourceGroupList(resource_groups=[_view(one) for one in found])


@route("PUT", "/projects/{project}/resource_groups/{name:path}",
       t("Set in which order pipelines get a resource group."), refusals=(422,),
       use_case=use_cases.WRITE_RESOURCE_GROUP)  # fmt: skip
def set_process_mode(call: Call, project: Id, name: GroupName, body: ResourceGroupWrite) -> ResourceGroupView:
    return _view(flow.set_process_mode(call.actor, call.tools.pipelines, project, name, body.process_mode))


def _view(one: Resource) -> ResourceGroupView:
    return ResourceGroupView(name=one.name, process_mode=one.mode, job=one.job)


PART = (list_resource_groups, set_process_mode)
