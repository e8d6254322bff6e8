"""What a state looks like: a shape and a word for each, so that colour is never the only sign."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from plumbline.kernel import t
from plumbline.model.job import State

if TYPE_CHECKING:
    from plumbline.kernel import Text
    from plumbline.model.server import PipelineBrief, StoredPipeline

WARNING = "warning"  # failed, and was allowed to
WARNED = "warned"  # a pipeline that passed, with such a failure in it
NONE = "none"  # there was no pipeline yet

_TITLES: dict[str, Text] = {
    State.CREATED: t("created"),
    State.WAITING_FOR_RESOURCE: t("waiting for resource"),
    State.PREPARING: t("preparing"),
    State.PENDING: t("pending"),
    State.RUNNING: t("running"),
    State.SUCCESS: t("passed"),
    State.FAILED: t("failed"),
    State.CANCELING: t("canceling"),
    State.CANCELED: t("canceled"),
    State.SKIPPED: t("skipped"),
    State.MANUAL: t("manual"),
    State.SCHEDULED: t("scheduled"),
    WARNING: t("warning"),
    WARNED: t("passed with warnings"),
    NONE: t("no pipeline yet"),
}
EVERY = tuple(map(str, _TITLES))
# A disc, a ring or a frame of 16 x 16, and the sign in it.
_RING = '<circle cx="8" cy="8" r="6.25" class="ring"/>'
_DISC = '<circle cx="8" cy="8" r="7.25" class="disc"/>'
_TRIANGLE = '<path d="M8 1.2L15.4 14.2H.6z" class="disc"/><path d="M8 6v4M8 12.2v.01" class="sign"/>'
_SHAPES: dict[str, str] = {
    State.CREATED: _RING + '<circle cx="8" cy="8" r="1.6" class="dot"/>',
    State.WAITING_FOR_RESOURCE: _RING + '<path d="M6 5v6M10 5v6"/>',
    State.PREPARING: _RING + '<path d="M5 8h.01M8 8h.01M11 8h.01"/>',
    State.PENDING: _RING + '<path d="M6.3 5v6M9.7 5v6"/>',
    State.RUNNING: '<circle cx="8" cy="8" r="6.25" class="track"/>'
    '<path d="M8 1.75a6.25 6.25 0 0 1 6.25 6.25" class="turn"/>',
    State.SUCCESS: _DISC + '<path d="M4.7 8.3l2.2 2.2 4.4-4.7" class="sign"/>',
    State.FAILED: '<rect x="1" y="1" width="14" height="14" rx="3" class="disc"/>'
    '<path d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6" class="sign"/>',
    State.CANCELING: _RING + '<path d="M4 12L12 4"/>',
    State.CANCELED: _RING + '<path d="M4 12L12 4"/>',
    State.SKIPPED: _RING + '<path d="M5 5.5L7.5 8 5 10.5M8.5 5.5L11 8l-2.5 2.5"/>',
    State.MANUAL: _RING + '<path d="M6.5 5l4.2 3-4.2 3z" class="dot"/>',
    State.SCHEDULED: _RING + '<path d="M8 4.6V8l2.4 1.6"/>',
    WARNING: _TRIANGLE,
    WARNED: _TRIANGLE,
    NONE: '<circle cx="8" cy="8" r="6.25" class="ring dashed"/>',
}


def look(state: str, allowed: bool = False) -> str:
    """The name under which a state is drawn: a failure that was allowed is a warning."""
    return WARNING if state == State.FAILED and allowed else str(state)


def look_of(pipeline: StoredPipeline | PipelineBrief) -> str:
    """The same of a pipeline."""
    return WARNED if pipeline.warned else look(pipeline.state)


def title(state: str) -> str:
    return str(_TITLES[state])


def shape(state: str) -> Markup:
    """What is drawn inside a square of 16 x 16. It is ours, nothing of users, so it need not be escaped."""
    return Markup(_SHAPES[state])  # noqa: S704


def icon(state: str) -> Markup:
    return _icon(str(state), title(state))


@cache  # there are as many as there are states and languages, and one in every row of every page
def _icon(state: str, title: str) -> Markup:
    made = '<svg class="icon s-{state}" viewBox="0 0 16 16" role="img" aria-label="{title}">{shape}</svg>'
    return Markup(made).format(state=state, title=title, shape=shape(state))  # noqa: S704
