"""A person starts a pipeline by hand."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from plumbline.access import use_cases
from plumbline.flow.pipelines.create_pipeline import store_prepared
from plumbline.flow.pipelines.look_up import project_for
from plumbline.flow.pipelines.prepare_pipeline import NoPipeline, prepare_pipeline
from plumbline.flow.pipelines.tools import Wanted
from plumbline.kernel import ErrorKind, PlumblineError, t
from plumbline.model.change import Event
from plumbline.model.pipeline import Variable, VariableSource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from plumbline.access import Actor
    from plumbline.flow.pipelines.prepare_pipeline import Prepared
    from plumbline.flow.pipelines.tools import Server
    from plumbline.flow.unit_of_work import UnitOfWork
    from plumbline.model.server import StoredPipeline


def run_pipeline(
    actor: Actor,
    server: Server,
    project: int,
    ref: str = "",
    *,
    variables: Mapping[str, str] = MappingProxyType({}),
    inputs: Mapping[str, object] = MappingProxyType({}),
    event: Event = Event.WEB,
) -> StoredPipeline:
    """Start a pipeline of a branch or a tag by hand; one whose configuration is wrong is kept as failed.

    Raises PlumblineError ``not-found``, ``not-allowed``, ``nothing-to-run``, and those of :func:`prepare_pipeline`.
    """
    with server.units.view(actor) as unit:
        project_for(unit, use_cases.RUN_PIPELINE, project)
    me = actor.person
    wanted = Wanted(
        project=project,
        event=event,
        ref=ref,
        user_id=str(me.id),
        user=me.name,
        user_name=me.title or me.name,
        user_email=me.email,
    )
    given = tuple(Variable(name, value, VariableSource.PIPELINE) for name, value in variables.items())
    prepared = prepare_pipeline(server, wanted, variables=given, inputs=inputs, by=me.id)
    return start_prepared(actor, server, prepared, lambda unit: project_for(unit, use_cases.RUN_PIPELINE, project))


def start_prepared(
    actor: Actor, server: Server, prepared: Prepared | NoPipeline, check: Callable[[UnitOfWork], object]
) -> StoredPipeline:
    """Store what was planned outside the transaction, and start it. ``check`` asks again, inside, whether the actor
    may. Raises PlumblineError ``nothing-to-run``, and what ``check`` raises."""
    if isinstance(prepared, NoPipeline):
        raise nothing_to_run()
    with server.units.change(actor) as unit:
        unit.refresh()  # fetching and planning took their time
        check(unit)
        made = store_prepared(server, unit.tx, prepared)
    server.wake()
    return made


def nothing_to_run() -> PlumblineError:
    return PlumblineError(
        "nothing-to-run",
        t("The rules of the configuration leave no job for this pipeline."),
        t("Look at `workflow` and `rules` in the configuration: they decide by the branch or tag, by variables, and by "
          "what starts the pipeline."),
        kind=ErrorKind.REFUSED,
    )  # fmt: skip
