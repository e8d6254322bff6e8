"""What somebody is asked who starts a pipeline by hand: of which branch or tag, and with which values."""

from __future__ import annotations

from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from plumbline.access import use_cases
from plumbline.flow.pipelines.look_up import project_for
from plumbline.flow.pipelines.tools import Wanted
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.change import Event
from plumbline.pipeline import Asking, PlanRequest, asking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plumbline.access import Actor
    from plumbline.flow.pipelines.tools import Server
    from plumbline.kernel import Text
    from plumbline.model.change import Change

_BRANCHES, _TAGS = "refs/heads/", "refs/tags/"


class RefsFound(NamedTuple):
    """Branches and tags by name, the likeliest first; ``total``: how many fit in all."""

    names: Sequence[str]
    total: int


class RunForm(NamedTuple):
    """``change``: the commit that the pipeline would be of, as the server's copy of the repository has it; None where
    it has none, and ``problem`` says why."""

    asked: Asking
    change: Change | None
    problem: Text | None

    @property
    def mark(self) -> str:
        """Tells what is asked from anything else that might be."""
        return sha256(msgspec.json.encode((self.asked.variables, self.asked.inputs))).hexdigest()[:16]


def find_refs(actor: Actor, server: Server, project: int, words: str, limit: int) -> RefsFound:
    """Those with this in their name. Raises PlumblineError ``not-found``, ``not-allowed``."""
    with server.units.view(actor) as unit:
        project_for(unit, use_cases.RUN_PIPELINE, project)
    default = server.projects.project(project).project.default_branch
    wanted = words.casefold()
    found = [name for name in _names(server, project) if wanted in name.casefold()]
    found.sort(key=lambda name: (name != default, not name.casefold().startswith(wanted), len(name) if wanted else 0))
    return RefsFound(found[:limit], len(found))


def run_form(
    actor: Actor,
    server: Server,
    project: int,
    ref: str = "",
    *,
    fetch: bool = False,
    inputs: Mapping[str, object] = MappingProxyType({}),
) -> RunForm:
    """What the configuration asks at a branch or a tag ("": the default branch), where these inputs are given.
    ``fetch``: of the repository as it is now, not as the server's copy was last.

    Raises PlumblineError ``not-found``, ``not-allowed``; with ``fetch`` also that the repository cannot be read.
    """
    with server.units.view(actor) as unit:
        project_for(unit, use_cases.RUN_PIPELINE, project)
    projects, me = server.projects, actor.person
    if fetch:
        projects.fetch(project)
    try:
        change = projects.change(Wanted(project=project, event=Event.WEB, ref=ref, user_id=str(me.id), user=me.name))
        tools = projects.tools(project, change, projects.variables(project), {}, by=me.id)
        told = PlanRequest(
            change=change,
            config_path=tools.asked.config_path,
            variables=tools.asked.variables,
            inputs=dict(inputs),
            now=tools.clock(),
        )
        asked = asking(told, tools.repository)
    except PlumblineError as error:
        return RunForm(Asking(), None, error.message)
    return RunForm(asked, change, asked.problem.message if asked.problem is not None else None)


def check_form(actor: Actor, server: Server, project: int, ref: str, mark: str, inputs: Mapping[str, object]) -> Asking:
    """What is asked now, where it is what the form asked for (``mark``: its :attr:`RunForm.mark`), and where these
    inputs may be given. ``inputs`` as texts; an empty one is not given.

    Raises PlumblineError ``form-outdated``: what was left as it stood there would mean something else; ``input-wrong``;
    that the repository cannot be read.
    """
    form = run_form(actor, server, project, ref, fetch=True)
    if form.mark != mark:
        raise PlumblineError(
            "form-outdated",
            t("The configuration asks for something else than this form did."),
            t("Look through the values below, as they are asked for now, and start it again."),
            kind=ErrorKind.REFUSED,
        )
    kinds = {one.name: one.kind for one in form.asked.inputs}
    given = {name: value for name, value in inputs.items() if name in kinds and (value or kinds[name] == "string")}
    missing = next((one.name for one in form.asked.inputs if one.required and not inputs.get(one.name)), None)
    if missing is not None:
        raise _input_wrong(t("The input '{name}' needs a value.", name=missing))
    refused = run_form(actor, server, project, ref, inputs=given).asked.refused
    if refused is not None:
        raise _input_wrong(refused.message, refused.hint)
    return form.asked


def _input_wrong(message: Text, hint: Text | None = None) -> PlumblineError:
    return PlumblineError("input-wrong", message, hint, kind=ErrorKind.CONFIGURATION)


def _names(server: Server, project: int) -> list[str]:
    """Branches, then tags, by name."""
    full = sorted(server.projects.refs(project) or ())
    return [name.removeprefix(kind) for kind in (_BRANCHES, _TAGS) for name in full if name.startswith(kind)]
